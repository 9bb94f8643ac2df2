//! A client of the Shopify Admin GraphQL API, its OAuth and its webhooks. It knows nothing of the gateway.
//!
//! [`Client`] sends the operations of [`operation`] to a [`Shop`]; [`oauth`] gets the token for it; [`webhook`] believes
//! or refuses what the store sends; [`wire`] reads both shapes in which the store writes its objects.

#![warn(missing_docs)]

pub mod cost;
pub mod oauth;
pub mod operation;
pub mod scope;
pub mod webhook;
pub mod wire;

mod client;
mod error;
mod secret;
mod settings;
mod shop;

pub use client::{Access, Answer, BuildError, Client, GraphqlError, Jitter, Retry};
pub use error::ClientError;
pub use secret::Secret;
pub use settings::{API_VERSION, Settings};
pub use shop::{InvalidShop, InvalidShopUrl, Shop, ShopUrl};
pub use webhook::{Outgoing, send_webhook};
