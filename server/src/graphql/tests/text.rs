//! The schema's text, and what it costs to ask for it.

use async_graphql::Request;
use domain::access::Role;
use serde_json::Value;

use super::world::{World, codes, json_of};
use crate::graphql::guard::{Admitted, Guarded};
use crate::graphql::{builder, sdl};

/// What GraphiQL and code generators ask first.
const INTROSPECTION: &str =
    "query IntrospectionQuery { __schema { queryType { name } mutationType { name }
    subscriptionType { name } types { ...FullType } directives { name description locations
    args { ...InputValue } } } }
    fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name
    description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
    inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) {
    name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
    fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
    fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// The schema as introspection tells it.
pub(super) async fn introspect() -> Value {
    let mut answer = json_of(&builder().finish().execute(INTROSPECTION).await);
    assert_eq!(answer.get("errors"), None);
    answer["data"]["__schema"].take()
}

#[test]
fn the_schema_file_says_what_the_code_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let file = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        file == sdl() + "\n",
        "schema.graphql differs from the code; to update it: cargo run -- schema > schema.graphql"
    );
}

#[test]
fn the_text_is_a_schema() {
    async_graphql::parser::parse_schema(sdl()).unwrap();
}

#[tokio::test]
async fn everything_is_described() {
    let schema = introspect().await;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut bare = Vec::new();
    for ty in list(&schema["types"]) {
        let name = ty["name"].as_str().unwrap().to_owned();
        if name.starts_with("__") || ["Int", "Float", "String", "Boolean", "ID"].contains(&&*name) {
            continue;
        }
        let mut expect = |place: String, item: &Value| {
            if item["description"].as_str().is_none_or(str::is_empty) {
                bare.push(place);
            }
        };
        expect(name.clone(), &ty);
        for member in ["fields", "inputFields", "enumValues"] {
            for item in list(&ty[member]) {
                let place = format!("{name}.{}", item["name"].as_str().unwrap());
                expect(place.clone(), &item);
                for argument in list(&item["args"]) {
                    expect(format!("{place}({})", argument["name"]), &argument);
                }
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

/// Fields that may fail are nullable, or a failure would have to take the whole response with it. Only resolvers of
/// roots are sure to be among them.
#[tokio::test]
async fn roots_are_nullable() {
    let schema = introspect().await;
    for root in ["Query", "Mutation"] {
        let root = schema["types"].as_array().unwrap().iter().find(|ty| ty["name"] == root);
        for field in root.unwrap()["fields"].as_array().unwrap() {
            assert_ne!(field["type"]["kind"], "NON_NULL", "{}", field["name"]);
        }
    }
}

#[tokio::test]
async fn the_usual_introspection_query_is_within_all_limits() {
    let admitted = Admitted::new(Request::new(INTROSPECTION)).unwrap();
    let response = Guarded::new(builder().finish()).execute(admitted).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
}

#[tokio::test]
async fn a_page_of_whole_documents_is_affordable_and_two_are_not() {
    let world = World::open().await;
    let page = |alias: &str| {
        let money = "{amount currency}";
        let tax = format!("taxes{{title rate amount{money}}}");
        format!(
            "{alias}: posOrders(businessId: \"{}\", first: 100) {{ pageInfo{{endCursor}} edges {{ node {{
               number state version total{money} document {{
                 customer{{name email phone}} shipTo{{address1 city zip countryCode}}
                 lines{{id kind sku title quantity unitPrice{money} discount{money} net{money} {tax}}}
                 charges{{kind title amount{money} {tax}}} tenders{{kind name amount{money}}}
                 refunds{{id refundedAt amount{money} lines{{lineId quantity restocked amount{money}}}}}
                 total{money} taxTotal{money} discountTotal{money} rounding{money} }} }} }} }}",
            world.ours
        )
    };
    let one = world.ask(Role::Viewer, &format!("{{ {} }}", page("a"))).await;
    assert_eq!(one.get("errors"), None);
    let two = world.ask(Role::Viewer, &format!("{{ {} {} }}", page("a"), page("b"))).await;
    assert_eq!(codes(&two).len(), 1, "{two}");
}
