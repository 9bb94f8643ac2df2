//! A business's own part of storage.

use domain::id::BusinessId;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;

use crate::Storage;
use crate::error::StoreError;
use crate::secret::Keyring;
use crate::sql::Dialect;
use crate::writer::{Txn, Writer};

/// What belongs to one business; nothing of another can be reached through it. Cheap to clone.
///
/// Its methods stand with the tables that they read and write: `inbox`, `apply`, `connections`, `catalog`, `refined`,
/// `pos`, `stock`, `log`.
#[derive(Clone, Debug)]
pub struct Tenant {
    storage: Storage,
    business_id: BusinessId,
}

impl Tenant {
    pub(crate) fn new(storage: Storage, business_id: BusinessId) -> Self {
        Self { storage, business_id }
    }

    /// Whose it is.
    pub fn business_id(&self) -> BusinessId {
        self.business_id
    }

    /// A connection to read by. Entities of sea-orm work with it as they are; every query must name the business.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        self.storage.reader()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.storage.dialect()
    }

    pub(crate) fn keys(&self) -> &Keyring {
        self.storage.keys()
    }

    pub(crate) fn writer(&self) -> &Writer {
        self.storage.writer()
    }

    /// Runs `work` in the writer's next transaction and returns after its commit. What it wrote is undone where it
    /// fails, and only that. The writes of one business take turns, so `work` may read and decide:
    ///
    /// ```ignore
    /// let level = tenant.write(move |txn| Box::pin(async move {
    ///     let row = stock_level::Entity::find_by_id(key).one(txn.conn()).await?;
    ///     txn.publish(business_id, &[event]).await?;
    ///     Ok(row)
    /// })).await?;
    /// ```
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Txn) -> BoxFuture<'t, Result<T, StoreError>> + Send + 'static,
    {
        self.writer().write(Some(self.business_id), work).await
    }
}
