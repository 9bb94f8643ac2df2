//! What spans businesses: the businesses themselves, and the work that waits.

use std::time::Duration;

use domain::connection::Business;
use domain::delivery::{Claimed, LeaseToken};
use domain::id::{BusinessId, DeliveryId};
use domain::time::Timestamp;
use rand::TryRngCore;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder, Set};
use uuid::Uuid;

use crate::Storage;
use crate::entity::{activity_counter, business};
use crate::error::StoreError;
use crate::inbox::{self, Claim};
use crate::sql::Dialect;
use crate::writer::{Txn, Writer};

/// What spans businesses; only workers, schedules and the doors of the gateway use it. Cheap to clone.
///
/// Its methods stand here and in `schedule`, `authorization` and `connections`.
#[derive(Clone, Debug)]
pub struct System {
    storage: Storage,
}

/// How much waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct QueueDepth {
    /// Deliveries that wait for a worker or for their time.
    pub ready: u64,
    /// Deliveries that a worker holds, or held when it died.
    pub running: u64,
    /// Since when the longest-waiting one has been ready.
    pub oldest_ready_at: Option<Timestamp>,
}

impl System {
    pub(crate) fn new(storage: Storage) -> Self {
        Self { storage }
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        self.storage.reader()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.storage.dialect()
    }

    pub(crate) fn writer(&self) -> &Writer {
        self.storage.writer()
    }

    /// Adds a business. A business of that id must not exist.
    pub async fn create_business(&self, business: Business) -> Result<(), StoreError> {
        self.writer()
            .write(Some(business.id), move |txn| {
                Box::pin(async move { found(txn, business).await })
            })
            .await
    }

    /// A business.
    pub async fn business(&self, id: BusinessId) -> Result<Option<Business>, StoreError> {
        let row = business::Entity::find_by_id(id.uuid()).one(self.reader()).await?;
        Ok(row.map(business_of))
    }

    /// All businesses, the oldest first.
    pub async fn businesses(&self) -> Result<Vec<Business>, StoreError> {
        let query = business::Entity::find().order_by_asc(business::Column::BusinessId);
        let rows = query.all(self.reader()).await?;
        Ok(rows.into_iter().map(business_of).collect())
    }

    /// Takes up to `limit` due deliveries for `lease`, fairly over businesses, those whose worker let its lease run out
    /// included. Each counts as an attempt. Deliveries that were claimed more often than [`ATTEMPTS_MAX`] times without
    /// an answer become dead letters instead.
    ///
    /// [`ATTEMPTS_MAX`]: domain::delivery::ATTEMPTS_MAX
    pub async fn claim(
        &self,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        self.claim_but(limit, lease, now, &[]).await
    }

    /// The same, passing over some businesses.
    pub async fn claim_but(
        &self,
        limit: u32,
        lease: Duration,
        now: Timestamp,
        except: &[BusinessId],
    ) -> Result<Vec<Claimed>, StoreError> {
        let lease_token = lease_token()?;
        let after = self.storage.turn().lock().map_or_else(|_| Uuid::nil(), |turn| *turn);
        let except = except.iter().map(|business| business.uuid()).collect();
        let claim = Claim { limit, lease: lease_token, until: now + lease, now, after, except };
        let (rows, last) = self
            .writer()
            .write(None, move |txn| Box::pin(async move { inbox::claim(txn, claim).await }))
            .await?;
        if let Ok(mut turn) = self.storage.turn().lock() {
            *turn = last;
        }
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        inbox::claimed(&self.storage, &rows, lease_token).await
    }

    /// Hands deliveries back at once, for another worker; the attempt does not count.
    pub async fn release(
        &self,
        claimed: &[(BusinessId, DeliveryId, LeaseToken)],
    ) -> Result<(), StoreError> {
        if claimed.is_empty() {
            return Ok(());
        }
        let mut claimed = claimed.to_vec();
        claimed.sort_unstable();
        self.writer()
            .write(None, move |txn| Box::pin(async move { inbox::release(txn, &claimed).await }))
            .await
    }

    /// When the next delivery is due, one whose worker holds it counting from the end of its lease; none where nothing
    /// is open.
    pub async fn due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        inbox::due_at(self.reader(), self.dialect()).await
    }

    /// How much waits.
    pub async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        let statement = self.dialect().statement(
            "SELECT count(CASE WHEN state = 'ready' THEN 1 END),
                    count(CASE WHEN state = 'running' THEN 1 END),
                    min(CASE WHEN state = 'ready' THEN run_at END)
             FROM inbox WHERE state IN ('ready', 'running')",
            [],
        );
        let Some(row) = self.reader().query_one_raw(statement).await? else {
            return Ok(QueueDepth::default());
        };
        let count = |index| row.try_get_by_index::<i64>(index).map(i64::unsigned_abs);
        Ok(QueueDepth {
            ready: count(0)?,
            running: count(1)?,
            oldest_ready_at: row.try_get_by_index::<Option<i64>>(2)?.map(Timestamp::from_millis),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader().ping().await?)
    }
}

/// A number that nobody else has, also not another process.
pub(crate) fn lease_token() -> Result<LeaseToken, StoreError> {
    let mut bytes = [0; 8];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|_| StoreError::unavailable("the operating system gives no random numbers"))?;
    Ok(LeaseToken::from_le_bytes(bytes))
}

/// Adds a business in a transaction that does more.
pub(crate) async fn found(txn: &mut Txn, business: Business) -> Result<(), StoreError> {
    let id = business.id.uuid();
    let row = business::ActiveModel {
        business_id: Set(id),
        name: Set(business.name),
        created_at: Set(business.created_at.millis()),
    };
    let counter = activity_counter::ActiveModel { business_id: Set(id), last_sequence: Set(0) };
    business::Entity::insert(row).exec_without_returning(txn.conn()).await?;
    activity_counter::Entity::insert(counter).exec_without_returning(txn.conn()).await?;
    Ok(())
}

fn business_of(row: business::Model) -> Business {
    Business {
        id: BusinessId::from_uuid(row.business_id),
        name: row.name,
        created_at: Timestamp::from_millis(row.created_at),
    }
}
