//! The stock ledger and its levels.

mod count;
mod product;

use std::collections::{BTreeMap, HashMap};

use domain::id::{DeliveryId, ExternalId, MovementId};
use domain::page::{Cursor, Page, PageRequest};
use domain::stock::{EffectKey, Location, Movement, Reason, Recorded};
use domain::time::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{stock_level, stock_movement};
use crate::page::{Sort, id_of, keyset, page_of, parts};
use crate::{StoreError, Tenant, row};

const MOVEMENT: row::Of = row::Of("stock_movement");
const LEVEL: row::Of = row::Of("stock_level");

/// Which movements are wanted; all of them where nothing is said.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MovementFilter {
    /// Those of a POS product.
    pub pos_product_id: Option<String>,
    /// Those of a store order.
    pub order_id: Option<ExternalId>,
}

/// How much of a POS product lies at a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StockLevel {
    /// The POS product.
    pub pos_product_id: String,
    /// Where.
    pub location: Location,
    /// Pieces; below zero where more was sold than was ever counted.
    pub quantity: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The sums of a key's movements and how many there are, over its four parts.
const RECORDED: &str = "SELECT order_id, line_item_id, pos_product_id, location, \
    CAST(SUM(quantity) AS BIGINT) AS quantity, COUNT(*) AS movements \
    FROM stock_movement WHERE business_id = ? AND order_id ";

impl Tenant {
    /// What the ledger holds for these orders; those without movements are absent.
    pub async fn recorded_effects(
        &self,
        orders: &[ExternalId],
    ) -> Result<HashMap<ExternalId, BTreeMap<EffectKey, Recorded>>, StoreError> {
        let mut effects: HashMap<_, BTreeMap<_, _>> = HashMap::new();
        if orders.is_empty() {
            return Ok(effects);
        }
        let dialect = self.dialect();
        let sql = format!(
            "{RECORDED}{} GROUP BY order_id, line_item_id, pos_product_id, location",
            dialect.in_list()
        );
        let ids = dialect.ints(orders.iter().map(|id| id.0));
        let statement = dialect.statement(&sql, [self.business_id().uuid().into(), ids]);
        for row in self.reader().query_all_raw(statement).await? {
            let key = EffectKey {
                order_id: ExternalId(row.try_get_by_index(0)?),
                line_item_id: ExternalId(row.try_get_by_index(1)?),
                pos_product_id: row.try_get_by_index(2)?,
                location: place_named(MOVEMENT, &row.try_get_by_index::<String>(3)?)?,
            };
            let recorded = Recorded {
                quantity: row.try_get_by_index(4)?,
                movements: row.try_get_by_index(5)?,
            };
            effects.entry(key.order_id).or_default().insert(key, recorded);
        }
        Ok(effects)
    }

    /// A page of movements, the one recorded last first. A page's key is the movement's block.
    pub async fn stock_movements(
        &self,
        request: &PageRequest,
        filter: &MovementFilter,
    ) -> Result<Page<Movement>, StoreError> {
        use stock_movement::{Column, Entity};
        if let (Some(product), None) = (&filter.pos_product_id, filter.order_id) {
            let models = product::movements(self, request, product).await?;
            return page_of(request, models, place_of, read_movement);
        }
        let place = match &request.cursor {
            Some(cursor) => Some([id_of::<Uuid>(cursor)?.into()]),
            None => None,
        };
        let mut select = Entity::find().filter(Column::BusinessId.eq(self.business_id().uuid()));
        if let Some(product) = &filter.pos_product_id {
            select = select.filter(Column::PosProductId.eq(product.as_str()));
        }
        if let Some(order) = filter.order_id {
            select = select.filter(Column::OrderId.eq(order.0));
        }
        let columns = [Column::MovementId];
        let models =
            keyset(select, request, Sort::NewestFirst, columns, place).all(self.reader()).await?;
        page_of(request, models, place_of, read_movement)
    }

    /// The levels of POS products at every place where they ever moved, by product and place.
    pub async fn stock_levels(
        &self,
        pos_products: &[String],
    ) -> Result<HashMap<String, Vec<StockLevel>>, StoreError> {
        use stock_level::{Column, Entity};
        let mut levels: HashMap<_, Vec<_>> = HashMap::with_capacity(pos_products.len());
        for part in parts(pos_products) {
            let models = Entity::find()
                .filter(Column::BusinessId.eq(self.business_id().uuid()))
                .filter(Column::PosProductId.is_in(part))
                .order_by_asc(Column::PosProductId)
                .order_by_asc(Column::Location)
                .all(self.reader())
                .await?;
            for model in models {
                let level = read_level(model)?;
                levels.entry(level.pos_product_id.clone()).or_default().push(level);
            }
        }
        Ok(levels)
    }
}

fn place_of(model: &stock_movement::Model) -> Cursor {
    Cursor { key: model.block, id: model.movement_id.to_string() }
}

fn place_named(of: row::Of, name: &str) -> Result<Location, StoreError> {
    of.word("location", name, Location::named)
}

fn read_movement(model: stock_movement::Model) -> Result<Movement, StoreError> {
    Ok(Movement {
        id: MovementId::from_uuid(model.movement_id),
        location: place_named(MOVEMENT, &model.location)?,
        pos_product_id: model.pos_product_id,
        quantity: model.quantity,
        reason: MOVEMENT.word("reason", &model.reason, Reason::parse)?,
        order: model
            .order_id
            .zip(model.line_item_id)
            .map(|(order, line)| (ExternalId(order), ExternalId(line))),
        delivery_id: model.delivery_id.map(DeliveryId::from_uuid),
        created_at: row::time(model.created_at),
    })
}

/// Where a level's stock lies.
pub(crate) fn level_place(model: &stock_level::Model) -> Result<Location, StoreError> {
    place_named(LEVEL, &model.location)
}

fn read_level(model: stock_level::Model) -> Result<StockLevel, StoreError> {
    Ok(StockLevel {
        location: level_place(&model)?,
        pos_product_id: model.pos_product_id,
        quantity: model.quantity,
        updated_at: row::time(model.updated_at),
    })
}
