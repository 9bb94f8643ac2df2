//! What a world is made of.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::access::Role;
use domain::connection::Business;
use domain::id::BusinessId;
use mappers::Mappers;
use server::demo::Caller;
use server::{App, BootError, Config, OsRandom};
use simulator::Simulator;
use storage::OpenError;

use super::{FRONTEND, MovableClock, Place, SECRET, Wish};

/// How often the database is tried.
const TRIES_MAX: u32 = 6;
/// How long the tokens of callers last.
const TOKEN_LIFE: Duration = Duration::from_hours(24);

pub(super) fn config(place: &Place, base: &str, simulator: &Simulator, wish: &Wish) -> Config {
    let usual = [
        ("DATABASE_URL", place.database_url().to_owned()),
        ("APP_BASE_URL", base.to_owned()),
        ("FRONTEND_URL", FRONTEND.to_owned()),
        ("SHOPIFY_CLIENT_ID", "simulated-app".to_owned()),
        ("SHOPIFY_CLIENT_SECRET", SECRET.to_owned()),
        ("SHOPIFY_SHOP_URL", simulator.shop_url_template()),
        ("SHOPIFY_ENCRYPTION_KEY", "22".repeat(32)),
        ("JWT_SECRET", "a secret of scenario tests, long enough".to_owned()),
    ];
    let redis = place.redis_url().map(|url| ("REDIS_URL", url.to_owned()));
    let all = usual.into_iter().chain(redis).chain(wish.settings.clone());
    Config::read("", all.map(|(name, value)| (name.to_owned(), value))).unwrap()
}

/// Builds the gateway. A database server may take its time where the machine is busy with other tests.
pub(super) async fn build(
    config: impl Fn() -> Config,
    clock: &Arc<MovableClock>,
    wish: &Wish,
) -> App {
    for _ in 0..TRIES_MAX {
        let (clock, random) = (Arc::clone(clock), Arc::new(OsRandom));
        let start = |settings: mappers::Settings| match wish.compiler.clone() {
            Some(compiler) => plugins_by(compiler, &settings),
            None => plugins(settings),
        };
        match server::build_with(config(), clock, random, start).await {
            Ok(app) => return app,
            Err(BootError::Open(OpenError::Unreachable { .. })) => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the database is out of reach");
}

/// The plugins of all worlds: compiling them takes longer than most scenarios. Here, since a program of tests is no
/// compiler's child, and kept nowhere, since the first world's folder ends before the last world.
#[expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "what the gateway's wiring asks for"
)]
fn plugins(settings: mappers::Settings) -> Result<Arc<Mappers>, mappers::StartError> {
    static PLUGINS: OnceLock<Arc<Mappers>> = OnceLock::new();
    let here =
        mappers::Settings { compiler: mappers::Compiler::InProcess, cache: None, ..settings };
    Ok(Arc::clone(PLUGINS.get_or_init(|| Arc::new(Mappers::new(here).unwrap()))))
}

/// Plugins of one world, made by that compiler and kept nowhere.
fn plugins_by(
    compiler: mappers::Compiler,
    settings: &mappers::Settings,
) -> Result<Arc<Mappers>, mappers::StartError> {
    Mappers::new(mappers::Settings { compiler, cache: None, ..settings.clone() }).map(Arc::new)
}

pub(super) async fn new_business(app: &App, name: &str) -> BusinessId {
    let now = app.now();
    let id = BusinessId::new(now, &app.entropy());
    let business = Business { id, name: name.to_owned(), created_at: now };
    app.storage.system().create_business(business).await.unwrap();
    id
}

pub(super) fn caller(app: &App, base: &str, role: Role, businesses: &[BusinessId]) -> Caller {
    Caller::new(base, &token(app, role, businesses), &businesses[0].to_string()).unwrap()
}

pub(super) fn token(app: &App, role: Role, businesses: &[BusinessId]) -> String {
    let rights = domain::access::Caller {
        subject: role.as_str().to_owned(),
        role,
        businesses: businesses.iter().copied().collect(),
    };
    server::mint(&app.config.auth, &rights, app.now(), TOKEN_LIFE).unwrap()
}
