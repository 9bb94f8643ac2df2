//! Connections at hand: every delivery needs its connection, and connections hardly change.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::connection::Connection;
use domain::id::{BusinessId, ConnectionId};
use domain::time::Timestamp;
use storage::{Storage, StoreError, Tenant};

use crate::app::Clock;

/// How long a connection is believed unchanged. Deliveries of a connection that another instance ended are taken for
/// that much longer; the worker, which looks again, ignores them.
const FRESH: Duration = Duration::from_secs(2);
/// Connections remembered at most, by each way of finding them; beyond that all are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// The business's connection: the live one, or else the one made last.
pub(crate) async fn current(tenant: &Tenant) -> Result<Option<Connection>, StoreError> {
    let mut connections = tenant.connections().await?;
    let live = connections.iter().position(|connection| connection.status.is_live());
    Ok(live
        .or(if connections.is_empty() { None } else { Some(0) })
        .map(|at| connections.swap_remove(at)))
}

/// Finds connections, remembering each for a moment.
pub(crate) struct Connections {
    storage: Storage,
    clock: Arc<dyn Clock>,
    by_path: Memory<String>,
    by_shop: Memory<(String, String)>,
    by_id: Memory<(BusinessId, ConnectionId)>,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").finish_non_exhaustive()
    }
}

impl Connections {
    pub(crate) fn new(storage: Storage, clock: Arc<dyn Clock>) -> Self {
        Self {
            storage,
            clock,
            by_path: Memory::default(),
            by_shop: Memory::default(),
            by_id: Memory::default(),
        }
    }

    /// The connection whose webhook address ends in `token`.
    pub(crate) async fn by_path(&self, token: &str) -> Result<Option<Arc<Connection>>, StoreError> {
        let key = token.to_owned();
        let now = self.clock.now();
        if let Some(found) = self.by_path.get(&key, now) {
            return Ok(Some(found));
        }
        let found = self.storage.system().connection_by_path(token).await?;
        Ok(self.by_path.put(key, found, now))
    }

    /// The connection to `shop`.
    pub(crate) async fn by_shop(
        &self,
        provider: &str,
        shop: &str,
    ) -> Result<Option<Arc<Connection>>, StoreError> {
        let key = (provider.to_owned(), shop.to_owned());
        let now = self.clock.now();
        if let Some(found) = self.by_shop.get(&key, now) {
            return Ok(Some(found));
        }
        let found = self.storage.system().connection_by_shop(provider, shop).await?;
        Ok(self.by_shop.put(key, found, now))
    }

    /// The connection with that id.
    pub(crate) async fn by_id(
        &self,
        business: BusinessId,
        id: ConnectionId,
    ) -> Result<Option<Arc<Connection>>, StoreError> {
        let now = self.clock.now();
        if let Some(found) = self.by_id.get(&(business, id), now) {
            return Ok(Some(found));
        }
        let found = self.storage.system().connection(business, id).await?;
        Ok(self.by_id.put((business, id), found, now))
    }

    /// Forgets everything, because a connection changed here.
    pub(crate) fn forget(&self) {
        self.by_path.clear();
        self.by_shop.clear();
        self.by_id.clear();
    }
}

/// What was found, and when. Nothing is remembered of what was not found: it may exist a moment later.
struct Memory<K>(Mutex<HashMap<K, (Timestamp, Arc<Connection>)>>);

impl<K> Default for Memory<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Memory<K> {
    fn get(&self, key: &K, now: Timestamp) -> Option<Arc<Connection>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, connection) = known.get(key)?;
        (since.until(now) < FRESH).then(|| Arc::clone(connection))
    }

    fn put(&self, key: K, found: Option<Connection>, now: Timestamp) -> Option<Arc<Connection>> {
        let found = Arc::new(found?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(key, (now, Arc::clone(&found)));
        Some(found)
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
