//! Access scopes: what we ask for, and what each is good for.

use std::collections::BTreeSet;

/// A scope that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeUse {
    /// The scope.
    pub scope: &'static str,
    /// What does not work without it.
    pub feature: &'static str,
    /// Whether the gateway's main work needs it.
    pub required: bool,
}

const fn required(scope: &'static str, feature: &'static str) -> ScopeUse {
    ScopeUse { scope, feature, required: true }
}

const fn optional(scope: &'static str, feature: &'static str) -> ScopeUse {
    ScopeUse { scope, feature, required: false }
}

/// Every scope that we use.
pub const SCOPES: &[ScopeUse] = &[
    required(
        "read_orders",
        "Orders, refunds, transactions and abandoned checkouts are received and polled",
    ),
    required("read_products", "Products and variants are received and linked to POS products"),
    required("read_locations", "Stock moves at the location that sold or took back the goods"),
    required("read_inventory", "Stock levels and inventory items are received"),
    optional(ALL_ORDERS, "Orders older than 60 days are imported"),
    optional("read_customers", "The buyer's name and contact appear on POS orders"),
    optional("read_fulfillments", "Shipments are received as they happen"),
    optional("read_returns", "Returns are received as they happen"),
    optional("read_discounts", "Discounts and their codes are received"),
    optional("read_shopify_payments_payouts", "Payouts are polled"),
    optional("read_shopify_payments_disputes", "Disputes are received"),
    optional("read_marketing_events", "Marketing events are polled"),
    optional("read_reports", "Reports are read"),
    optional("write_products", "POS products are pushed to the store"),
    optional("write_inventory", "POS stock is pushed to the store"),
    optional("read_publications", "Sales channels are listed for publishing"),
    optional("write_publications", "Pushed products are published"),
];

/// How far back orders are shown without [`ALL_ORDERS`], in days, by the time they were made.
pub const ORDERS_SHOWN_DAYS: u32 = 60;
/// The scope that shows orders of any age.
pub const ALL_ORDERS: &str = "read_all_orders";

/// Scopes that older apps asked for and that nothing uses any more, each with the one that took its place. Asking for
/// one of them may make the store refuse the whole authorization.
pub const RETIRED: [(&str, &str); 2] =
    [("read_checkouts", "read_orders"), ("read_price_rules", "read_discounts")];

/// Reads the store's comma-separated list.
pub fn parse_list(text: &str) -> BTreeSet<String> {
    text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The scopes with those that they imply: writing includes reading.
pub fn expand(granted: &BTreeSet<String>) -> BTreeSet<String> {
    let implied = granted.iter().filter_map(|scope| {
        let write = scope.strip_prefix("write_").map(|rest| format!("read_{rest}"));
        let unauthenticated = scope.strip_prefix("unauthenticated_write_");
        write.or_else(|| unauthenticated.map(|rest| format!("unauthenticated_read_{rest}")))
    });
    granted.iter().cloned().chain(implied).collect()
}

/// Those of our scopes that are not granted.
pub fn missing(granted: &BTreeSet<String>) -> Vec<ScopeUse> {
    let granted = expand(granted);
    SCOPES.iter().copied().filter(|used| !granted.contains(used.scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading() {
        let granted = parse_list("write_products, read_orders,,unauthenticated_write_checkouts");
        let expanded = expand(&granted);
        assert!(expanded.contains("read_products"));
        assert!(expanded.contains("unauthenticated_read_checkouts"));
        let missing: Vec<_> = missing(&granted).into_iter().filter(|used| used.required).collect();
        let missing: Vec<_> = missing.iter().map(|used| used.scope).collect();
        assert_eq!(missing, ["read_locations", "read_inventory"]);
    }

    #[test]
    fn retired_scopes_are_not_asked_for() {
        for (retired, replacement) in RETIRED {
            assert!(SCOPES.iter().all(|used| used.scope != retired));
            assert!(SCOPES.iter().any(|used| used.scope == replacement));
        }
    }
}
