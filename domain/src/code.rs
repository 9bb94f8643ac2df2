//! The catalogue of codes: every refusal that reaches the outside carries one of these.

use std::fmt;

use serde::{Serialize, Serializer};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// A stable name of what went wrong, the same in GraphQL's `extensions.code`, in redirects (in lower case), in
        /// dead letters and in the sync log.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Code {
            $($(#[$doc])* $name,)+
        }

        impl Code {
            /// Every code there is, for documentation and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// The code of that name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    /// No caller could be told from the request.
    Unauthenticated = "UNAUTHENTICATED",
    /// The caller may not do this.
    Forbidden = "FORBIDDEN",
    /// There is no such thing, or it belongs to another business.
    NotFound = "NOT_FOUND",
    /// An argument is wrong; the message names the field.
    BadUserInput = "BAD_USER_INPUT",
    /// The document does not fit the schema.
    ValidationFailed = "VALIDATION_FAILED",
    /// The document costs more than one request may.
    QueryTooComplex = "QUERY_TOO_COMPLEX",
    /// The document or the request is longer than the limit.
    QueryTooLarge = "QUERY_TOO_LARGE",
    /// Asked too much in too short a time.
    Throttled = "THROTTLED",
    /// Contradicts what is stored.
    Conflict = "CONFLICT",
    /// Something that we depend on does not answer.
    UpstreamUnavailable = "UPSTREAM_UNAVAILABLE",
    /// Took longer than allowed.
    Timeout = "TIMEOUT",
    /// Our own fault; details are in the log under the request's id.
    Internal = "INTERNAL_SERVER_ERROR",

    /// No store system of that name is known (S0.42).
    UnknownProvider = "UNKNOWN_PROVIDER",
    /// The shop's domain is not of the provider's form.
    InvalidShop = "INVALID_SHOP",
    /// The shop is connected to another business.
    ShopTaken = "SHOP_TAKEN",
    /// The business already has a live connection to another shop.
    AlreadyConnected = "ALREADY_CONNECTED",
    /// The signature does not fit.
    InvalidSignature = "INVALID_SIGNATURE",
    /// The OAuth state is unknown, used, expired, or of another browser.
    InvalidState = "INVALID_STATE",
    /// The callback is older or newer than its clock tolerance.
    StaleCallback = "STALE_CALLBACK",
    /// The store refused to exchange the code for a token.
    TokenExchangeFailed = "TOKEN_EXCHANGE_FAILED",
    /// The merchant declined, or the store reported an error.
    AuthorizationDenied = "AUTHORIZATION_DENIED",
    /// The merchant did not grant a scope, or the store did not approve the app; the message names what is missing.
    MissingScope = "MISSING_SCOPE",
    /// The connection cannot be used; the merchant must connect again.
    ReauthRequired = "REAUTH_REQUIRED",
    /// A stored secret cannot be decrypted with the keys at hand.
    DecryptFailed = "DECRYPT_FAILED",

    /// The body is not what its topic promises.
    MalformedBody = "MALFORMED_BODY",
    /// A topic that the provider does not know.
    UnsupportedTopic = "UNSUPPORTED_TOPIC",
    /// The body belongs to another shop than the route or header says.
    ShopMismatch = "SHOP_MISMATCH",
    /// The order's amounts do not add up to its total.
    TotalMismatch = "TOTAL_MISMATCH",
    /// The plugin refused the order, with its reason.
    MappingRefused = "MAPPING_REFUSED",
    /// The plugin answered something that the POS cannot take; the message names the field.
    InvalidMapping = "INVALID_MAPPING",
    /// The plugin trapped.
    PluginTrapped = "PLUGIN_TRAPPED",
    /// The plugin ran into one of its limits; the message names it.
    PluginLimit = "PLUGIN_LIMIT",
    /// The bytes are no plugin, or none that may run here; the message says why.
    PluginRefused = "PLUGIN_REFUSED",
    /// Compiling the plugin was ended from outside: the machine had no time or no memory for it. Later it may go well.
    CompileInterrupted = "COMPILE_INTERRUPTED",
    /// A test that travels with the plugin does not pass; the message names it.
    GoldenTestFailed = "GOLDEN_TEST_FAILED",
    /// A setting is not as the plugin's schema has it; the field names it.
    InvalidSettings = "INVALID_SETTINGS",
    /// A recorded run was repeated and gave something else; the message names the difference.
    ReplayDiffers = "REPLAY_DIFFERS",
    /// The store refused what was pushed; the message has its reason.
    PushRefused = "PUSH_REFUSED",
    /// All attempts were used up.
    AttemptsExhausted = "ATTEMPTS_EXHAUSTED",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
    }
}
