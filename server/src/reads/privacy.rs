//! What stores ask about persons, and the proof that it was done.

use domain::id::DeliveryId;
use domain::page::{Page, PageRequest};
use domain::privacy::{MarkKind, PrivacyTopic, StoredRequest};
use domain::time::Timestamp;
use serde_json::{Map, Value};
use storage::Looked;

use super::Reader;
use crate::app::App;
use crate::error::Problem;
use crate::privacy::bodies_naming;

/// What a look for an erased person found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Proof {
    pub(crate) id: DeliveryId,
    pub(crate) checked_at: Timestamp,
    pub(crate) tables: Vec<Looked>,
}

/// A page of requests to erase.
pub(crate) async fn erasures(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<StoredRequest>, Problem> {
    let topics = [PrivacyTopic::CustomerRedact, PrivacyTopic::ShopRedact];
    Ok(reader.0.privacy_requests(&topics, request).await?)
}

/// A page of requests to tell what is held on a person.
pub(crate) async fn data_requests(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<StoredRequest>, Problem> {
    Ok(reader.0.privacy_requests(&[PrivacyTopic::DataRequest], request).await?)
}

/// All that is held on the person of a request.
pub(crate) async fn export(
    app: &App,
    reader: &Reader,
    id: DeliveryId,
) -> Result<Option<Map<String, Value>>, Problem> {
    crate::privacy::export(app, &reader.0, id).await
}

/// Looks for whomever a request had erased.
pub(crate) async fn proof(
    app: &App,
    reader: &Reader,
    id: DeliveryId,
) -> Result<Option<Proof>, Problem> {
    let tenant = &reader.0;
    let found = tenant.privacy_request(id).await?;
    let Some(request) = found.filter(|found| found.topic != PrivacyTopic::DataRequest) else {
        return Ok(None);
    };
    let checked_at = app.now();
    if request.topic == PrivacyTopic::ShopRedact {
        let mut tables = tenant.look_for_shop(request.connection_id).await?;
        tables.sort_by_key(|looked| looked.table);
        return Ok(Some(Proof { id, checked_at, tables }));
    }
    let tombstones = tenant.tombstones_of_request(id).await?;
    let mut tables = tenant
        .look_for_person(&request.orders, request.requested_at, |marks| {
            // The number of an order names no person.
            let marks = marks.iter().filter(|mark| mark.kind != MarkKind::Order);
            let marks: Vec<_> = marks.cloned().collect();
            tombstones.name(request.connection_id, &marks, None)
        })
        .await?;
    tables.push(bodies_naming(app, tenant, request.connection_id, &tombstones).await?);
    tables.sort_by_key(|looked| looked.table);
    Ok(Some(Proof { id, checked_at, tables }))
}
