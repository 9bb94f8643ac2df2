//! Stored orders and products, read again for a mapper from the deliveries that brought their versions.

use std::collections::HashMap;

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, NewDelivery};
use domain::flow::Incoming;
use domain::id::ConnectionId;

use super::body::Input;
use crate::providers::Providers;

/// The connections of a business by id.
pub(crate) type ConnectionsById = HashMap<ConnectionId, Connection>;

/// Reads a stored delivery's body as the worker did when it came.
pub(crate) fn read_stored(
    providers: &Providers,
    connections: &ConnectionsById,
    delivery: &NewDelivery,
) -> Result<Input, Failure> {
    let connection = connections.get(&delivery.connection_id);
    let connection = connection
        .ok_or_else(|| Failure::new(Code::NotFound, "its connection no longer exists"))?;
    let provider = providers.get(&connection.provider)?;
    let (topic, shop) = (&delivery.topic, &connection.shop);
    match provider.read_delivery(delivery.source, topic, shop, &delivery.body)? {
        Incoming::Order(order) => Ok(Input::Order(order)),
        Incoming::Product(product) => Ok(Input::Product(product)),
        _ => Err(Failure::new(Code::UnsupportedTopic, "it holds no order or product")),
    }
}
