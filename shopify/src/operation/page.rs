//! Shapes that several operations share.

use serde::{Deserialize, Serialize};

/// A page of a connection.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection<T> {
    /// The page's objects.
    pub nodes: Vec<T>,
    /// Whether there is more.
    pub page_info: PageInfo,
}

/// Where a page ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whether another page follows.
    pub has_next_page: bool,
    /// What to ask for to get it.
    #[serde(default)]
    pub end_cursor: Option<String>,
}

impl PageInfo {
    /// The cursor of the next page, if there is one.
    pub fn next(&self) -> Option<&str> {
        if self.has_next_page { self.end_cursor.as_deref() } else { None }
    }
}

/// One object by its global id, with page sizes for what hangs on it.
#[derive(Debug, Clone, Serialize)]
pub struct IdVariables {
    /// The global id.
    pub id: String,
    /// Lines of an order in one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u32>,
    /// Lines of a refund or fulfillment in one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<u32>,
    /// Variants of a product in one answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variants: Option<u32>,
}

/// A further page of what hangs on one object.
#[derive(Debug, Clone, Serialize)]
pub struct PartVariables {
    /// The global id of the object.
    pub id: String,
    /// How many.
    pub first: u32,
    /// The end of the page before.
    pub after: Option<String>,
}

/// Which objects to count.
#[derive(Debug, Clone, Serialize)]
pub struct CountVariables {
    /// A search query.
    pub query: Option<String>,
}

/// A count. The store counts to 25,000 and then says so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Count {
    /// How many.
    pub count: u64,
    /// `EXACT` or `AT_LEAST`.
    #[serde(default)]
    pub precision: Option<String>,
}

/// Why a mutation did nothing: an answer of the store, not a fault of the transport.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserError {
    /// The argument that is wrong, as a path.
    #[serde(default)]
    pub field: Option<Vec<String>>,
    /// What is wrong.
    pub message: String,
}

/// Which page of a list.
#[derive(Debug, Clone, Serialize)]
pub struct ListVariables {
    /// How many.
    pub first: u32,
    /// The end of the page before.
    pub after: Option<String>,
}
