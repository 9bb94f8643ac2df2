//! Between the client's words and ours.

use domain::connection::ScopeRequirement;
use domain::secret::Secret;
use domain::time::Timestamp;
use shopify::oauth::{self, TokenProblem};
use shopify::scope::ScopeUse;
use shopify::{ClientError, Shop, operation, webhook};

use super::super::{Access, Grant, ProviderError, Subscription};

pub(super) fn denied(detail: &str) -> ProviderError {
    ProviderError::Denied { detail: detail.to_owned() }
}

pub(super) fn broken(detail: impl Into<String>) -> ProviderError {
    ProviderError::Broken { detail: detail.into() }
}

pub(super) fn shop(text: &str) -> Result<Shop, ProviderError> {
    Shop::parse(text).map_err(|error| broken(error.to_string()))
}

pub(super) fn access(access: &Access) -> Result<shopify::Access, ProviderError> {
    let token = shopify::Secret::new(access.token.reveal());
    Ok(shopify::Access { shop: shop(&access.shop)?, token })
}

pub(super) fn error_of(error: ClientError) -> ProviderError {
    match error {
        ClientError::Unauthorized => ProviderError::Unauthorized,
        ClientError::Frozen => ProviderError::Frozen,
        ClientError::NoSuchShop => denied("there is no such shop"),
        ClientError::Denied { detail } => ProviderError::Denied { detail },
        ClientError::NoAccess { scopes, detail } => ProviderError::MissingScope { scopes, detail },
        ClientError::Throttled { wait, .. } => ProviderError::Throttled { wait },
        ClientError::Unavailable { .. } => ProviderError::Unavailable { detail: error.to_string() },
        ClientError::TooCostly { .. } => broken(error.to_string()),
        ClientError::Broken { detail } => ProviderError::Broken { detail },
    }
}

pub(super) fn problem_of_token(problem: TokenProblem) -> ProviderError {
    match problem {
        TokenProblem::InvalidGrant => ProviderError::ReauthRequired,
        // Our own secret may be wrong: no reason to make every merchant connect again.
        TokenProblem::InvalidClient => denied(&problem.to_string()),
        TokenProblem::Throttled { wait } => ProviderError::Throttled { wait },
        TokenProblem::Frozen => ProviderError::Frozen,
        TokenProblem::Unavailable { detail } => ProviderError::Unavailable { detail },
        TokenProblem::Broken { detail } => ProviderError::Broken { detail },
    }
}

pub(super) fn grant_of(grant: oauth::Grant, now: Timestamp) -> Grant {
    let ours = |secret: &shopify::Secret| Secret::new(secret.reveal());
    Grant {
        access_token: ours(&grant.access_token),
        expires_at: grant.expires_in.map(|span| now + span),
        refresh_token: grant.refresh_token.as_ref().map(ours),
        refresh_expires_at: grant.refresh_expires_in.map(|span| now + span),
        scopes: grant.scopes,
    }
}

pub(super) fn requirement(used: &ScopeUse) -> ScopeRequirement {
    ScopeRequirement {
        scope: used.scope.to_owned(),
        feature: used.feature.to_owned(),
        required: used.required,
    }
}

/// The schema's name of a topic. One that does not exist is refused with what takes its place.
pub(super) fn enum_name(topic: &str) -> Result<String, ProviderError> {
    if let Some(alias) = webhook::alias(topic) {
        let instead = match alias.replacements {
            [] => "its objects have to be polled".to_owned(),
            names => format!("{} took its place", names.join(", ")),
        };
        return Err(denied(&format!("the store has no topic {topic}: {instead}")));
    }
    let known = webhook::topic(topic).filter(|known| !known.enum_name.is_empty());
    let unknown = || denied(&format!("the topic {topic} cannot be subscribed to"));
    known.map(|known| known.enum_name.to_owned()).ok_or_else(unknown)
}

pub(super) fn subscription(subscription: operation::Subscription) -> Subscription {
    let known = webhook::topic_of_enum(&subscription.topic);
    // A topic that we never subscribe to keeps the schema's name.
    let topic = known.map_or(subscription.topic, |known| known.name.to_owned());
    Subscription { id: subscription.id, topic, url: subscription.uri }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_that_do_not_exist_are_refused_with_what_takes_their_place() {
        assert_eq!(enum_name("orders/create").unwrap(), "ORDERS_CREATE");
        let said = |topic| enum_name(topic).unwrap_err().to_string();
        assert!(said("price_rules/create").ends_with("discounts/create took its place"));
        assert!(said("marketing_events/update").ends_with("its objects have to be polled"));
        assert!(said("shop/redact").ends_with("cannot be subscribed to"));
        assert!(said("nonsense").ends_with("cannot be subscribed to"));
    }
}
