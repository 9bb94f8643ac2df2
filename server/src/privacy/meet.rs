//! Meeting a connection's open requests, one after the other.

use domain::connection::Connection;
use domain::delivery::Failure;
use domain::flow::Incoming;
use domain::privacy::{Person, PrivacyTopic, StoredRequest};
use storage::{ClaimedSchedule, StoreError, Tenant};

use super::person::EMPTIED;
use super::{erase, shop};
use crate::app::App;
use crate::worker::LEASE;

/// Why a request was not met; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unmet {
    /// The database did not do what was asked, or somebody else is at it by now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The request cannot be read any more.
    #[error(transparent)]
    Unread(#[from] Failure),
}

/// Work that is held while it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'a> {
    pub(super) app: &'a App,
    schedule: &'a ClaimedSchedule,
}

impl Held<'_> {
    /// Goes on holding it. Fails with [`StoreError::LostLease`] where somebody else has it by now.
    pub(super) async fn renew(&self) -> Result<(), StoreError> {
        let until = self.app.now() + LEASE;
        self.app.storage.system().hold_schedule(self.schedule, until).await
    }
}

/// Meets what is open, and ends the schedule. What fails leaves the schedule held: it comes back when the lease ends.
pub(crate) async fn run(app: App, connection: std::sync::Arc<Connection>, held: ClaimedSchedule) {
    let business = connection.business_id;
    let met = meet_all(&Held { app: &app, schedule: &held }, &connection).await;
    match met {
        Ok(()) => {
            if let Err(error) = app.storage.system().end_schedule(&held).await {
                tracing::warn!(failure = %Failure::from(&error), "schedule could not be given back");
            }
        }
        Err(Unmet::Store(StoreError::LostLease)) => {}
        Err(Unmet::Store(error)) => {
            tracing::error!(%business, failure = %Failure::from(&error), "privacy request not met");
        }
        Err(Unmet::Unread(failure)) => {
            tracing::error!(%business, %failure, "privacy request cannot be read");
        }
    }
}

async fn meet_all(held: &Held<'_>, connection: &Connection) -> Result<(), Unmet> {
    let tenant = held.app.storage.tenant(connection.business_id);
    for request in tenant.open_privacy_requests(connection.id).await? {
        match request.topic {
            PrivacyTopic::CustomerRedact => {
                let person = read(held.app, &tenant, connection, &request).await?;
                erase::erase(held, &tenant, connection, request, person).await?;
            }
            PrivacyTopic::ShopRedact => shop::erase(held, &tenant, request).await?,
            // Answered when somebody asks for the export.
            PrivacyTopic::DataRequest => {}
        }
    }
    Ok(())
}

/// Whom a request is about, from the delivery that brought it. Where another request had them erased from there, they are
/// known by their tombstones alone.
pub(super) async fn read(
    app: &App,
    tenant: &Tenant,
    connection: &Connection,
    request: &StoredRequest,
) -> Result<Person, Unmet> {
    let stored = tenant.delivery(request.id).await?;
    let delivery = stored.ok_or(StoreError::NotFound("delivery"))?.delivery;
    if delivery.body == EMPTIED {
        return Ok(Person::default());
    }
    let provider = app.providers.get(&connection.provider)?;
    let (topic, shop) = (&delivery.topic, &connection.shop);
    match provider.read_delivery(delivery.source, topic, shop, &delivery.body)? {
        Incoming::Privacy(asked) => Ok(asked.person),
        _ => Err(StoreError::NotFound("privacy request").into()),
    }
}
