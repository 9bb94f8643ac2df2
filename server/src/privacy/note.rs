//! A request comes.

use domain::activity::{ActivityKind, NewActivity};
use domain::delivery::NewDelivery;
use domain::privacy::{PrivacyRequest, PrivacyTopic};
use storage::{NewPrivacyRequest, StoreError, Tenant};

use crate::app::App;

/// Writes down that the request is to be met. Returns whether it is new.
pub(crate) async fn note(
    app: &App,
    tenant: &Tenant,
    delivery: &NewDelivery,
    asked: &PrivacyRequest,
) -> Result<bool, StoreError> {
    let tombstones = match asked.topic {
        PrivacyTopic::CustomerRedact => asked.person.marks(),
        PrivacyTopic::DataRequest | PrivacyTopic::ShopRedact => Vec::new(),
    };
    let new = NewPrivacyRequest {
        delivery_id: delivery.id,
        connection_id: delivery.connection_id,
        topic: asked.topic,
        tombstones,
        requested_at: delivery.received_at,
        event: NewActivity {
            kind: ActivityKind::PrivacyRequested,
            subject: Some(("privacy_request".to_owned(), delivery.id.to_string())),
            message: format!("the store sent {}", asked.topic.as_str()),
            percent: None,
            at: app.now(),
        },
    };
    tenant.open_privacy_request(new, app.now()).await
}
