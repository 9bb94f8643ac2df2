//! Whether a business's way from its store to its POS is whole.

use std::time::Duration;

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::connection::{Connection, inspect};
use domain::delivery::Failure;
use domain::health::{Check, Findings, StoreAnswer, judge, silence};
use domain::id::BusinessId;
use domain::mapper::MapperChangeKind;
use domain::page::{Direction, PageRequest};
use domain::time::Timestamp;
use storage::Tenant;

use crate::app::App;
use crate::error::Problem;
use crate::sync::subscriptions::webhook_url;
use crate::{connections, tokens};

/// How long the store may take to answer what it is asked.
const ANSWER_MAX: Duration = Duration::from_secs(6);

/// What was found about each link, and when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Health {
    pub(crate) checked_at: Timestamp,
    pub(crate) checks: Vec<Check>,
}

/// Looks at each link of a business's way, which takes a question to its store.
pub(crate) async fn report(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<Health, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let findings = findings(app, &tenant).await?;
    let checked_at = app.now();
    Ok(Health { checked_at, checks: judge(&findings, checked_at) })
}

/// All that is known about a business's way.
pub(crate) async fn findings(app: &App, tenant: &Tenant) -> Result<Findings, Problem> {
    let now = app.now();
    let connection = connections::current(tenant).await?;
    let (token, store, pulse) = match &connection {
        Some(connection) if connection.status.is_live() => {
            let token = opened(tenant, connection).await;
            let store = match &token {
                Ok(()) => answer(app, tenant, connection).await,
                Err(failure) => Err(failure.clone()),
            };
            (token, store, tenant.pulse(connection.id, now).await?)
        }
        _ => {
            let none = Failure::new(Code::ReauthRequired, "no store is connected");
            (Err(none.clone()), Err(none), storage::Pulse::default())
        }
    };
    Ok(Findings {
        connection,
        token,
        store,
        last_delivery_at: pulse.last_at,
        silence: silence(&pulse.hours, pulse.last_at, now),
        poll_every: app.config.workers.poll_every(),
        waiting_since: tenant.waiting_since().await?,
        dead_letters: tenant.dead_letter_count().await?,
        mapper: fallen_back(tenant).await?,
    })
}

/// Whether the stored token can be opened.
async fn opened(tenant: &Tenant, connection: &Connection) -> Result<(), Failure> {
    match tenant.secrets(connection.id).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(Failure::new(Code::ReauthRequired, "no token is stored")),
        Err(error) => Err(Failure::from(&error)),
    }
}

/// Asks the store what it grants and which subscriptions stand.
async fn answer(
    app: &App,
    tenant: &Tenant,
    connection: &Connection,
) -> Result<StoreAnswer, Failure> {
    let asked = async {
        // The semaphore is never closed.
        let _place = app.asking.acquire().await.ok();
        let provider = app.providers.get(&connection.provider)?;
        let access = tokens::access(app, connection).await?;
        let granted = provider.granted_scopes(&access).await?;
        let listed = provider.list_subscriptions(&access).await?;
        let path = tenant.path_token(connection.id).await;
        let path = path.map_err(|error| Failure::from(&error))?;
        let subscriptions = path.map(|token| {
            let url = webhook_url(app, connection, &token);
            let ours = listed.iter().filter(|found| found.url == url);
            let ours = ours.map(|found| (found.topic.as_str(), found.id.as_str()));
            inspect(&provider.wanted_topics(&granted), ours)
        });
        Ok(StoreAnswer { missing: provider.missing_scopes(&granted), granted, subscriptions })
    };
    let late = || Failure::new(Code::UpstreamUnavailable, "the store does not answer in time");
    tokio::time::timeout(ANSWER_MAX, asked).await.unwrap_or_else(|_| Err(late()))
}

/// Why the chosen mapper does not serve: it kept failing, and nobody has chosen since.
async fn fallen_back(tenant: &Tenant) -> Result<Option<String>, Problem> {
    let newest = PageRequest { limit: 1, direction: Direction::Forward, cursor: None };
    let changes = tenant.mapper_changes(&newest).await?;
    let last = changes.rows.into_iter().next().map(|(_, change)| change);
    let fell_back = last.filter(|change| change.kind == MapperChangeKind::FellBack);
    Ok(fell_back.map(|change| {
        format!(
            "a mapper kept failing and was taken out of service at {}; another serves since",
            change.at
        )
    }))
}
