//! The demonstration's course.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::DateTime;
use domain::access::{Caller as Rights, Role};
use domain::connection::Business;
use domain::id::BusinessId;
use simulator::{Faults, LiveHandle, Simulator};
use tokio::net::TcpListener;

use super::arguments::Arguments;
use super::client::{CallError, Caller};
use super::compare::{Comparison, compare};
use super::{catalog, merchant, place, shelves, simulate};
use crate::auth;
use crate::boot::{self, BootError, Gateway, stop_signal};
use crate::cli::output;
use crate::connections;
use crate::sync;

/// The store that is connected.
const SHOP: &str = "demo.myshopify.com";
/// How long the token for the visitor is good.
const TOKEN_LIFE: Duration = Duration::from_hours(24);
/// How often progress is looked at; told more rarely where nobody watches.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const TELL_EVERY: Duration = Duration::from_secs(10);
/// How long everything that is under way may take to be processed in the end.
const DRAIN_MAX: Duration = Duration::from_mins(2);

/// Why the demonstration could not go on.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Boot(#[from] BootError),
    #[error("{0}")]
    Store(#[from] storage::StoreError),
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("the simulator could not be started: {0}")]
    Simulator(#[from] std::io::Error),
    #[error("{0}")]
    Failed(String),
}

/// Runs the demonstration; the exit code says whether the books agreed, where they were compared.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match course(&arguments).await {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(comparison)) => {
            output::line(&comparison.to_string());
            if comparison.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => output::fail(&error.to_string()),
    }
}

/// A running demonstration.
struct Demo {
    simulator: Simulator,
    gateway: Gateway,
    business: BusinessId,
    caller: Caller,
    token: String,
}

async fn course(arguments: &Arguments) -> Result<Option<Comparison>, DemoError> {
    let demo = start(arguments).await?;
    let landed = merchant::connect(&demo.caller, SHOP).await?;
    if !landed.contains("connected=true") {
        return Err(DemoError::Failed(format!("the store was not connected: {landed}")));
    }
    demo.imported(arguments.orders).await?;
    let products = catalog::put_catalogue(&demo.caller, &demo.simulator, SHOP).await?;
    shelves::take_stock(&demo.caller, &demo.simulator, SHOP).await?;
    tell_ready(&demo, products);
    if arguments.faults {
        demo.simulator.set_faults(Faults::demo());
    }
    let live = demo.simulator.live(SHOP, Duration::from_secs(1) / arguments.rate);
    let compared = if let Some(lasting) = arguments.lasting {
        demo.watch(tokio::time::sleep(lasting)).await?;
        Some(demo.close_books(live).await?)
    } else {
        demo.watch(stop_signal()).await?;
        live.stop().await;
        None
    };
    demo.gateway.stop().await;
    demo.simulator.shutdown().await;
    Ok(compared)
}

async fn start(arguments: &Arguments) -> Result<Demo, DemoError> {
    let app_settings =
        simulator::Settings { seed: arguments.seed, ..simulator::Settings::default() };
    let simulator = Simulator::start(app_settings.clone()).await?;
    simulator.add_shop(&simulate::store(SHOP, arguments.seed, arguments.orders));
    let database = place::fresh_database(&arguments.data_dir)?;
    // Bound first, so that the address is known where any port will do.
    let listener = TcpListener::bind(arguments.listen).await;
    let address = arguments.listen;
    let listener = listener.map_err(|source| BootError::Listen { address, source })?;
    let listen = listener.local_addr()?;
    let config = place::settings(listen, database, &simulator, &app_settings)?;
    crate::telemetry::init(&config.http);
    let app = boot::build(config).await?;
    app.storage.migrate().await?;
    let now = app.now();
    let business = BusinessId::new(now, &app.entropy());
    let name = "Demo".to_owned();
    app.storage.system().create_business(Business { id: business, name, created_at: now }).await?;
    let rights =
        Rights { subject: "demo".to_owned(), role: Role::Admin, businesses: [business].into() };
    let token = auth::mint(&app.config.auth, &rights, now, TOKEN_LIFE).map_err(BootError::from)?;
    let gateway = Gateway::start_on(app, listener, listen);
    let caller = Caller::new(&format!("http://{listen}"), &token, &business.to_string())?;
    Ok(Demo { simulator, gateway, business, caller, token })
}

fn tell_ready(demo: &Demo, products: usize) {
    let (base, business, token) =
        (format!("http://{}", demo.gateway.address()), demo.business, &demo.token);
    let curl = |what: &str, query: &str| {
        format!(
            "# {what}\ncurl -s {base}/graphql -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{{\"query\":\"{{ {query} }}\"}}'"
        )
    };
    output::line(&format!("ready graphql={base}/graphql business={business} token={token}"));
    output::line(&format!("graphiql={base}/graphiql ({products} POS products)"));
    let id = format!("businessId:\\\"{business}\\\"");
    output::line(&curl(
        "the newest POS orders",
        &format!(
            "posOrders({id},first:3){{nodes{{number state total{{amount currency}} lineCount}}}}"
        ),
    ));
    output::line(&curl(
        "stock on its way to the store",
        &format!(
            "stockPushes({id},first:5){{nodes{{posProductId state level target storeQuantity}}}}"
        ),
    ));
    output::line(&curl(
        "whether all is well",
        &format!("connectionHealth({id}){{firstBroken{{link detail remedy}}}}"),
    ));
}

impl Demo {
    /// Waits until the first import is through and everything that it brought is processed.
    async fn imported(&self, orders: usize) -> Result<(), DemoError> {
        let begun = Instant::now();
        loop {
            let totals = self.totals().await?;
            let connection = connections::current(&self.tenant()).await?;
            let read = connection.is_some_and(|connection| connection.last_synced_at.is_some());
            if read && totals.ready == 0 && totals.orders >= orders as u64 {
                end_progress();
                return Ok(());
            }
            if begun.elapsed() > DRAIN_MAX {
                return Err(DemoError::Failed("the import did not end in time".to_owned()));
            }
            progress(&format!("importing: {} orders, {} products", totals.orders, totals.products));
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Tells how it goes until `end`.
    async fn watch(&self, end: impl Future<Output = ()>) -> Result<(), DemoError> {
        tokio::pin!(end);
        let mut told = Instant::now();
        loop {
            tokio::select! {
                () = &mut end => break,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let totals = self.totals().await?;
            let text = format!(
                "{} orders, {} POS orders, {} movements, {} waiting, {} dead letters",
                totals.orders, totals.pos_orders, totals.movements, totals.ready, totals.dead
            );
            if std::io::stdout().is_terminal() {
                progress(&text);
            } else if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                output::line(&text);
            }
        }
        end_progress();
        Ok(())
    }

    /// Has the store rest, everything be processed, and lost deliveries be found by a poll; then compares the books.
    async fn close_books(&self, live: LiveHandle) -> Result<Comparison, DemoError> {
        live.stop().await;
        self.simulator.set_faults(Faults::default());
        let deadline = Instant::now() + DRAIN_MAX;
        loop {
            self.simulator.settled().await;
            self.drained(deadline).await?;
            let app = self.gateway.app();
            if let Some(connection) = connections::current(&self.tenant()).await? {
                sync::poll::run(app, &connection, None).await;
            }
            let books = self.books().await?;
            catalog::complete_catalogue(&self.caller, &books).await?;
            self.drained(deadline).await?;
            shelves::push_all(&self.caller, deadline).await?;
            self.simulator.settled().await;
            self.drained(deadline).await?;
            let comparison = compare(&self.caller, &self.books().await?).await?;
            if comparison.agrees() || Instant::now() >= deadline {
                return Ok(comparison);
            }
            // What was changed a moment ago can be told apart only once its second has passed: look again.
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn drained(&self, deadline: Instant) -> Result<(), DemoError> {
        while self.totals().await?.ready > 0 && Instant::now() < deadline {
            tokio::time::sleep(LOOK_EVERY / 5).await;
        }
        Ok(())
    }

    async fn books(&self) -> Result<simulator::Books, DemoError> {
        let connection = connections::current(&self.tenant()).await?;
        let cutover = connection.map(|connection| connection.cutover_at.millis());
        let since = cutover.and_then(DateTime::from_timestamp_millis).unwrap_or_default();
        let books = self.simulator.books(SHOP, since);
        books.ok_or_else(|| DemoError::Failed("the simulator lost its shop".to_owned()))
    }

    async fn totals(&self) -> Result<storage::Totals, DemoError> {
        Ok(self.tenant().totals().await?)
    }

    fn tenant(&self) -> storage::Tenant {
        self.gateway.app().storage.tenant(self.business)
    }
}

/// Writes over the line of progress, where somebody watches.
fn progress(text: &str) {
    let mut out = std::io::stdout();
    if out.is_terminal() {
        // A closed terminal is no error of ours.
        let _ = write!(out, "\r\x1b[2K{text}");
        let _ = out.flush();
    }
}

fn end_progress() {
    if std::io::stdout().is_terminal() {
        output::line("");
    }
}
