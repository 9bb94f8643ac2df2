//! The handle of a running simulator.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use rand::rngs::SmallRng;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::books::Books;
use crate::change::Change;
use crate::deliveries::{Courier, DeliveryStats};
use crate::fault::Faults;
use crate::live::{self, LiveHandle};
use crate::model::{Store, StoreSettings};
use crate::settings::Settings;
use crate::state::State;
use crate::{admin, clock, control, oauth};

/// A simulated Shopify with any number of shops.
#[derive(Debug)]
pub struct Simulator {
    state: State,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Simulator {
    /// Starts without shops.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let courier = Courier::new(&settings, clock::now());
        let courier = courier.map_err(std::io::Error::other)?;
        let listener = TcpListener::bind(settings.listen).await?;
        let address = listener.local_addr()?;
        let state = State::new(settings, courier);
        let (stop, mut stopped) = watch::channel(false);
        let (router, ending) = (router(state.clone()), state.clone());
        let server = tokio::spawn(async move {
            let ended = async move {
                // An error means that the handle is gone, which is a stop as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(ended).await {
                tracing::error!(%error, "the simulator ended");
            }
            ending.end_all_lives();
        });
        Ok(Self { state, address, stop, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How a shop's address is made of its domain, for the app's settings.
    pub fn shop_url_template(&self) -> String {
        format!("http://{}/shops/{{shop}}", self.address)
    }

    /// Adds a shop, with what its settings have it hold. A shop of the same domain is replaced.
    pub fn add_shop(&self, settings: &StoreSettings) {
        self.state.add_shop(settings);
    }

    /// Looks into a shop; none where there is no such shop.
    pub fn read<T>(&self, shop: &str, look: impl FnOnce(&Store) -> T) -> Option<T> {
        self.state.with(shop, |shop| look(&shop.store))
    }

    /// Changes a shop and delivers what it tells of the change. Returns the id of what changed, if anything did.
    pub fn change(
        &self,
        shop: &str,
        change: impl FnOnce(&mut Store, &mut SmallRng, DateTime<Utc>) -> Option<Change>,
    ) -> Option<i64> {
        self.state.change(shop, change)
    }

    /// What the store knows to be true, with the stock that orders since then have moved.
    pub fn books(&self, shop: &str, since: DateTime<Utc>) -> Option<Books> {
        self.state.books(shop, since)
    }

    /// Has faults strike from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.state.set_faults(faults);
    }

    /// Has a shop live, with a new order each `between` on average, and now and then something that happens to one.
    pub fn live(&self, shop: &str, between: Duration) -> LiveHandle {
        live::live(self.state.clone(), shop.to_owned(), between)
    }

    /// What a merchant grants at most; all that is asked for unless set.
    pub fn set_grantable(&self, shop: &str, scopes: &[&str]) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.state.with(shop, |shop| shop.grantable = Some(scopes));
    }

    /// A permanent token, as a merchant makes by hand.
    pub fn permanent_token(&self, shop: &str, scopes: &[&str]) -> Option<String> {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.state.with(shop, |shop| shop.tokens.make_permanent(scopes, &mut shop.rng))
    }

    /// Ends all tokens of a shop.
    pub fn revoke_tokens(&self, shop: &str) {
        self.state.with(shop, |shop| shop.tokens.revoke_all());
    }

    /// How many access tokens a shop has given since they were last revoked.
    pub fn tokens_issued(&self, shop: &str) -> Option<usize> {
        self.state.with(shop, |shop| shop.tokens.issued())
    }

    /// The signed query with which the store opens the app.
    pub fn app_query(&self, shop: &str) -> String {
        oauth::app_query(&self.state, shop)
    }

    /// Topics and addresses that a shop delivers to.
    pub fn subscriptions(&self, shop: &str) -> Vec<(String, String)> {
        let all = self.state.courier.subscriptions(shop);
        all.into_iter().map(|one| (one.topic, one.uri)).collect()
    }

    /// Subscribes to a topic, as another installation of the app would. Returns whether it was done.
    pub fn subscribe(&self, shop: &str, topic: &str, uri: &str) -> bool {
        self.state.courier.subscribe(shop, topic, uri).is_some()
    }

    /// Removes a shop's subscriptions to the topics that begin so, as the store does after many failures. Returns how
    /// many there were.
    pub fn unsubscribe(&self, shop: &str, topics: &str) -> usize {
        let all = self.state.courier.subscriptions(shop);
        let of_topics = all.iter().filter(|one| one.topic.starts_with(topics));
        of_topics.filter(|one| self.state.courier.unsubscribe(shop, one.id)).count()
    }

    /// What became of deliveries so far.
    pub fn deliveries(&self) -> DeliveryStats {
        self.state.courier.stats()
    }

    /// Holds all deliveries back, or lets them go, all at once. What waits counts as pending.
    pub fn pause_deliveries(&self, paused: bool) {
        self.state.courier.set_paused(paused);
    }

    /// Ends when no delivery is under way, repetitions included.
    pub async fn settled(&self) {
        self.state.courier.settled().await;
    }

    /// Stops answering.
    pub async fn shutdown(self) {
        // Nobody listening means that the server has ended already.
        let _ = self.stop.send(true);
        let abort = self.server.abort_handle();
        if tokio::time::timeout(Duration::from_secs(1), self.server).await.is_err() {
            abort.abort();
        }
    }
}

fn router(state: State) -> Router {
    Router::new()
        .route("/shops/{shop}/admin/oauth/authorize", get(oauth::authorize))
        .route("/shops/{shop}/admin/oauth/access_token", post(oauth::access_token))
        .route("/shops/{shop}/admin/api/{version}/graphql.json", post(admin::graphql))
        .merge(control::routes())
        .with_state(state)
}
