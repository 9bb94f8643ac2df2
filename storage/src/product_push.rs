//! Products of the POS on their way to the store: what was asked for, who is at it, and what was told.
//!
//! There is one row for each product and store. It is the queue, as the inbox's rows are, and it remembers what the store
//! was told last, so that asking again for the same sends nothing.

mod claim;
mod finish;
mod linked;
mod read;
mod want;

pub use read::ProductPushFilter;
pub use want::WantedProducts;

use crate::turn::Queue;

/// The queue of product pushes.
const PUSHES: Queue = Queue("product_push");
