//! A small GraphQL executor: it projects a document's selections onto objects that were rendered whole.
//!
//! Objects are JSON with the real schema's field names and a `__typename`. A connection is an array; its arguments and
//! the fields `nodes`, `edges` and `pageInfo` work on it as the store's do. What an object does not have is refused in
//! the store's words, so that a document with a wrong field fails here as it would there.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned};
use async_graphql_value::{ConstValue, Value as Literal};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use shopify::cost::PAGE_SIZE_MAX;

/// Arguments of a field, with variables put in.
pub(super) type Arguments = Map<String, Value>;

/// What a list is sorted by: a time and an id, or a place alone.
pub(super) type Key = (i64, i64);

/// An error of the document, as the store words it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DocumentError(pub(super) String);

/// What a document asks for, ready to be projected.
pub(super) struct Projection<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Map<String, Value>,
}

impl<'a> Projection<'a> {
    /// Prepares the only operation of a document.
    pub(super) fn new(
        document: &'a ExecutableDocument,
        variables: &'a Map<String, Value>,
    ) -> Result<(Self, &'a OperationDefinition), DocumentError> {
        let mut operations = document.operations.iter().map(|(_, operation)| &operation.node);
        let (Some(operation), None) = (operations.next(), operations.next()) else {
            return Err(DocumentError("An operation name is required".to_owned()));
        };
        Ok((Self { fragments: &document.fragments, variables }, operation))
    }

    /// The fields that a selection set asks of an object of `typename`, fragments resolved. With no type, those of all
    /// fragments.
    pub(super) fn fields(
        &self,
        set: &'a SelectionSet,
        typename: Option<&str>,
    ) -> Result<Vec<&'a Field>, DocumentError> {
        let mut fields = Vec::new();
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => fields.push(&field.node),
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    let fits = condition.zip(typename).is_none_or(|(on, is)| on.node.on.node == is);
                    if fits {
                        fields.extend(self.fields(&inline.node.selection_set.node, typename)?);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let set = self.fragment(&spread.node.fragment_name.node)?;
                    fields.extend(self.fields(set, typename)?);
                }
            }
        }
        Ok(fields)
    }

    /// What a fragment selects.
    pub(super) fn fragment(&self, name: &Name) -> Result<&'a SelectionSet, DocumentError> {
        let fragment = self
            .fragments
            .get(name)
            .ok_or_else(|| DocumentError(format!("Fragment {name} was used, but not defined")))?;
        Ok(&fragment.node.selection_set.node)
    }

    /// A field's arguments; a variable that was not given is left out.
    pub(super) fn arguments(&self, field: &Field) -> Arguments {
        self.given(&field.arguments)
    }

    fn given(&self, arguments: &[(Positioned<Name>, Positioned<Literal>)]) -> Arguments {
        let argument = |(name, value): &(Positioned<Name>, Positioned<Literal>)| {
            let given = |variable: Name| {
                let value = self.variables.get(variable.as_str()).cloned().unwrap_or_default();
                ConstValue::from_json(value)
            };
            let value = value.node.clone().into_const_with(given).ok()?.into_json().ok()?;
            Some((name.node.to_string(), value))
        };
        arguments.iter().filter_map(argument).collect()
    }

    /// The arguments of a directive that stands on a field; none where it does not.
    pub(super) fn directive(&self, field: &Field, name: &str) -> Option<Arguments> {
        let found = field.directives.iter().find(|directive| directive.node.name.node == name)?;
        Some(self.given(&found.node.arguments))
    }

    /// Projects `set` onto an object, a list of objects, or a scalar.
    pub(super) fn project(
        &self,
        set: &'a SelectionSet,
        value: &Value,
    ) -> Result<Value, DocumentError> {
        match value {
            Value::Object(object) => self.project_object(set, object),
            Value::Array(items) => items.iter().map(|item| self.project(set, item)).collect(),
            scalar => Ok(scalar.clone()),
        }
    }

    fn project_object(
        &self,
        set: &'a SelectionSet,
        object: &Map<String, Value>,
    ) -> Result<Value, DocumentError> {
        let typename = object.get("__typename").and_then(Value::as_str).unwrap_or_default();
        let mut projected = Map::new();
        for field in self.fields(set, Some(typename))? {
            let name = field.name.node.as_str();
            let value = object.get(name).ok_or_else(|| {
                DocumentError(format!("Field '{name}' doesn't exist on type '{typename}'"))
            })?;
            let value = match value {
                Value::Array(items) if is_connection(field) => self.connection(field, items)?,
                value => self.project(&field.selection_set.node, value)?,
            };
            projected.insert(field.response_key().node.to_string(), value);
        }
        Ok(Value::Object(projected))
    }

    /// A page of a list that stands within an object. Such lists only grow at their end, so places are good cursors.
    fn connection(&self, field: &'a Field, items: &[Value]) -> Result<Value, DocumentError> {
        self.page(field, &places(items.len()), |place| items[place].clone())
    }

    /// A page of a list of which `keys` are the sort keys, in order; `render` makes the object at a place. Cursors are
    /// keys, so that a page begins where it should also after objects have moved in the list.
    pub(super) fn page(
        &self,
        field: &'a Field,
        keys: &[Key],
        render: impl Fn(usize) -> Value,
    ) -> Result<Value, DocumentError> {
        let arguments = self.arguments(field);
        let first = page_size(field, &arguments)?;
        let start = match arguments.get("after").and_then(Value::as_str) {
            Some(cursor) => {
                let invalid = || "Invalid cursor for current pagination sort.".to_owned();
                let after = key_of(cursor).ok_or_else(|| DocumentError(invalid()))?;
                keys.partition_point(|key| *key <= after)
            }
            None => 0,
        };
        let end = keys.len().min(start.saturating_add(first));
        let nodes: Vec<(String, Value)> =
            (start..end).map(|place| (cursor_of(keys[place]), render(place))).collect();
        let page_info = json!({
            "__typename": "PageInfo",
            "hasNextPage": end < keys.len(),
            "hasPreviousPage": start > 0,
            "startCursor": nodes.first().map(|(cursor, _)| cursor),
            "endCursor": nodes.last().map(|(cursor, _)| cursor),
        });
        let mut projected = Map::new();
        for part in self.fields(&field.selection_set.node, None)? {
            let set = &part.selection_set.node;
            let value = match part.name.node.as_str() {
                "nodes" => {
                    let nodes = nodes.iter().map(|(_, node)| self.project(set, node));
                    nodes.collect::<Result<_, _>>()?
                }
                "edges" => {
                    let edges = nodes.iter().map(|node| self.edge(set, node));
                    edges.collect::<Result<_, _>>()?
                }
                "pageInfo" => self.project(set, &page_info)?,
                name => {
                    let message = format!("Field '{name}' doesn't exist on a connection");
                    return Err(DocumentError(message));
                }
            };
            projected.insert(part.response_key().node.to_string(), value);
        }
        Ok(Value::Object(projected))
    }

    fn edge(
        &self,
        set: &'a SelectionSet,
        (cursor, node): &(String, Value),
    ) -> Result<Value, DocumentError> {
        self.project(set, &json!({ "__typename": "Edge", "cursor": cursor, "node": node }))
    }
}

/// Keys of a list of which nothing is known but its order.
pub(super) fn places(length: usize) -> Vec<Key> {
    (0..length).map(|place| (i64::try_from(place).unwrap_or(i64::MAX), 0)).collect()
}

fn cursor_of((first, second): Key) -> String {
    STANDARD.encode(format!("{first} {second}"))
}

fn key_of(cursor: &str) -> Option<Key> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let (first, second) = text.split_once(' ')?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

fn page_size(field: &Field, arguments: &Arguments) -> Result<usize, DocumentError> {
    let name = &field.name.node;
    let first = arguments.get("first").and_then(Value::as_u64).ok_or_else(|| {
        DocumentError(format!("you must provide one of first or last on '{name}'"))
    })?;
    if first > u64::from(PAGE_SIZE_MAX) {
        return Err(DocumentError(format!("first on '{name}' cannot exceed {PAGE_SIZE_MAX}")));
    }
    Ok(usize::try_from(first).unwrap_or(usize::MAX))
}

/// Whether a field asks for a connection and not for a plain list.
pub(super) fn is_connection(field: &Field) -> bool {
    field.selection_set.node.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => {
            matches!(field.node.name.node.as_str(), "nodes" | "edges" | "pageInfo")
        }
        _ => false,
    })
}
