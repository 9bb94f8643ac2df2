//! A client of the Shopify Admin GraphQL API, its OAuth and its webhooks. It knows nothing of the gateway.

pub mod cost;
pub mod operation;
