//! POS orders as they will be stored.

use domain::flow::{PosOrderWrite, StoredPosOrder};
use domain::id::{DeliveryId, PosOrderId, RunId};
use domain::mapper::Bound;
use domain::pos::{PosOrder, PosState};
use sha2::{Digest as _, Sha256};

/// A POS order as it will be stored.
pub(super) struct Written {
    pub(super) pos: PosOrder,
    pub(super) document: String,
    pub(super) hash: [u8; 32],
    /// The hash of the body that it was mapped from.
    pub(super) source_hash: [u8; 32],
}

impl Written {
    /// A POS order that comes off the books: it stays there, voided. None where it cannot be written, which is a bug.
    pub(super) fn voided(pos: &PosOrder, source_hash: [u8; 32]) -> Option<Self> {
        let pos = PosOrder { state: PosState::Voided, ..pos.clone() };
        let document = serde_json::to_string(&pos).ok()?;
        let hash = Sha256::digest(&document).into();
        Some(Self { pos, document, hash, source_hash })
    }
}

/// What a version of a POS order goes back to.
pub(super) struct Cause {
    pub(super) delivery_id: DeliveryId,
    pub(super) run_id: RunId,
    pub(super) mapper: Bound,
}

/// The next version of a POS order, or the same one where the document did not change.
pub(super) fn pos_order_write(
    id: PosOrderId,
    stored: Option<&StoredPosOrder>,
    cause: &Cause,
    Written { pos, document, hash, source_hash }: Written,
    unlinked: usize,
) -> PosOrderWrite {
    let changed = stored.is_none_or(|stored| stored.document_hash != hash);
    let before = stored.map_or(0, |stored| stored.version);
    PosOrderWrite {
        id,
        external_id: pos.external_id,
        version: if changed { before + 1 } else { before },
        changed,
        delivery_id: cause.delivery_id,
        source_hash,
        document,
        document_hash: hash,
        number: pos.number,
        state: pos.state,
        currency: pos.currency,
        total: pos.total,
        refunded_total: pos.refunded_total,
        line_count: u32::try_from(pos.lines.len()).unwrap_or(u32::MAX),
        unlinked_lines: u32::try_from(unlinked).unwrap_or(u32::MAX),
        mapper: cause.mapper,
        placed_at: pos.placed_at,
        run_id: cause.run_id,
    }
}
