//! Where scenarios run: on SQLite alone, and on `PostgreSQL` with Redis where they can be had.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tempfile::TempDir;

use crate::{fresh_postgres, print_line};

/// A database of its own, with Redis or without.
#[derive(Clone, Debug)]
pub struct Place {
    name: &'static str,
    database_url: String,
    redis_url: Option<String>,
    /// Removed with the last copy.
    folder: Option<Arc<TempDir>>,
}

impl Place {
    /// A new SQLite file in a temporary folder.
    pub fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let database_url = format!("sqlite:{}", folder.path().join("world.db").display());
        Self { name: "SQLite", database_url, redis_url: None, folder: Some(Arc::new(folder)) }
    }

    /// A new `PostgreSQL` database, with Redis where there is one; none without `PostgreSQL`.
    pub async fn services() -> Option<Self> {
        let started = tokio::task::spawn_blocking(|| {
            Some((test_services::postgres_url()?, test_services::redis_url()))
        });
        let (server, redis) = started.await.unwrap()?;
        let database_url = fresh_postgres(server).await.unwrap();
        let redis_url = redis.map(str::to_owned);
        Some(Self { name: "PostgreSQL and Redis", database_url, redis_url, folder: None })
    }

    /// The same with another Redis.
    #[must_use]
    pub fn with_redis(self, url: String) -> Self {
        Self { redis_url: Some(url), ..self }
    }

    /// An empty database of the same kind.
    pub async fn another(&self) -> Self {
        match self.redis_url {
            None if self.folder.is_some() => Self::sqlite(),
            _ => Self::services().await.unwrap(),
        }
    }

    /// What it is called where a scenario fails.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The address of its database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    /// The address of its Redis.
    pub fn redis_url(&self) -> Option<&str> {
        self.redis_url.as_deref()
    }
}

/// Runs a scenario at every place that there is, beside each other.
pub async fn on_each_place<R: Future<Output = ()>>(scenario: impl Fn(Place) -> R) {
    let places = [Some(Place::sqlite()), Place::services().await];
    let runs = places.into_iter().flatten().map(|place| {
        let name = place.name();
        // The panic is passed on below, and nothing of the world is looked at before.
        AssertUnwindSafe(scenario(place)).catch_unwind().map(move |ended| (name, ended))
    });
    for (name, ended) in join_all(runs).await {
        if let Err(panic) = ended {
            print_line(&format!("the scenario failed on {name}"));
            std::panic::resume_unwind(panic);
        }
    }
}
