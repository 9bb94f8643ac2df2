//! Store systems: what the gateway needs of one, and which there are.
//!
//! Everything above this file speaks of providers, never of one by name. Adding one means a client crate, an adapter
//! here and a row in [`Providers::new`]; the conformance tests then run over it.

mod error;
mod inventory;
mod listing;
mod shopify;

pub(crate) use error::ProviderError;
pub(crate) use inventory::{
    ItemLevel, LEVELS_MAX, LevelRefusal, LevelToSet, LevelsSet, WhyRefused,
};
pub(crate) use listing::{MadeProduct, NewProduct, Told, VARIANT_UPDATES_MAX};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::code::Code;
use domain::connection::ScopeRequirement;
use domain::delivery::{Failure, Source};
use domain::flow::Incoming;
use domain::id::ExternalId;
use domain::money::Currency;
use domain::privacy::Telltales;
use domain::product_push::Listing;
use domain::reconcile::Head;
use domain::refined::ObjectType;
use domain::secret::Secret;
use domain::time::Timestamp;
use http::HeaderMap;

use crate::app::Random;
use shopify::Shopify;

/// A store system.
///
/// It reads and writes nothing of ours. Deliveries and callbacks are believed only through its verifying methods, and
/// what they give back is text that passed its own checks.
#[async_trait::async_trait]
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// The name in addresses, tables and arguments, for instance `shopify`.
    fn name(&self) -> &'static str;

    /// The shop's one spelling, or [`Code::InvalidShop`]. No address is built from a shop that did not pass here.
    fn canonical_shop(&self, text: &str) -> Result<String, Failure>;

    /// Every permission that we use, and what for.
    fn scope_requirements(&self) -> Vec<ScopeRequirement>;

    /// The permissions that are not granted; one to write includes the one to read (F11).
    fn missing_scopes(&self, granted: &BTreeSet<String>) -> Vec<ScopeRequirement>;

    /// Where the merchant is sent to grant them. `state` must consist of letters, digits, `-` and `_`.
    fn authorize_url(&self, shop: &str, state: &str) -> String;

    /// Believes an OAuth callback or an entry through the app's address: the signature over all parameters, the time
    /// within the tolerance, the shop. [`Code::InvalidSignature`], [`Code::StaleCallback`], [`Code::InvalidShop`].
    fn verify_query(
        &self,
        parameters: &[(String, String)],
        now: Timestamp,
    ) -> Result<VerifiedQuery, Failure>;

    /// Exchanges a callback's code for tokens. A code is good once.
    async fn exchange_code(
        &self,
        shop: &str,
        code: &str,
        now: Timestamp,
    ) -> Result<Grant, ProviderError>;

    /// Exchanges a refresh token for a new pair, which must be stored before it is used.
    async fn refresh(
        &self,
        shop: &str,
        refresh_token: &Secret,
        now: Timestamp,
    ) -> Result<Grant, ProviderError>;

    /// Believes a delivery: its signature over the bytes as they came. The headers are not signed. Fails with
    /// [`Code::InvalidSignature`] and nothing else, so that a forger learns nothing.
    fn verify_delivery(&self, headers: &HeaderMap, body: &[u8]) -> Result<DeliveryHead, Failure>;

    /// What a delivery says. [`Code::MalformedBody`] names the field, [`Code::ShopMismatch`] the other shop.
    fn read_delivery(
        &self,
        source: Source,
        topic: &str,
        shop: &str,
        body: &[u8],
    ) -> Result<Incoming, Failure>;

    /// Which object a delivery names that cannot be read otherwise; none where it does not even do that.
    fn object_named(&self, topic: &str, body: &[u8]) -> Option<(ObjectType, ExternalId)>;

    /// A delivery's body without the person that it tells of: what [`Provider::read_delivery`] reads from it says the same
    /// of goods and money. To take a person out twice changes nothing.
    fn without_person(&self, topic: &str, body: &[u8]) -> Vec<u8>;

    /// What tells of the person in a delivery's body, wherever else it stands.
    fn telltales(&self, body: &[u8]) -> Telltales;

    /// The topics to subscribe to under these permissions.
    fn wanted_topics(&self, granted: &BTreeSet<String>) -> Vec<String>;

    /// One object as JSON, whole; none where the store has none of that id.
    async fn read_object(
        &self,
        access: &Access,
        kind: ObjectType,
        id: ExternalId,
    ) -> Result<Option<Vec<u8>>, ProviderError>;

    /// A page of the objects that changed at or after `since`, whole, oldest change first.
    async fn read_page(
        &self,
        access: &Access,
        kind: ObjectType,
        since: Option<Timestamp>,
        cursor: Option<&str>,
    ) -> Result<ObjectPage, ProviderError>;

    /// From when on objects of a kind are shown under these permissions, by the time they were made; none where all are.
    fn shown_from(
        &self,
        kind: ObjectType,
        granted: &BTreeSet<String>,
        now: Timestamp,
    ) -> Option<Timestamp>;

    /// How many objects of a kind were made from `from` on, where the store tells.
    async fn count(
        &self,
        access: &Access,
        kind: ObjectType,
        from: Option<Timestamp>,
    ) -> Result<Option<u64>, ProviderError>;

    /// A page of the ids above `after`, in their order, of objects that were made from the first time of `made` on and
    /// before the second.
    async fn heads(
        &self,
        access: &Access,
        kind: ObjectType,
        made: (Option<Timestamp>, Option<Timestamp>),
        after: Option<ExternalId>,
    ) -> Result<HeadPage, ProviderError>;

    /// The location that sends what is sold online; none where the store has none.
    async fn primary_location(&self, access: &Access) -> Result<Option<ExternalId>, ProviderError>;

    /// What the store has of items at a location, at most [`LEVELS_MAX`], in their order.
    async fn levels(
        &self,
        access: &Access,
        location: ExternalId,
        items: &[ExternalId],
    ) -> Result<Vec<ItemLevel>, ProviderError>;

    /// Sets levels, at most [`LEVELS_MAX`] and each once: all or none, and no more than once for each `key`.
    async fn set_levels(
        &self,
        access: &Access,
        key: &str,
        levels: &[LevelToSet],
    ) -> Result<LevelsSet, ProviderError>;

    /// The currency of the store's prices.
    async fn currency(&self, access: &Access) -> Result<Currency, ProviderError>;

    /// Makes a product that is on sale. Making it again makes no second one.
    async fn make_product(
        &self,
        access: &Access,
        product: &NewProduct,
    ) -> Result<Told<MadeProduct>, ProviderError>;

    /// Gives variants of one product a price, and a SKU where the listing has one: all of them, at most
    /// [`VARIANT_UPDATES_MAX`], or none.
    async fn update_variants(
        &self,
        access: &Access,
        product: ExternalId,
        variants: &[(ExternalId, Listing)],
    ) -> Result<Told<()>, ProviderError>;

    /// Shows a product wherever the store sells.
    async fn publish_product(
        &self,
        access: &Access,
        product: ExternalId,
    ) -> Result<Told<()>, ProviderError>;

    /// What the merchant has granted.
    async fn granted_scopes(&self, access: &Access) -> Result<BTreeSet<String>, ProviderError>;

    /// Subscribes to a topic and gives the store's id of the subscription.
    async fn create_subscription(
        &self,
        access: &Access,
        topic: &str,
        url: &str,
    ) -> Result<String, ProviderError>;

    /// Every subscription of ours that stands.
    async fn list_subscriptions(&self, access: &Access)
    -> Result<Vec<Subscription>, ProviderError>;

    /// Ends a subscription; one that is gone already counts as ended.
    async fn delete_subscription(&self, access: &Access, id: &str) -> Result<(), ProviderError>;
}

/// Who calls: a shop and the token for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    /// The shop, in its one spelling.
    pub shop: String,
    /// The token.
    pub token: Secret,
}

/// Tokens that a store gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// What calls are made with.
    pub access_token: Secret,
    /// Until when; none where it lives until the app is removed.
    pub expires_at: Option<Timestamp>,
    /// What the next one is got with.
    pub refresh_token: Option<Secret>,
    /// Until when.
    pub refresh_expires_at: Option<Timestamp>,
    /// What the merchant granted.
    pub scopes: BTreeSet<String>,
}

/// A query that the store has signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedQuery {
    /// The shop, in its one spelling.
    pub shop: String,
    /// The code to exchange, in a callback.
    pub code: Option<String>,
    /// What we gave along, in a callback.
    pub state: Option<String>,
}

/// What a delivery's headers say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryHead {
    /// What it is about, for instance `orders/create`.
    pub topic: String,
    /// The shop, in its one spelling.
    pub shop: String,
    /// The sender's id of this delivery, the same in each repetition.
    pub webhook_id: String,
    /// The sender's id of the event behind it.
    pub event_id: Option<String>,
    /// The version that shaped the body.
    pub api_version: Option<String>,
    /// When it was sent first, where that is told and can be read.
    pub triggered_at: Option<Timestamp>,
    /// Whether it was sent for a try.
    pub test: bool,
}

/// An object as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadObject {
    /// Its id.
    pub id: ExternalId,
    /// When the store last changed it.
    pub updated_at: Timestamp,
    /// The object as JSON.
    pub body: Vec<u8>,
}

/// A page of objects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<ReadObject>,
    /// The cursor of the next page, if there is one.
    pub next: Option<String>,
    /// How many objects the whole list has; told with the first page only, where the store tells it.
    pub total: Option<u64>,
}

/// A page of what there is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeadPage {
    /// The objects.
    pub heads: Vec<Head>,
    /// Whether the list ends with them.
    pub is_last: bool,
}

/// A subscription that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// The store's id of it.
    pub id: String,
    /// The topic, for instance `orders/create`.
    pub topic: String,
    /// Where it delivers.
    pub url: String,
}

/// The store systems by name.
#[derive(Clone, Debug)]
pub struct Providers {
    by_name: BTreeMap<&'static str, Arc<dyn Provider>>,
}

impl Providers {
    /// All that are built in.
    pub fn new(
        settings: ::shopify::Settings,
        random: Arc<dyn Random>,
    ) -> Result<Self, ::shopify::BuildError> {
        let shopify = Shopify::new(settings, random)?;
        Ok(Self::of([Arc::new(shopify) as Arc<dyn Provider>]))
    }

    /// These and no others.
    pub fn of(providers: impl IntoIterator<Item = Arc<dyn Provider>>) -> Self {
        let named = providers.into_iter().map(|provider| (provider.name(), provider));
        Self { by_name: named.collect() }
    }

    /// The one of that name, or [`Code::UnknownProvider`] (S0.42).
    pub fn get(&self, name: &str) -> Result<Arc<dyn Provider>, Failure> {
        self.by_name.get(name).cloned().ok_or_else(|| {
            let detail = format!("Unknown e-commerce provider: {name}");
            Failure::new(Code::UnknownProvider, detail)
        })
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.by_name.values()
    }
}
