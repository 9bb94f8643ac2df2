//! Levels: what the ledger has of POS products, and what the store tells of its items.

use std::collections::HashMap;

use domain::flow::Changes;
use domain::id::{ConnectionId, ExternalId};
use domain::push::{PlaceLevel, Told};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::apply::each;
use crate::entity::stock_level;
use crate::error::StoreError;
use crate::page::parts;
use crate::row::time;
use crate::sql::{Column, Rows, int, uuid};
use crate::stock::level_place;
use crate::writer::Txn;
use crate::{StoreError as Error, Tenant};

/// What we know of an item at a location of the store, to judge what it tells of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Heard {
    /// What a write under way sets.
    pub sending: Option<i64>,
    /// What the store has.
    pub known: Option<i64>,
    /// As of when, by the store's clock.
    pub known_at: Option<Timestamp>,
}

const HEARD: &str = "SELECT inventory_item_id, location_id, sending, known, known_at
    FROM stock_push WHERE business_id = ? AND connection_id = ? AND inventory_item_id ";

const TOLD: &[Column] = &[
    uuid("business_id"),
    uuid("connection_id"),
    int("inventory_item_id"),
    int("location_id"),
    int("known"),
    int("known_at"),
    int("now"),
];
const NOTE: &str = "UPDATE stock_push SET known = batch.column5, known_at = batch.column6,
        changed_at = batch.column7, updated_at = batch.column7
    FROM (";
/// The same conditions as the decision's, for what was written since.
const NOTED: &str = ") AS batch
    WHERE stock_push.business_id = batch.column1 AND stock_push.connection_id = batch.column2
        AND stock_push.inventory_item_id = batch.column3
        AND stock_push.location_id = batch.column4
        AND stock_push.sending IS DISTINCT FROM batch.column5
        AND stock_push.known IS DISTINCT FROM batch.column5
        AND (stock_push.known_at IS NULL OR stock_push.known_at <= batch.column6)";

impl Tenant {
    /// What the ledger has of POS products at every place where they ever moved.
    pub async fn place_levels(
        &self,
        products: &[String],
    ) -> Result<HashMap<String, Vec<PlaceLevel>>, Error> {
        use stock_level::{Column, Entity};
        let mut levels: HashMap<_, Vec<_>> = HashMap::with_capacity(products.len());
        for part in parts(products) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::PosProductId.is_in(part))
                .all(self.reader())
                .await?;
            for model in models {
                let level = PlaceLevel {
                    location: level_place(&model)?,
                    quantity: model.quantity,
                    counted: model.counted_at.is_some(),
                };
                levels.entry(model.pos_product_id).or_default().push(level);
            }
        }
        Ok(levels)
    }

    /// What we know of items of a connection's store, by item and location; those never pushed are absent.
    pub async fn heard(
        &self,
        connection_id: ConnectionId,
        items: &[ExternalId],
    ) -> Result<HashMap<(ExternalId, ExternalId), Heard>, Error> {
        let dialect = self.dialect();
        let ids = dialect.ints(items.iter().map(|id| id.0));
        let values = [self.business_id().uuid().into(), connection_id.uuid().into(), ids];
        let statement = dialect.statement(&format!("{HEARD}{}", dialect.in_list()), values);
        let rows = self.reader().query_all_raw(statement).await?;
        let read = |row: &sea_orm::QueryResult| {
            let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let heard = Heard {
                sending: row.try_get_by_index(2)?,
                known: row.try_get_by_index(3)?,
                known_at: row.try_get_by_index::<Option<i64>>(4)?.map(time),
            };
            Ok(((ExternalId(key.0), ExternalId(key.1)), heard))
        };
        rows.iter().map(read).collect()
    }
}

/// Notes what the store told of its levels.
pub(crate) async fn heard(txn: &Txn, batches: &[&Changes]) -> Result<(), StoreError> {
    // The last word counts where several are of one level: one statement must not write a row twice.
    let mut last = std::collections::BTreeMap::new();
    for (business_id, now, (connection_id, told)) in each(batches, |batch| &batch.levels) {
        let key = (business_id, *connection_id, told.inventory_item_id, told.location_id);
        let newer = |(earlier, _): &(Told, Timestamp)| earlier.at <= told.at;
        if last.get(&key).is_none_or(newer) {
            last.insert(key, (*told, now));
        }
    }
    let mut rows = Rows::new(TOLD);
    for ((business_id, connection_id, item, location), (told, now)) in last {
        rows.push([
            business_id.uuid().into(),
            connection_id.uuid().into(),
            item.0.into(),
            location.0.into(),
            told.available.into(),
            told.at.millis().into(),
            now.millis().into(),
        ]);
    }
    rows.execute(txn.conn(), txn.dialect(), NOTE, NOTED).await?;
    Ok(())
}
