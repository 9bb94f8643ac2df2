//! What handlers, resolvers and workers may use.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::access::{Caller, Role};
use domain::id::{BusinessId, Entropy};
use domain::time::Timestamp;
use mappers::Mappers;
use storage::{Keyring, Storage, Tenant};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::auth::{Verifier, cookie};
use crate::config::Config;
use crate::connections::Connections;
use crate::error::Problem;
use crate::mapping::{Bindings, Plugins, Turns};
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::providers::Providers;

/// The time of day, so that tests can move it.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the gateway reads the clock"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A source of randomness, so that tests can repeat it.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) {
        rand::RngCore::fill_bytes(&mut rand::rng(), bytes);
    }
}

/// Everything that a request or a job may use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    /// What is kept.
    pub storage: Storage,
    /// The store systems.
    pub providers: Arc<Providers>,
    /// What runs plugins.
    pub mappers: Arc<Mappers>,
    /// Plugins at hand.
    pub(crate) plugins: Arc<Plugins>,
    /// Which mappers serve, at hand.
    pub(crate) bindings: Arc<Bindings>,
    /// Who may come in.
    pub verifier: Arc<Verifier>,
    /// What sends POS orders to the businesses' own POS.
    pub(crate) outbound: Outbound,
    /// Connections at hand.
    pub(crate) connections: Arc<Connections>,
    /// What is counted for whoever runs the process.
    pub(crate) metrics: Arc<Metrics>,
    /// The keys that seal and sign.
    pub keys: Arc<Keyring>,
    /// The settings.
    pub config: Arc<Config>,
    /// Work that outlives the request or batch that began it.
    pub tasks: TaskTracker,
    /// Bounds how many questions are put to stores at the same time.
    pub asking: Arc<Semaphore>,
    /// Bounds how many batches compute at the same time.
    pub(crate) computing: Arc<Semaphore>,
    /// Bounds how many previews, examinations and the like run plugins at the same time.
    pub(crate) trying: Arc<Turns>,
    /// Bounds how many shadow runs are under way.
    pub(crate) shadowing: Arc<Semaphore>,
    /// Bounds how many repairs are under way.
    pub(crate) repairing: Arc<Semaphore>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

impl App {
    /// The business's storage, if `caller` may act there with the role `needed`.
    pub fn tenant(
        &self,
        caller: &Caller,
        business: BusinessId,
        needed: Role,
    ) -> Result<Tenant, Problem> {
        caller.authorize(business, needed)?;
        Ok(self.storage.tenant(business))
    }

    /// The keys that sign the cookie of an authorization: the current one, then those before.
    pub(crate) fn cookie_keys(&self) -> Vec<[u8; 32]> {
        self.keys.derive_all(cookie::PURPOSE)
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Random bytes for an id.
    pub fn entropy(&self) -> Entropy {
        self.random_bytes()
    }

    /// Random bytes.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }
}
