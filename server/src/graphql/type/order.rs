//! The store's orders.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use domain::money::Currency;

use super::{Money, PosOrder, ProductLink};
use crate::graphql::error::Failed;
use crate::graphql::loader::{LinesOf, LinkOf, PosOrderOf, load};
use crate::graphql::scalar::{DateTime, Long};
use crate::reads::Reader;
use crate::reads::orders::{StoredLine, StoredOrder};

/// An order of the store, in the newest version that the gateway knows. Amounts are in the shop's currency.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Order {
    #[graphql(skip)]
    row: StoredOrder,
    #[graphql(skip)]
    reader: Reader,
    /// The store's id.
    id: ID,
    /// The connection that it came by.
    connection_id: ID,
    /// The delivery that brought this version.
    delivery_id: ID,
    /// The name shown to people, for instance `#1042`.
    name: String,
    /// The running number in the store.
    number: Long,
    /// Where the order was made: `web`, `pos`, a draft, another app.
    source_name: Option<String>,
    /// Whether it is a test order: no money moved.
    test: bool,
    /// The store's word for the state of payment: `pending`, `paid`, `partially_refunded` and others.
    financial_status: String,
    /// The store's word for the state of delivery; null while nothing was sent.
    fulfillment_status: Option<String>,
    /// Lines after discounts, without shipping, duties and tips.
    subtotal: Money,
    /// All taxes.
    total_tax: Money,
    /// What the buyer owed before returns.
    total: Money,
    /// What remains after edits, returns and refunds of lines.
    current_total: Money,
    /// The store's id of the buyer.
    customer_id: Option<ID>,
    /// How many lines it has.
    line_count: u32,
    /// When the order was made.
    created_at: DateTime,
    /// When it counts for the books; differs from `createdAt` for imported orders.
    processed_at: Option<DateTime>,
    /// When it was cancelled.
    cancelled_at: Option<DateTime>,
    /// When it was closed (archived).
    closed_at: Option<DateTime>,
    /// When the store last changed it: the version.
    updated_at: DateTime,
    /// When the gateway wrote this version.
    written_at: DateTime,
    /// When the store said that it is gone.
    removed_at: Option<DateTime>,
}

#[ComplexObject]
impl Order {
    /// What was bought, in the order's own sequence, including lines that were removed since.
    #[graphql(complexity = "10 * child_complexity")]
    async fn lines(&self, ctx: &Context<'_>) -> Result<Option<Vec<OrderLine>>, Failed> {
        let lines = load(ctx, LinesOf(self.reader.clone(), self.row.id)).await?;
        let wrap = |line| OrderLine::new(line, self.row.currency, &self.reader);
        Ok(Some(lines.unwrap_or_default().into_iter().map(wrap).collect()))
    }

    /// What became of it in the POS; null where it was not posted.
    async fn pos_order(&self, ctx: &Context<'_>) -> Result<Option<PosOrder>, Failed> {
        let head = load(ctx, PosOrderOf(self.reader.clone(), self.row.id)).await?;
        Ok(head.map(|head| PosOrder::new(head, &self.reader)))
    }
}

impl Order {
    pub(crate) fn new(row: StoredOrder, reader: &Reader) -> Self {
        let money = |amount| Money::new(amount, row.currency);
        Self {
            reader: reader.clone(),
            id: row.id.into(),
            connection_id: row.connection_id.into(),
            delivery_id: row.delivery_id.into(),
            name: row.name.clone(),
            number: row.number.into(),
            source_name: row.source_name.clone(),
            test: row.test,
            financial_status: row.financial_status.clone(),
            fulfillment_status: row.fulfillment_status.clone(),
            subtotal: money(row.subtotal),
            total_tax: money(row.total_tax),
            total: money(row.total),
            current_total: money(row.current_total),
            customer_id: row.customer_id.map(Into::into),
            line_count: row.line_count,
            created_at: row.created_at.into(),
            processed_at: row.processed_at.map(Into::into),
            cancelled_at: row.cancelled_at.map(Into::into),
            closed_at: row.closed_at.map(Into::into),
            updated_at: row.version.updated_at.into(),
            written_at: row.written_at.into(),
            removed_at: row.removed_at.map(Into::into),
            row,
        }
    }
}

/// A line of an order. Amounts are in the shop's currency.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct OrderLine {
    #[graphql(skip)]
    variant: Option<domain::id::ExternalId>,
    #[graphql(skip)]
    reader: Reader,
    /// The store's id.
    id: ID,
    /// The product; null for a custom line and where it was deleted.
    product_id: Option<ID>,
    /// The variant; null for a custom line and where it was deleted.
    variant_id: Option<ID>,
    /// The seller's own number.
    sku: Option<String>,
    /// The product's name when it was bought.
    title: String,
    /// The variant's name when it was bought.
    variant_title: Option<String>,
    /// Pieces ever sold on this line.
    quantity: Long,
    /// Pieces left after removals, returns and refunds.
    current_quantity: Long,
    /// Price of one piece before discounts.
    unit_price: Money,
    /// Discounts on the whole line, its part of order-wide ones included.
    discount: Money,
}

#[ComplexObject]
impl OrderLine {
    /// The link of its variant to a POS product; null where it has none, and then the line moves no stock.
    async fn link(&self, ctx: &Context<'_>) -> Result<Option<ProductLink>, Failed> {
        let Some(variant) = self.variant else {
            return Ok(None);
        };
        let link = load(ctx, LinkOf(self.reader.clone(), variant)).await?;
        Ok(link.map(|link| ProductLink::new(link, &self.reader)))
    }
}

impl OrderLine {
    fn new(line: StoredLine, currency: Currency, reader: &Reader) -> Self {
        Self {
            variant: line.variant_id,
            reader: reader.clone(),
            id: line.id.into(),
            product_id: line.product_id.map(Into::into),
            variant_id: line.variant_id.map(Into::into),
            sku: line.sku,
            title: line.title,
            variant_title: line.variant_title,
            quantity: line.quantity.into(),
            current_quantity: line.current_quantity.into(),
            unit_price: Money::new(line.unit_price, currency),
            discount: Money::new(line.discount, currency),
        }
    }
}
