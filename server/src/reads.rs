//! What callers may read.
//!
//! Each function takes a [`Reader`], and nobody has one who was not authorised for its business. What is read comes as
//! the words of `domain` and the rows of `storage`; how it is shown is the transport's matter.

pub(crate) mod connections;
pub(crate) mod feed;
pub(crate) mod health;
pub(crate) mod inventory;
pub(crate) mod log;
pub(crate) mod mapper;
pub(crate) mod orders;
pub(crate) mod outbox;
pub(crate) mod pos_orders;
pub(crate) mod privacy;
pub(crate) mod product_push;
pub(crate) mod products;
pub(crate) mod reconcile;
pub(crate) mod stock;
pub(crate) mod timeline;

use std::hash::{Hash, Hasher};

use domain::access::{Caller, Role};
use domain::id::BusinessId;
use storage::Tenant;

use crate::app::App;
use crate::error::Problem;

/// The right to read one business. Cheap to clone, and its place in the keys of whatever is read in batches, so that no
/// batch answers one business with another's rows.
#[derive(Clone, Debug)]
pub(crate) struct Reader(Tenant);

impl Reader {
    /// Lets `caller` read `business`, if they may.
    pub(crate) fn open(app: &App, caller: &Caller, business: BusinessId) -> Result<Self, Problem> {
        Self::open_as(app, caller, business, Role::Viewer)
    }

    /// The same for whoever has at least `role` there.
    pub(crate) fn open_as(
        app: &App,
        caller: &Caller,
        business: BusinessId,
        role: Role,
    ) -> Result<Self, Problem> {
        app.tenant(caller, business, role).map(Self)
    }

    /// Whose rows it reads.
    pub(crate) fn business_id(&self) -> BusinessId {
        self.0.business_id()
    }
}

impl PartialEq for Reader {
    fn eq(&self, other: &Self) -> bool {
        self.business_id() == other.business_id()
    }
}

impl Eq for Reader {}

impl Hash for Reader {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.business_id().hash(state);
    }
}
