//! A store's body, read for a mapper.

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, Source};
use domain::flow::Incoming;
use domain::refined::{Order, Product};

use crate::providers::Providers;

/// The store system whose bodies are read where a business has no connection yet.
const PROVIDER: &str = "shopify";

/// What a mapper can be given.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// An order.
    Order(Box<Order>),
    /// A product.
    Product(Box<Product>),
}

/// Reads a body as its topic promises, the way that deliveries of `connection` are read. A body that holds no whole
/// order or product is [`Code::UnsupportedTopic`].
pub(crate) fn read_body(
    providers: &Providers,
    connection: Option<&Connection>,
    topic: &str,
    body: &[u8],
) -> Result<Input, Failure> {
    let (provider, shop) = connection.map_or((PROVIDER, ""), |connection| {
        (connection.provider.as_str(), connection.shop.as_str())
    });
    // An object that was read from the store's API has a topic of ours, which no webhook may claim.
    let source = if topic.ends_with("/read") { Source::Reread } else { Source::Webhook };
    match providers.get(provider)?.read_delivery(source, topic, shop, body)? {
        Incoming::Order(order) => Ok(Input::Order(order)),
        Incoming::Product(product) => Ok(Input::Product(product)),
        _ => {
            let detail = format!("deliveries of the topic {topic:?} hold no order or product");
            Err(Failure::new(Code::UnsupportedTopic, detail))
        }
    }
}
