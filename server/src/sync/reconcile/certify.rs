//! Certificates: the shell around [`domain::reconcile::certificate`]. One is made a page at a time, as a reconciliation is.

use std::collections::BTreeMap;

use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::{Failure, backoff};
use domain::id::{CertificateId, ExternalId};
use domain::reconcile::certificate::{Account, Bytes, Certificate, account, check_period};
use domain::reconcile::{ATTEMPTS_MAX, Cause, RunState, Window, check_order, unseen};
use domain::refined::ObjectType;
use domain::time::Timestamp;
use sha2::{Digest, Sha256};
use storage::{HeldBytes, StoreError};

use super::{TAKEN, heard, window_now};
use crate::app::App;
use crate::error::Problem;
use crate::providers::HeadPage;
use crate::tokens;

/// The schedule of certificates; it ends with them.
pub(crate) const CERTIFY: &str = "certify";

/// Objects that may be held and unlisted in the span of one page; more are not looked at, and none of them is certified.
const SURPLUS_MAX: u32 = 5_000;

/// Begins to make a certificate, or joins the same one that is being made.
pub(crate) async fn begin(
    app: &App,
    connection: &Connection,
    kind: ObjectType,
    period: (Timestamp, Timestamp),
    created_by: &str,
) -> Result<Certificate, Problem> {
    let now = app.now();
    check_period(period, now)
        .map_err(|invalid| Problem::input("input.from", invalid.to_string()))?;
    let id = CertificateId::new(now, &app.entropy());
    let subject = (connection.id, kind);
    let new = Certificate::begin(id, subject, period, created_by.to_owned(), now);
    let made = app.storage.tenant(connection.business_id).begin_certificate(new).await?;
    if (made.kind, made.from, made.until) != (kind, period.0, period.1) {
        let text = "another certificate of the store is being made";
        return Err(Problem::new(Code::Conflict, text));
    }
    wake(app, connection).await?;
    Ok(made)
}

/// Has a certificate that is to be made, if there is one, made at once.
pub(crate) async fn wake(app: &App, connection: &Connection) -> Result<(), StoreError> {
    let tenant = app.storage.tenant(connection.business_id);
    if tenant.running_certificate(connection.id).await?.is_some() {
        tenant.ensure_schedule(CERTIFY, connection.id, app.now()).await?;
        app.storage.hints().wake_workers();
    }
    Ok(())
}

/// Goes on with the certificate that is being made. Gives the time of the next page; none where there is none.
pub(crate) async fn tick(app: &App, connection: &Connection) -> Option<Timestamp> {
    let tenant = app.storage.tenant(connection.business_id);
    let certificate = match tenant.running_certificate(connection.id).await {
        Ok(certificate) => certificate?,
        Err(error) => {
            tracing::error!(failure = %Failure::from(&error), "certificate could not be read");
            return Some(app.now() + TAKEN);
        }
    };
    let (next, wait) = match page(app, connection, certificate.clone()).await {
        Ok(next) => (next, None),
        Err(failure) => failed(app, connection, certificate, failure),
    };
    let ended = next.state != RunState::Running;
    match tenant.advance_certificate(next).await {
        Ok(()) if ended => None,
        Ok(()) => Some(app.now() + wait.unwrap_or_default()),
        Err(error) => {
            tracing::warn!(failure = %Failure::from(&error), "certificate could not be noted");
            Some(app.now() + TAKEN)
        }
    }
}

fn failed(
    app: &App,
    connection: &Connection,
    mut certificate: Certificate,
    failure: Failure,
) -> (Certificate, Option<std::time::Duration>) {
    tracing::warn!(shop = connection.shop, %failure, "certificate interrupted");
    certificate.attempts += 1;
    let hopeless = matches!(failure.code, Code::ReauthRequired | Code::MissingScope);
    certificate.failure = Some(failure);
    if hopeless || certificate.attempts >= ATTEMPTS_MAX {
        certificate.state = RunState::Failed;
        certificate.finished_at = Some(app.now());
    }
    let wait = backoff(certificate.attempts, u64::from_le_bytes(app.random_bytes()));
    (certificate, wait)
}

/// Accounts for the next page of the store's list, and for what is held of its span besides.
async fn page(
    app: &App,
    connection: &Connection,
    mut certificate: Certificate,
) -> Result<Certificate, Failure> {
    (certificate.attempts, certificate.failure) = (0, None);
    if certificate.after.is_none() {
        check_shown(app, connection, &certificate).await?;
    }
    let page = read(app, connection, &certificate).await?;
    check_order(certificate.after, &page.heads)?;
    let last = page.heads.last().map(|head| head.id);
    let empty = || Failure::new(Code::UpstreamUnavailable, "the list goes on after an empty page");
    let until = if page.is_last { None } else { Some(last.ok_or_else(empty)?) };
    let accounts = accounts(app, connection, &certificate, &page, until).await;
    let accounts = accounts.map_err(|error| Failure::from(&error))?;
    for head in &page.heads {
        certificate.accounts.listed += 1;
        certificate.store_digest = chained(&certificate.store_digest, head.id);
    }
    for (id, (account, cause)) in accounts {
        if account.is_settled() || account == Account::Surplus {
            certificate.held_digest = chained(&certificate.held_digest, id);
        }
        certificate.take(id, account, &cause);
    }
    certificate.after = last.or(certificate.after);
    if page.is_last {
        (certificate.state, certificate.finished_at) = (RunState::Done, Some(app.now()));
    }
    Ok(certificate)
}

/// Refuses a period of which the store does not show everything: its list would prove nothing.
async fn check_shown(
    app: &App,
    connection: &Connection,
    certificate: &Certificate,
) -> Result<(), Failure> {
    let window = window_now(app, connection, certificate.kind).await?;
    match window.from.filter(|from| certificate.from < *from) {
        None => Ok(()),
        Some(from) => {
            let kind = certificate.kind.as_str();
            let detail = format!("the token shows {kind}s made from {from} on only");
            Err(Failure::new(Code::MissingScope, detail))
        }
    }
}

async fn read(
    app: &App,
    connection: &Connection,
    certificate: &Certificate,
) -> Result<HeadPage, Failure> {
    let provider = app.providers.get(&connection.provider)?;
    let access = tokens::access(app, connection).await?;
    let made = (Some(certificate.from), Some(certificate.until));
    let page = provider.heads(&access, certificate.kind, made, certificate.after).await;
    heard(app, connection, &access, page).await
}

/// How each object of the page is accounted for, and each that is held of its span and not listed.
async fn accounts(
    app: &App,
    connection: &Connection,
    certificate: &Certificate,
    page: &HeadPage,
    until: Option<ExternalId>,
) -> Result<BTreeMap<ExternalId, (Account, Cause)>, StoreError> {
    let (tenant, kind) = (app.storage.tenant(connection.business_id), certificate.kind);
    let ids: Vec<ExternalId> = page.heads.iter().map(|head| head.id).collect();
    let held = tenant.held_of(kind, &ids).await?;
    let stored = tenant.held_bytes(kind, &ids).await?;
    let traces = tenant.open_deliveries(kind, &ids).await?;
    let now = app.now();
    let bytes = |id| match stored.get(id) {
        Some(HeldBytes::Stored { hash, body }) if Sha256::digest(body)[..] == hash[..] => {
            Bytes::Whole
        }
        Some(HeldBytes::Stored { .. }) => Bytes::Altered,
        Some(HeldBytes::Erased) => Bytes::Erased,
        Some(HeldBytes::Absent) | None => Bytes::Absent,
    };
    let mut found: BTreeMap<_, _> = BTreeMap::new();
    for head in &page.heads {
        let held = held.get(&head.id).map(|held| (held, bytes(&head.id)));
        let of_object = traces.get(&head.id).map(Vec::as_slice).unwrap_or_default();
        found.insert(head.id, account(head, held, of_object, now));
    }
    let window = Window { from: Some(certificate.from), until: certificate.until };
    let range = (certificate.after, until);
    let between = tenant.held_between((connection.id, kind), &window, range, SURPLUS_MAX).await?;
    let surplus = unseen(&window, &page.heads, &between);
    found.extend(surplus.iter().map(|held| (held.id, (Account::Surplus, Cause::NeverReceived))));
    Ok(found)
}

/// The digest of a set of ids with one more, whatever pages they came in.
fn chained(digest: &[u8; 32], id: ExternalId) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(digest);
    hasher.update(id.0.to_be_bytes());
    hasher.finalize().into()
}
