//! Whose tokens are taken.

use std::path::PathBuf;

use domain::secret::Secret;

use super::base_url;
use super::reader::{Reader, Setting};

const TABLE: &str = "auth";

/// The shortest shared secret, in bytes: as long as the hash that it keys.
const SECRET_BYTES_MIN: usize = 32;

/// `[auth]`. Without a secret and without keys no token is taken.
#[derive(Clone, Debug, Default)]
pub struct AuthConfig {
    /// `JWT_SECRET` (`jwt_secret`): the shared secret of `HS256` tokens, at least 32 bytes.
    pub jwt_secret: Option<Secret>,
    /// `JWT_JWKS_FILE` (`jwks_file`): a file of public keys for `RS256`, `ES256` and `EdDSA` tokens.
    pub jwks_file: Option<PathBuf>,
    /// `JWT_JWKS_URL` (`jwks_url`): the same at an address.
    pub jwks_url: Option<String>,
    /// `JWT_ISSUER` (`issuer`): who must have signed, where set.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE` (`audience`): whom a token must be meant for, where set.
    pub audience: Option<String>,
}

impl AuthConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let setting = |variable, key| Setting::new(variable, TABLE, key);
        let secret = setting("JWT_SECRET", "jwt_secret");
        let jwt_secret = reader.secret(secret);
        if jwt_secret.as_ref().is_some_and(|text| text.reveal().len() < SECRET_BYTES_MIN) {
            reader.fail(secret, &format!("must be at least {SECRET_BYTES_MIN} bytes long"));
        }
        let file = setting("JWT_JWKS_FILE", "jwks_file");
        let jwks_file = reader.value(file);
        let jwks_url = reader.with(setting("JWT_JWKS_URL", "jwks_url"), base_url);
        if jwks_file.is_some() && jwks_url.is_some() {
            reader.fail(file, "cannot stand beside JWT_JWKS_URL");
        }
        Self {
            jwt_secret,
            jwks_file,
            jwks_url,
            issuer: reader.text(setting("JWT_ISSUER", "issuer")),
            audience: reader.text(setting("JWT_AUDIENCE", "audience")),
        }
    }
}
