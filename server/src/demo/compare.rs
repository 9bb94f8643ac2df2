//! The store's books beside the gateway's, by the front door of both.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;
use simulator::Books;

use super::client::{CallError, Caller};
use super::shelves::compare_shelves;

/// Differences that are named; further ones are only counted.
const NAMED_MAX: usize = 10;

/// What both sides have, and where they differ.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// Orders in the store.
    pub store_orders: usize,
    /// POS orders in the gateway.
    pub pos_orders: usize,
    /// Orders in the gateway that became no POS order, with the reason in its dead letters.
    pub refused: usize,
    /// Lines in the store.
    pub store_lines: u64,
    /// Lines in the gateway's POS orders.
    pub pos_lines: u64,
    /// Pieces that left the store's stock since the cut-over.
    pub store_moved: i64,
    /// Pieces that left the gateway's stock.
    pub pos_moved: i64,
    /// Products whose stock the POS owns and the store still sells.
    pub shelves: usize,
    /// Pieces of them that buyers can buy at the store's primary location.
    pub store_available: i64,
    /// Pieces of them that buyers should be able to buy there, by the gateway's ledger.
    pub pos_available: i64,
    /// What is not accounted for: orders that are missing or differ, and stock that does.
    pub unaccounted: Vec<String>,
}

impl Comparison {
    /// Whether both sides say the same.
    pub fn agrees(&self) -> bool {
        self.unaccounted.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14}{:>12}{:>12}", "", "store", "gateway")?;
        writeln!(f, "{:<14}{:>12}{:>12}", "orders", self.store_orders, self.pos_orders)?;
        writeln!(f, "{:<14}{:>12}{:>12}", "lines", self.store_lines, self.pos_lines)?;
        writeln!(f, "{:<14}{:>12}{:>12}", "stock moved", self.store_moved, self.pos_moved)?;
        writeln!(
            f,
            "{:<14}{:>12}{:>12}",
            "on the shelf", self.store_available, self.pos_available
        )?;
        writeln!(f, "{:<14}{:>12}{:>12}", "refused", "", self.refused)?;
        for difference in self.unaccounted.iter().take(NAMED_MAX) {
            writeln!(f, "  {difference}")?;
        }
        write!(f, "unaccounted = {}", self.unaccounted.len())
    }
}

/// Compares the books of a store with what the gateway shows of it. POS products are named after their variants (see
/// [`pos_product_id`]).
pub async fn compare(caller: &Caller, books: &Books) -> Result<Comparison, CallError> {
    let mut comparison = Comparison::default();
    orders(caller, books, &mut comparison).await?;
    stock(caller, books, &mut comparison).await?;
    Ok(comparison)
}

/// The POS product that stands for a store's variant.
pub fn pos_product_id(variant: i64) -> String {
    format!("pos-{variant}")
}

async fn orders(
    caller: &Caller,
    books: &Books,
    comparison: &mut Comparison,
) -> Result<(), CallError> {
    let rows = caller.all("posOrders", "orderId total { amount } lineCount").await?;
    let dead = caller.all("deadLetters", "code detail object { id }").await?;
    let refused: BTreeSet<&str> =
        dead.iter().filter_map(|letter| letter["object"]["id"].as_str()).collect();
    let known: BTreeMap<&str, &Value> =
        rows.iter().filter_map(|row| Some((row["orderId"].as_str()?, row))).collect();
    comparison.store_orders = books.orders.len();
    comparison.pos_orders = known.len();
    comparison.pos_lines = rows.iter().filter_map(|row| row["lineCount"].as_u64()).sum();
    for (id, order) in &books.orders {
        comparison.store_lines += order.lines as u64;
        let id = id.to_string();
        let Some(row) = known.get(id.as_str()) else {
            if refused.contains(id.as_str()) {
                comparison.refused += 1;
            } else {
                comparison.unaccounted.push(format!("order {} ({id}) is missing", order.name));
            }
            continue;
        };
        let total = row["total"]["amount"].as_str().unwrap_or_default();
        if !same_amount(total, &order.total) {
            let difference = format!("order {}: {} there, {total} here", order.name, order.total);
            comparison.unaccounted.push(difference);
        }
        if row["lineCount"].as_u64() != Some(order.lines as u64) {
            let lines = &row["lineCount"];
            let difference =
                format!("order {}: {} lines there, {lines} here", order.name, order.lines);
            comparison.unaccounted.push(difference);
        }
    }
    Ok(())
}

/// Whether two texts are the same number; `1.5` and `1.50` are.
fn same_amount(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<rust_decimal::Decimal>();
    matches!((number(one), number(other)), (Ok(one), Ok(other)) if one == other)
}

async fn stock(
    caller: &Caller,
    books: &Books,
    comparison: &mut Comparison,
) -> Result<(), CallError> {
    let rows = caller.all("stockMovements", "posProductId location quantity reason").await?;
    let mut moved: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row["reason"] == "ORDER") {
        let text = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let quantity = quantity_of(&row["quantity"]);
        *moved.entry((text("posProductId"), text("location"))).or_default() += quantity;
        comparison.pos_moved += quantity;
    }
    for (variant, places) in &books.moved {
        for (location, there) in places {
            comparison.store_moved += there;
            let product = pos_product_id(*variant);
            let here = moved.remove(&(product.clone(), location.clone())).unwrap_or(0);
            if here != *there {
                let difference =
                    format!("stock of {product} at {location}: {there} there, {here} here");
                comparison.unaccounted.push(difference);
            }
        }
    }
    for ((product, location), here) in moved.into_iter().filter(|(_, quantity)| *quantity != 0) {
        let difference = format!("stock of {product} at {location}: nothing there, {here} here");
        comparison.unaccounted.push(difference);
    }
    let counted = rows.iter().filter(|row| row["reason"] == "COUNT");
    let counted = counted.filter_map(|row| Some(row["posProductId"].as_str()?.to_owned()));
    compare_shelves(caller, books, &counted.collect(), comparison).await
}

/// A 64-bit number, which may come as text.
pub(super) fn quantity_of(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(0)
}
