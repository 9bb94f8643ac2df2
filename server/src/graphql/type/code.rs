//! The catalogue of codes.

use async_graphql::Enum;
use domain::code::Code;

/// A stable name of what went wrong, the same as in the `extensions.code` of errors.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "Code")]
pub(crate) enum ErrorCode {
    /// No caller could be told from the request.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// There is no such thing, or it belongs to another business.
    NotFound,
    /// An argument is wrong; the message names the field.
    BadUserInput,
    /// The document does not fit the schema.
    ValidationFailed,
    /// The document costs more than one request may.
    QueryTooComplex,
    /// The document or the request is longer than the limit.
    QueryTooLarge,
    /// Asked too much in too short a time.
    Throttled,
    /// Contradicts what is stored.
    Conflict,
    /// Something that the gateway depends on does not answer.
    UpstreamUnavailable,
    /// Took longer than allowed.
    Timeout,
    /// The gateway's own fault.
    #[graphql(name = "INTERNAL_SERVER_ERROR")]
    Internal,

    /// No store system of that name is known.
    UnknownProvider,
    /// The shop's domain is not of the provider's form.
    InvalidShop,
    /// The shop is connected to another business.
    ShopTaken,
    /// The business already has a live connection to another shop.
    AlreadyConnected,
    /// The signature does not fit.
    InvalidSignature,
    /// The OAuth state is unknown, used, expired, or of another browser.
    InvalidState,
    /// The callback is older or newer than its clock tolerance.
    StaleCallback,
    /// The store refused to exchange the code for a token.
    TokenExchangeFailed,
    /// The merchant declined, or the store reported an error.
    AuthorizationDenied,
    /// The merchant did not grant a scope, or the store did not approve the app; the message names what is missing.
    MissingScope,
    /// The connection cannot be used; the merchant must connect again.
    ReauthRequired,
    /// A stored secret cannot be decrypted with the keys at hand.
    DecryptFailed,

    /// The body is not what its topic promises.
    MalformedBody,
    /// A topic that the provider does not know.
    UnsupportedTopic,
    /// The body belongs to another shop than the route or header says.
    ShopMismatch,
    /// The order's amounts do not add up to its total.
    TotalMismatch,
    /// The plugin refused the order, with its reason.
    MappingRefused,
    /// The plugin answered something that the POS cannot take; the message names the field.
    InvalidMapping,
    /// The plugin trapped.
    PluginTrapped,
    /// The plugin ran into one of its limits; the message names it.
    PluginLimit,
    /// The bytes are no plugin, or none that may run here; the message says why.
    PluginRefused,
    /// Compiling the plugin was ended from outside: the machine had no time or no memory for it. Later it may go well.
    CompileInterrupted,
    /// A test that travels with the plugin does not pass; the message names it.
    GoldenTestFailed,
    /// A setting is not as the plugin's schema has it; the field names it.
    InvalidSettings,
    /// A recorded run was repeated and gave something else; the message names the difference.
    ReplayDiffers,
    /// The store refused what was pushed; the message has its reason.
    PushRefused,
    /// All attempts were used up.
    AttemptsExhausted,
}

#[cfg(test)]
mod tests {
    use async_graphql::resolver_utils::EnumType;

    use super::*;

    #[test]
    fn names_are_those_of_the_catalogue() {
        for code in Code::ALL {
            let item = ErrorCode::items().iter().find(|item| item.value == (*code).into());
            assert_eq!(item.map(|item| item.name), Some(code.as_str()));
        }
    }
}
