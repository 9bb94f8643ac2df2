//! What a document costs, by the rule that the client knows as well: objects one point, scalars, amounts and page
//! information none, connections by the logarithm of their size, mutations ten. Of alternatives only the dearest counts.

use async_graphql::parser::types::{
    Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use serde_json::Value;
use shopify::cost::{CONNECTION_COST, MUTATION_COST, connection_factor};

use super::project::{DocumentError, Projection, is_connection};

/// The most that the operation can cost.
pub(super) fn requested<'a>(
    projection: &Projection<'a>,
    operation: &'a OperationDefinition,
) -> Result<u64, DocumentError> {
    of_operation(projection, operation, None)
}

/// What an operation did cost: the rule applied to what there was rather than to what was asked for, so it is never
/// more than [`requested`].
pub(super) fn actual<'a>(
    projection: &Projection<'a>,
    operation: &'a OperationDefinition,
    data: &Value,
) -> Result<u64, DocumentError> {
    of_operation(projection, operation, Some(data))
}

fn of_operation<'a>(
    projection: &Projection<'a>,
    operation: &'a OperationDefinition,
    data: Option<&Value>,
) -> Result<u64, DocumentError> {
    let set = &operation.selection_set.node;
    if operation.ty == OperationType::Mutation {
        let mutations = projection.fields(set, None)?.len();
        return Ok(u64::from(MUTATION_COST) * u64::try_from(mutations).unwrap_or(u64::MAX));
    }
    of_set(projection, set, data)
}

/// `object` is what the set was answered with; without it, the most that it can cost is computed.
fn of_set<'a>(
    projection: &Projection<'a>,
    set: &'a SelectionSet,
    object: Option<&Value>,
) -> Result<u64, DocumentError> {
    let (mut total, mut dearest) = (0, 0);
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => total += of_field(projection, &field.node, object)?,
            Selection::InlineFragment(inline) => {
                let inner = of_set(projection, &inline.node.selection_set.node, object)?;
                dearest = inner.max(dearest);
            }
            Selection::FragmentSpread(spread) => {
                let fragment = projection.fragment(&spread.node.fragment_name.node)?;
                total += of_set(projection, fragment, object)?;
            }
        }
    }
    Ok(total + dearest)
}

fn of_field<'a>(
    projection: &Projection<'a>,
    field: &'a Field,
    object: Option<&Value>,
) -> Result<u64, DocumentError> {
    let set = &field.selection_set.node;
    if set.items.is_empty() || is_free(field.name.node.as_str()) {
        return Ok(0);
    }
    let answer = object.map(|object| &object[field.response_key().node.as_str()]);
    match answer {
        Some(Value::Null) => Ok(0),
        _ if is_connection(field) => of_connection(projection, field, answer),
        // A list counts as its dearest item, in what is requested and so in what is spent.
        Some(Value::Array(items)) => {
            let costs = items.iter().map(|item| of_set(projection, set, Some(item)));
            Ok(1 + dearest(costs)?)
        }
        answer => Ok(1 + of_set(projection, set, answer)?),
    }
}

fn of_connection<'a>(
    projection: &Projection<'a>,
    field: &'a Field,
    answer: Option<&Value>,
) -> Result<u64, DocumentError> {
    let asked = projection.arguments(field).get("first").and_then(Value::as_u64).unwrap_or(0);
    let (mut size, mut node) = (asked, 0);
    for part in projection.fields(&field.selection_set.node, None)? {
        if !matches!(part.name.node.as_str(), "nodes" | "edges") {
            continue;
        }
        let set = &part.selection_set.node;
        let items = answer.map(|answer| &answer[part.response_key().node.as_str()]);
        node += match items.and_then(Value::as_array) {
            Some(items) => {
                size = u64::try_from(items.len()).unwrap_or(u64::MAX).min(asked);
                1 + dearest(items.iter().map(|item| of_set(projection, set, Some(item))))?
            }
            None => 1 + of_set(projection, set, None)?,
        };
    }
    let factor = connection_factor(u32::try_from(size).unwrap_or(u32::MAX));
    Ok(u64::from(CONNECTION_COST) + u64::from(factor) * node)
}

fn dearest(
    mut costs: impl Iterator<Item = Result<u64, DocumentError>>,
) -> Result<u64, DocumentError> {
    costs.try_fold(0, |dearest, cost| Ok(cost?.max(dearest)))
}

/// Whether a field is of a type without an identity of its own. The schema is not at hand here; these are the names
/// under which the documents that we know select such types.
fn is_free(name: &str) -> bool {
    name.ends_with("Set") || matches!(name, "shopMoney" | "presentmentMoney" | "pageInfo" | "price")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shopify::cost::REQUESTED_COST_MAX;
    use shopify::operation::ALL;

    use super::*;

    const DOCUMENT: &str = "query Q($n: Int!) { orders(first: $n) { nodes { id totalPriceSet { shopMoney { amount } }
        customer { id } lines: lineItems(first: 50) { nodes { variant { id } } pageInfo { hasNextPage } }
        refunds { id } about { ... on A { one { id } two { id } } ... on B { one { id } } } } pageInfo { endCursor } } }";

    fn costs(document: &str, variables: &Value, data: Option<&Value>) -> u64 {
        let document = async_graphql::parser::parse_query(document).unwrap();
        let variables = variables.as_object().unwrap();
        let (projection, operation) = Projection::new(&document, variables).unwrap();
        of_operation(&projection, operation, data).unwrap()
    }

    #[test]
    fn the_rule_is_the_clients() {
        // A customer, lines of 2 + 7 * (1 + 1), refunds, and the dearer of two abouts, four times for ten orders.
        let node = 1 + 1 + (2 + 7 * 2) + 1 + (1 + 2);
        assert_eq!(costs(DOCUMENT, &json!({ "n": 10 }), None), 2 + 4 * node);
        assert_eq!(costs("mutation { a { b } c { d } }", &json!({}), None), 20);
    }

    #[test]
    fn what_is_spent_is_no_more_than_what_was_asked_for() {
        let line = json!({ "variant": { "id": 1 } });
        let order = json!({
            "customer": null,
            "lines": { "nodes": [line, line, line], "pageInfo": { "hasNextPage": false } },
            "refunds": [{ "id": 1 }, { "id": 2 }],
            "about": { "one": { "id": 1 }, "two": { "id": 2 } },
        });
        let data = json!({ "orders": { "nodes": [order], "pageInfo": {} } });
        let node = 1 + (2 + 2 * 2) + 1 + (1 + 2);
        assert_eq!(costs(DOCUMENT, &json!({ "n": 10 }), Some(&data)), 2 + node);
        let empty = json!({ "orders": { "nodes": [] } });
        assert_eq!(costs(DOCUMENT, &json!({ "n": 10 }), Some(&empty)), 2);
    }

    #[test]
    fn every_document_of_the_client_can_be_paid() {
        for described in ALL {
            let sizes =
                described.sizes.iter().map(|(name, size)| ((*name).to_owned(), json!(size)));
            let cost = costs(described.document, &Value::Object(sizes.collect()), None);
            assert!(cost <= u64::from(REQUESTED_COST_MAX), "{}: {cost}", described.name);
        }
    }
}
