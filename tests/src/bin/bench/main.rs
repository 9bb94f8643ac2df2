//! The benchmark: what the gateway acknowledges, processes and answers, on SQLite and, where there is one, PostgreSQL.
//!
//! ```sh
//! cargo run --release -p tillgate-tests --bin bench                    # prints the table of docs/performance.md
//! cargo run --release -p tillgate-tests --bin bench -- serve --listen 127.0.0.1:4400      # for a driver of your own
//! cargo run --release -p tillgate-tests --bin bench -- mappers                  # shadow run, replay, many mappers
//! ```

mod load;
mod mapping;
mod platform;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use domain::access::{Caller, Role};
use server::{App, Clock, Config, Gateway, SystemClock, build, mint, stop_signal};
use tests::bench::{CLIENT_SECRET, Load, Plan, SHOPS, business_id, cpu_seconds, drive, seed};

// As the gateway's own binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Failure = Box<dyn Error + Send + Sync>;

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
    /// What mappers cost together: a shadow run and a replay of many orders, and a start with many mappers.
    Mappers {
        /// Orders of one business, to run over again.
        #[arg(long, default_value_t = 10_000)]
        history: u64,
        /// Businesses with a mapper of their own.
        #[arg(long, default_value_t = 1_000)]
        businesses: u64,
        /// Different plugins among these.
        #[arg(long, default_value_t = 50)]
        plugins: u64,
    },
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
    match &arguments.command {
        Some(Command::Serve { listen, database }) => {
            let database = database.clone().unwrap_or_else(|| sqlite(folder.path()));
            return serve(*listen, &database).await;
        }
        Some(Command::Mappers { history, businesses, plugins }) => {
            platform::history(folder.path(), *history, arguments.connections).await?;
            return platform::many(folder.path(), *businesses, *plugins, arguments.connections)
                .await;
        }
        None => {}
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

async fn serve(listen: SocketAddr, database: &str) -> Result<(), Failure> {
    let (gateway, token) = start(listen, database).await?;
    let (address, pid) = (gateway.address(), std::process::id());
    tests::print_line(&format!("ready {address} pid={pid} token={token}"));
    stop_signal().await;
    gateway.stop().await;
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

/// The gateway's settings.
fn settings(listen: SocketAddr, database: &str) -> [(String, String); 8] {
    let settings = [
        ("LISTEN", listen.to_string()),
        ("LOG", "warn".to_owned()),
        ("DATABASE_URL", database.to_owned()),
        ("SHOPIFY_CLIENT_ID", "bench".to_owned()),
        ("SHOPIFY_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("SHOPIFY_ENCRYPTION_KEY", "00".repeat(32)),
        ("JWT_SECRET", "a secret of the benchmark, long enough".to_owned()),
        ("WORKER_BATCH", "256".to_owned()),
    ];
    settings.map(|(name, value)| (name.to_owned(), value))
}

async fn start(listen: SocketAddr, database: &str) -> Result<(Gateway, String), Failure> {
    let app = build(Config::read("", settings(listen, database))?).await?;
    app.storage.migrate().await?;
    seed(&app).await?;
    let token = token(&app)?;
    Ok((Gateway::start(app).await?, token))
}

/// Of somebody who may do everything in the first business.
fn token(app: &App) -> Result<String, Failure> {
    let caller = Caller {
        subject: "bench".to_owned(),
        role: Role::Platform,
        businesses: [business_id(1)].into(),
    };
    Ok(mint(&app.config.auth, &caller, SystemClock.now(), Duration::from_hours(24))?)
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
    let (requests, pieces) = load::webhooks(address, SHOPS, arguments.orders);
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
    let (orders, moved) = load::drained(gateway.app(), SHOPS, arguments.orders).await?;
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
