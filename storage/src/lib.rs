//! Everything the gateway keeps.
//!
//! [`Storage`] serves SQLite and PostgreSQL with the same promises. What belongs to a business is reached through its
//! [`Tenant`] and nothing else; the little that spans businesses (claiming work, finding a connection by its shop) is
//! [`System`]. No type of the database library is among the public names.
//!
//! **Writing** goes through the writer: tasks of their own that commit whatever waits in one transaction. A caller
//! sends a command and awaits the answer, which comes after the commit; a caller that goes away disturbs nothing,
//! because no transaction belongs to it. **Reading** uses connections of its own, which cannot write.

mod apply;
mod authorization;
mod catalog;
mod connections;
mod entity;
mod error;
mod hint;
mod inbox;
mod log;
mod mapper;
mod open;
mod outbox;
mod page;
mod pos;
mod privacy;
mod product_push;
mod push;
mod reconcile;
mod refined;
mod row;
mod schedule;
mod secret;
mod settings;
mod sql;
mod stock;
mod system;
mod tenant;
mod totals;
mod turn;
mod writer;

pub use apply::Applied;
pub use catalog::{HOLDING_ORDERS_MAX, Holding, LINKED_VARIANTS_MAX, Relinked, StoredLink};
pub use connections::{ConnectionSecrets, Saved};
pub use error::StoreError;
pub use hint::{ActivitySignal, Guard, Hints, InvalidRedisAddress, RedisAddress};
pub use inbox::{Pulse, Received, StoredDelivery};
pub use mapper::{DeliveryTrace, NewMapperVersion, RunEnd, RunFilter, StoredRun, VersionRun};
pub use open::OpenError;
pub use outbox::{Dispatch, Dispatched, EndpointSecrets};
pub use pos::{PosOrderHead, PosOrderVersion};
pub use privacy::{Erasure, Looked, NewPrivacyRequest, PRIVACY_SCHEDULE, Tombstones};
pub use product_push::{ProductPushFilter, WantedProducts};
pub use push::{Heard, PushFilter};
pub use reconcile::HeldBytes;
pub use refined::{StoredLine, StoredOrder, StoredProduct, StoredVariant};
pub use schedule::ClaimedSchedule;
pub use secret::{InvalidKey, Key, KeyId, Keyring, Place, SecretError};
pub use settings::Settings;
pub use stock::{MovementFilter, StockLevel};
pub use system::{QueueDepth, System};
pub use tenant::Tenant;
pub use totals::Totals;

use std::sync::{Arc, Mutex};

use domain::id::BusinessId;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::sql::Dialect;
use crate::writer::Writer;

/// The database, open. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dialect: Dialect,
    reader: DatabaseConnection,
    writer: Writer,
    keys: Keyring,
    hints: Hints,
    /// The business that the last claim ended with: the next one goes on after it.
    turn: Mutex<Uuid>,
    /// The same of the last claim of pushes.
    push_turn: Mutex<Uuid>,
}

impl Storage {
    /// What belongs to a business. That the business exists is not checked.
    pub fn tenant(&self, business_id: BusinessId) -> Tenant {
        Tenant::new(self.clone(), business_id)
    }

    /// What spans businesses.
    pub fn system(&self) -> System {
        System::new(self.clone())
    }

    /// Who learns of what was written.
    pub fn hints(&self) -> &Hints {
        &self.inner.hints
    }

    /// A connection to read by: its transactions are single statements, and it refuses to write.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// The tasks that write.
    pub(crate) fn writer(&self) -> &Writer {
        &self.inner.writer
    }

    /// Which database it is.
    pub(crate) fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// The keys that secrets are sealed with.
    pub(crate) fn keys(&self) -> &Keyring {
        &self.inner.keys
    }

    /// Where the last claim ended.
    pub(crate) fn turn(&self) -> &Mutex<Uuid> {
        &self.inner.turn
    }

    /// Where the last claim of pushes ended.
    pub(crate) fn push_turn(&self) -> &Mutex<Uuid> {
        &self.inner.push_turn
    }
}
