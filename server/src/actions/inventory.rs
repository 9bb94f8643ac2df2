//! What the store is told of stock.

use domain::access::{Caller, Role};
use domain::activity::{ActivityKind, NewActivity, SyncLogEntry};
use domain::id::{BusinessId, ExternalId};
use domain::push::{BUFFER_MAX, InventoryPolicy, Ownership};

use crate::app::App;
use crate::connections;
use crate::error::Problem;
use crate::sync;

/// Products of the store that one call puts up.
const PRODUCTS_MAX: usize = 250;

/// Changes who says how many pieces there are, and what the store is told (S1.1). Where that is the POS, everything is
/// compared with what the store has, and pushed where it differs.
pub(crate) async fn set_policy(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    policy: InventoryPolicy,
) -> Result<InventoryPolicy, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    if policy.buffer > BUFFER_MAX {
        return Err(Problem::input("input.buffer", format!("must be at most {BUFFER_MAX}")));
    }
    let now = app.now();
    tenant.set_inventory_policy(policy, caller.subject.clone(), now).await?;
    let message = match policy.ownership {
        Ownership::Pos => "The POS owns stock: what it has is pushed to the store",
        Ownership::Store => "The store owns its stock: nothing is pushed",
    };
    let event = NewActivity {
        kind: ActivityKind::InventoryPolicyChanged,
        subject: None,
        message: message.to_owned(),
        percent: None,
        at: now,
    };
    tenant.publish(event).await?;
    let connection = connections::current(&tenant).await?;
    if let Some(connection) = connection.filter(|connection| connection.status.is_live()) {
        sync::stock::begin(app, &connection).await?;
    }
    Ok(policy)
}

/// Compares everything that is linked, or the variants of some of the store's products, with what the store has, and
/// pushes where it differs (S1.4). Returns the sync log's entry, which is still running.
pub(crate) async fn sync(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    products: Option<Vec<ExternalId>>,
) -> Result<SyncLogEntry, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    if products.as_ref().is_some_and(|products| !(1..=PRODUCTS_MAX).contains(&products.len())) {
        let text = format!("must name 1 to {PRODUCTS_MAX} products");
        return Err(Problem::input("input.productIds", text));
    }
    if tenant.inventory_policy().await?.ownership == Ownership::Store {
        let text = "is of a business whose store owns its stock; see setInventoryPolicy";
        return Err(Problem::input("input.businessId", text));
    }
    let connection = connections::current(&tenant).await?;
    let connection = connection.filter(|connection| connection.status.is_live());
    let connection = connection.ok_or_else(|| Problem::not_found("connection"))?;
    let entry = sync::stock::open_log(app, &connection).await?;
    let (app, running) = (app.clone(), entry.clone());
    app.tasks
        .clone()
        .spawn(async move { sync::stock::run(&app, &connection, products, running).await });
    Ok(entry)
}
