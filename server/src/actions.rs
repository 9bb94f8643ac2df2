//! What users do: one function for each action, called by GraphQL and by the command line alike.
//!
//! Each checks the caller's role itself, so that no transport can forget to.

pub(crate) mod catalog;
pub(crate) mod connect;
pub(crate) mod deliveries;
pub(crate) mod endpoint;
pub(crate) mod inventory;
pub(crate) mod mapper;
pub(crate) mod product_push;
pub(crate) mod reconcile;
pub(crate) mod stock;
pub(crate) mod sync;
