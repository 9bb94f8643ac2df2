//! What a document costs, by the rule that the client knows as well: objects one point, scalars and amounts none,
//! connections by the logarithm of their size, mutations ten.

use async_graphql::parser::types::{Field, OperationDefinition, OperationType, SelectionSet};
use serde_json::Value;
use shopify::cost::{CONNECTION_COST, MUTATION_COST, connection_factor};

use super::project::{DocumentError, Projection, is_connection};

/// The most that the operation can cost.
pub(super) fn requested<'a>(
    projection: &Projection<'a>,
    operation: &'a OperationDefinition,
) -> Result<u64, DocumentError> {
    if operation.ty == OperationType::Mutation {
        return Ok(u64::from(MUTATION_COST));
    }
    of_set(projection, &operation.selection_set.node)
}

fn of_set<'a>(
    projection: &Projection<'a>,
    set: &'a SelectionSet,
) -> Result<u64, DocumentError> {
    let fields = projection.fields(set, None)?;
    fields.into_iter().map(|field| of_field(projection, field)).sum()
}

fn of_field<'a>(projection: &Projection<'a>, field: &'a Field) -> Result<u64, DocumentError> {
    let set = &field.selection_set.node;
    if set.items.is_empty() {
        return Ok(0);
    }
    if is_free(field.name.node.as_str()) {
        return Ok(0);
    }
    if !is_connection(field) {
        return Ok(1 + of_set(projection, set)?);
    }
    let first = projection.arguments(field).get("first").and_then(Value::as_u64).unwrap_or(0);
    let factor = connection_factor(u32::try_from(first).unwrap_or(u32::MAX));
    let mut node = 0;
    for part in projection.fields(set, None)? {
        node += match part.name.node.as_str() {
            "nodes" | "edges" => 1 + of_set(projection, &part.selection_set.node)?,
            _ => 0,
        };
    }
    Ok(u64::from(CONNECTION_COST) + u64::from(factor) * node)
}

/// Whether a field is of a type without an identity of its own. The schema is not at hand here; these are the names
/// under which the documents that we know select such types.
fn is_free(name: &str) -> bool {
    name.ends_with("Set") || matches!(name, "shopMoney" | "presentmentMoney" | "pageInfo" | "price")
}

/// What an answer did cost: its objects.
pub(super) fn actual(operation: &OperationDefinition, answer: &Value) -> u64 {
    match operation.ty {
        OperationType::Mutation => u64::from(MUTATION_COST),
        _ => objects(answer),
    }
}

fn objects(value: &Value) -> u64 {
    match value {
        Value::Object(fields) => {
            let inner = fields.iter().filter(|(name, _)| !is_free(name)).map(|(_, value)| value);
            inner.map(|value| u64::from(value.is_object()) + objects(value)).sum()
        }
        Value::Array(items) => items.iter().map(objects).sum(),
        _ => 0,
    }
}
