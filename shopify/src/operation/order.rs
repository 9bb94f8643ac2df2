//! Orders.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::operation;
use super::page::{Connection, Count, CountVariables, IdVariables, PartVariables};

/// Orders in one page: with their lines they ask for some 900 of the 1000 points that one request may cost.
pub const ORDERS_PER_PAGE: u32 = 20;
/// Lines that an order in a page carries; longer orders are read again by themselves.
pub(crate) const LINES_PER_ORDER: u32 = 50;
/// Lines that a refund or fulfillment in a page of orders carries, and discounts and shipping lines of an order.
pub const PARTS_PER_PAGE: u32 = 50;
/// The most that a connection gives in one answer.
pub const LINES_MAX: u32 = 250;

/// Which page of orders.
#[derive(Debug, Clone, Serialize)]
pub struct OrderPageVariables {
    /// How many orders.
    pub first: u32,
    /// The end of the page before.
    pub after: Option<String>,
    /// A search query, for instance `updated_at:>='2026-11-21T05:00:00Z'`.
    pub query: Option<String>,
    /// Lines of each.
    pub lines: u32,
    /// Lines of each refund and fulfillment, and discounts and shipping lines of each order.
    pub parts: u32,
}

impl OrderPageVariables {
    /// The page after `after` of the orders that `query` finds.
    pub fn new(first: u32, after: Option<String>, query: Option<String>) -> Self {
        Self { first, after, query, lines: LINES_PER_ORDER, parts: PARTS_PER_PAGE }
    }
}

/// A page of orders, each as the JSON that the store gave.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderPageData {
    /// The page.
    pub orders: Connection<Value>,
}

/// One order.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderData {
    /// The order; none where the store has none of that id.
    pub order: Option<Value>,
}

/// A further page of an order's lines.
#[derive(Debug, Clone, Deserialize)]
pub struct OrderLinesData {
    /// The order.
    pub order: Option<OrderLinesPage>,
}

/// Lines, and which version of the order they belong to.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLinesPage {
    /// The order's time of change: another one than the first page's means that the order changed meanwhile.
    pub updated_at: String,
    /// The lines.
    pub line_items: Connection<Value>,
}

/// A further page of a refund's lines.
#[derive(Debug, Clone, Deserialize)]
pub struct RefundLinesData {
    /// The refund.
    pub refund: Option<RefundLinesPage>,
}

/// Lines of a refund.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundLinesPage {
    /// The lines.
    pub refund_line_items: Connection<Value>,
}

/// A further page of a fulfillment's lines.
#[derive(Debug, Clone, Deserialize)]
pub struct FulfillmentLinesData {
    /// The fulfillment.
    pub fulfillment: Option<FulfillmentLinesPage>,
}

/// Lines of a fulfillment.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FulfillmentLinesPage {
    /// The lines.
    pub fulfillment_line_items: Connection<Value>,
}

/// How many orders there are.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCountData {
    /// The count.
    pub orders_count: Option<Count>,
}

operation! {
    /// A page of orders by their time of change.
    OrderPage(OrderPageVariables) -> OrderPageData, repeatable: true,
    ["order_page", "order_fragment", "line_item_fragment", "refund_line_fragment", "money_fragment"]
}
operation! {
    /// One order with as many lines as one answer holds.
    OrderById(IdVariables) -> OrderData, repeatable: true,
    ["order_by_id", "order_fragment", "line_item_fragment", "refund_line_fragment", "money_fragment"]
}
operation! {
    /// More lines of one order.
    OrderLines(PartVariables) -> OrderLinesData, repeatable: true,
    ["order_lines", "line_item_fragment", "money_fragment"]
}
operation! {
    /// More lines of one refund.
    RefundLines(PartVariables) -> RefundLinesData, repeatable: true,
    ["refund_lines", "refund_line_fragment", "money_fragment"]
}
operation! {
    /// More lines of one fulfillment.
    FulfillmentLines(PartVariables) -> FulfillmentLinesData, repeatable: true,
    ["fulfillment_lines"]
}
operation! {
    /// How many orders a query finds.
    OrderCount(CountVariables) -> OrderCountData, repeatable: true,
    ["order_count"]
}
