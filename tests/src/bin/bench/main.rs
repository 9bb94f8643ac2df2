//! The benchmark: what the gateway acknowledges, processes and answers, on SQLite and, where there is one, PostgreSQL.
//!
//! ```sh
//! cargo run --release -p tillgate-tests --bin bench                    # prints the table of docs/performance.md
//! cargo run --release -p tillgate-tests --bin bench -- serve --listen 127.0.0.1:4400      # for a driver of your own
//! ```

mod mapping;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use domain::access::{Caller, Role};
use server::{App, Clock, Config, Gateway, SystemClock, build, mint, stop_signal};
use tests::bench::{
    CLIENT_SECRET, Load, Plan, SHOPS, business_id, cpu_seconds, drive, order_body, seed,
    shop_domain,
};

// As the gateway's own binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

/// How long everything may take to be processed.
const DRAIN_MAX: Duration = Duration::from_mins(2);
/// Where the ids of the orders begin.
const FIRST_ORDER: u64 = 5_500_000_000_000;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Orders of a round.
    #[arg(long, default_value_t = 20_000, global = true)]
    orders: u64,
    /// Connections at the same time.
    #[arg(long, default_value_t = 32, global = true)]
    connections: usize,
    /// A PostgreSQL server on which databases may be created, for instance `postgres://postgres@127.0.0.1:5432/postgres`.
    #[arg(long, env = "TEST_POSTGRES_URL", global = true)]
    postgres: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Seeds a fresh database and serves it, until the process is told to stop.
    Serve {
        /// The address.
        #[arg(long)]
        listen: SocketAddr,
        /// The database; a SQLite file in a temporary folder where not given.
        #[arg(long)]
        database: Option<String>,
    },
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    if let Some(Command::Serve { listen, database }) = &arguments.command {
        let database = database.clone().unwrap_or_else(|| sqlite(folder.path()));
        let (gateway, token) = start(*listen, &database).await?;
        tests::print_line(&format!(
            "ready {} pid={} token={token}",
            gateway.address(),
            std::process::id()
        ));
        stop_signal().await;
        gateway.stop().await;
        return Ok(());
    }
    tests::print_line(
        "| database | acknowledged/s | p50 / p99 ms | processed/s | CPU ms/order | exact | log pages/s |",
    );
    tests::print_line("|---|---|---|---|---|---|---|");
    round("SQLite", &sqlite(folder.path()), None, &arguments).await?;
    if let Some(server) =
        arguments.postgres.as_deref().or_else(|| test_services::durable_postgres_url())
    {
        let database = tests::fresh_postgres(server).await?;
        round("PostgreSQL", &database, postgres_pid(server), &arguments).await?;
    }
    let (natively, sandboxed) = mapping::measure()?;
    tests::print_line(&format!(
        "\nmapping an order of three lines, p50: native {} µs, plugin {} µs, {:.1} times",
        natively.as_micros(),
        sandboxed.as_micros(),
        sandboxed.as_secs_f64() / natively.as_secs_f64()
    ));
    Ok(())
}

fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("bench.db").display())
}

/// The process that listens for PostgreSQL's clients, whose children serve them.
fn postgres_pid(url: &str) -> Option<u32> {
    let port = url.rsplit(':').next()?.split('/').next()?;
    let listed = std::process::Command::new("fuser").arg(format!("{port}/tcp")).output().ok()?;
    let pids = String::from_utf8_lossy(&listed.stdout).into_owned();
    pids.split_whitespace().filter_map(|pid| pid.parse().ok()).min()
}

async fn start(listen: SocketAddr, database: &str) -> Result<(Gateway, String), Failure> {
    let environment = [
        ("LISTEN", listen.to_string()),
        ("LOG", "warn".to_owned()),
        ("DATABASE_URL", database.to_owned()),
        ("SHOPIFY_CLIENT_ID", "bench".to_owned()),
        ("SHOPIFY_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("SHOPIFY_ENCRYPTION_KEY", "00".repeat(32)),
        ("JWT_SECRET", "a secret of the benchmark, long enough".to_owned()),
        ("WORKER_BATCH", "256".to_owned()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let app = build(Config::read("", environment)?).await?;
    app.storage.migrate().await?;
    seed(&app).await?;
    let caller = Caller {
        subject: "bench".to_owned(),
        role: Role::Platform,
        businesses: [business_id(1)].into(),
    };
    let token = mint(&app.config.auth, &caller, SystemClock.now(), Duration::from_hours(24))?;
    Ok((Gateway::start(app).await?, token))
}

/// One database: acknowledge, process, compare, read.
async fn round(
    name: &str,
    database: &str,
    server_pid: Option<u32>,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let (gateway, token) = start("127.0.0.1:0".parse()?, database).await?;
    let address = gateway.address();
    let (requests, pieces) = webhooks(address, arguments.orders);
    let requests = Arc::new(requests);
    let plan = Plan {
        address,
        requests: Arc::clone(&requests),
        connections: arguments.connections,
        time_max: Duration::from_mins(1),
        cycle: false,
    };
    let cpu = || {
        let server = server_pid.map_or(0.0, |pid| cpu_seconds(pid, true));
        cpu_seconds(std::process::id(), false) + server
    };
    let (cpu_before, begun) = (cpu(), Instant::now());
    let mut load = drive(&plan).await?;
    let (orders, moved) = drained(gateway.app(), arguments.orders, begun).await?;
    let elapsed = begun.elapsed();
    let cpu_after = cpu();
    let exact = orders == arguments.orders && moved == -i64::try_from(pieces)?;
    let mut pages = drive(&log_pages(address, &token, arguments.connections)).await?;
    print_row(
        name,
        arguments.orders,
        &mut load,
        elapsed,
        cpu_after - cpu_before,
        exact,
        &mut pages,
    );
    gateway.stop().await;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures to print")]
fn print_row(
    name: &str,
    orders: u64,
    load: &mut Load,
    elapsed: Duration,
    cpu: f64,
    exact: bool,
    pages: &mut Load,
) {
    tests::print_line(&format!(
        "| {name} | {:.0} | {:.1} / {:.1} | {:.0} | {:.3} | {} | {:.0} |",
        load.rate(),
        load.latencies.percentile(500),
        load.latencies.percentile(990),
        orders as f64 / elapsed.as_secs_f64(),
        cpu * 1_000.0 / orders as f64,
        if exact { "yes" } else { "NO" },
        pages.rate(),
    ));
}

/// Signed requests, one for each order, and the pieces that the orders sell.
fn webhooks(address: SocketAddr, orders: u64) -> (Vec<Vec<u8>>, u64) {
    let secret = shopify::Secret::new(CLIENT_SECRET);
    let mut pieces = 0;
    let requests = (0..orders).map(|at| {
        let shop = 1 + at % SHOPS;
        let (body, sold) = order_body(shop, FIRST_ORDER + at);
        pieces += sold;
        let head = format!(
            "POST /ecommerce/webhooks/shopify HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             x-shopify-topic: orders/create\r\nx-shopify-shop-domain: {}\r\nx-shopify-api-version: 2026-10\r\n\
             x-shopify-webhook-id: bench-{at}\r\nx-shopify-event-id: bench-{at}\r\n\
             x-shopify-hmac-sha256: {}\r\ncontent-length: {}\r\n\r\n",
            shop_domain(shop),
            shopify::webhook::sign(&secret, &body),
            body.len(),
        );
        [head.into_bytes(), body].concat()
    });
    (requests.collect(), pieces)
}

/// Waits until every order is processed. Returns how many POS orders there are and what they moved.
async fn drained(app: &App, orders: u64, begun: Instant) -> Result<(u64, i64), Failure> {
    loop {
        let (mut posted, mut moved, mut open) = (0, 0, 0);
        for shop in 1..=SHOPS {
            let totals = app.storage.tenant(business_id(shop)).totals().await?;
            posted += totals.pos_orders;
            moved += totals.movement_sum;
            open += totals.ready;
        }
        if (posted >= orders && open == 0) || begun.elapsed() > DRAIN_MAX {
            return Ok((posted, moved));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Pages of twenty entries of the sync log.
fn log_pages(address: SocketAddr, token: &str, connections: usize) -> Plan {
    let query = "query($b: ID!) { syncLog(businessId: $b, first: 20) { edges { cursor node { id kind status processed failed startedAt } } pageInfo { endCursor } } }";
    let requests = (1..=SHOPS).map(|shop| {
        let variables = serde_json::json!({ "b": business_id(shop).to_string() });
        let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    });
    Plan {
        address,
        requests: Arc::new(requests.collect()),
        connections: connections.min(16),
        time_max: Duration::from_secs(4),
        cycle: true,
    }
}
