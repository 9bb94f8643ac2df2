//! The root fields.

use std::collections::BTreeSet;

use async_graphql::parser::types::{Field, OperationDefinition, OperationType};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::project::{Arguments, DocumentError, Projection};
use super::render::{self, gid, number_of};
use super::search::Range;
use crate::model::Store;
use crate::state::State;

/// What a root field works with.
struct Root<'r, 'a> {
    state: &'r State,
    shop: &'r str,
    scopes: &'r BTreeSet<String>,
    projection: &'r Projection<'a>,
}

/// Executes an operation. An error comes in the shape of the answer's `errors`.
pub(super) fn execute<'a>(
    state: &State,
    shop: &str,
    scopes: &BTreeSet<String>,
    projection: &Projection<'a>,
    operation: &'a OperationDefinition,
) -> Result<Value, Value> {
    let root = Root { state, shop, scopes, projection };
    let set = &operation.selection_set.node;
    let fields = projection.fields(set, None).map_err(plain)?;
    let mut data = Map::new();
    for field in fields {
        let value = match operation.ty {
            OperationType::Mutation => root.mutation(field)?,
            _ => root.query(field)?,
        };
        data.insert(field.response_key().node.to_string(), value);
    }
    Ok(Value::Object(data))
}

fn plain(DocumentError(message): DocumentError) -> Value {
    json!({ "message": message })
}

impl<'a> Root<'_, 'a> {
    fn query(&self, field: &'a Field) -> Result<Value, Value> {
        let arguments = self.projection.arguments(field);
        match field.name.node.as_str() {
            "orders" => {
                self.need("read_orders")?;
                let range = Range::updated_at(text(&arguments, "query"));
                self.listed(field, |store| orders(store, range), |store, id| {
                    store.orders.get(&id).map(|order| render::order(store, order))
                })
            }
            "ordersCount" => {
                let range = Range::updated_at(text(&arguments, "query"));
                self.count(field, |store| store.orders.values().filter(|o| range.holds(o.updated_at)).count())
            }
            "order" => {
                self.need("read_orders")?;
                let id = number_of("Order", text(&arguments, "id"));
                self.one(field, |store| Some(render::order(store, store.orders.get(&id?)?)))
            }
            "products" => {
                self.need("read_products")?;
                let range = Range::updated_at(text(&arguments, "query"));
                self.listed(field, |store| products(store, range), |store, id| {
                    store.products.get(&id).map(|product| render::product(store, product))
                })
            }
            "productsCount" => {
                let range = Range::updated_at(text(&arguments, "query"));
                self.count(field, |store| store.products.values().filter(|p| range.holds(p.updated_at)).count())
            }
            "product" => {
                self.need("read_products")?;
                let id = number_of("Product", text(&arguments, "id"));
                self.one(field, |store| Some(render::product(store, store.products.get(&id?)?)))
            }
            "refund" => {
                self.need("read_orders")?;
                self.part(field, "refunds", text(&arguments, "id"))
            }
            "fulfillment" => {
                self.need("read_orders")?;
                self.part(field, "fulfillments", text(&arguments, "id"))
            }
            "shop" => self.one(field, |store| Some(render::shop(store))),
            "locations" => {
                let all = self.state.with(self.shop, |shop| {
                    shop.store.locations.iter().map(render::location).collect()
                });
                self.whole(field, all.unwrap_or_default())
            }
            "currentAppInstallation" => self.installation(field),
            "webhookSubscriptions" => {
                let all = self.state.courier.subscriptions(self.shop);
                let all: Vec<Value> = all.iter().map(|one| subscription(one.id, &one.topic, &one.uri)).collect();
                self.whole(field, all)
            }
            name => Err(json!({ "message": format!("Field '{name}' doesn't exist on type 'QueryRoot'") })),
        }
    }

    fn mutation(&self, field: &'a Field) -> Result<Value, Value> {
        let arguments = self.projection.arguments(field);
        let payload = match field.name.node.as_str() {
            "webhookSubscriptionCreate" => self.subscribe(&arguments),
            "webhookSubscriptionDelete" => self.unsubscribe(&arguments),
            name => {
                let message = format!("Field '{name}' doesn't exist on type 'Mutation'");
                return Err(json!({ "message": message }));
            }
        };
        self.projection.project(&field.selection_set.node, &payload).map_err(plain)
    }

    fn subscribe(&self, arguments: &Arguments) -> Value {
        let payload = |made: Value, errors: Value| {
            json!({
                "__typename": "WebhookSubscriptionCreatePayload",
                "webhookSubscription": made,
                "userErrors": errors,
            })
        };
        let refused = |field: Value, message: &str| {
            payload(Value::Null, json!([{ "__typename": "UserError", "field": field, "message": message }]))
        };
        let Some(topic) = shopify::webhook::topic_of_enum(text(arguments, "topic")) else {
            return refused(json!(["topic"]), "Topic is invalid");
        };
        if !topic.scopes.is_empty() && !topic.scopes.iter().any(|scope| self.has(scope)) {
            return refused(json!(["topic"]), "You are not authorized to access this topic");
        }
        let uri = arguments.get("webhookSubscription").and_then(|input| input["uri"].as_str());
        let Some(uri) = uri.filter(|uri| uri.starts_with("http")) else {
            return refused(json!(["webhookSubscription", "uri"]), "Address is invalid");
        };
        match self.state.courier.subscribe(self.shop, topic.name, uri) {
            Some(made) => payload(subscription(made.id, &made.topic, &made.uri), json!([])),
            None => refused(
                json!(["webhookSubscription", "uri"]),
                "Address for this topic has already been taken",
            ),
        }
    }

    fn unsubscribe(&self, arguments: &Arguments) -> Value {
        let id = text(arguments, "id");
        let number = number_of("WebhookSubscription", id);
        let ended = number.is_some_and(|number| self.state.courier.unsubscribe(self.shop, number));
        let errors = match ended {
            true => json!([]),
            false => json!([{
                "__typename": "UserError",
                "field": ["id"],
                "message": "Webhook subscription does not exist",
            }]),
        };
        json!({
            "__typename": "WebhookSubscriptionDeletePayload",
            "deletedWebhookSubscriptionId": ended.then_some(id),
            "userErrors": errors,
        })
    }

    fn installation(&self, field: &'a Field) -> Result<Value, Value> {
        let scope = |handle: &String| json!({ "__typename": "AccessScope", "handle": handle });
        let installation = json!({
            "__typename": "AppInstallation",
            "accessScopes": self.scopes.iter().map(scope).collect::<Vec<_>>(),
        });
        self.projection.project(&field.selection_set.node, &installation).map_err(plain)
    }

    /// A page of objects that are found by their keys; only those on the page are rendered.
    fn listed(
        &self,
        field: &'a Field,
        find: impl FnOnce(&Store) -> Vec<(String, i64)>,
        render: impl Fn(&Store, i64) -> Option<Value>,
    ) -> Result<Value, Value> {
        let found = self.state.with(self.shop, |shop| find(&shop.store)).unwrap_or_default();
        let (keys, ids): (Vec<String>, Vec<i64>) = found.into_iter().unzip();
        let render = |place: usize| {
            let rendered = self.state.with(self.shop, |shop| render(&shop.store, ids[place]));
            rendered.flatten().unwrap_or_default()
        };
        self.projection.page(field, &keys, render).map_err(plain)
    }

    /// A page of a list that is short.
    fn whole(&self, field: &'a Field, items: Vec<Value>) -> Result<Value, Value> {
        let keys: Vec<String> = (0..items.len()).map(|place| format!("{place:08}")).collect();
        self.projection.page(field, &keys, |place| items[place].clone()).map_err(plain)
    }

    fn one(
        &self,
        field: &'a Field,
        find: impl FnOnce(&Store) -> Option<Value>,
    ) -> Result<Value, Value> {
        let found = self.state.with(self.shop, |shop| find(&shop.store)).flatten();
        let found = found.unwrap_or_default();
        self.projection.project(&field.selection_set.node, &found).map_err(plain)
    }

    /// An object that stands within an order, by its id.
    fn part(&self, field: &'a Field, list: &str, id: &str) -> Result<Value, Value> {
        self.one(field, |store| {
            let holds = |order: &&crate::model::Order| {
                order.refunds.iter().any(|one| number_of("Refund", id) == Some(one.id))
                    || order.fulfillments.iter().any(|one| number_of("Fulfillment", id) == Some(one.id))
            };
            let order = store.orders.values().find(holds)?;
            let parts = render::order(store, order)[list].take();
            parts.as_array()?.iter().find(|part| part["id"] == id).cloned()
        })
    }

    fn count(
        &self,
        field: &'a Field,
        count: impl FnOnce(&Store) -> usize,
    ) -> Result<Value, Value> {
        self.one(field, |store| {
            let count = count(store);
            Some(json!({ "__typename": "Count", "count": count, "precision": "EXACT" }))
        })
    }

    fn need(&self, scope: &str) -> Result<(), Value> {
        if self.has(scope) {
            return Ok(());
        }
        Err(json!({
            "message": format!("Access denied. Required access: `{scope}` access scope."),
            "extensions": { "code": "ACCESS_DENIED" },
        }))
    }

    /// Whether a scope was granted; one to write includes the one to read.
    fn has(&self, scope: &str) -> bool {
        let writing = scope.replacen("read_", "write_", 1);
        self.scopes.contains(scope) || self.scopes.contains(&writing)
    }
}

fn orders(store: &Store, range: Range) -> Vec<(String, i64)> {
    let found = store.orders.values().filter(|one| range.holds(one.updated_at));
    sorted(found.map(|one| (one.updated_at, one.id)).collect())
}

fn products(store: &Store, range: Range) -> Vec<(String, i64)> {
    let found = store.products.values().filter(|one| range.holds(one.updated_at));
    sorted(found.map(|one| (one.updated_at, one.id)).collect())
}

/// Ids by the time of the last change, each with a key that sorts as they do.
fn sorted(mut found: Vec<(DateTime<Utc>, i64)>) -> Vec<(String, i64)> {
    found.sort_unstable();
    let key = |(at, id): (DateTime<Utc>, i64)| (format!("{:020} {id:020}", at.timestamp()), id);
    found.into_iter().map(key).collect()
}

fn subscription(id: i64, topic: &str, uri: &str) -> Value {
    let topic = shopify::webhook::topic(topic).map_or(topic, |topic| topic.enum_name);
    json!({
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", id),
        "topic": topic,
        "uri": uri,
    })
}

fn text<'t>(arguments: &'t Arguments, name: &str) -> &'t str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}
