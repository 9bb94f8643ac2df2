//! Responses as the specification has them.
//!
//! The library gives a response's fields in the order in which they were done, and leaves out those that failed.
//! Clients are promised the order of the document, and null for a field that failed; some read by it.

use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
    SelectionSet,
};
use async_graphql::{Data, Executor, Name, PathSegment, Request, Response, Value};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

/// An executor whose responses are in order and whole.
#[derive(Clone, Debug)]
pub(crate) struct Orderly<E>(pub(crate) E);

impl<E: Executor> Executor for Orderly<E> {
    async fn execute(&self, mut request: Request) -> Response {
        let shape = Shape::of(&mut request);
        let mut response = self.0.execute(request).await;
        shape.restore(&mut response);
        response
    }

    fn execute_stream(
        &self,
        mut request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let shape = Shape::of(&mut request);
        let responses = self.0.execute_stream(request, session);
        let restored = responses.map(move |mut response| {
            shape.restore(&mut response);
            response
        });
        restored.boxed()
    }
}

/// What an operation asks for: its fields in order, under the names that the response has for them.
#[derive(Default, Debug)]
struct Shape {
    fields: Fields,
    /// Whether a field at the root that failed is null. The one of a subscription is not: there the whole response is.
    has_nullable_root: bool,
}

#[derive(Default, Debug)]
struct Fields(IndexMap<Name, Fields>);

impl Shape {
    /// Of the operation that will run; of none where the document will be refused.
    fn of(request: &mut Request) -> Self {
        let name = request.operation_name.take();
        let shape = request.parsed_query().ok().and_then(|document| {
            let operation = chosen(document, name.as_deref())?;
            let mut fields = Fields::default();
            fields.add(&operation.selection_set.node, document, &mut Vec::new());
            let has_nullable_root = operation.ty != OperationType::Subscription;
            Some(Self { fields, has_nullable_root })
        });
        request.operation_name = name;
        shape.unwrap_or_default()
    }

    fn restore(&self, response: &mut Response) {
        let has_data = response.data != Value::Null;
        for error in &response.errors {
            if has_data || self.has_nullable_root {
                fill(&mut response.data, &error.path);
            }
        }
        self.fields.arrange(&mut response.data);
    }
}

fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => only,
        (DocumentOperations::Single(_), Some(_)) => return None,
        (DocumentOperations::Multiple(named), Some(name)) => named.get(name)?,
        (DocumentOperations::Multiple(named), None) => named.values().next()?,
    };
    Some(&operation.node)
}

/// Puts null where the field at `path` is missing. An object of which every field failed is null already and becomes an
/// object of nulls.
fn fill(mut value: &mut Value, path: &[PathSegment]) {
    for segment in path {
        if *value == Value::Null && matches!(segment, PathSegment::Field(_)) {
            *value = Value::Object(IndexMap::new());
        }
        let next = match (segment, value) {
            (PathSegment::Field(name), Value::Object(fields)) => {
                Some(fields.entry(Name::new(name)).or_insert(Value::Null))
            }
            (PathSegment::Index(index), Value::List(items)) => items.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        value = next;
    }
}

impl Fields {
    /// Adds a selection set with its fragments expanded. The schema has no interfaces and no unions, so that each of
    /// them applies. `open` names the fragments under way: one that contains itself will be refused.
    fn add<'a>(
        &mut self,
        set: &'a SelectionSet,
        document: &'a ExecutableDocument,
        open: &mut Vec<&'a Name>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.clone();
                    let below = self.0.entry(key).or_default();
                    below.add(&field.node.selection_set.node, document, open);
                }
                Selection::InlineFragment(inline) => {
                    self.add(&inline.node.selection_set.node, document, open);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let fragment = document.fragments.get(name);
                    let Some(fragment) = fragment.filter(|_| !open.contains(&name)) else {
                        continue;
                    };
                    open.push(name);
                    self.add(&fragment.node.selection_set.node, document, open);
                    open.pop();
                }
            }
        }
    }

    /// Brings a value's fields into this order.
    fn arrange(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.arrange(item)),
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    if let Value::List(_) | Value::Object(_) = value
                        && let Some(below) = self.0.get(name)
                    {
                        below.arrange(value);
                    }
                }
                // Fields that were skipped are missing in the response, so compare with what is there.
                let mut wanted = self.0.keys();
                if !fields.keys().all(|name| wanted.any(|next| next == name)) {
                    fields.sort_by_key(|name, _| self.0.get_index_of(name));
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};

    use super::*;

    /// Its fields take their time, or fail.
    #[derive(Clone)]
    struct Query;

    #[Object]
    impl Query {
        async fn late(&self, millis: u64) -> Option<Query> {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Some(Self)
        }

        async fn list(&self) -> Vec<Query> {
            vec![Self, Self]
        }

        async fn name(&self) -> &str {
            "n"
        }

        async fn fails(&self) -> async_graphql::Result<Option<Query>> {
            tokio::task::yield_now().await;
            Err("no".into())
        }
    }

    async fn data(document: &str) -> String {
        let schema = Orderly(Schema::new(Query, EmptyMutation, EmptySubscription));
        let response = schema.execute(Request::new(document)).await;
        serde_json::to_string(&response.data).unwrap()
    }

    #[tokio::test]
    async fn fields_come_in_the_order_of_the_document() {
        let document = "query($no: Boolean = false) {
            b: late(millis: 30) { ...F x: name @skip(if: true) name }
            name @include(if: $no)
            a: late(millis: 1) { name ... on Query { z: late(millis: 5) { name } } y: name }
            ...G
        }
        fragment F on Query { w: late(millis: 9) { name } name }
        fragment G on Query { b: late(millis: 30) { v: name } g: name }";
        let expected = r#"{"b":{"w":{"name":"n"},"name":"n","v":"n"},"a":{"name":"n","z":{"name":"n"},"y":"n"},"g":"n"}"#;
        assert_eq!(data(document).await, expected);
    }

    #[tokio::test]
    async fn a_field_that_failed_is_null_and_takes_nothing_with_it() {
        let cases = [
            ("{ fails { name } name }", r#"{"fails":null,"name":"n"}"#),
            ("{ fails { name } }", r#"{"fails":null}"#),
            (
                "{ list { x: fails { name } name } name }",
                r#"{"list":[{"x":null,"name":"n"},{"x":null,"name":"n"}],"name":"n"}"#,
            ),
            ("{ list { fails { name } } }", r#"{"list":[{"fails":null},{"fails":null}]}"#),
            (
                "{ late(millis: 1) { fails { name } other: fails { name } } }",
                r#"{"late":{"fails":null,"other":null}}"#,
            ),
        ];
        for (document, expected) in cases {
            assert_eq!(data(document).await, expected, "{document}");
        }
    }

    #[tokio::test]
    async fn a_refused_document_has_no_data() {
        let cyclic = "{ ...F } fragment F on Query { late(millis: 1) { ...F } }";
        for document in ["{ nonsense }", "{", cyclic, "query A { name } query B { name }"] {
            assert_eq!(data(document).await, "null", "{document}");
        }
    }
}
