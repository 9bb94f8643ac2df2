//! What comparisons with the store found.

use domain::id::{CertificateId, ReconciliationId};
use domain::page::{Page, PageRequest};
use domain::reconcile::certificate::Certificate;
use domain::reconcile::{Drift, Reconciliation};

use super::Reader;
use crate::error::Problem;

/// A page of reconciliations, the newest first.
pub(crate) async fn page(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<Reconciliation>, Problem> {
    Ok(reader.0.reconciliations(request).await?)
}

/// A reconciliation.
pub(crate) async fn one(
    reader: &Reader,
    id: ReconciliationId,
) -> Result<Option<Reconciliation>, Problem> {
    Ok(reader.0.reconciliation(id).await?)
}

/// A page of what a reconciliation found to differ, by id.
pub(crate) async fn drift(
    reader: &Reader,
    id: ReconciliationId,
    request: &PageRequest,
) -> Result<Page<Drift>, Problem> {
    Ok(reader.0.drift(id, request).await?)
}

/// A page of certificates, the newest first.
pub(crate) async fn certificates(
    reader: &Reader,
    request: &PageRequest,
) -> Result<Page<Certificate>, Problem> {
    Ok(reader.0.certificates(request).await?)
}

/// A certificate.
pub(crate) async fn certificate(
    reader: &Reader,
    id: CertificateId,
) -> Result<Option<Certificate>, Problem> {
    Ok(reader.0.certificate(id).await?)
}
