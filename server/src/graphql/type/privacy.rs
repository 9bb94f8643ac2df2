//! What stores ask about persons.

use async_graphql::{Enum, ID, SimpleObject};
use domain::privacy::StoredRequest;

use crate::graphql::scalar::{DateTime, JsonObject, Long};
use crate::reads::privacy::Proof;

/// A request of the store to erase a person, or all that is held of the store. It names nobody.
#[derive(SimpleObject, Debug)]
pub(crate) struct Erasure {
    /// The delivery that brought it.
    id: ID,
    /// What was asked: `customers/redact` or `shop/redact`.
    topic: String,
    /// Where it is.
    state: PrivacyState,
    /// The orders that it was found to be about.
    order_ids: Vec<ID>,
    /// Rows that were changed or removed, by table.
    tables: Vec<ErasedTable>,
    /// Why it is held.
    note: Option<String>,
    /// When it came.
    requested_at: DateTime,
    /// Until when it is to be done.
    due_at: DateTime,
    /// When it was done.
    completed_at: Option<DateTime>,
}

impl From<StoredRequest> for Erasure {
    fn from(request: StoredRequest) -> Self {
        let tables = request.counts.into_iter();
        Self {
            id: ID(request.id.to_string()),
            topic: request.topic.as_str().to_owned(),
            state: request.state.into(),
            order_ids: request.orders.into_iter().map(Into::into).collect(),
            tables: tables.map(|(table, rows)| ErasedTable { table, rows: count(rows) }).collect(),
            note: request.note,
            requested_at: request.requested_at.into(),
            due_at: request.due_at.into(),
            completed_at: request.completed_at.map(Into::into),
        }
    }
}

/// A request of the store to tell what is held on a person.
#[derive(SimpleObject, Debug)]
pub(crate) struct DataRequest {
    /// The delivery that brought it.
    id: ID,
    /// When it came.
    requested_at: DateTime,
    /// Until when the merchant is to have the answer.
    due_at: DateTime,
}

impl From<StoredRequest> for DataRequest {
    fn from(request: StoredRequest) -> Self {
        Self {
            id: ID(request.id.to_string()),
            requested_at: request.requested_at.into(),
            due_at: request.due_at.into(),
        }
    }
}

/// Everything that is held on the person of a request, as it was when it was asked for.
#[derive(SimpleObject, Debug)]
pub(crate) struct DataRequestExport {
    /// The request.
    pub(crate) id: ID,
    /// When it was looked.
    pub(crate) exported_at: DateTime,
    /// What is held: the person, their orders with every version of the POS orders and what plugins said, and the bodies of
    /// all deliveries that tell of them.
    pub(crate) data: JsonObject,
}

/// What was erased from one table.
#[derive(SimpleObject, Debug)]
pub(crate) struct ErasedTable {
    /// The table.
    table: String,
    /// Rows that were changed or removed.
    rows: Long,
}

/// Whether anything of an erased person is left, as looked at for this answer.
#[derive(SimpleObject, Debug)]
pub(crate) struct ErasureProof {
    /// The request.
    id: ID,
    /// When it was looked.
    checked_at: DateTime,
    /// Whether no table holds anything of the person.
    clean: bool,
    /// What was found, table by table.
    tables: Vec<ProvenTable>,
}

/// What a look into one table found.
#[derive(SimpleObject, Debug)]
pub(crate) struct ProvenTable {
    /// The table.
    table: String,
    /// Rows that were looked at.
    rows: Long,
    /// Rows that hold something of the person; 0 is what is to be proven.
    naming: Long,
}

impl From<Proof> for ErasureProof {
    fn from(proof: Proof) -> Self {
        let tables = proof.tables.into_iter().map(|looked| ProvenTable {
            table: looked.table.to_owned(),
            rows: count(looked.rows),
            naming: count(looked.naming),
        });
        let tables: Vec<ProvenTable> = tables.collect();
        Self {
            id: ID(proof.id.to_string()),
            checked_at: proof.checked_at.into(),
            clean: tables.iter().all(|table| table.naming.0 == 0),
            tables,
        }
    }
}

fn count(rows: u64) -> Long {
    Long(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// Where a request about a person is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::privacy::PrivacyState")]
pub(crate) enum PrivacyState {
    /// Not met yet.
    Open,
    /// Met.
    Done,
    /// Not met because what it asks for would be wrong now.
    Held,
}
