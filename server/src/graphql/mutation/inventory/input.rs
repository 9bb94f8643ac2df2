//! What mutations of stock on its way to the store take.

use async_graphql::{ID, InputObject};
use domain::id::ExternalId;
use domain::push::InventoryPolicy;

use crate::error::Problem;
use crate::graphql::context::read_id;
use crate::graphql::r#type::{InventoryOwnership, NegativeStock, StockBasis};

/// What a business wants the store to have of its stock.
#[derive(InputObject, Debug)]
pub(super) struct SetInventoryPolicyInput {
    /// The business.
    pub(super) business_id: ID,
    /// Who says how many pieces there are.
    ownership: InventoryOwnership,
    /// Which of the POS's pieces a location of the store may sell.
    #[graphql(default_with = "StockBasis::Location")]
    basis: StockBasis,
    /// Pieces of each item that the store is not told of: 0 to 1,000,000.
    #[graphql(default)]
    buffer: u32,
    /// What the store is told where less than nothing is left.
    #[graphql(default_with = "NegativeStock::Zero")]
    negative: NegativeStock,
}

impl SetInventoryPolicyInput {
    pub(super) fn read(&self) -> InventoryPolicy {
        InventoryPolicy {
            ownership: self.ownership.into(),
            basis: self.basis.into(),
            buffer: self.buffer,
            negative: self.negative.into(),
        }
    }
}

/// Whose stock to compare with the store's.
#[derive(InputObject, Debug)]
pub(super) struct SyncInventoryInput {
    /// The business.
    pub(super) business_id: ID,
    /// Products of the store, 1 to 250; everything that is linked where it is missing.
    product_ids: Option<Vec<ID>>,
}

impl SyncInventoryInput {
    pub(super) fn products(&self) -> Result<Option<Vec<ExternalId>>, Problem> {
        let read = |(index, id): (usize, &ID)| read_id(&format!("input.productIds.{index}"), id);
        let ids = self.product_ids.as_deref();
        ids.map(|ids| ids.iter().enumerate().map(read).collect()).transpose()
    }
}
