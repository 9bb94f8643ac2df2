//! The root fields.

use std::collections::BTreeSet;

use async_graphql::parser::types::{Field, OperationDefinition, OperationType};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::inventory;
use super::listing;
use super::project::{Arguments, DocumentError, Key, Projection, places};
use super::render::{self, number_of};
use super::search::{Found, Search};
use super::subscriptions;
use crate::clock;
use crate::model::{Order, Product, Store};
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
            "orders" | "ordersCount" | "order" | "refund" | "fulfillment" => {
                self.need("read_orders")?;
                self.of_orders(field, &arguments)
            }
            "products" | "productsCount" | "product" => {
                self.need("read_products")?;
                self.of_products(field, &arguments)
            }
            "shop" => self.one(field, |store| Some(render::shop(store))),
            "locations" => self.locations(field),
            "location" => self.location(field, &arguments),
            "nodes" => {
                self.need("read_inventory")?;
                self.nodes(field, &arguments)
            }
            "publications" => {
                self.need("read_publications")?;
                let places = places(listing::PUBLICATIONS.len());
                let publication = |place: usize| listing::publication(listing::PUBLICATIONS[place]);
                self.projection.page(field, &places, publication).map_err(plain)
            }
            "currentAppInstallation" => self.installation(field),
            "webhookSubscriptions" => {
                let all = subscriptions::list(&self.state.courier, self.shop);
                let (keys, items): (Vec<Key>, Vec<Value>) = all.into_iter().unzip();
                self.projection.page(field, &keys, |place| items[place].clone()).map_err(plain)
            }
            name => Err(unknown(name, "QueryRoot")),
        }
    }

    fn of_orders(&self, field: &'a Field, arguments: &Arguments) -> Result<Value, Value> {
        let (search, id) = (Search::parse(text(arguments, "query")), text(arguments, "id"));
        let shown = self.orders_shown_from();
        let is_shown = |order: &Order| shown.is_none_or(|from| order.created_at >= from);
        match field.name.node.as_str() {
            "orders" => self.listed(
                field,
                |store| {
                    let orders = store.orders.values().filter(|one| is_shown(one));
                    keys(orders.filter(|one| search.holds(*one)), arguments)
                },
                |store, id| store.orders.get(&id).map(|order| render::order(store, order)),
            ),
            "ordersCount" => self.count(field, |store| {
                let orders = store.orders.values().filter(|one| is_shown(one));
                orders.filter(|one| search.holds(*one)).count()
            }),
            "order" => self.one(field, |store| {
                let order = store.orders.get(&number_of("Order", id)?)?;
                is_shown(order).then(|| render::order(store, order))
            }),
            "refund" => {
                let number = number_of("Refund", id);
                self.part(field, "refunds", id, |order| {
                    order.refunds.iter().any(|one| Some(one.id) == number)
                })
            }
            _ => {
                let number = number_of("Fulfillment", id);
                self.part(field, "fulfillments", id, |order| {
                    order.fulfillments.iter().any(|one| Some(one.id) == number)
                })
            }
        }
    }

    fn of_products(&self, field: &'a Field, arguments: &Arguments) -> Result<Value, Value> {
        let search = Search::parse(text(arguments, "query"));
        match field.name.node.as_str() {
            "products" => self.listed(
                field,
                |store| keys(store.products.values().filter(|one| search.holds(*one)), arguments),
                |store, id| store.products.get(&id).map(|product| render::product(store, product)),
            ),
            "productsCount" => self.count(field, |store| {
                store.products.values().filter(|one| search.holds(*one)).count()
            }),
            _ => self.one(field, |store| {
                let id = number_of("Product", text(arguments, "id"))?;
                Some(render::product(store, store.products.get(&id)?))
            }),
        }
    }

    fn mutation(&self, field: &'a Field) -> Result<Value, Value> {
        let arguments = self.projection.arguments(field);
        let courier = &self.state.courier;
        let payload = match field.name.node.as_str() {
            "webhookSubscriptionCreate" => {
                subscriptions::create(courier, self.shop, &arguments, |scope| self.has(scope))
            }
            "webhookSubscriptionDelete" => subscriptions::delete(courier, self.shop, &arguments),
            "inventorySetQuantities" => {
                self.need("write_inventory")?;
                let key = self.projection.directive(field, "idempotent");
                let key = key.as_ref().map(|key| text(key, "key"));
                inventory::set_quantities(self.state, self.shop, key, &arguments)?
            }
            "productSet" => {
                self.need("write_products")?;
                listing::set(self.state, self.shop, &arguments)
            }
            "productVariantsBulkUpdate" => {
                self.need("write_products")?;
                listing::update(self.state, self.shop, &arguments)
            }
            "publishablePublish" => {
                self.need("write_publications")?;
                listing::publish(self.state, self.shop, &arguments)
            }
            name => return Err(unknown(name, "Mutation")),
        };
        self.projection.project(&field.selection_set.node, &payload).map_err(plain)
    }

    fn locations(&self, field: &'a Field) -> Result<Value, Value> {
        let all = self.state.with(self.shop, |shop| {
            shop.store.locations.iter().map(render::location).collect::<Vec<_>>()
        });
        let all = all.unwrap_or_default();
        let page = self.projection.page(field, &places(all.len()), |place| all[place].clone());
        page.map_err(plain)
    }

    /// A location, or the shop's primary one where none is named.
    fn location(&self, field: &'a Field, arguments: &Arguments) -> Result<Value, Value> {
        self.need("read_locations")?;
        self.one(field, |store| match text(arguments, "id") {
            "" => store.locations.first().map(render::location),
            id => {
                let id = number_of("Location", id)?;
                store.locations.iter().find(|one| one.id == id).map(render::location)
            }
        })
    }

    /// Objects of any kind by their ids, in that order; inventory items are the only kind that is known.
    fn nodes(&self, field: &'a Field, arguments: &Arguments) -> Result<Value, Value> {
        let set = &field.selection_set.node;
        let fields = self.projection.fields(set, Some("InventoryItem")).map_err(plain)?;
        let level = fields.iter().find(|field| field.name.node == "inventoryLevel");
        let level = level.map(|field| self.projection.arguments(field)).unwrap_or_default();
        let ids = arguments.get("ids").and_then(Value::as_array).cloned().unwrap_or_default();
        let nodes = self.state.with(self.shop, |shop| {
            let location = text(&level, "locationId");
            let found = |id: &Value| inventory::item(&shop.store, id.as_str()?, location);
            ids.iter().map(|id| found(id).unwrap_or_default()).collect::<Vec<_>>()
        });
        self.projection.project(set, &Value::Array(nodes.unwrap_or_default())).map_err(plain)
    }

    fn installation(&self, field: &'a Field) -> Result<Value, Value> {
        let scope = |handle: &String| json!({ "__typename": "AccessScope", "handle": handle });
        let scopes = shopify::scope::expand(self.scopes);
        let installation = json!({
            "__typename": "AppInstallation",
            "accessScopes": scopes.iter().map(scope).collect::<Vec<_>>(),
        });
        self.projection.project(&field.selection_set.node, &installation).map_err(plain)
    }

    /// A page of objects that are found by their keys; only those on the page are rendered, all as of one moment.
    fn listed(
        &self,
        field: &'a Field,
        find: impl FnOnce(&Store) -> Vec<Key>,
        render: impl Fn(&Store, i64) -> Option<Value>,
    ) -> Result<Value, Value> {
        let page = self.state.with(self.shop, |shop| {
            let keys = find(&shop.store);
            let render = |place: usize| render(&shop.store, keys[place].1).unwrap_or_default();
            self.projection.page(field, &keys, render)
        });
        page.unwrap_or(Ok(Value::Null)).map_err(plain)
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

    /// An object that stands in a list within the order that `holds` it, by its id.
    fn part(
        &self,
        field: &'a Field,
        list: &str,
        id: &str,
        holds: impl Fn(&Order) -> bool,
    ) -> Result<Value, Value> {
        self.one(field, |store| {
            let order = store.orders.values().find(|order| holds(order))?;
            let parts = render::order(store, order)[list].take();
            parts.as_array()?.iter().find(|part| part["id"] == id).cloned()
        })
    }

    fn count(&self, field: &'a Field, count: impl FnOnce(&Store) -> usize) -> Result<Value, Value> {
        self.one(field, |store| {
            let count = count(store);
            Some(json!({ "__typename": "Count", "count": count, "precision": "EXACT" }))
        })
    }

    /// From when on orders are shown: without the scope for all of them, older ones are as if they did not exist.
    fn orders_shown_from(&self) -> Option<DateTime<Utc>> {
        let days = i64::from(shopify::scope::ORDERS_SHOWN_DAYS);
        (!self.has(shopify::scope::ALL_ORDERS)).then(|| clock::now() - TimeDelta::days(days))
    }

    fn need(&self, scope: &str) -> Result<(), Value> {
        if self.has(scope) {
            return Ok(());
        }
        Err(json!({
            "message": format!("Access denied. Required access: `{scope}` access scope."),
            "extensions": {
                "code": "ACCESS_DENIED",
                "requiredAccess": format!("`{scope}` access scope."),
            },
        }))
    }

    /// Whether a scope was granted; one to write includes the one to read.
    fn has(&self, scope: &str) -> bool {
        let writing = scope.replacen("read_", "write_", 1);
        self.scopes.contains(scope) || self.scopes.contains(&writing)
    }
}

fn unknown(name: &str, root: &str) -> Value {
    json!({ "message": format!("Field '{name}' doesn't exist on type '{root}'") })
}

/// The sort keys of objects: by id where that is asked for, or else by the time of the last change.
fn keys<'o, T: Found + 'o>(
    objects: impl Iterator<Item = &'o T>,
    arguments: &Arguments,
) -> Vec<Key> {
    let by_id = text(arguments, "sortKey") == "ID";
    let key =
        |one: &T| if by_id { (0, one.id()) } else { (one.updated_at().timestamp(), one.id()) };
    let mut keys: Vec<Key> = objects.map(key).collect();
    keys.sort_unstable();
    keys
}

impl Found for Order {
    fn id(&self) -> i64 {
        self.id
    }

    fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }
}

impl Found for Product {
    fn id(&self) -> i64 {
        self.id
    }

    fn created_at(&self) -> DateTime<Utc> {
        self.created_at
    }

    fn updated_at(&self) -> DateTime<Utc> {
        self.updated_at
    }
}

/// A text among arguments; empty where it is absent.
pub(super) fn text<'t>(arguments: &'t Arguments, name: &str) -> &'t str {
    arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}
