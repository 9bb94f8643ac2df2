//! Where the demonstration keeps its data, and the settings that it runs with.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::secret::Secret;
use simulator::Simulator;

use crate::app::{OsRandom, Random};
use crate::boot::BootError;
use crate::config::Config;

/// Its database; SQLite keeps two more files beside it.
const FILE: &str = "demo.db";
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

/// Makes the folder, and removes what an earlier demonstration left there: the store that it knew is gone.
pub(super) fn fresh_database(folder: &Path) -> Result<String, BootError> {
    let failed =
        |error: std::io::Error| BootError::input(&format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for suffix in BESIDE {
        match std::fs::remove_file(folder.join(format!("{FILE}{suffix}"))) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(format!("sqlite:{}", folder.join(FILE).display()))
}

/// The gateway's settings: as in development, with secrets that live as long as the process.
pub(super) fn settings(
    listen: SocketAddr,
    database: String,
    simulator: &Simulator,
    app: &simulator::Settings,
) -> Result<Config, BootError> {
    let base = format!("http://{listen}");
    let environment = [
        ("LISTEN", listen.to_string()),
        ("DEV_MODE", "true".to_owned()),
        ("LOG", "error".to_owned()),
        ("DATABASE_URL", database),
        ("APP_BASE_URL", base.clone()),
        ("FRONTEND_URL", format!("{base}/graphiql")),
        ("SHOPIFY_CLIENT_ID", app.client_id.clone()),
        ("SHOPIFY_CLIENT_SECRET", app.client_secret.clone()),
        ("SHOPIFY_SHOP_URL", simulator.shop_url_template()),
        ("SHOPIFY_ENCRYPTION_KEY", random_key().reveal().to_owned()),
        ("JWT_SECRET", random_key().reveal().to_owned()),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    Ok(Config::read("", environment)?)
}

fn random_key() -> Secret {
    let mut bytes = [0; 32];
    OsRandom.fill(&mut bytes);
    Secret::new(STANDARD.encode(bytes))
}
