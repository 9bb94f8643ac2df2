//! Shopify.

mod adapter;
mod heads;
mod inventory;
mod listing;
mod order;
mod person;
mod place;
mod privacy;
mod product;
mod reading;
#[cfg(test)]
mod tests;
mod topic;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::code::Code;
use domain::connection::ScopeRequirement;
use domain::delivery::{Failure, Source};
use domain::flow::Incoming;
use domain::id::ExternalId;
use domain::money::Currency;
use domain::privacy::Telltales;
use domain::product_push::Listing;
use domain::refined::ObjectType;
use domain::secret::Secret;
use domain::time::Timestamp;
use http::HeaderMap;
use shopify::oauth::{self, QueryProblem};
use shopify::operation::{
    AccessScopes, LINES_MAX, ListVariables, SubscriptionCreate, SubscriptionDelete,
    SubscriptionDeleteVariables, SubscriptionInput, SubscriptionPage, SubscriptionVariables,
    UserError,
};
use shopify::scope::{self, ScopeUse};
use shopify::webhook::{self, Origin};
use shopify::{BuildError, Client, Jitter, Retry, Settings, Shop};

use super::{
    Access, DeliveryHead, Grant, HeadPage, ItemLevel, LevelToSet, LevelsSet, MadeProduct,
    NewProduct, ObjectPage, Provider, ProviderError, Subscription, Told, VerifiedQuery,
};
use crate::app::Random;
use adapter::{denied, error_of, grant_of, problem_of_token, requirement};

/// How far back orders are shown without the permission for all of them.
const ORDERS_SHOWN: Duration = Duration::from_hours(24 * scope::ORDERS_SHOWN_DAYS as u64);

/// Shopify.
#[derive(Debug)]
pub(super) struct Shopify {
    client: Client,
}

impl Shopify {
    pub(super) fn new(settings: Settings, random: Arc<dyn Random>) -> Result<Self, BuildError> {
        let jitter = Jitter::new(move || {
            let mut bytes = [0; 8];
            random.fill(&mut bytes);
            u64::from_le_bytes(bytes)
        });
        Ok(Self { client: Client::new(settings, Retry::usual(jitter))? })
    }

    fn settings(&self) -> &Settings {
        self.client.settings()
    }
}

#[async_trait::async_trait]
impl Provider for Shopify {
    fn name(&self) -> &'static str {
        "shopify"
    }

    fn canonical_shop(&self, text: &str) -> Result<String, Failure> {
        let text = text.trim();
        let parsed = Shop::parse(text).map_err(|e| Failure::new(Code::InvalidShop, e.to_string()));
        parsed.map(|shop| shop.as_str().to_owned())
    }

    fn scope_requirements(&self) -> Vec<ScopeRequirement> {
        scope::SCOPES.iter().map(requirement).collect()
    }

    fn missing_scopes(&self, granted: &BTreeSet<String>) -> Vec<ScopeRequirement> {
        scope::missing(granted).iter().map(|used: &ScopeUse| requirement(used)).collect()
    }

    fn authorize_url(&self, shop: &str, state: &str) -> String {
        // Callers hold canonical shops; for anything else there is no address to give.
        Shop::parse(shop)
            .map(|shop| oauth::authorize_url(self.settings(), &shop, state))
            .unwrap_or_default()
    }

    fn verify_query(
        &self,
        parameters: &[(String, String)],
        now: Timestamp,
    ) -> Result<VerifiedQuery, Failure> {
        let secrets = self.settings().secrets();
        let seconds = now.millis().div_euclid(1_000);
        let verified = oauth::verify_query(&secrets, parameters, seconds).map_err(|problem| {
            let code = match problem {
                QueryProblem::Stale => Code::StaleCallback,
                QueryProblem::InvalidShop => Code::InvalidShop,
                _ => Code::InvalidSignature,
            };
            Failure::new(code, problem.to_string())
        })?;
        Ok(VerifiedQuery {
            shop: verified.shop.as_str().to_owned(),
            code: verified.code,
            state: verified.state,
        })
    }

    async fn exchange_code(
        &self,
        shop: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Grant, ProviderError> {
        let shop = adapter::shop(shop)?;
        let grant = self.client.exchange_code(&shop, code).await.map_err(problem_of_token)?;
        Ok(grant_of(grant, now))
    }

    async fn refresh(
        &self,
        shop: &str,
        refresh_token: &Secret,
        now: Timestamp,
    ) -> Result<Grant, ProviderError> {
        let shop = adapter::shop(shop)?;
        let token = shopify::Secret::new(refresh_token.reveal());
        let grant = self.client.refresh(&shop, &token).await.map_err(problem_of_token)?;
        Ok(grant_of(grant, now))
    }

    fn verify_delivery(&self, headers: &HeaderMap, body: &[u8]) -> Result<DeliveryHead, Failure> {
        let refused = |text: String| Failure::new(Code::InvalidSignature, text);
        webhook::verify(&self.settings().secrets(), headers, body)
            .map_err(|problem| refused(problem.to_string()))?;
        let head =
            webhook::read_headers(headers).map_err(|problem| refused(problem.to_string()))?;
        Ok(DeliveryHead {
            topic: head.topic,
            shop: head.shop.as_str().to_owned(),
            webhook_id: head.webhook_id,
            event_id: head.event_id,
            api_version: head.api_version,
            triggered_at: head.triggered_at.and_then(|text| Timestamp::parse(&text).ok()),
            test: head.test,
        })
    }

    fn read_delivery(
        &self,
        source: Source,
        topic: &str,
        shop: &str,
        body: &[u8],
    ) -> Result<Incoming, Failure> {
        topic::read(source, topic, shop, body)
    }

    fn object_named(&self, topic: &str, body: &[u8]) -> Option<(ObjectType, ExternalId)> {
        topic::object_named(topic, body)
    }

    fn without_person(&self, topic: &str, body: &[u8]) -> Vec<u8> {
        person::without_person(topic, body)
    }

    fn telltales(&self, body: &[u8]) -> Telltales {
        person::telltales(body)
    }

    fn wanted_topics(&self, granted: &BTreeSet<String>) -> Vec<String> {
        let granted = scope::expand(granted);
        let wanted = webhook::TOPICS.iter().filter(|topic| {
            matches!(topic.origin, Origin::Asked | Origin::Added) && topic.is_covered_by(&granted)
        });
        wanted.map(|topic| topic.name.to_owned()).collect()
    }

    async fn read_object(
        &self,
        access: &Access,
        kind: ObjectType,
        id: ExternalId,
    ) -> Result<Option<Vec<u8>>, ProviderError> {
        let access = adapter::access(access)?;
        let node = match kind {
            ObjectType::Order => reading::whole_order(&self.client, &access, id).await?,
            ObjectType::Product => reading::whole_product(&self.client, &access, id).await?,
        };
        node.map(|node| reading::bytes(&node)).transpose()
    }

    async fn read_page(
        &self,
        access: &Access,
        kind: ObjectType,
        since: Option<Timestamp>,
        cursor: Option<&str>,
    ) -> Result<ObjectPage, ProviderError> {
        let access = adapter::access(access)?;
        reading::page(&self.client, &access, kind, since, cursor).await
    }

    fn shown_from(
        &self,
        kind: ObjectType,
        granted: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let all = kind == ObjectType::Product || granted.contains(scope::ALL_ORDERS);
        (!all).then(|| now - ORDERS_SHOWN)
    }

    async fn count(
        &self,
        access: &Access,
        kind: ObjectType,
        from: Option<Timestamp>,
    ) -> Result<Option<u64>, ProviderError> {
        heads::count(&self.client, &adapter::access(access)?, kind, from).await
    }

    async fn heads(
        &self,
        access: &Access,
        kind: ObjectType,
        made: (Option<Timestamp>, Option<Timestamp>),
        after: Option<ExternalId>,
    ) -> Result<HeadPage, ProviderError> {
        heads::page(&self.client, &adapter::access(access)?, kind, made, after).await
    }

    async fn primary_location(&self, access: &Access) -> Result<Option<ExternalId>, ProviderError> {
        inventory::primary_location(&self.client, &adapter::access(access)?).await
    }

    async fn levels(
        &self,
        access: &Access,
        location: ExternalId,
        items: &[ExternalId],
    ) -> Result<Vec<ItemLevel>, ProviderError> {
        inventory::levels(&self.client, &adapter::access(access)?, location, items).await
    }

    async fn set_levels(
        &self,
        access: &Access,
        key: &str,
        levels: &[LevelToSet],
    ) -> Result<LevelsSet, ProviderError> {
        inventory::set(&self.client, &adapter::access(access)?, key, levels).await
    }

    async fn currency(&self, access: &Access) -> Result<Currency, ProviderError> {
        listing::currency(&self.client, &adapter::access(access)?).await
    }

    async fn make_product(
        &self,
        access: &Access,
        product: &NewProduct,
    ) -> Result<Told<MadeProduct>, ProviderError> {
        listing::make(&self.client, &adapter::access(access)?, product).await
    }

    async fn update_variants(
        &self,
        access: &Access,
        product: ExternalId,
        variants: &[(ExternalId, Listing)],
    ) -> Result<Told<()>, ProviderError> {
        listing::update(&self.client, &adapter::access(access)?, product, variants).await
    }

    async fn publish_product(
        &self,
        access: &Access,
        product: ExternalId,
    ) -> Result<Told<()>, ProviderError> {
        listing::publish(&self.client, &adapter::access(access)?, product).await
    }

    async fn granted_scopes(&self, access: &Access) -> Result<BTreeSet<String>, ProviderError> {
        let access = adapter::access(access)?;
        let answer = self.client.execute::<AccessScopes>(&access, &()).await.map_err(error_of)?;
        let installation = answer.data.current_app_installation;
        let installation = installation.ok_or_else(|| denied("the app is not installed"))?;
        Ok(installation.access_scopes.into_iter().map(|scope| scope.handle).collect())
    }

    async fn create_subscription(
        &self,
        access: &Access,
        topic: &str,
        url: &str,
    ) -> Result<String, ProviderError> {
        let topic_name = adapter::enum_name(topic)?;
        let variables = SubscriptionVariables {
            topic: topic_name,
            subscription: SubscriptionInput { uri: url.to_owned(), format: "JSON" },
        };
        let wire_access = adapter::access(access)?;
        let made = self.client.execute::<SubscriptionCreate>(&wire_access, &variables).await;
        let answer = match made.map_err(error_of) {
            Ok(answer) => answer,
            // The answer may have been lost after the subscription was made: making it again could leave two.
            Err(error @ ProviderError::Unavailable { .. }) => {
                let standing = self.list_subscriptions(access).await.map_err(|_| error.clone())?;
                let found = standing.into_iter().find(|it| it.topic == topic && it.url == url);
                return found.map(|it| it.id).ok_or(error);
            }
            Err(error) => return Err(error),
        };
        let created = answer.data.webhook_subscription_create;
        let created = created.ok_or_else(|| denied("no subscription was made"))?;
        match created.webhook_subscription {
            Some(subscription) => Ok(subscription.id),
            None => Err(refusal(&created.user_errors)),
        }
    }

    async fn list_subscriptions(
        &self,
        access: &Access,
    ) -> Result<Vec<Subscription>, ProviderError> {
        let access = adapter::access(access)?;
        let mut subscriptions = Vec::new();
        let mut after = None;
        loop {
            let variables = ListVariables { first: LINES_MAX, after };
            let answer = self.client.execute::<SubscriptionPage>(&access, &variables).await;
            let page = answer.map_err(error_of)?.data.webhook_subscriptions;
            let next = page.page_info.next().map(str::to_owned);
            subscriptions.extend(page.nodes.into_iter().map(adapter::subscription));
            match next {
                Some(next) => after = Some(next),
                None => return Ok(subscriptions),
            }
        }
    }

    async fn delete_subscription(&self, access: &Access, id: &str) -> Result<(), ProviderError> {
        let access = adapter::access(access)?;
        let variables = SubscriptionDeleteVariables { id: id.to_owned() };
        let answer = self.client.execute::<SubscriptionDelete>(&access, &variables).await;
        let deleted = answer.map_err(error_of)?.data.webhook_subscription_delete;
        let errors = deleted.map(|deleted| deleted.user_errors).unwrap_or_default();
        // Who ends a subscription that is gone has what they wanted.
        let gone = |error: &UserError| error.message.to_ascii_lowercase().contains("not exist");
        if errors.iter().all(gone) { Ok(()) } else { Err(refusal(&errors)) }
    }
}

/// What the store says against a mutation.
fn refusal(errors: &[UserError]) -> ProviderError {
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    denied(&messages.join("; "))
}
