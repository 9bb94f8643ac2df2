//! Wiring: from settings to a running gateway. This is the only place that knows every part.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use mappers::Mappers;
use storage::{Hints, Keyring, RedisAddress, Storage};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::app::{App, Clock, OsRandom, Random, SystemClock};
use crate::auth::Verifier;
use crate::config::{Config, ConfigError};
use crate::connections::Connections;
use crate::error::Problem;
use crate::http;
use crate::mapping::Plugins;
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::providers::Providers;
use crate::worker::Workers;

/// How many questions are put to stores at the same time, over all businesses.
const ASKING_MAX: usize = 8;
/// Shadow runs at the same time, over all businesses: each uses threads of its own.
const SHADOWING_MAX: usize = 2;
/// Repairs at the same time, over all businesses. They have places of their own, since what is wrong shall not wait for
/// what is compared.
const REPAIRING_MAX: usize = 2;
/// How long open requests may take to end when the process stops.
const REQUESTS_END_MAX: Duration = Duration::from_secs(10);

/// Why the gateway does not start, or a command fails. Each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Open(#[from] storage::OpenError),
    /// The database, later.
    #[error(transparent)]
    Store(#[from] storage::StoreError),
    /// The plugins.
    #[error("the plugin engine could not be started: {0}")]
    Mappers(#[from] mappers::StartError),
    /// Redis.
    #[error(transparent)]
    Redis(#[from] storage::InvalidRedisAddress),
    /// The store systems.
    #[error(transparent)]
    Provider(#[from] shopify::BuildError),
    /// The client for the businesses' own POS.
    #[error("the HTTP client could not be built: {0}")]
    Outbound(#[from] reqwest::Error),
    /// The address.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// What was asked for.
    #[error("{0}")]
    Problem(#[from] Problem),
}

impl BootError {
    /// A wrong argument of a command.
    pub(crate) fn input(message: &str) -> Self {
        Self::Problem(Problem::new(Code::BadUserInput, message))
    }
}

/// Builds everything that requests and jobs use. Nothing runs yet and nothing was written.
pub async fn build(config: Config) -> Result<App, BootError> {
    let start = |settings| Mappers::new(settings).map(Arc::new);
    build_with(config, Arc::new(SystemClock), Arc::new(OsRandom), start).await
}

/// The same with another clock and other randomness, for tests; many gateways in one process can share their plugins,
/// which take long to compile.
pub async fn build_with(
    config: Config,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    plugins: impl FnOnce(mappers::Settings) -> Result<Arc<Mappers>, mappers::StartError>,
) -> Result<App, BootError> {
    let keys: Keyring = config.keyring()?;
    let hints = hints(&config, &*random)?;
    create_folder_of(&config);
    let storage = Storage::open(config.storage_settings(keys.clone(), hints)).await?;
    let mappers = plugins(config.mapper_settings(&keys))?;
    Ok(App {
        connections: Arc::new(Connections::new(storage.clone(), Arc::clone(&clock))),
        providers: Arc::new(Providers::new(config.shopify_settings()?, Arc::clone(&random))?),
        plugins: Arc::new(Plugins::new(Arc::clone(&mappers))),
        bindings: Arc::default(),
        metrics: Arc::new(Metrics::new()),
        mappers,
        outbound: Outbound::new(config.pos.private)?,
        verifier: Arc::new(Verifier::new(&config.auth)?),
        keys: Arc::new(keys),
        tasks: TaskTracker::new(),
        asking: Arc::new(Semaphore::new(ASKING_MAX)),
        computing: Arc::new(Semaphore::new(cores().saturating_sub(1).max(1))),
        trying: Arc::default(),
        shadowing: Arc::new(Semaphore::new(SHADOWING_MAX)),
        repairing: Arc::new(Semaphore::new(REPAIRING_MAX)),
        config: Arc::new(config),
        storage,
        clock,
        random,
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn hints(config: &Config, random: &dyn Random) -> Result<Hints, BootError> {
    let Some(url) = config.redis.url() else {
        return Ok(Hints::local());
    };
    let authorities = config.redis.authorities()?;
    let address = RedisAddress { url, authorities: authorities.as_deref() };
    let mut instance = [0; 8];
    random.fill(&mut instance);
    Ok(Hints::with_redis(address, u64::from_le_bytes(instance))?)
}

/// A SQLite file may stand in a folder that does not exist yet; opening it tells where that fails.
fn create_folder_of(config: &Config) {
    let folder =
        config.database.sqlite_file().as_deref().and_then(Path::parent).map(Path::to_owned);
    if let Some(Err(error)) = folder.map(std::fs::create_dir_all) {
        tracing::warn!(%error, "the data folder could not be created");
    }
}

/// A gateway at work.
#[derive(Debug)]
pub struct Gateway {
    app: App,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
    workers: Option<Workers>,
}

impl Gateway {
    /// Starts what the role asks for.
    pub async fn start(app: App) -> Result<Self, BootError> {
        let (listener, address) = bind(app.config.http.listen).await?;
        let mut gateway = Self::start_on(app, listener, address);
        gateway.serve_metrics().await?;
        Ok(gateway)
    }

    /// The same on a listener that is bound already, so that its address can stand in the settings.
    pub fn start_on(app: App, listener: TcpListener, address: SocketAddr) -> Self {
        let (stop, stopped) = watch::channel(false);
        let role = app.config.workers.role;
        // A worker still tells whether it is alive, and nothing else.
        let router =
            if role.serves() { http::router(app.clone()) } else { http::health_only(app.clone()) };
        let servers = vec![serve(listener, router, stopped)];
        let workers = role.works().then(|| Workers::start(&app));
        Self { app, address, stop, servers, workers }
    }

    /// Serves what is counted on the address that the settings name for it, and returns that address; none where they name
    /// none.
    pub async fn serve_metrics(&mut self) -> Result<Option<SocketAddr>, BootError> {
        let Some(wanted) = self.app.config.http.metrics_listen else { return Ok(None) };
        let (listener, address) = bind(wanted).await?;
        let router = http::metrics_only(self.app.clone());
        self.servers.push(serve(listener, router, self.stop.subscribe()));
        Ok(Some(address))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its requests and jobs use.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Stops: no new requests, work under way is finished, leases that remain end by themselves.
    pub async fn stop(mut self) {
        // Nobody listening means that the server has ended already.
        let _ = self.stop.send(true);
        if let Some(workers) = self.workers.take() {
            workers.stop().await;
        }
        for server in self.servers.drain(..) {
            let abort = server.abort_handle();
            if tokio::time::timeout(REQUESTS_END_MAX, server).await.is_err() {
                abort.abort();
            }
        }
        self.app.tasks.close();
    }
}

async fn bind(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr), BootError> {
    let refused = |source| BootError::Listen { address: wanted, source };
    let listener = TcpListener::bind(wanted).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

fn serve(
    listener: TcpListener,
    router: axum::Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let ended = async move {
            // An error means that the sender is gone, which is a stop as well.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let served = axum::serve(listener, router).with_graceful_shutdown(ended).await;
        if let Err(error) = served {
            tracing::error!(%error, "the server ended");
        }
    })
}

/// Ends when the process is told to stop.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate =
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(terminate) => terminate,
            Err(error) => {
                tracing::warn!(%error, "SIGTERM is not handled");
                let _ = interrupt.await;
                return;
            }
        };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}
