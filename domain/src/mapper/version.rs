//! Versions, configs and shadow reports, as they are kept.

use super::{Bound, WorkState};
use crate::delivery::Failure;
use crate::id::ShadowReportId;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// Something that a plugin can do. What it cannot, the standard mapper does.
    Capability {
        /// Makes a POS order of a store order.
        MapOrder = "map_order",
        /// Makes POS products of a store product.
        MapProduct = "map_product",
        /// Makes a store product of a POS product.
        PublishProduct = "publish_product",
    }
}

/// What a plugin can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Capabilities {
    /// [`Capability::MapOrder`].
    pub map_order: bool,
    /// [`Capability::MapProduct`].
    pub map_product: bool,
    /// [`Capability::PublishProduct`].
    pub publish_product: bool,
}

impl Capabilities {
    /// Whether this is one of them.
    pub const fn has(self, capability: Capability) -> bool {
        match capability {
            Capability::MapOrder => self.map_order,
            Capability::MapProduct => self.map_product,
            Capability::PublishProduct => self.publish_product,
        }
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.has(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        let mut all = Self::default();
        for capability in capabilities {
            match capability {
                Capability::MapOrder => all.map_order = true,
                Capability::MapProduct => all.map_product = true,
                Capability::PublishProduct => all.publish_product = true,
            }
        }
        all
    }
}

words! {
    /// Whether a mapper version can serve.
    MapperVersionState {
        /// It loads, describes itself, and passes its golden tests (F16).
        Validated = "validated",
        /// It does not; it cannot be activated.
        Rejected = "rejected",
        /// Taken back by the business; it cannot be activated until it is validated anew.
        Retired = "retired",
    }
}

/// A mapper version of a business: an uploaded plugin, without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapperVersion {
    /// Its number in the business, from 1.
    pub number: u32,
    /// SHA-256 of the component.
    pub digest: [u8; 32],
    /// The component's length in bytes.
    pub size_bytes: u64,
    /// The contract that it was built for, for instance `1.0`; empty where that could not be told.
    pub contract: String,
    /// What it calls itself.
    pub name: String,
    /// The version that it gives itself.
    pub plugin_version: String,
    /// What it does, in its own words.
    pub summary: String,
    /// A JSON Schema of its settings.
    pub settings_schema: String,
    /// What it can do.
    pub capabilities: Capabilities,
    /// Whether it can serve.
    pub state: MapperVersionState,
    /// Why it was rejected.
    pub failure: Option<Failure>,
    /// How many golden tests travel with it.
    pub golden_count: u32,
    /// Who uploaded it: the token's subject.
    pub uploaded_by: String,
    /// When it was uploaded.
    pub uploaded_at: Timestamp,
}

/// Settings for a mapper. Never changed: other settings are another config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapperConfig {
    /// Its number in the business, from 1.
    pub number: u32,
    /// The settings as a JSON object.
    pub settings: String,
    /// SHA-256 of the settings as a run gets them.
    pub digest: [u8; 32],
    /// Who made it: the token's subject.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A shadow run: what would change if the candidate served in the place of what does (F1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShadowReport {
    /// Its id.
    pub id: ShadowReportId,
    /// What was tried.
    pub candidate: Bound,
    /// What it was compared with: the active one when the run began.
    pub active: Bound,
    /// How far it is.
    pub state: WorkState,
    /// The report as JSON, once it is done; why there is none, where the run failed.
    pub body: Option<String>,
    /// Who asked for it: the token's subject.
    pub created_by: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
