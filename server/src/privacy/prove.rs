//! Looking for an erased person in the bodies of deliveries.

use domain::id::ConnectionId;
use storage::{Looked, Tenant, Tombstones};

use super::person::take_out;
use crate::app::App;
use crate::error::Problem;

/// How many of a connection's bodies still hold something that is to be taken out.
pub(crate) async fn bodies_naming(
    app: &App,
    tenant: &Tenant,
    connection: ConnectionId,
    tombstones: &Tombstones,
) -> Result<Looked, Problem> {
    let mut looked = Looked { table: "delivery", rows: 0, naming: 0 };
    let found = tenant.connection_by_id(connection).await?;
    let Some(connection) = found else { return Ok(looked) };
    let provider = app.providers.get(&connection.provider)?;
    let mut after = None;
    loop {
        let page = tenant.deliveries_by(connection.id, after).await?;
        let Some(last) = page.last() else { return Ok(looked) };
        after = Some(last.id);
        for delivery in page {
            let (topic, shop) = (&delivery.topic, &connection.shop);
            let read = provider.read_delivery(delivery.source, topic, shop, &delivery.body);
            let names = take_out(provider.as_ref(), tombstones, &delivery, &read).is_some();
            looked.rows += 1;
            looked.naming += u64::from(names);
            tokio::task::yield_now().await;
        }
    }
}
