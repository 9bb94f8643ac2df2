//! Wake-ups and live events between several instances.

use domain::secret::Secret;

use super::reader::{Reader, Setting};

/// `[redis]`.
#[derive(Clone, Debug, Default)]
pub struct RedisConfig {
    /// `REDIS_URL` (`url`): for instance `redis://127.0.0.1:6379`. Without it one instance serves alone. Secret because
    /// it may hold a password.
    pub url: Option<Secret>,
}

impl RedisConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self { url: reader.secret(Setting::new("REDIS_URL", "redis", "url")) }
    }

    /// The address, if there is one.
    pub fn url(&self) -> Option<&str> {
        self.url.as_ref().map(Secret::reveal)
    }
}
