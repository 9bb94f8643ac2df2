//! POS orders and their versions.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use domain::code::Code;

use super::{Money, Order, PosDocument};
use crate::error::Problem;
use crate::graphql::error::Failed;
use crate::graphql::loader::{DocumentOf, OrderOf, load};
use crate::graphql::scalar::{DateTime, Long};
use crate::reads::Reader;
use crate::reads::pos_orders::{self, PosOrderHead, PosOrderVersion};

/// A POS order: what became of a store order in the POS. A changed mapping is a new version of it, never a second one.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PosOrder {
    #[graphql(skip)]
    head: PosOrderHead,
    #[graphql(skip)]
    reader: Reader,
    /// Its id, the same for all versions.
    id: ID,
    /// The store order.
    order_id: ID,
    /// The newest version, from 1.
    version: Long,
    /// The delivery that brought the store order's version.
    delivery_id: ID,
    /// SHA-256 of the document, in hexadecimal digits.
    document_hash: String,
    /// The number printed on the receipt.
    number: String,
    /// The state of the sale.
    state: PosState,
    /// What the buyer owed before returns.
    total: Money,
    /// Money that went back.
    refunded_total: Money,
    /// How many lines it has.
    line_count: u32,
    /// Lines that move no stock because their variant is not linked to a POS product.
    unlinked_lines: u32,
    /// When the order was placed.
    placed_at: DateTime,
    /// When it was posted first.
    created_at: DateTime,
    /// When it was posted last.
    updated_at: DateTime,
}

#[ComplexObject]
impl PosOrder {
    /// The whole POS order in its newest version: lines, charges, tenders, refunds, totals.
    async fn document(&self, ctx: &Context<'_>) -> Result<Option<PosDocument>, Failed> {
        let version = load(ctx, DocumentOf(self.reader.clone(), self.head.external_id)).await?;
        // The head names it, so its absence is a fault of ours.
        let version =
            version.ok_or_else(|| Problem::new(Code::Internal, "Internal server error"))?;
        Ok(Some(PosDocument::from(&version.document)))
    }

    /// Its versions, the newest first; of more than a hundred, the newest hundred.
    #[graphql(complexity = "50 * child_complexity")]
    async fn versions(&self) -> Result<Option<Vec<PosVersion>>, Failed> {
        let versions = pos_orders::versions(&self.reader, self.head.external_id).await?;
        Ok(Some(versions.into_iter().map(PosVersion::from).collect()))
    }

    /// The store order.
    async fn order(&self, ctx: &Context<'_>) -> Result<Option<Order>, Failed> {
        let row = load(ctx, OrderOf(self.reader.clone(), self.head.external_id)).await?;
        Ok(row.map(|row| Order::new(row, &self.reader)))
    }
}

impl PosOrder {
    pub(crate) fn new(head: PosOrderHead, reader: &Reader) -> Self {
        let money = |amount| Money::new(amount, head.currency);
        Self {
            reader: reader.clone(),
            id: head.id.into(),
            order_id: head.external_id.into(),
            version: head.version.into(),
            delivery_id: head.delivery_id.into(),
            document_hash: hex(&head.document_hash),
            number: head.number.clone(),
            state: head.state.into(),
            total: money(head.total),
            refunded_total: money(head.refunded_total),
            line_count: head.line_count,
            unlinked_lines: head.unlinked_lines,
            placed_at: head.placed_at.into(),
            created_at: head.created_at.into(),
            updated_at: head.updated_at.into(),
            head,
        }
    }
}

/// One version of a POS order.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct PosVersion {
    #[graphql(skip)]
    row: Arc<PosOrderVersion>,
    /// Its number, from 1.
    version: Long,
    /// The delivery that brought the store order's version.
    delivery_id: ID,
    /// The execution of the plugin that made it.
    run_id: ID,
    /// SHA-256 of the document, in hexadecimal digits.
    document_hash: String,
    /// When it was posted.
    created_at: DateTime,
}

#[ComplexObject]
impl PosVersion {
    /// The whole POS order in this version.
    async fn document(&self) -> PosDocument {
        PosDocument::from(&self.row.document)
    }
}

impl From<PosOrderVersion> for PosVersion {
    fn from(row: PosOrderVersion) -> Self {
        Self {
            version: row.version.into(),
            delivery_id: row.delivery_id.into(),
            run_id: row.run_id.into(),
            document_hash: hex(&row.document_hash),
            created_at: row.created_at.into(),
            row: Arc::new(row),
        }
    }
}

/// The state of a sale.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::pos::PosState")]
pub(crate) enum PosState {
    /// Not paid in full.
    Open,
    /// Paid.
    Paid,
    /// A part of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
    /// Cancelled.
    Voided,
}

/// A hash in hexadecimal digits.
pub(crate) fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
