//! Push: how much of what the store is to have, and what has to be sent for that (S1.1 to S1.6, F12).
//!
//! The POS's level, less what is held back, is what the store is to have at a location: the [`Target`]. What the store
//! has by our knowledge, [`Known`], decides what is next: the [`Step`]. The store is never told a quantity without what
//! we believe it to have, so that it refuses where it knows better.

mod hearing;
mod policy;
mod row;
mod step;
mod target;

pub use hearing::{Hearing, Told, hear};
pub use policy::{BUFFER_MAX, InventoryPolicy, NegativePolicy, Ownership, StockBasis};
pub use row::{ClaimedPush, PushEnd, PushKey, PushState, StockPush};
pub use step::{Known, SETTLING, Step, next_step};
pub use target::{Hold, PlaceLevel, QUANTITY_MAX, Target, target};
