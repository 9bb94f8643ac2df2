//! Requests to addresses that somebody else chose: the POS's of businesses. Such an address may name anything, so where it
//! leads is judged when the connection is made, and nothing of the answer but its status is used.

mod address;
mod client;
mod resolver;
mod signature;

pub(crate) use address::check_url;
pub(crate) use client::{Message, Outbound};
pub(crate) use signature::{SECRET_BYTES, secret_text};
