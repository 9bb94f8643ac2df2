//! Changes: everything that a batch of one business writes, in one transaction.

use rust_decimal::Decimal;

use crate::activity::{NewActivity, SyncLogEntry};
use crate::connection::ConnectionStatus;
use crate::delivery::{Failure, Fate, LeaseToken, NewDelivery};
use crate::id::{BusinessId, ConnectionId, DeliveryId, ExternalId, MovementId, PosOrderId, RunId};
use crate::link::LinkOrigin;
use crate::mapper::{Bound, Capability};
use crate::money::Currency;
use crate::personal::Personal;
use crate::pos::PosState;
use crate::push::Told;
use crate::refined::{ObjectType, Order, Product, Version};
use crate::stock::NewMovement;
use crate::time::Timestamp;

/// What a batch of deliveries of one business comes to. Applied as a whole or not at all: where a lease was lost or
/// another worker wrote the same order meanwhile, nothing is written and the batch is decided anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    /// Whose.
    pub business_id: BusinessId,
    /// When it was decided.
    pub now: Timestamp,
    /// The batch's deliveries and what becomes of each.
    pub deliveries: Vec<(DeliveryId, LeaseToken, Fate)>,
    /// Bodies that take the place of those that came, because a person was erased from what they tell.
    pub erased_bodies: Vec<(DeliveryId, Vec<u8>)>,
    /// The raw layer's rows.
    pub raw: Vec<RawIngest>,
    /// New versions of orders.
    pub orders: Vec<OrderWrite>,
    /// New versions of products.
    pub products: Vec<ProductWrite>,
    /// Objects that are gone.
    pub removals: Vec<Removal>,
    /// POS orders, new or changed.
    pub pos_orders: Vec<PosOrderWrite>,
    /// Movements to add to the ledger.
    pub movements: Vec<(MovementId, DeliveryId, NewMovement)>,
    /// Links to make: manual ones replace what is there, others are made only where the variant has none.
    pub links: Vec<LinkWrite>,
    /// The links that movements were decided by, none for a variant without one. Where one differs now, the decision is
    /// void: whoever linked meanwhile has the orders posted again that are stored, and would miss these.
    pub assumed_links: Vec<(ExternalId, Option<String>)>,
    /// The stored versions of the orders that are posted without being written, of which each is the one that was mapped.
    /// Where another one stands now, the decision is void: what was mapped would take the place of what is newer.
    pub assumed_orders: Vec<(ExternalId, Version)>,
    /// The revision of the binding that the batch's mappers were chosen by, where any ran. Where another one stands now,
    /// the decision is void: a rollback holds for the very next order, whatever a worker remembers.
    pub assumed_binding: Option<i64>,
    /// What the store told of its levels, each by a connection. What we know better by now is passed over.
    pub levels: Vec<(ConnectionId, Told)>,
    /// Executions of plugins.
    pub runs: Vec<Run>,
    /// Deliveries that follow from these.
    pub follow_ups: Vec<NewDelivery>,
    /// Connections whose status changes.
    pub connections: Vec<(ConnectionId, ConnectionStatus)>,
    /// Rows of the sync log.
    pub sync_log: Vec<SyncLogEntry>,
    /// Events for the feed.
    pub activity: Vec<NewActivity>,
}

impl Changes {
    /// No changes yet.
    pub fn new(business_id: BusinessId, now: Timestamp) -> Self {
        Self {
            business_id,
            now,
            deliveries: Vec::new(),
            erased_bodies: Vec::new(),
            raw: Vec::new(),
            orders: Vec::new(),
            products: Vec::new(),
            removals: Vec::new(),
            pos_orders: Vec::new(),
            movements: Vec::new(),
            links: Vec::new(),
            assumed_links: Vec::new(),
            assumed_orders: Vec::new(),
            assumed_binding: None,
            levels: Vec::new(),
            runs: Vec::new(),
            follow_ups: Vec::new(),
            connections: Vec::new(),
            sync_log: Vec::new(),
            activity: Vec::new(),
        }
    }
}

/// A row of the raw layer: a distinct payload that was seen (S2.6 to S2.10). The bytes stand with the delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RawIngest {
    /// The delivery that holds the bytes.
    pub delivery_id: DeliveryId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// The store's word for the kind of object.
    pub object_type: String,
    /// The object, where the payload names one.
    pub object_id: Option<ExternalId>,
    /// SHA-256 of the canonical JSON: keys sorted, no white space. The same payload is kept once.
    pub canonical_hash: [u8; 32],
    /// Where it came from.
    pub source: crate::delivery::Source,
    /// Why it could not be processed, if so.
    pub error: Option<String>,
}

/// A version of an order to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderWrite {
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// The delivery that holds its body.
    pub delivery_id: DeliveryId,
    /// The order.
    pub order: Order,
    /// Its version.
    pub version: Version,
    /// The version that was stored when this was decided; another one now means that the decision is void.
    pub replaces: Option<Version>,
}

/// A version of a product to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductWrite {
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// The delivery that holds its body.
    pub delivery_id: DeliveryId,
    /// The product.
    pub product: Product,
    /// Its version.
    pub version: Version,
    /// The version that was stored when this was decided.
    pub replaces: Option<Version>,
}

/// An object that the store no longer has. Its rows stay, marked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Removal {
    /// Which kind of object.
    pub kind: ObjectType,
    /// Which one.
    pub id: ExternalId,
}

/// A POS order to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PosOrderWrite {
    /// Its id, the same for all versions.
    pub id: PosOrderId,
    /// The store order.
    pub external_id: ExternalId,
    /// This version, from 1; another worker's write of the same one collides.
    pub version: i64,
    /// Whether the document differs from the version before; if not, only the source's version is noted.
    pub changed: bool,
    /// The delivery that brought the store order's version.
    pub delivery_id: DeliveryId,
    /// The hash of the body that it was mapped from.
    pub source_hash: [u8; 32],
    /// The mapped order as JSON.
    pub document: String,
    /// SHA-256 of `document`.
    pub document_hash: [u8; 32],
    /// The number printed on the receipt.
    pub number: String,
    /// The state of the sale.
    pub state: PosState,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What the buyer owed before returns.
    pub total: Decimal,
    /// Money that went back.
    pub refunded_total: Decimal,
    /// How many lines.
    pub line_count: u32,
    /// Lines that move no stock because their variant is not linked (S0.41).
    pub unlinked_lines: u32,
    /// The mapper that made it.
    pub mapper: Bound,
    /// When the order was placed.
    pub placed_at: Timestamp,
    /// The execution that made it.
    pub run_id: RunId,
}

/// A link to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkWrite {
    /// The store's variant.
    pub variant_id: ExternalId,
    /// The POS product.
    pub pos_product_id: String,
    /// How it came about.
    pub origin: LinkOrigin,
}

/// One execution of a plugin, with all that is needed to repeat it (F2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// The delivery that it was made for; its body is the input.
    pub delivery_id: DeliveryId,
    /// What was asked of the plugin.
    pub capability: Capability,
    /// The store's order or product.
    pub external_id: ExternalId,
    /// The mapper.
    pub mapper: Bound,
    /// The contract that the plugin was built for, for instance `1.0`.
    pub contract: String,
    /// What ran it: the gateway and its engine, with their versions.
    pub host: String,
    /// SHA-256 of the plugin.
    pub plugin_digest: [u8; 32],
    /// SHA-256 of the settings.
    pub config_digest: [u8; 32],
    /// SHA-256 of the input.
    pub input_digest: [u8; 32],
    /// SHA-256 of the output, where there was one.
    pub output_digest: Option<[u8; 32]>,
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why there is no output. Of an order that was left out it has the plugin's reason, as [`Code::MappingRefused`].
    ///
    /// [`Code::MappingRefused`]: crate::code::Code::MappingRefused
    pub failure: Option<Failure>,
    /// What the plugin logged, a line each.
    pub log: Option<Personal>,
    /// Fuel that the plugin used: instructions, roughly.
    pub fuel: u64,
    /// How long it took, in microseconds.
    pub duration_us: u64,
}

impl Run {
    /// Bytes of its log that are kept of a run.
    pub const LOG_BYTES_MAX: usize = 16 << 10;

    /// The lines of a log as they are kept: the first ones, as far as they fit; none where there are none.
    pub fn kept_log(lines: &[String]) -> Option<Personal> {
        let mut kept = String::new();
        for (index, line) in lines.iter().enumerate() {
            let cut = (0..=line.len().min(Self::LOG_BYTES_MAX.saturating_sub(kept.len() + 1)))
                .rev()
                .find(|&at| line.is_char_boundary(at))
                .unwrap_or(0);
            if index > 0 {
                kept.push('\n');
            }
            kept.push_str(&line[..cut]);
            if cut < line.len() {
                break;
            }
        }
        (!lines.is_empty()).then(|| Personal::new(kept))
    }
}

/// How an execution ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RunOutcome {
    /// With an output.
    Mapped,
    /// The plugin left the order out.
    Skipped,
    /// The plugin or the check of its answer refused.
    Refused,
    /// The plugin trapped or ran into a limit.
    Faulted,
}

impl RunOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Mapped, Self::Skipped, Self::Refused, Self::Faulted];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Skipped => "skipped",
            Self::Refused => "refused",
            Self::Faulted => "faulted",
        }
    }

    /// The outcome of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[&str]) -> Option<String> {
        let lines: Vec<String> = lines.iter().copied().map(str::to_owned).collect();
        Run::kept_log(&lines).map(Personal::into_inner)
    }

    #[test]
    fn a_log_is_kept_from_its_beginning_and_cut_between_characters() {
        assert_eq!(kept(&[]), None);
        assert_eq!(kept(&["info: a", "", "warn: b"]).as_deref(), Some("info: a\n\nwarn: b"));
        let long = "é".repeat(Run::LOG_BYTES_MAX);
        let cut = kept(&["first", &long, "last"]).unwrap();
        assert!(cut.len() <= Run::LOG_BYTES_MAX && cut.len() > Run::LOG_BYTES_MAX - 4);
        assert!(cut.starts_with("first\né") && !cut.ends_with("last"));
        assert!(kept(&[&long, &long]).unwrap().len() <= Run::LOG_BYTES_MAX);
    }
}
