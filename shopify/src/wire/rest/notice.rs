//! Bodies that tell of an object without holding all of it.

use serde::Deserialize;

use crate::wire::scalar::{Id, Loose, Whole};

/// What any body may tell: which object, of which order, of which shop, when.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct Notice {
    pub id: Option<Id>,
    pub admin_graphql_api_id: Option<Id>,
    pub order_id: Option<Id>,
    pub created_at: Option<String>,
    pub updated_at: Option<String>,
    pub processed_at: Option<String>,
    /// In bodies that are the shop itself.
    pub myshopify_domain: Option<Loose>,
    /// In bodies that the store sends for legal reasons.
    pub shop_domain: Option<Loose>,
}

/// The body of `inventory_levels/update`.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct InventoryLevel {
    pub inventory_item_id: Option<Id>,
    pub location_id: Option<Id>,
    /// Null where the item is not counted.
    pub available: Option<Whole>,
    pub updated_at: Option<String>,
}

/// The body of `orders/edited`.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderEditBody {
    /// The edit.
    pub order_edit: Option<OrderEdit>,
}

/// An edit of an order.
#[expect(missing_docs, reason = "the store's own names, documented by the store")]
#[derive(Debug, Clone, Deserialize)]
pub struct OrderEdit {
    pub order_id: Option<Id>,
    pub committed_at: Option<String>,
    pub created_at: Option<String>,
}
