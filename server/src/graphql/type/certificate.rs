//! Certificates that everything of a period is accounted for.

use async_graphql::{Enum, ID, SimpleObject};
use domain::code::Code;
use domain::reconcile::RunState;
use domain::reconcile::certificate as kept;

use super::ErrorCode;
use super::pos_order::hex;
use super::reconcile::{Resource, long};
use crate::graphql::scalar::{DateTime, Long};

/// Proof that each object which the store made in a period is accounted for, or the list of those that are not.
#[derive(SimpleObject, Debug)]
pub(crate) struct Certificate {
    /// Its id.
    id: ID,
    /// Of which store.
    connection_id: ID,
    /// About what.
    resource: Resource,
    /// Objects made from then on.
    from: DateTime,
    /// Objects made before.
    to: DateTime,
    /// Whether it is finished.
    state: CertificateState,
    /// What it says; null until it is finished.
    verdict: Option<CertificateVerdict>,
    /// Objects in the store's list.
    listed: Long,
    /// Those that are held in the store's version, with the bytes that they were refined from.
    stored: Long,
    /// Those that are held in the store's version, and whose bytes a person was taken out of on request. The hash of what
    /// came is still theirs.
    erased: Long,
    /// Those that were refused, with a reason.
    refused: Long,
    /// Those that nothing that was received accounts for.
    missing: Long,
    /// Those that are held in an older version.
    stale: Long,
    /// Those of which a delivery waits.
    waiting: Long,
    /// Those whose delivery is not stored any more.
    bytes_missing: Long,
    /// Those whose delivery holds other bytes than came.
    bytes_altered: Long,
    /// Objects that are held and not in the store's list.
    surplus: Long,
    /// The digest of the ids in the store's list: SHA-256 of the digest of those before and the next id as eight bytes, from
    /// 32 zero bytes on, in the order of the ids.
    store_digest: String,
    /// The same of the ids that are accounted for here. Equal to the store's where the sets are.
    held_digest: String,
    /// The first 100 objects that are not simply stored.
    entries: Vec<CertificateEntry>,
    /// The stable name of why the last attempt to make it failed.
    code: Option<ErrorCode>,
    /// Why the last attempt failed.
    detail: Option<String>,
    /// Who asked for it.
    created_by: String,
    /// When.
    created_at: DateTime,
    /// When it was finished.
    finished_at: Option<DateTime>,
}

impl From<kept::Certificate> for Certificate {
    fn from(certificate: kept::Certificate) -> Self {
        let verdict = certificate.verdict();
        let accounts = certificate.accounts;
        let (code, detail) = certificate.failure.map(|it| (it.code, it.detail)).unzip();
        Self {
            id: certificate.id.into(),
            connection_id: certificate.connection_id.into(),
            resource: certificate.kind.into(),
            from: certificate.from.into(),
            to: certificate.until.into(),
            state: match certificate.state {
                RunState::Running | RunState::WaitingForApproval => CertificateState::Running,
                RunState::Done => CertificateState::Done,
                RunState::Failed | RunState::Superseded => CertificateState::Failed,
            },
            verdict: verdict.map(Into::into),
            listed: long(accounts.listed),
            stored: long(accounts.stored),
            erased: long(accounts.erased),
            refused: long(accounts.refused),
            missing: long(accounts.missing),
            stale: long(accounts.stale),
            waiting: long(accounts.waiting),
            bytes_missing: long(accounts.bytes_missing),
            bytes_altered: long(accounts.bytes_altered),
            surplus: long(accounts.surplus),
            store_digest: hex(&certificate.store_digest),
            held_digest: hex(&certificate.held_digest),
            entries: certificate.entries.iter().filter_map(CertificateEntry::read).collect(),
            code: code.map(Into::into),
            detail,
            created_by: certificate.created_by,
            created_at: certificate.created_at.into(),
            finished_at: certificate.finished_at.map(Into::into),
        }
    }
}

/// An object that is not simply stored.
#[derive(SimpleObject, Debug)]
pub(crate) struct CertificateEntry {
    /// The store's id of it.
    object_id: ID,
    /// How it is accounted for.
    account: CertificateAccount,
    /// The delivery that was refused, that waits, or whose bytes are not as they came.
    delivery_id: Option<ID>,
    /// The stable name of why it was refused.
    code: Option<ErrorCode>,
}

impl CertificateEntry {
    /// One of a word that is not known any more is left out: the counts have it.
    fn read(entry: &kept::Entry) -> Option<Self> {
        let code = entry.code.as_deref().and_then(Code::parse);
        Some(Self {
            object_id: entry.object_id.into(),
            account: kept::Account::parse(&entry.account)?.into(),
            delivery_id: entry.delivery_id.map(Into::into),
            code: code.map(Into::into),
        })
    }
}

/// Whether a certificate is finished.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CertificateState {
    /// It is being made.
    Running,
    /// It is finished.
    Done,
    /// It could not be made.
    Failed,
}

/// What a certificate says.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "kept::Verdict")]
pub(crate) enum CertificateVerdict {
    /// Every object is accounted for.
    Complete,
    /// Some are not.
    Incomplete,
}

/// How an object is accounted for.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "kept::Account")]
pub(crate) enum CertificateAccount {
    /// Held in the store's version, with the bytes that it was refined from.
    Stored,
    /// Held in the store's version; a person was taken out of its bytes on request.
    Erased,
    /// Refused, with a reason.
    Refused,
    /// The store has it, and nothing that was received accounts for it.
    Missing,
    /// Held in an older version than the store's.
    Stale,
    /// A delivery of it waits.
    Waiting,
    /// Held, but the delivery that it was refined from is not stored any more.
    BytesMissing,
    /// Held, but the delivery that it was refined from holds other bytes than came.
    BytesAltered,
    /// Held, and not in the store's list.
    Surplus,
}
