//! What there is, and in which version: the cheapest lists that the store gives.

use serde::{Deserialize, Serialize};

use super::operation;
use super::page::Connection;

/// Heads in one page: the most that a connection gives in one answer. They are scalars, so that a page costs about ten of
/// the 1000 points that one request may cost.
pub const HEADS_PER_PAGE: u32 = 250;

/// Which page of heads.
#[derive(Debug, Clone, Serialize)]
pub struct HeadVariables {
    /// How many.
    pub first: u32,
    /// A search query, for instance `id:>=1042 created_at:>='2026-11-21T05:00:00Z'`. A list goes on by asking for higher
    /// ids and not by cursors: those end at 25,000 objects.
    pub query: Option<String>,
}

/// An object of which only its identity and times are told.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The global id.
    pub id: String,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

/// A page of orders.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderHeadsData {
    /// The page, by id.
    pub orders: Connection<Head>,
}

/// A page of products.
#[derive(Debug, Clone, Deserialize)]
pub struct ProductHeadsData {
    /// The page, by id.
    pub products: Connection<Head>,
}

operation! {
    /// Which orders there are, by id.
    OrderHeads(HeadVariables) -> OrderHeadsData, repeatable: true,
    ["order_heads"]
}
operation! {
    /// Which products there are, by id.
    ProductHeads(HeadVariables) -> ProductHeadsData, repeatable: true,
    ["product_heads"]
}
