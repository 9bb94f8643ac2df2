//! Databases to test on.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::connection::Business;
use domain::id::{BusinessId, Entropy};
use domain::time::Timestamp;
use rand::TryRngCore;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use storage::{Hints, Key, Keyring, Settings, Storage, Tenant};
use tempfile::TempDir;

/// An empty database with two businesses.
pub(crate) struct World {
    pub(crate) storage: Storage,
    /// The business that the test is about.
    pub(crate) mine: Tenant,
    /// Another one.
    pub(crate) other: Tenant,
    settings: Settings,
    place: Place,
}

enum Place {
    /// The folder is removed with the world.
    Sqlite {
        _folder: TempDir,
    },
    Postgres {
        server: String,
        database: String,
    },
}

impl World {
    /// A world on each database that there is.
    pub(crate) async fn all() -> Vec<Self> {
        let mut worlds = vec![Self::on_sqlite().await];
        if let Some(server) = test_services::postgres_url() {
            worlds.push(Self::on_postgres(server).await);
        }
        worlds
    }

    async fn on_sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        Self::open(url, Place::Sqlite { _folder: folder }).await
    }

    async fn on_postgres(server: &str) -> Self {
        let mut bytes = [0; 8];
        rand::rngs::OsRng.try_fill_bytes(&mut bytes).unwrap();
        let database = format!("tillgate_reads_{:016x}", u64::from_be_bytes(bytes));
        let admin = Database::connect(server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {database}")).await.unwrap();
        admin.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let place = Place::Postgres { server: server.to_owned(), database: database.clone() };
        Self::open(format!("{base}/{database}"), place).await
    }

    async fn open(url: String, place: Place) -> Self {
        let settings =
            Settings { url, read_connections: 4, keys: keys(1, &[]), hints: Hints::local() };
        let storage = Storage::open(settings.clone()).await.unwrap();
        storage.migrate().await.unwrap();
        let mine = tenant(&storage, 1).await;
        let other = tenant(&storage, 2).await;
        Self { storage, mine, other, settings, place }
    }

    /// The same database opened by another process; none where only one may open it.
    pub(crate) async fn second_process(&self) -> Option<Storage> {
        match self.place {
            Place::Sqlite { .. } => None,
            Place::Postgres { .. } => Some(Storage::open(self.settings.clone()).await.unwrap()),
        }
    }

    /// The same database once more, with other keys; the first one is closed.
    pub(crate) async fn reopened(self, keys: Keyring) -> Self {
        let Self { storage, mine, other, mut settings, place } = self;
        let ids = [mine.business_id(), other.business_id()];
        drop((storage, mine, other));
        settings.keys = keys;
        let storage = loop {
            // The writer closes its connection in the background.
            match Storage::open(settings.clone()).await {
                Ok(storage) => break storage,
                Err(storage::OpenError::InUse { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        };
        let [mine, other] = ids.map(|id| storage.tenant(id));
        Self { storage, mine, other, settings, place }
    }

    /// A connection that may do what storage itself never would.
    pub(crate) async fn intruder(&self) -> DatabaseConnection {
        Database::connect(&self.settings.url).await.unwrap()
    }

    /// Removes what the test left behind.
    pub(crate) async fn end(self) {
        drop((self.storage, self.mine, self.other));
        if let Place::Postgres { server, database } = self.place {
            let admin = Database::connect(server).await.unwrap();
            let drop = format!("DROP DATABASE {database} WITH (FORCE)");
            admin.execute_unprepared(&drop).await.unwrap();
        }
    }
}

/// A keyring of keys that are made of one byte each.
pub(crate) fn keys(current: u8, previous: &[u8]) -> Keyring {
    let key = |byte: &u8| Key::from_bytes([*byte; 32]);
    Keyring::new(key(&current), previous.iter().map(key).collect(), |bytes| {
        rand::rngs::OsRng.try_fill_bytes(bytes).unwrap();
    })
}

async fn tenant(storage: &Storage, number: u8) -> Tenant {
    let id = BusinessId::new(at(0), &[number; 10]);
    let business = Business { id, name: format!("business {number}"), created_at: at(0) };
    storage.system().create_business(business).await.unwrap();
    storage.tenant(id)
}

/// A point in time.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Bytes that no other call gives.
pub(crate) fn entropy() -> Entropy {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let mut entropy = [0; 10];
    entropy[2..].copy_from_slice(&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    entropy
}

/// Runs a test on every database that there is.
#[macro_export]
macro_rules! on_each_database {
    ($(#[$doc:meta])* async fn $name:ident($world:ident: World) $body:block) => {
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for world in $crate::world::World::all().await {
                let $world = world;
                let world: $crate::world::World = $body;
                world.end().await;
            }
        }
    };
}
