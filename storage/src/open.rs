//! From a URL to an open database.

mod failure;
mod postgres;
mod sqlite;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use url::Url;
use uuid::Uuid;

use crate::error::StoreError;
use crate::settings::Settings;
use crate::sql::Dialect;
use crate::writer::{Lane, Writer};
use crate::{Inner, Storage};

pub use failure::OpenError;

/// The number under which two processes that migrate one Postgres database take turns.
const MIGRATION_LOCK: i64 = 0x7469_6c6c_6761_7465;

/// The connections that [`Storage`] is made of.
struct Connections {
    dialect: Dialect,
    reader: DatabaseConnection,
    lanes: Vec<Lane>,
}

impl Storage {
    /// Opens the database that the settings name. Needs a Tokio runtime, which the writer runs on. The schema is not
    /// touched: see [`Storage::migrate`].
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let reads = settings.read_connections.clamp(1, Settings::READ_CONNECTIONS_MAX);
        let scheme = settings.url.split(':').next().unwrap_or_default();
        let connections = match scheme {
            "sqlite" => sqlite::connect(&settings.url, reads).await?,
            "postgres" | "postgresql" => postgres::connect(&settings.url, reads).await?,
            _ => {
                return Err(OpenError::UnknownScheme {
                    url: shown(&settings.url),
                    scheme: scheme.to_owned(),
                });
            }
        };
        let writer = Writer::start(connections.lanes, connections.dialect, &settings.hints);
        Ok(Self {
            inner: Arc::new(Inner {
                dialect: connections.dialect,
                reader: connections.reader,
                writer,
                keys: settings.keys,
                hints: settings.hints,
                turn: Mutex::new(Uuid::nil()),
                push_turn: Mutex::new(Uuid::nil()),
            }),
        })
    }

    /// Brings the schema up to date. Processes that do so at the same time take turns.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if self.is_migrated().await? {
            return Ok(());
        }
        let conn = self.writer().migrator();
        match self.dialect() {
            // The file has one process, and each migration is a transaction of its own.
            Dialect::Sqlite => Migrator::up(conn, None).await?,
            Dialect::Postgres => {
                let tx = conn.begin().await?;
                tx.execute_unprepared(
                    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0",
                )
                .await?;
                tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                    .await?;
                Migrator::up(&tx, None).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Whether the schema has everything that this version needs. It may have more: a newer version shares it while it
    /// is rolled out.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        let exists = match self.dialect() {
            Dialect::Sqlite => {
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
            }
            Dialect::Postgres => {
                "SELECT count(*) FROM to_regclass('seaql_migrations') AS t WHERE t IS NOT NULL"
            }
        };
        let row = self.reader().query_one_raw(self.dialect().statement(exists, [])).await?;
        let tables: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if tables == 0 {
            return Ok(false);
        }
        let applied = self.dialect().statement("SELECT version FROM seaql_migrations", []);
        let applied = self.reader().query_all_raw(applied).await?;
        let applied: HashSet<String> =
            applied.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        Ok(Migrator::migrations().iter().all(|migration| applied.contains(migration.name())))
    }
}

/// The URL without its password, for people.
fn shown(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) => {
            if url.password().is_some() {
                // Fails only for URLs without a host, which have no password either.
                let _ = url.set_password(Some("***"));
            }
            let hidden: Vec<_> = url
                .query_pairs()
                .filter(|(key, _)| key != "password")
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect();
            if url.query().is_some() {
                url.set_query(None);
                if !hidden.is_empty() {
                    url.query_pairs_mut().extend_pairs(hidden);
                }
            }
            url.to_string()
        }
        // What cannot be read may hold a password anywhere.
        Err(_) => url.split(':').next().map_or_else(String::new, |scheme| format!("{scheme}:…")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password() {
        assert_eq!(
            shown("postgres://tillgate:hunter2@db:5432/tillgate"),
            "postgres://tillgate:***@db:5432/tillgate"
        );
        assert_eq!(
            shown("postgres://db/tillgate?user=a&password=hunter2"),
            "postgres://db/tillgate?user=a"
        );
        assert_eq!(shown("postgres://a:hunter2@[db/x"), "postgres:…");
    }
}
