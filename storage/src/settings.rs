//! What storage needs to be told.

use crate::hint::Hints;
use crate::secret::Keyring;

/// What to open and with which keys.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `sqlite:PATH` for a file on this machine, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `sslmode` and
    /// `sslrootcert` as in PostgreSQL's own URLs.
    pub url: String,
    /// Connections for reading, from 1 to [`Settings::READ_CONNECTIONS_MAX`]. Writing has its own.
    pub read_connections: u32,
    /// The keys that secrets are sealed with.
    pub keys: Keyring,
    /// Who learns of what was written.
    pub hints: Hints,
}

impl Settings {
    /// The most connections for reading.
    pub const READ_CONNECTIONS_MAX: u32 = 100;
}
