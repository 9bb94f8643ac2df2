//! Deliveries: how they are signed, what their headers say, which topics there are.

mod headers;
mod send;
mod signature;
mod topic;

pub use headers::{DeliveryHeaders, HeaderProblem, read_headers};
pub use send::{ListenerAnswer, Outgoing, SendError, send_webhook};
pub(crate) use signature::tag;
pub use signature::{SignatureProblem, sign, verify};
pub use topic::{ALIASES, Alias, Origin, TOPICS, Topic, alias, topic, topic_of_enum};

/// The largest body that is read. The store names no limit; orders of 500 lines come to a few megabytes.
pub const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
