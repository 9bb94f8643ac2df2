//! Connecting a store and letting go of it.

mod establish;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::{Caller, Role};
use domain::activity::{ActivityKind, NewActivity};
use domain::code::Code;
use domain::connection::{
    AUTHORIZATION_SECONDS_MAX, Connection, ConnectionStatus, PendingAuthorization,
    check_authorization,
};
use domain::id::BusinessId;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

pub(crate) use establish::connect_with_token;

use crate::app::App;
use crate::auth::cookie;
use crate::error::Problem;
use crate::providers::Provider;

/// Random bytes of a state, after the business's id.
const STATE_RANDOM_BYTES: usize = 32;

/// Where to send the merchant, and what their browser has to bring back.
#[derive(Debug, Clone)]
pub(crate) struct Authorization {
    /// The store's authorization page.
    pub url: String,
    /// The value of a `Set-Cookie` header that binds the state to this browser.
    pub cookie: String,
    /// Until when the merchant has to be back.
    pub expires_at: Timestamp,
}

/// Where a merchant who comes from the store goes next.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The store's authorization page, or the frontend where nothing is left to authorize.
    pub url: String,
    /// The value of a `Set-Cookie` header, where authorization starts.
    pub cookie: Option<String>,
}

/// Whose a shop is to be.
#[derive(Clone, Copy, Debug)]
enum Owner {
    /// Of a business that there is.
    Existing(BusinessId),
    /// Of one that comes to be together with the connection: a visit that leads to none leaves nothing behind.
    ToCome(BusinessId),
}

/// Starts to connect the business to a shop.
pub(crate) async fn begin(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    provider: &str,
    shop: &str,
) -> Result<Authorization, Problem> {
    app.tenant(caller, business, Role::Admin)?;
    if app.storage.system().business(business).await?.is_none() {
        return Err(Problem::not_found("business"));
    }
    let provider = app.providers.get(provider)?;
    let shop = provider.canonical_shop(shop)?;
    start(app, provider.as_ref(), Owner::Existing(business), &shop, &caller.subject).await
}

/// A merchant opens the app from within the store (signed by the store). A shop that is new to us gets a business of
/// its own once the merchant has agreed; App Store rules want authorization to start before anything else is shown.
pub(crate) async fn enter(
    app: &App,
    provider: &str,
    parameters: &[(String, String)],
) -> Result<Entry, Problem> {
    let provider = app.providers.get(provider)?;
    let verified = provider.verify_query(parameters, app.now())?;
    let known = app.storage.system().connection_by_shop(provider.name(), &verified.shop).await?;
    let owner = match known {
        Some(connection) if works(&connection) => {
            return Ok(Entry { url: app.config.provider.frontend_url.clone(), cookie: None });
        }
        Some(connection) => Owner::Existing(connection.business_id),
        None => Owner::ToCome(BusinessId::new(app.now(), &app.entropy())),
    };
    let started = start(app, provider.as_ref(), owner, &verified.shop, "store").await?;
    Ok(Entry { url: started.url, cookie: Some(started.cookie) })
}

/// The merchant comes back. Everything is checked before anything is done (rules of the authorization code grant): the
/// signature, the time, the shop, the state and the browser; only then is the state used up.
pub(crate) async fn complete(
    app: &App,
    parameters: &[(String, String)],
    cookies: &[&str],
) -> Result<Connection, Problem> {
    let state = only(parameters, "state").ok_or_else(invalid_state)?;
    let (business, state_hash) = read_state(state).ok_or_else(invalid_state)?;
    let system = app.storage.system();
    let now = app.now();
    let pending = system.peek_authorization(state_hash, business, now).await?;
    let pending = pending.ok_or_else(invalid_state)?;
    let provider = app.providers.get(&pending.provider)?;
    let verified = provider.verify_query(parameters, now)?;
    check_authorization(Some(&pending), &verified.shop, now).map_err(|_| invalid_state())?;
    if !cookie::holds(&app.cookie_keys(), cookies, state) {
        return Err(invalid_state());
    }
    system.take_authorization(state_hash, business, now).await?.ok_or_else(invalid_state)?;
    if only(parameters, "error").is_some() {
        return Err(Problem::new(Code::AuthorizationDenied, "the store did not authorize"));
    }
    let code = verified
        .code
        .ok_or_else(|| Problem::new(Code::AuthorizationDenied, "the store sent no code"))?;
    let grant = provider.exchange_code(&pending.shop, &code, now).await.map_err(|error| {
        tracing::warn!(%error, shop = pending.shop, "code could not be exchanged");
        Problem::new(Code::TokenExchangeFailed, "the store did not exchange the code")
    })?;
    let owner = owner_of(app, &pending).await?;
    establish::establish(app, &provider, owner, &pending.shop, &grant).await
}

/// Whose shop it becomes. A merchant may have come several times before the first visit led to a connection: the others
/// lead to the same business.
async fn owner_of(app: &App, pending: &PendingAuthorization) -> Result<Owner, Problem> {
    if !pending.founds {
        return Ok(Owner::Existing(pending.business_id));
    }
    let system = app.storage.system();
    let since = system.connection_by_shop(&pending.provider, &pending.shop).await?;
    Ok(since.map_or(Owner::ToCome(pending.business_id), |it| Owner::Existing(it.business_id)))
}

/// Lets go of the store. Doing it again does nothing (S0.11).
pub(crate) async fn disconnect(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<bool, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let connection = crate::connections::current(&tenant).await?;
    let Some(connection) = connection.filter(|connection| connection.status.is_live()) else {
        return Ok(false);
    };
    establish::unregister_subscriptions(app, &connection).await;
    let now = app.now();
    let ended = tenant.disconnect(connection.id, connection.connected_at, now).await?;
    app.connections.forget();
    if !ended {
        return Ok(false);
    }
    let message = format!("{} was disconnected", connection.shop);
    publish(app, business, ActivityKind::Disconnected, message).await?;
    Ok(true)
}

/// A cookie that takes the state's cookie away.
pub(crate) fn expired_cookie(app: &App) -> String {
    cookie::expired(app.config.provider.is_https())
}

async fn start(
    app: &App,
    provider: &dyn Provider,
    owner: Owner,
    shop: &str,
    subject: &str,
) -> Result<Authorization, Problem> {
    let now = app.now();
    let (business, founds) = match owner {
        Owner::Existing(business) => (business, false),
        Owner::ToCome(business) => (business, true),
    };
    let random = app.random_bytes::<STATE_RANDOM_BYTES>();
    let state = URL_SAFE_NO_PAD.encode([business.uuid().as_bytes().as_slice(), &random].concat());
    let expires_at = now + Duration::from_secs(AUTHORIZATION_SECONDS_MAX);
    let pending = PendingAuthorization {
        state_hash: Sha256::digest(&state).into(),
        business_id: business,
        founds,
        provider: provider.name().to_owned(),
        shop: shop.to_owned(),
        subject: subject.to_owned(),
        expires_at,
    };
    app.storage.system().put_authorization(pending, now).await?;
    let https = app.config.provider.is_https();
    Ok(Authorization {
        url: provider.authorize_url(shop, &state),
        cookie: cookie::issue(&app.cookie_keys(), &state, https),
        expires_at,
    })
}

/// The business and the hash that a state stands for.
fn read_state(state: &str) -> Option<(BusinessId, [u8; 32])> {
    let bytes = URL_SAFE_NO_PAD.decode(state).ok()?;
    let (business, random) = bytes.split_at_checked(16)?;
    if random.len() != STATE_RANDOM_BYTES {
        return None;
    }
    let business = BusinessId::from_uuid(Uuid::from_slice(business).ok()?);
    Some((business, Sha256::digest(state).into()))
}

/// The value of a parameter that may stand once.
fn only<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = parameters.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

fn works(connection: &Connection) -> bool {
    matches!(connection.status, ConnectionStatus::Active | ConnectionStatus::Degraded)
}

fn invalid_state() -> Problem {
    Problem::new(
        Code::InvalidState,
        "the authorization is unknown, used, expired or of another browser",
    )
}

pub(super) async fn publish(
    app: &App,
    business: BusinessId,
    kind: ActivityKind,
    message: String,
) -> Result<(), Problem> {
    let event = NewActivity { kind, subject: None, message, percent: None, at: app.now() };
    app.storage.tenant(business).publish(event).await?;
    Ok(())
}
