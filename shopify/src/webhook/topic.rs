//! Topics: which there are, what they need, and what became of those that do not exist.

/// Why a topic is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// One of the twenty that the product was asked to take.
    Asked,
    /// Takes the place of one that was asked for and does not exist, or closes a gap.
    Added,
    /// Understood where an app's own configuration subscribes to it; what it tells, others tell as well.
    Understood,
    /// Sent for legal reasons, configured with the app and not subscribed to.
    Compliance,
}

/// A topic that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    /// Its name in deliveries, for instance `orders/create`.
    pub name: &'static str,
    /// Its name in the schema, for instance `ORDERS_CREATE`.
    pub enum_name: &'static str,
    /// The store's word for the kind of object in the body.
    pub object_type: &'static str,
    /// The scopes, any one of which it needs; none where it needs none.
    pub scopes: &'static [&'static str],
    /// Why it is here.
    pub origin: Origin,
}

const fn topic_row(
    name: &'static str,
    enum_name: &'static str,
    object_type: &'static str,
    scopes: &'static [&'static str],
    origin: Origin,
) -> Topic {
    Topic { name, enum_name, object_type, scopes, origin }
}

const ORDERS: &[&str] = &["read_orders"];
const PRODUCTS: &[&str] = &["read_products"];
const CUSTOMERS: &[&str] = &["read_customers"];
const INVENTORY: &[&str] = &["read_inventory"];
const ITEMS: &[&str] = &["read_inventory", "read_products"];
const FULFILLMENTS: &[&str] = &["read_fulfillments"];
const LOCATIONS: &[&str] = &["read_locations"];
const DISPUTES: &[&str] = &["read_shopify_payments_disputes"];
const DISCOUNTS: &[&str] = &["read_discounts"];
const RETURNS: &[&str] = &["read_returns"];
const REQUESTED_RETURNS: &[&str] = &["read_orders", "read_returns"];

/// Every topic that we know. Those of [`Origin::Asked`] and [`Origin::Added`] are subscribed to.
#[rustfmt::skip]
pub const TOPICS: &[Topic] = &[
    topic_row("orders/create", "ORDERS_CREATE", "order", ORDERS, Origin::Asked),
    topic_row("orders/updated", "ORDERS_UPDATED", "order", ORDERS, Origin::Asked),
    topic_row("orders/cancelled", "ORDERS_CANCELLED", "order", ORDERS, Origin::Asked),
    topic_row("products/create", "PRODUCTS_CREATE", "product", PRODUCTS, Origin::Asked),
    topic_row("products/update", "PRODUCTS_UPDATE", "product", PRODUCTS, Origin::Asked),
    topic_row("products/delete", "PRODUCTS_DELETE", "product", PRODUCTS, Origin::Asked),
    topic_row("customers/create", "CUSTOMERS_CREATE", "customer", CUSTOMERS, Origin::Asked),
    topic_row("customers/update", "CUSTOMERS_UPDATE", "customer", CUSTOMERS, Origin::Asked),
    topic_row("inventory_levels/update", "INVENTORY_LEVELS_UPDATE", "inventory_level", INVENTORY, Origin::Asked),
    topic_row("inventory_items/create", "INVENTORY_ITEMS_CREATE", "inventory_item", ITEMS, Origin::Asked),
    topic_row("inventory_items/update", "INVENTORY_ITEMS_UPDATE", "inventory_item", ITEMS, Origin::Asked),
    topic_row("inventory_items/delete", "INVENTORY_ITEMS_DELETE", "inventory_item", ITEMS, Origin::Asked),
    topic_row("order_transactions/create", "ORDER_TRANSACTIONS_CREATE", "transaction", ORDERS, Origin::Asked),
    topic_row("refunds/create", "REFUNDS_CREATE", "refund", ORDERS, Origin::Asked),
    topic_row("fulfillments/create", "FULFILLMENTS_CREATE", "fulfillment", FULFILLMENTS, Origin::Asked),
    topic_row("fulfillments/update", "FULFILLMENTS_UPDATE", "fulfillment", FULFILLMENTS, Origin::Asked),
    topic_row("checkouts/create", "CHECKOUTS_CREATE", "checkout", ORDERS, Origin::Asked),
    topic_row("checkouts/update", "CHECKOUTS_UPDATE", "checkout", ORDERS, Origin::Asked),
    topic_row("locations/update", "LOCATIONS_UPDATE", "location", LOCATIONS, Origin::Asked),
    topic_row("app/uninstalled", "APP_UNINSTALLED", "shop", &[], Origin::Asked),

    topic_row("orders/paid", "ORDERS_PAID", "order", ORDERS, Origin::Added),
    topic_row("orders/edited", "ORDERS_EDITED", "order_edit", ORDERS, Origin::Added),
    topic_row("orders/delete", "ORDERS_DELETE", "order", ORDERS, Origin::Added),
    topic_row("orders/fulfilled", "ORDERS_FULFILLED", "order", ORDERS, Origin::Understood),
    topic_row("orders/partially_fulfilled", "ORDERS_PARTIALLY_FULFILLED", "order", ORDERS, Origin::Understood),
    topic_row("disputes/create", "DISPUTES_CREATE", "dispute", DISPUTES, Origin::Added),
    topic_row("disputes/update", "DISPUTES_UPDATE", "dispute", DISPUTES, Origin::Added),
    topic_row("discounts/create", "DISCOUNTS_CREATE", "discount", DISCOUNTS, Origin::Added),
    topic_row("discounts/update", "DISCOUNTS_UPDATE", "discount", DISCOUNTS, Origin::Added),
    topic_row("discounts/delete", "DISCOUNTS_DELETE", "discount", DISCOUNTS, Origin::Added),
    topic_row("inventory_levels/connect", "INVENTORY_LEVELS_CONNECT", "inventory_level", INVENTORY, Origin::Added),
    topic_row("inventory_levels/disconnect", "INVENTORY_LEVELS_DISCONNECT", "inventory_level", INVENTORY, Origin::Added),
    topic_row("collections/create", "COLLECTIONS_CREATE", "collection", PRODUCTS, Origin::Added),
    topic_row("collections/update", "COLLECTIONS_UPDATE", "collection", PRODUCTS, Origin::Added),
    topic_row("collections/delete", "COLLECTIONS_DELETE", "collection", PRODUCTS, Origin::Added),
    topic_row("customers/delete", "CUSTOMERS_DELETE", "customer", CUSTOMERS, Origin::Understood),
    topic_row("checkouts/delete", "CHECKOUTS_DELETE", "checkout", ORDERS, Origin::Understood),
    topic_row("locations/create", "LOCATIONS_CREATE", "location", LOCATIONS, Origin::Understood),
    topic_row("locations/delete", "LOCATIONS_DELETE", "location", LOCATIONS, Origin::Understood),
    topic_row("locations/activate", "LOCATIONS_ACTIVATE", "location", LOCATIONS, Origin::Understood),
    topic_row("locations/deactivate", "LOCATIONS_DEACTIVATE", "location", LOCATIONS, Origin::Understood),
    topic_row("returns/request", "RETURNS_REQUEST", "return", RETURNS, Origin::Understood),
    topic_row("returns/close", "RETURNS_CLOSE", "return", REQUESTED_RETURNS, Origin::Understood),
    topic_row("bulk_operations/finish", "BULK_OPERATIONS_FINISH", "bulk_operation", &[], Origin::Added),
    topic_row("app/scopes_update", "APP_SCOPES_UPDATE", "app", &[], Origin::Added),
    topic_row("shop/update", "SHOP_UPDATE", "shop", &[], Origin::Understood),
    topic_row("tender_transactions/create", "TENDER_TRANSACTIONS_CREATE", "tender_transaction", ORDERS, Origin::Understood),

    topic_row("customers/data_request", "", "customer_data_request", &[], Origin::Compliance),
    topic_row("customers/redact", "", "customer_redact", &[], Origin::Compliance),
    topic_row("shop/redact", "", "shop_redact", &[], Origin::Compliance),
];

/// A topic that was asked for and that the store does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    /// The name that was asked for.
    pub name: &'static str,
    /// The topics that take its place; none where the objects must be polled.
    pub replacements: &'static [&'static str],
}

/// What became of the seven topics that were asked for and that the store does not have.
pub const ALIASES: &[Alias] = &[
    Alias { name: "shopify_payments/payouts/create", replacements: &[] },
    Alias {
        name: "shopify_payments/disputes/create",
        replacements: &["disputes/create", "disputes/update"],
    },
    Alias { name: "marketing_events/create", replacements: &[] },
    Alias { name: "marketing_events/update", replacements: &[] },
    Alias { name: "price_rules/create", replacements: &["discounts/create"] },
    Alias { name: "price_rules/update", replacements: &["discounts/update"] },
    Alias { name: "price_rules/delete", replacements: &["discounts/delete"] },
];

/// The topic of that name in deliveries.
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// The topic of that name in the schema.
pub fn topic_of_enum(enum_name: &str) -> Option<&'static Topic> {
    let named = || TOPICS.iter().find(|topic| topic.enum_name == enum_name);
    if enum_name.is_empty() { None } else { named() }
}

/// What became of a topic that the store does not have.
pub fn alias(name: &str) -> Option<&'static Alias> {
    ALIASES.iter().find(|alias| alias.name == name)
}

impl Topic {
    /// Whether the scopes, with those that they imply, cover it.
    pub fn is_covered_by(&self, expanded: &std::collections::BTreeSet<String>) -> bool {
        self.scopes.is_empty() || self.scopes.iter().any(|scope| expanded.contains(*scope))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_is_consistent() {
        let names: BTreeSet<_> = TOPICS.iter().map(|topic| topic.name).collect();
        assert_eq!(names.len(), TOPICS.len());
        let asked = TOPICS.iter().filter(|topic| topic.origin == Origin::Asked).count();
        assert_eq!((asked, ALIASES.len()), (20, 7));
        for topic in TOPICS.iter().filter(|topic| topic.origin != Origin::Compliance) {
            let derived = topic.name.to_ascii_uppercase().replace(['/', '.'], "_");
            assert_eq!(topic.enum_name, derived);
        }
        for alias in ALIASES {
            assert!(topic(alias.name).is_none());
            assert!(alias.replacements.iter().all(|name| topic(name).is_some()));
        }
    }

    #[test]
    fn the_table_agrees_with_the_store() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/shopify/webhook-topics-2026-10.tsv");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("skipped: no list of topics at {path}");
            return;
        };
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        for topic in TOPICS.iter().filter(|topic| topic.origin != Origin::Compliance) {
            let row = rows
                .iter()
                .find(|row| row[1] == topic.name)
                .unwrap_or_else(|| panic!("{}", topic.name));
            assert_eq!(row[0], topic.enum_name);
            let scopes: Vec<&str> = row[2].split(',').filter(|scope| !scope.is_empty()).collect();
            assert_eq!(topic.scopes.is_empty(), scopes.is_empty(), "{}", topic.name);
            assert!(
                topic.scopes.iter().all(|scope| scopes.contains(scope)),
                "{}: {scopes:?}",
                topic.name
            );
        }
        assert!(ALIASES.iter().all(|alias| rows.iter().all(|row| row[1] != alias.name)));
    }
}
