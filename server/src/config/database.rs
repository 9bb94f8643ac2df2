//! Where everything is kept.

use std::path::PathBuf;

use domain::secret::Secret;

use super::reader::{Reader, Setting};

const TABLE: &str = "database";

/// Without a server: a file beside where the gateway is started.
const DEFAULT_URL: &str = "sqlite:data/tillgate.db";

/// `[database]`.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `DATABASE_URL` (`url`): `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`; `sqlite:data/tillgate.db`
    /// unless set. Secret because it may hold a password.
    pub url: Secret,
    /// `DATABASE_READ_CONNECTIONS` (`read_connections`): connections for reading, 1 to 100; 8 unless set. Writing has
    /// its own.
    pub read_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self { url: Secret::new(DEFAULT_URL), read_connections: 8 }
    }
}

impl DatabaseConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let default = Self::default();
        let connections = 1..=storage::Settings::READ_CONNECTIONS_MAX;
        let setting = |variable, key| Setting::new(variable, TABLE, key);
        Self {
            url: reader.secret(setting("DATABASE_URL", "url")).unwrap_or(default.url),
            read_connections: reader
                .number(setting("DATABASE_READ_CONNECTIONS", "read_connections"), &connections)
                .unwrap_or(default.read_connections),
        }
    }

    /// The file of a SQLite database.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let path = self.url.reveal().strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or_default();
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }
}
