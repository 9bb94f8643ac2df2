//! Whom not to bring back.

use std::collections::{HashMap, HashSet};

use domain::id::{ConnectionId, DeliveryId};
use domain::privacy::{Mark, MarkKind};
use domain::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use sha2::Sha256;
use uuid::Uuid;

use crate::entity::tombstone::{Column as Field, Entity};
use crate::secret::Keyring;
use crate::sql::{Column, Rows, bytes, int, text, uuid};
use crate::writer::Txn;
use crate::{StoreError, Tenant};

/// What the key of marks is derived for.
const PURPOSE: &str = "tombstone";

/// The persons that a business has erased, by what they are known by.
#[derive(Clone, Default)]
pub struct Tombstones {
    /// When each mark was erased last, by the connection that it was known at.
    erased: HashMap<(Uuid, &'static str, Vec<u8>), i64>,
    keys: Vec<[u8; 32]>,
    business: Uuid,
}

impl std::fmt::Debug for Tombstones {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tombstones({})", self.erased.len())
    }
}

impl Tombstones {
    /// Whether one of the marks is of somebody who was erased. An order itself was for good; by anything else a person
    /// is known again only in what was `made_at` before they were erased.
    pub fn name(
        &self,
        connection: ConnectionId,
        marks: &[Mark],
        made_at: Option<Timestamp>,
    ) -> bool {
        marks.iter().any(|mark| {
            self.keys.iter().any(|key| {
                let hash = hash(key, self.business, mark).to_vec();
                let erased = self.erased.get(&(connection.uuid(), mark.kind.as_str(), hash));
                erased.is_some_and(|erased_at| {
                    let before = made_at.is_none_or(|made_at| made_at.millis() <= *erased_at);
                    mark.kind == MarkKind::Order || before
                })
            })
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.erased.is_empty()
    }
}

impl Tenant {
    /// The business's tombstones.
    pub async fn tombstones(&self) -> Result<Tombstones, StoreError> {
        self.tombstones_of(None).await
    }

    /// Those of one request.
    pub(super) async fn tombstones_of(
        &self,
        request: Option<DeliveryId>,
    ) -> Result<Tombstones, StoreError> {
        let business = self.business_id().uuid();
        let mut select = Entity::find().filter(Field::BusinessId.eq(business));
        if let Some(request) = request {
            select = select.filter(Field::DeliveryId.eq(request.uuid()));
        }
        let mut erased = HashMap::new();
        for row in select.all(self.reader()).await? {
            let kind = MarkKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
            let kind = kind.ok_or_else(|| StoreError::corrupt("tombstone", "an unknown kind"))?;
            let at = erased.entry((row.connection_id, kind.as_str(), row.mark)).or_default();
            *at = Ord::max(*at, row.erased_at);
        }
        Ok(Tombstones { erased, keys: self.keys().derive_all(PURPOSE), business })
    }
}

const TOMBSTONE: &[Column] = &[
    uuid("business_id"),
    text("kind"),
    bytes("mark"),
    uuid("delivery_id"),
    uuid("connection_id"),
    int("erased_at"),
];

/// Where tombstones belong.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) business: Uuid,
    pub(super) request: Uuid,
    pub(super) connection: Uuid,
    pub(super) erased_at: i64,
}

/// Adds tombstones of these marks; those that stand already stay.
pub(super) async fn add(
    txn: &Txn,
    keys: &Keyring,
    plot: Plot,
    marks: &[Mark],
) -> Result<(), StoreError> {
    let key = keys.derive(PURPOSE);
    let marks: HashSet<&Mark> = marks.iter().collect();
    let mut rows = Rows::new(TOMBSTONE);
    for mark in marks {
        rows.push([
            plot.business.into(),
            mark.kind.as_str().into(),
            hash(&key, plot.business, mark).to_vec().into(),
            plot.request.into(),
            plot.connection.into(),
            plot.erased_at.into(),
        ]);
    }
    rows.insert(txn.conn(), txn.dialect(), "tombstone", " ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// Marks of two businesses cannot be compared with each other.
fn hash(key: &[u8; 32], business: Uuid, mark: &Mark) -> [u8; 32] {
    // As in HMAC itself: a short key is filled up with zeros.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(business.as_bytes());
    mac.update(mark.kind.as_str().as_bytes());
    mac.update(&[0]);
    mac.update(mark.value().as_bytes());
    mac.finalize().into_bytes().into()
}
