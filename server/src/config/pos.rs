//! Where POS orders may be sent to.

use super::reader::{Reader, Setting};

const TABLE: &str = "pos";

/// `[pos]`.
#[derive(Clone, Debug, Default)]
pub struct PosConfig {
    /// `POS_PRIVATE` (`private`): lets the addresses of businesses' own POS lead into private networks, and be without
    /// encryption. For a gateway that stands beside its one POS; not where strangers set addresses.
    pub private: bool,
}

impl PosConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let private = reader.truth(Setting::new("POS_PRIVATE", TABLE, "private"));
        Self { private: private.unwrap_or_default() }
    }
}
