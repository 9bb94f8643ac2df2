//! Hostile mappers beside good ones: whatever a plugin does, the orders of other businesses neither fail nor wait.

use std::time::{Duration, Instant};

use domain::code::Code;
use domain::connection::{Connection, ConnectionStatus};
use domain::delivery::Failure;
use domain::id::{BusinessId, ConnectionId, ExternalId};
use domain::mapper::{BindingChange, Bound};
use domain::secret::Secret;
use domain::time::Timestamp;
use futures_util::future::join_all;
use storage::{ConnectionSecrets, Tenant};
use tests::bench::{Latencies, order_body};
use tests::print_line;
use tests::world::mapper::{
    activation, change_binding, hostile_component, keep_mapper, keep_settings, standard_component,
};
use tests::world::{Place, TestWorld, Webhook};

use crate::scenarios;

const APP_WIDE: &str = "/ecommerce/webhooks/shopify";
/// Deeds that are stopped by a limit, or trap.
const STOPPED: [&str; 8] =
    ["loop", "memory", "recursion", "frames", "log-lines", "log-bytes", "huge-answer", "panic"];
/// Deeds that end in an answer which nobody believes.
const DISBELIEVED: [(&str, Code); 8] = [
    ("wrong-total", Code::TotalMismatch),
    ("foreign-order", Code::InvalidMapping),
    ("foreign-line", Code::InvalidMapping),
    ("wrong-variant", Code::InvalidMapping),
    ("bad-decimal", Code::InvalidMapping),
    ("bad-id", Code::InvalidMapping),
    ("bad-time", Code::InvalidMapping),
    ("many-entries", Code::InvalidMapping),
];
/// Businesses of either kind.
const BUSINESSES: u64 = 8;
/// Orders that each good business gets in a measurement, one after the other.
const ORDERS: u64 = 25;
/// How often each of the others sells meanwhile.
const OTHERS_EVERY: Duration = Duration::from_millis(200);
/// How long an order of a good business may take from its acknowledgement, at the very worst.
const POSTED_MAX: Duration = Duration::from_secs(20);

/// A business with a connected shop.
struct Shop {
    number: u64,
    tenant: Tenant,
}

impl Shop {
    async fn open(world: &TestWorld, number: u64) -> Self {
        let app = world.app();
        let (business, _) = world.other_business().await;
        let now = app.now();
        let connection = connection(business, number, now, ConnectionId::new(now, &app.entropy()));
        let secrets = ConnectionSecrets {
            access_token: Secret::new("none"),
            access_token_expires_at: Some(now + Duration::from_hours(24)),
            refresh_token: None,
            refresh_token_expires_at: None,
        };
        let tenant = app.storage.tenant(business);
        tenant.save_connection(&connection, &secrets, now).await.unwrap();
        Self { number, tenant }
    }

    /// Has a plugin with settings serve the shop. There is nothing to fall back to, so it serves for ever.
    async fn serve(
        &self,
        world: &TestWorld,
        component: fn(&str) -> Vec<u8>,
        settings: &[(&str, &str)],
    ) {
        let (app, tenant) = (world.app(), &self.tenant);
        let config = keep_settings(tenant, settings).await;
        // Rolling back once leaves no way back.
        for name in ["stays", "goes"] {
            let version = keep_mapper(&app.mappers, tenant, component(name)).await;
            change_binding(tenant, activation(Bound { version, config }), app.now()).await;
        }
        let back = BindingChange::Rollback { reason: "for a test".to_owned() };
        change_binding(tenant, back, app.now()).await;
        assert_eq!(tenant.binding().await.unwrap().previous, None);
    }

    async fn sell(&self, world: &TestWorld, order: u64) -> ExternalId {
        let id = self.number * 1_000_000 + order;
        let (body, _) = order_body(self.number, id);
        let shop = domain_of(self.number);
        let webhook = Webhook { shop, ..Webhook::new("orders/create", body) };
        let answer = world.send(APP_WIDE, &webhook).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.id(order)
    }

    fn id(&self, order: u64) -> ExternalId {
        ExternalId(i64::try_from(self.number * 1_000_000 + order).unwrap())
    }

    /// Sells an order, and waits until it is posted; how long that took from the acknowledgement.
    async fn sold(&self, world: &TestWorld, order: u64) -> Duration {
        let id = self.sell(world, order).await;
        let acknowledged = Instant::now();
        while self.tenant.pos_order(id).await.unwrap().is_none() {
            assert!(acknowledged.elapsed() < POSTED_MAX, "order {order} of {}", self.number);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        acknowledged.elapsed()
    }
}

fn domain_of(number: u64) -> String {
    format!("neighbour-{number}.myshopify.com")
}

fn connection(
    business_id: BusinessId,
    number: u64,
    now: Timestamp,
    id: ConnectionId,
) -> Connection {
    Connection {
        id,
        business_id,
        provider: "shopify".to_owned(),
        shop: domain_of(number),
        status: ConnectionStatus::Active,
        granted_scopes: ["read_orders".to_owned(), "read_products".to_owned()].into(),
        connected_at: now,
        ended_at: None,
        cutover_at: Timestamp::EPOCH,
        last_synced_at: Some(now),
        subscriptions: Vec::new(),
    }
}

/// The good businesses' latencies from acknowledgement to posted, while `others` sell as well; told with what it was.
async fn measure(world: &TestWorld, good: &[Shop], others: &[Shop], from: u64, what: &str) -> f64 {
    let each = good.iter().map(async |shop| {
        let mut latencies = Latencies::default();
        for order in from..from + ORDERS {
            latencies.add(shop.sold(world, order).await);
        }
        latencies
    });
    let going_on = join_all(others.iter().map(async |shop| {
        for order in from.. {
            shop.sell(world, order).await;
            tokio::time::sleep(OTHERS_EVERY).await;
        }
    }));
    let mut all = Latencies::default();
    tokio::select! {
        done = join_all(each) => done.into_iter().for_each(|one| all.merge(one)),
        _ = going_on, if !others.is_empty() => unreachable!("they go on"),
    }
    let (p50, p99) = (all.percentile(500), all.percentile(990));
    let count = all.count();
    print_line(&format!(
        "{what}: {count} orders of good businesses, p50 {p50:.0} ms, p99 {p99:.0} ms"
    ));
    p99
}

/// Waits until the shop's order was tried; the failure that it came to.
async fn failure_of(world: &TestWorld, shop: &Shop, order: ExternalId) -> Failure {
    let runs = async || shop.tenant.runs_of_order(order, None, 1).await.unwrap();
    world.eventually("it is tried", async || !runs().await.is_empty()).await;
    let run = runs().await.swap_remove(0).run;
    assert!(shop.tenant.pos_order(order).await.unwrap().is_none(), "{run:?}");
    assert_eq!(run.output_digest, None, "{run:?}");
    run.failure.unwrap()
}

/// One place after the other, since times are taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_mappers_do_not_delay_the_orders_of_others() {
    for place in [Some(Place::sqlite()), Place::services().await].into_iter().flatten() {
        let world = TestWorld::start(&place).await;
        let (mut good, mut others) = (Vec::new(), Vec::new());
        for number in 1..=BUSINESSES {
            good.push(Shop::open(&world, number).await);
            others.push(Shop::open(&world, BUSINESSES + number).await);
        }
        for shop in good.iter().chain(&others) {
            shop.serve(&world, standard_component, &[]).await;
        }
        let told = |what: &str| format!("{}: {what}", place.name());
        measure(&world, &good, &[], 1_000, &told("warming up")).await;
        measure(&world, &good, &[], 2_000, &told("alone")).await;
        let harmless =
            measure(&world, &good, &others, 3_000, &told("beside 8 harmless ones")).await;
        for (shop, deed) in others.iter().zip(STOPPED) {
            shop.serve(&world, hostile_component, &[("do", deed)]).await;
        }
        let hostile = measure(&world, &good, &others, 4_000, &told("beside 8 hostile ones")).await;
        print_line(&told(&format!("p99 moved by {:.0} %", (hostile / harmless - 1.0) * 100.0)));

        for (shop, deed) in others.iter().zip(STOPPED) {
            let failure = failure_of(&world, shop, shop.id(4_000)).await;
            assert!(
                matches!(failure.code, Code::PluginLimit | Code::PluginTrapped),
                "{deed}: {failure}"
            );
        }
        world.abandon().await;
    }
}

scenarios! {
    async fn answers_that_nobody_believes_reach_nothing(place: Place) {
        let world = TestWorld::start(&place).await;
        let good = Shop::open(&world, 1).await;
        for (number, (deed, code)) in (100..).zip(DISBELIEVED) {
            let shop = Shop::open(&world, number).await;
            shop.serve(&world, hostile_component, &[("do", deed)]).await;
            let order = shop.sell(&world, 1).await;
            good.sold(&world, number).await;
            let failure = failure_of(&world, &shop, order).await;
            assert_eq!(failure.code, code, "{deed}: {failure}");
            assert_eq!(shop.tenant.totals().await.unwrap().movement_sum, 0, "{deed}");
        }
        world.finish().await;
    }
}
