//! POS orders on their way to the business's own POS.

use domain::outbox::{OutboxEntry, OutboxState, PosEndpoint};
use domain::page::{Page, PageRequest};

use super::Reader;
use crate::error::Problem;

/// Where they are sent to.
pub(crate) async fn endpoint(reader: &Reader) -> Result<Option<PosEndpoint>, Problem> {
    Ok(reader.0.pos_endpoint().await?)
}

/// A page of them.
pub(crate) async fn page(
    reader: &Reader,
    state: Option<OutboxState>,
    request: &PageRequest,
) -> Result<Page<OutboxEntry>, Problem> {
    Ok(reader.0.outbox(state, request).await?)
}
