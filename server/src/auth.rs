//! Who may come in: bearer tokens, and the cookie that ties an authorization to the browser that began it.

pub(crate) mod cookie;
mod jwks;
mod token;

pub use token::{TokenError, Verified, Verifier, mint};
