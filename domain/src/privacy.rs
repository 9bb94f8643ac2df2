//! What a store asks of us about a person: to tell what is held on them, or to erase it (S4.32, F15).

mod erase;
mod mark;
mod request;

pub use erase::{ERASED, Telltales};
pub use mark::{Mark, MarkKind};
pub use request::{
    Counts, DUE_WITHIN, Person, PrivacyRequest, PrivacyState, PrivacyTopic, StoredRequest,
};
