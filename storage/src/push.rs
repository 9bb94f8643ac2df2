//! Stock on its way to the store: what is wanted, who is at it, and what was sent.
//!
//! There is one row for each item and location. It is the queue, as the inbox's rows are, and the ledger of our writes,
//! by which an echo is told from a change that the store made by itself. Whatever moves stock makes its rows due in the
//! same transaction, so nothing moves and is forgotten.

mod claim;
mod finish;
mod level;
mod location;
mod policy;
mod read;
mod want;

pub use level::Heard;
pub(crate) use level::heard;
pub use read::PushFilter;
pub(crate) use want::{Wanted, want};

use crate::turn::Queue;

/// The queue of pushes.
const PUSHES: Queue = Queue("stock_push");
