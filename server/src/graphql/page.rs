//! Relay connections over keyset pages.
//!
//! A cursor is opaque and signed: it is good for the list and the business that it was given for and for nothing else,
//! so that no caller can make one up, or learn by trying whether another business has a row.

use async_graphql::connection::{Connection, CursorType, Edge};
use async_graphql::{Context, OutputType, SchemaBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::BusinessId;
use domain::page::{Cursor, Direction, PAGE_SIZE_MAX, Page, PageRequest};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::context::app;
use super::r#type::{
    ActivityEvent, Certificate, DataRequest, DeadLetter, Drift, Erasure, MapperChange,
    MapperConfig, MapperRepair, MapperVersion, MappingRun, Order, OutboxEntry, PosOrder,
    PosProduct, Product, ProductPush, Reconciliation, ShadowReport, StockMovement, StockPush,
    SyncLogEntry,
};
use crate::app::App;
use crate::error::Problem;
use crate::reads::Reader;

/// Rows on a page where the caller does not say.
const PAGE_SIZE: u32 = 20;

/// What the cursors' key is derived for.
const KEY_PURPOSE: &str = "page cursor";

/// Bytes of a cursor that prove where it came from.
const TAG_BYTES: usize = 16;
/// Bytes of a cursor's sort key.
const SORT_KEY_BYTES: usize = 8;
/// The longest cursor that is looked at, in characters.
const CURSOR_CHARS_MAX: usize = 1_024;

/// The lists that have pages. A cursor of one is none of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum List {
    Activity,
    Certificates,
    DataRequests,
    DeadLetters,
    Drift,
    Erasures,
    MapperChanges,
    MapperConfigs,
    MapperRepairs,
    MapperVersions,
    MappingRuns,
    Orders,
    Outbox,
    PosOrders,
    PosProducts,
    ProductPushes,
    Products,
    Reconciliations,
    ShadowReports,
    StockMovements,
    StockPushes,
    SyncLog,
}

impl List {
    /// The name that is signed with the cursor; changing it ends all cursors of the list.
    const fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Certificates => "certificates",
            Self::DataRequests => "data_requests",
            Self::DeadLetters => "dead_letters",
            Self::Drift => "drift",
            Self::Erasures => "erasures",
            Self::MapperChanges => "mapper_changes",
            Self::MapperConfigs => "mapper_configs",
            Self::MapperRepairs => "mapper_repairs",
            Self::MapperVersions => "mapper_versions",
            Self::MappingRuns => "mapping_runs",
            Self::Orders => "orders",
            Self::Outbox => "outbox",
            Self::PosOrders => "pos_orders",
            Self::PosProducts => "pos_products",
            Self::ProductPushes => "product_pushes",
            Self::Products => "products",
            Self::Reconciliations => "reconciliations",
            Self::ShadowReports => "shadow_reports",
            Self::StockMovements => "stock_movements",
            Self::StockPushes => "stock_pushes",
            Self::SyncLog => "sync_log",
        }
    }
}

/// A place in a list as callers see it.
#[derive(Debug)]
pub(crate) struct SealedCursor(String);

impl CursorType for SealedCursor {
    type Error = std::convert::Infallible;

    fn decode_cursor(text: &str) -> Result<Self, Self::Error> {
        Ok(Self(text.to_owned()))
    }

    fn encode_cursor(&self) -> String {
        self.0.clone()
    }
}

/// A page with its edges.
pub(crate) type PageOf<T> = Connection<SealedCursor, T>;

/// Says what each kind of page is: the library, which makes their types, cannot know.
pub(crate) fn describe<Q, M, S>(builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S> {
    builder
        .override_output_type_description::<PageOf<ActivityEvent>>("A page of the activity feed.")
        .override_output_type_description::<PageOf<Certificate>>("A page of certificates.")
        .override_output_type_description::<PageOf<DataRequest>>(
            "A page of requests to tell what is held on a person.",
        )
        .override_output_type_description::<PageOf<DeadLetter>>("A page of dead letters.")
        .override_output_type_description::<PageOf<Drift>>("A page of what a comparison found.")
        .override_output_type_description::<PageOf<Erasure>>("A page of requests to erase.")
        .override_output_type_description::<PageOf<MapperChange>>("A page of changes of mappers.")
        .override_output_type_description::<PageOf<MapperConfig>>("A page of mapper configs.")
        .override_output_type_description::<PageOf<MapperVersion>>("A page of mapper versions.")
        .override_output_type_description::<PageOf<MappingRun>>("A page of runs of plugins.")
        .override_output_type_description::<PageOf<Order>>("A page of orders.")
        .override_output_type_description::<PageOf<OutboxEntry>>(
            "A page of POS orders on their way.",
        )
        .override_output_type_description::<PageOf<PosOrder>>("A page of POS orders.")
        .override_output_type_description::<PageOf<PosProduct>>("A page of the POS's catalogue.")
        .override_output_type_description::<PageOf<ProductPush>>("A page of products on their way.")
        .override_output_type_description::<PageOf<Product>>("A page of products.")
        .override_output_type_description::<PageOf<Reconciliation>>("A page of comparisons.")
        .override_output_type_description::<PageOf<MapperRepair>>("A page of repairs.")
        .override_output_type_description::<PageOf<ShadowReport>>("A page of shadow runs.")
        .override_output_type_description::<PageOf<StockMovement>>("A page of the stock ledger.")
        .override_output_type_description::<PageOf<StockPush>>("A page of stock on its way.")
        .override_output_type_description::<PageOf<SyncLogEntry>>("A page of the sync log.")
}

/// The arguments that every list takes.
#[derive(Debug, Default)]
pub(crate) struct PageArguments {
    /// Rows from the beginning, or after `after`.
    pub(crate) first: Option<i32>,
    /// The cursor before the page.
    pub(crate) after: Option<String>,
    /// Rows from the end, or before `before`.
    pub(crate) last: Option<i32>,
    /// The cursor behind the page.
    pub(crate) before: Option<String>,
}

/// One list of one business, for reading its arguments and giving out its cursors.
pub(crate) struct Paging {
    keys: Vec<[u8; 32]>,
    list: List,
    business: BusinessId,
}

impl Paging {
    /// For a list that `reader` may read.
    pub(crate) fn of(ctx: &Context<'_>, list: List, reader: &Reader) -> Result<Self, Problem> {
        Ok(Self::new(app(ctx)?, list, reader.business_id()))
    }

    fn new(app: &App, list: List, business: BusinessId) -> Self {
        Self { keys: app.keys.derive_all(KEY_PURPOSE), list, business }
    }

    /// Which part of the list the arguments ask for.
    pub(crate) fn request(&self, arguments: &PageArguments) -> Result<PageRequest, Problem> {
        let PageArguments { first, after, last, before } = arguments;
        let (direction, limit, cursor) = match (first, last) {
            (Some(_), Some(_)) => return Err(Problem::input("last", "first is given as well")),
            (_, None) if before.is_some() => {
                return Err(Problem::input("before", "goes with last, which is missing"));
            }
            (None, Some(_)) if after.is_some() => {
                return Err(Problem::input("after", "goes with first, and last is given"));
            }
            (first, None) => (Direction::Forward, size("first", *first)?, ("after", after)),
            (None, last) => (Direction::Backward, size("last", *last)?, ("before", before)),
        };
        let cursor = match cursor {
            (name, Some(text)) => Some(
                self.open(text)
                    .ok_or_else(|| Problem::input(name, "is not a cursor of this list"))?,
            ),
            (_, None) => None,
        };
        Ok(PageRequest { limit, direction, cursor })
    }

    /// The page with its edges; `wrap` makes the nodes.
    pub(crate) fn connection<R, T: OutputType>(
        &self,
        page: Page<R>,
        wrap: impl Fn(R) -> T,
    ) -> PageOf<T> {
        let mut connection = Connection::new(page.has_previous, page.has_next);
        connection.edges = page
            .rows
            .into_iter()
            .map(|(cursor, row)| Edge::new(SealedCursor(self.seal(&cursor)), wrap(row)))
            .collect();
        connection
    }

    /// The cursor as text: its tag, its sort key, its id.
    fn seal(&self, cursor: &Cursor) -> String {
        let key = cursor.key.to_be_bytes();
        let tag = self.keys.first().map(|secret| self.mac(secret, key, &cursor.id));
        let tag = tag.map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&tag[..TAG_BYTES], &key, cursor.id.as_bytes()].concat())
    }

    /// The place that `text` names, where it was given out for this list and business, be it under an earlier key.
    fn open(&self, text: &str) -> Option<Cursor> {
        if text.len() > CURSOR_CHARS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, rest) = bytes.split_first_chunk::<TAG_BYTES>()?;
        let (key, id) = rest.split_first_chunk::<SORT_KEY_BYTES>()?;
        let id = std::str::from_utf8(id).ok()?;
        self.keys
            .iter()
            .any(|secret| self.mac(secret, *key, id).verify_truncated_left(tag).is_ok())
            .then(|| Cursor { key: i64::from_be_bytes(*key), id: id.to_owned() })
    }

    fn mac(&self, secret: &[u8; 32], key: [u8; SORT_KEY_BYTES], id: &str) -> Hmac<Sha256> {
        // HMAC fills shorter keys up to its block with zeros; doing it here leaves nothing that can fail.
        let mut block = [0; 64];
        block[..secret.len()].copy_from_slice(secret);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(self.list.name().as_bytes());
        // The name has no zero byte and what follows is of fixed length, so no two places sign the same bytes.
        mac.update(&[0]);
        mac.update(self.business.uuid().as_bytes());
        mac.update(&key);
        mac.update(id.as_bytes());
        mac
    }
}

fn size(name: &str, wanted: Option<i32>) -> Result<u32, Problem> {
    let Some(wanted) = wanted else {
        return Ok(PAGE_SIZE);
    };
    match u32::try_from(wanted) {
        Ok(size @ 1..=PAGE_SIZE_MAX) => Ok(size),
        _ => Err(Problem::input(name, format!("must be from 1 to {PAGE_SIZE_MAX}"))),
    }
}

/// What a list costs: its rows times what one of them costs.
pub(crate) fn weight(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    let rows = first.or(last).and_then(|wanted| u32::try_from(wanted).ok());
    rows.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE_MAX) as usize * child
}

#[cfg(test)]
mod tests;
