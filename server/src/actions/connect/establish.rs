//! From a grant to a working connection.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::access::{Caller, Role};
use domain::activity::ActivityKind;
use domain::connection::{Business, Connection, ConnectionStatus, status_of};
use domain::id::{BusinessId, ConnectionId};
use domain::secret::Secret;

use super::Owner;
use crate::app::App;
use crate::error::Problem;
use crate::providers::{Access, Grant, Provider, ProviderError};
use crate::sync::{self, schedule_all, subscriptions};
use crate::tokens;

/// Connects with a token that the merchant made by hand, without OAuth (S4.3).
pub(crate) async fn connect_with_token(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    provider: &str,
    shop: &str,
    token: Secret,
) -> Result<Connection, Problem> {
    app.tenant(caller, business, Role::Admin)?;
    let provider = app.providers.get(provider)?;
    let shop = provider.canonical_shop(shop)?;
    let access = Access { shop: shop.clone(), token };
    let scopes = provider.granted_scopes(&access).await.map_err(problem_of)?;
    let grant = Grant {
        access_token: access.token,
        expires_at: None,
        refresh_token: None,
        refresh_expires_at: None,
        scopes,
    };
    establish(app, &provider, Owner::Existing(business), &shop, &grant).await
}

/// Stores the connection with its secrets, subscribes to deliveries, and starts the import and the polls. A failed
/// subscription degrades the connection and no more: polling still runs (S0.9).
pub(super) async fn establish(
    app: &App,
    provider: &Arc<dyn Provider>,
    owner: Owner,
    shop: &str,
    grant: &Grant,
) -> Result<Connection, Problem> {
    let (Owner::Existing(business) | Owner::ToCome(business)) = owner;
    let tenant = app.storage.tenant(business);
    let now = app.now();
    // Connected before, it gets its former id and cut-over back: connecting again turns nothing into history.
    let connection = Connection {
        id: ConnectionId::new(now, &app.entropy()),
        business_id: business,
        provider: provider.name().to_owned(),
        shop: shop.to_owned(),
        status: ConnectionStatus::Degraded,
        granted_scopes: grant.scopes.clone(),
        connected_at: now,
        ended_at: None,
        cutover_at: now,
        last_synced_at: None,
        subscriptions: Vec::new(),
    };
    let secrets = tokens::secrets_of(grant);
    let saved = match owner {
        Owner::Existing(_) => tenant.save_connection(&connection, &secrets, now).await?,
        Owner::ToCome(id) => {
            let founded = Business { id, name: shop.to_owned(), created_at: now };
            tenant.found_connection(founded, &connection, &secrets).await?
        }
    };
    let mut connection = saved.connection;
    app.connections.forget();

    let access = Access { shop: shop.to_owned(), token: grant.access_token.clone() };
    let url = subscriptions::webhook_url(app, &connection, &saved.path_token);
    let listed = provider.list_subscriptions(&access).await.unwrap_or_default();
    connection.subscriptions =
        subscriptions::subscribe(provider, &connection, &access, &url, &listed).await;
    let missing = provider.missing_scopes(&connection.granted_scopes);
    let missing = missing.iter().filter(|requirement| requirement.required).count();
    connection.status = status_of(&connection.subscriptions, missing);
    tenant.update_connection(&connection).await?;
    app.connections.forget();

    schedule_all(app, &connection).await?;
    sync::stock::begin(app, &connection).await?;
    let kind = match connection.status {
        ConnectionStatus::Active => ActivityKind::Connected,
        _ => ActivityKind::Degraded,
    };
    super::publish(app, business, kind, format!("{shop} was connected")).await?;
    Ok(connection)
}

/// Takes our subscriptions off the store, as far as it lets us: after an uninstall there is nobody to ask.
pub(super) async fn unregister_subscriptions(app: &App, connection: &Connection) {
    let Ok(provider) = app.providers.get(&connection.provider) else {
        return;
    };
    let Ok(access) = tokens::access(app, connection).await else {
        return;
    };
    let ids: BTreeSet<&String> =
        connection.subscriptions.iter().filter_map(|found| found.result.as_ref().ok()).collect();
    for id in ids {
        if let Err(error) = provider.delete_subscription(&access, id).await {
            tracing::warn!(%error, shop = connection.shop, "subscription could not be removed");
            return;
        }
    }
}

fn problem_of(error: ProviderError) -> Problem {
    Problem::from(domain::delivery::Failure::from(error))
}
