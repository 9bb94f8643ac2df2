//! Access to a store: a token that is good for the next call.
//!
//! Tokens live for an hour. Whoever finds one about to end renews it, alone across all instances, and stores the new
//! pair before it is used: the store may forget the old one as soon as the new one is seen (rules of Shopify's
//! "offline access tokens" page).

use std::time::Duration;

use domain::code::Code;
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::Failure;
use domain::secret::Secret;
use domain::time::Timestamp;
use storage::ConnectionSecrets;

use crate::app::App;
use crate::providers::{Access, Grant, ProviderError};

/// Tokens with less life than this are renewed before use.
const RENEW_BEFORE: Duration = Duration::from_mins(5);
/// What the lease is for.
const RENEWAL: &str = "token renewal";
/// How long one instance may take to renew before another tries.
const RENEWAL_LEASE: Duration = Duration::from_secs(30);
/// How often an instance looks whether another one has finished renewing, and how long it waits in between.
const RENEWAL_LOOKS: u32 = 50;
const RENEWAL_LOOK_EVERY: Duration = Duration::from_millis(200);

/// A token for the connection's store.
pub(crate) async fn access(app: &App, connection: &Connection) -> Result<Access, Failure> {
    if !connection.status.is_live() || connection.status == ConnectionStatus::ReauthRequired {
        return Err(Failure::new(Code::ReauthRequired, "the store has to be connected again"));
    }
    for _ in 0..RENEWAL_LOOKS {
        let secrets = load(app, connection).await?;
        if !ends_soon(&secrets, app.now()) {
            return Ok(access_of(connection, &secrets));
        }
        let hints = app.storage.hints();
        let lease = hints.lease(connection.business_id, RENEWAL, RENEWAL_LEASE);
        if let Some(_renewing) = lease.await {
            // Another instance may have finished between the look and the lease.
            let secrets = load(app, connection).await?;
            if !ends_soon(&secrets, app.now()) {
                return Ok(access_of(connection, &secrets));
            }
            return renew(app, connection, secrets).await;
        }
        tokio::time::sleep(RENEWAL_LOOK_EVERY).await;
    }
    Err(Failure::new(Code::UpstreamUnavailable, "another instance is still renewing the token"))
}

/// Notes that the store no longer takes `token`, unless another one has come in its place meanwhile: `connection` may
/// have been read a while ago.
pub(crate) async fn mark_reauth_required(app: &App, connection: &Connection, token: &Secret) {
    let tenant = app.storage.tenant(connection.business_id);
    let noted = tenant.require_reauth(connection.id, connection.connected_at, token).await;
    if let Err(error) = noted {
        tracing::error!(failure = %Failure::from(&error), "connection could not be updated");
    }
    app.connections.forget();
}

/// What is stored of a grant.
pub(crate) fn secrets_of(grant: &Grant) -> ConnectionSecrets {
    ConnectionSecrets {
        access_token: grant.access_token.clone(),
        access_token_expires_at: grant.expires_at,
        refresh_token: grant.refresh_token.clone(),
        refresh_token_expires_at: grant.refresh_expires_at,
    }
}

async fn renew(
    app: &App,
    connection: &Connection,
    secrets: ConnectionSecrets,
) -> Result<Access, Failure> {
    let Some(refresh_token) = &secrets.refresh_token else {
        return Ok(access_of(connection, &secrets));
    };
    let provider = app.providers.get(&connection.provider)?;
    match provider.refresh(&connection.shop, refresh_token, app.now()).await {
        Ok(grant) => {
            let renewed = secrets_of(&grant);
            let tenant = app.storage.tenant(connection.business_id);
            let saved = tenant.save_secrets(connection.id, &renewed, app.now()).await;
            saved.map_err(|error| Failure::from(&error))?;
            Ok(access_of(connection, &renewed))
        }
        Err(error @ (ProviderError::ReauthRequired | ProviderError::Unauthorized)) => {
            mark_reauth_required(app, connection, &secrets.access_token).await;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

async fn load(app: &App, connection: &Connection) -> Result<ConnectionSecrets, Failure> {
    let tenant = app.storage.tenant(connection.business_id);
    let secrets = tenant.secrets(connection.id).await.map_err(|error| Failure::from(&error))?;
    secrets.ok_or_else(|| Failure::new(Code::ReauthRequired, "no token is stored"))
}

fn ends_soon(secrets: &ConnectionSecrets, now: Timestamp) -> bool {
    secrets.access_token_expires_at.is_some_and(|end| end < now + RENEW_BEFORE)
}

fn access_of(connection: &Connection, secrets: &ConnectionSecrets) -> Access {
    Access { shop: connection.shop.clone(), token: secrets.access_token.clone() }
}
