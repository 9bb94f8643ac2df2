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
        let (body, _) = order_body(self.number, self.number * 1_000_000 + order);
        self.deliver(world, order, body).await
    }

    /// Sells an order that is nothing but lines at their prices, which the misbehaving plugin can map.
    async fn sell_plainly(&self, world: &TestWorld, order: u64) -> ExternalId {
        let (body, _) = order_body(self.number, self.number * 1_000_000 + order);
        self.deliver(world, order, only_lines(&body)).await
    }

    async fn deliver(&self, world: &TestWorld, order: u64, body: Vec<u8>) -> ExternalId {
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

/// The order without shipping and taxes.
fn only_lines(body: &[u8]) -> Vec<u8> {
    let mut order: serde_json::Value = serde_json::from_slice(body).unwrap();
    order["shipping_lines"] = serde_json::json!([]);
    order["tax_lines"] = serde_json::json!([]);
    for suffix in ["", "_set"] {
        let subtotal = order[format!("subtotal_price{suffix}")].clone();
        let nothing = order[format!("total_discounts{suffix}")].clone();
        order[format!("total_tax{suffix}")] = nothing.clone();
        order[format!("total_shipping_price{suffix}")] = nothing;
        order[format!("total_price{suffix}")] = subtotal.clone();
        order[format!("current_total_price{suffix}")] = subtotal;
    }
    order.to_string().into_bytes()
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

    async fn ids_of_another_business_reach_nothing_of_it(place: Place) {
        let world = TestWorld::start(&place).await;
        let other = Shop::open(&world, 1).await;
        other.sold(&world, 1).await;
        let theirs = other.tenant.pos_documents(&[other.id(1)]).await.unwrap().remove(&other.id(1));
        let theirs = theirs.unwrap();
        let line = theirs.document.lines[0].clone();
        let before = other.tenant.totals().await.unwrap();
        let ids = [
            ("foreign-order", other.id(1).to_string()),
            ("foreign-line", line.external_id.to_string()),
            ("wrong-variant", line.variant_id.unwrap().to_string()),
        ];
        for (number, (deed, id)) in (100..).zip(ids) {
            let shop = Shop::open(&world, number).await;
            shop.serve(&world, hostile_component, &[("do", deed), ("id", &id)]).await;
            let order = shop.sell(&world, 1).await;
            let failure = failure_of(&world, &shop, order).await;
            assert_eq!(failure.code, Code::InvalidMapping, "{deed}: {failure}");
        }
        // A place's id means the business's own place, so an answer with another's is taken and means nothing to them.
        let shop = Shop::open(&world, 200).await;
        shop.serve(&world, hostile_component, &[("do", "foreign-place"), ("id", "1")]).await;
        let order = shop.sell_plainly(&world, 1).await;
        world.settle().await;
        assert!(shop.tenant.pos_order(order).await.unwrap().is_some());
        let after = other.tenant.totals().await.unwrap();
        assert_eq!((after.movement_sum, after.stock_sum), (before.movement_sum, before.stock_sum));
        let still = other.tenant.pos_documents(&[other.id(1)]).await.unwrap().remove(&other.id(1));
        assert_eq!(still.unwrap(), theirs);
        world.finish().await;
    }

    async fn orders_of_one_that_alternates_are_all_posted_and_keep_nobody_waiting(place: Place) {
        let world = TestWorld::start(&place).await;
        let (good, shop) = (Shop::open(&world, 1).await, Shop::open(&world, 2).await);
        good.serve(&world, standard_component, &[]).await;
        shop.serve(&world, hostile_component, &[("do", "alternate")]).await;
        // Quick at first, which lets it share batches, then slow and quick by turns.
        let quick = (0..20).map(|n| 2 * n);
        let both = 100..160;
        for order in quick.clone().chain(both.clone()) {
            shop.sell_plainly(&world, order).await;
        }
        for order in 1..=10 {
            good.sold(&world, order).await;
        }
        world.settle().await;
        for order in quick.chain(both) {
            assert!(shop.tenant.pos_order(shop.id(order)).await.unwrap().is_some(), "{order}");
        }
        assert_eq!(shop.tenant.binding().await.unwrap().revision, 3, "nothing was at fault");
        world.finish().await;
    }
}
