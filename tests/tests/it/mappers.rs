//! Mappers of a business's own: which one serves an order, and what becomes of orders whose mapper fails.

use std::collections::BTreeMap;

use domain::activity::ActivityKind;
use domain::flow::RunOutcome;
use domain::id::ExternalId;
use domain::mapper::{
    Binding, BindingChange, Bound, Canary, FAULTS_MAX, Grounds, MapperChangeKind,
};
use domain::page::{Direction, PageRequest};
use mappers::{Compiler, LoadError, Mappers, Settings};
use server::Config;
use tests::world::mapper::{
    activation, change_binding, hostile_component, keep_bytes, keep_mapper, keep_settings,
    standard_component,
};
use tests::world::{Neighbour, Place, TestWorld, Wish, find};

use crate::scenarios;

/// The place that the second mapper of these scenarios says its goods are sold at.
const PLACE: &str = "42";

/// Keeps the standard mapper, set to sell everything at [`PLACE`], as a mapper of the business.
async fn keep_place_mapper(world: &TestWorld) -> Bound {
    let tenant = world.tenant();
    let component = standard_component("place");
    let version = keep_mapper(&world.app().mappers, &tenant, component).await;
    Bound { version, config: keep_settings(&tenant, &[("location", PLACE)]).await }
}

/// Keeps the plugin that misbehaves as told.
async fn keep_hostile_mapper(world: &TestWorld, deed: &str) -> Bound {
    let tenant = world.tenant();
    let component = hostile_component("hostile");
    let version = keep_mapper(&world.app().mappers, &tenant, component).await;
    Bound { version, config: keep_settings(&tenant, &[("do", deed)]).await }
}

async fn change(world: &TestWorld, change: BindingChange) {
    change_binding(&world.tenant(), change, world.app().now()).await;
}

fn sell(world: &TestWorld, orders: usize) -> Vec<i64> {
    let variants = world.variants();
    (0..orders).map(|at| world.sell(&[(variants[at % variants.len()], 1)])).collect()
}

/// Which mapper made the newest version of each of these orders' POS orders.
async fn makers(world: &TestWorld, orders: &[i64]) -> BTreeMap<i64, Bound> {
    let mut makers = BTreeMap::new();
    for order in orders {
        if let Some(head) = world.tenant().pos_order(ExternalId(*order)).await.unwrap() {
            makers.insert(*order, head.mapper);
        }
    }
    makers
}

fn all_by(orders: &[i64], bound: Bound) -> BTreeMap<i64, Bound> {
    orders.iter().map(|order| (*order, bound)).collect()
}

fn newest(limit: u32) -> PageRequest {
    PageRequest { limit, direction: Direction::Forward, cursor: None }
}

scenarios! {
    async fn what_is_activated_serves_the_next_order(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let before = sell(&world, 1);
        world.settle().await;
        let at_place = keep_place_mapper(&world).await;
        change(&world, activation(at_place)).await;
        let after = sell(&world, 3);
        world.settle().await;
        assert_eq!(makers(&world, &before).await, all_by(&before, Bound::STANDARD));
        assert_eq!(makers(&world, &after).await, all_by(&after, at_place));
        // Not only its name is another one: the goods left the place that the settings name.
        let moved = world.moved().await;
        let there: i64 = moved.iter().filter(|((_, at), _)| at == PLACE).map(|(_, sum)| sum).sum();
        assert_eq!(there, -3, "{moved:?}");

        let runs = world.tenant().runs_after(None, 100).await.unwrap();
        assert!(runs.len() >= 4, "{runs:?}");
        for stored in runs {
            let is_before = before.contains(&stored.run.external_id.0);
            assert_eq!(stored.run.mapper, if is_before { Bound::STANDARD } else { at_place });
        }
        world.finish().await;
    }

    async fn a_canary_has_the_orders_that_its_share_says(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let bound = keep_place_mapper(&world).await;
        let grounds = Grounds::Override("for a test".to_owned());
        change(&world, BindingChange::Canary { bound, percent: 30, grounds }).await;
        let orders = sell(&world, 40);
        world.settle().await;
        let binding = Binding { canary: Some(Canary { bound, percent: 30 }), ..Binding::default() };
        let chosen = |order: &i64| binding.choose(world.business, ExternalId(*order));
        let expected: BTreeMap<i64, Bound> = orders.iter().map(|order| (*order, chosen(order))).collect();
        assert_eq!(makers(&world, &orders).await, expected);
        let share = expected.values().filter(|one| **one == bound).count();
        assert!((1..40).contains(&share), "{share} of 40");
        change(&world, BindingChange::EndCanary { reason: None }).await;
        let after = sell(&world, 10);
        world.settle().await;
        assert_eq!(makers(&world, &after).await, all_by(&after, Bound::STANDARD));
        world.finish().await;
    }

    async fn a_mapper_that_keeps_failing_is_taken_out_of_service(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let good = keep_place_mapper(&world).await;
        let bad = keep_hostile_mapper(&world, "panic").await;
        change(&world, activation(good)).await;
        change(&world, activation(bad)).await;
        let orders = sell(&world, 12);
        world.settle().await;

        let tenant = world.tenant();
        let binding = tenant.binding().await.unwrap();
        assert_eq!((binding.active, binding.previous, binding.revision), (good, None, 3));
        let history = tenant.mapper_changes(&newest(1)).await.unwrap().rows;
        let fall = &history[0].1;
        assert_eq!((fall.kind, fall.from, fall.to), (MapperChangeKind::FellBack, bad, good));
        assert_eq!(fall.actor, None);
        assert!(fall.reason.as_deref().unwrap().starts_with("PLUGIN_TRAPPED"), "{fall:?}");
        let feed = tenant.activity_after(0, 1_000).await.unwrap();
        let told = feed.iter().filter(|one| one.event.kind == ActivityKind::MapperFellBack).count();
        assert_eq!(told, 1);

        // Nothing is lost: what it failed at was tried again, by what serves now.
        assert_eq!(makers(&world, &orders).await, all_by(&orders, good));
        let by_bad = storage::RunFilter { mapper: Some(bad), ..storage::RunFilter::default() };
        let runs = tenant.runs(&newest(100), &by_bad).await.unwrap().rows;
        assert!(runs.len() >= FAULTS_MAX as usize, "{}", runs.len());
        assert!(runs.iter().all(|(_, stored)| stored.run.outcome == RunOutcome::Faulted));
        world.finish().await;
    }

    async fn one_order_that_defeats_a_mapper_is_no_reason_to_change_it(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let bad = keep_hostile_mapper(&world, "panic").await;
        change(&world, activation(bad)).await;
        let orders = sell(&world, 1);
        let by_bad = storage::RunFilter { mapper: Some(bad), ..storage::RunFilter::default() };
        world.eventually("it was tried more often than the breaker allows", async || {
            world.clock.advance(60_000);
            let runs = world.tenant().runs(&newest(50), &by_bad).await.unwrap();
            runs.rows.len() > FAULTS_MAX as usize
        }).await;
        assert_eq!(world.tenant().binding().await.unwrap().active, bad);
        assert_eq!(makers(&world, &orders).await.len(), 0);
        change(&world, BindingChange::Rollback { reason: "for a test".to_owned() }).await;
        world.settle().await;
        assert_eq!(makers(&world, &orders).await, all_by(&orders, Bound::STANDARD));
        world.finish().await;
    }

    async fn what_a_mapper_says_of_an_order_stays_with_its_run_and_its_dead_letter(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let words = keep_hostile_mapper(&world, "invalid").await;
        change(&world, activation(words)).await;
        sell(&world, 1);
        world.settle().await;
        let feed = world.list("activity", "kind message").await;
        let refused = find(&feed, "kind", "ORDER_REFUSED")["message"].as_str().unwrap();
        assert!(refused.ends_with("MAPPING_REFUSED"), "{refused}");
        let log = world.list("syncLog", "errorDetail").await;
        for told in [format!("{feed:?}"), format!("{log:?}")] {
            assert!(!told.contains("is dull"), "{told}");
        }
        let by_words = storage::RunFilter { mapper: Some(words), ..storage::RunFilter::default() };
        let runs = world.tenant().runs(&newest(1), &by_words).await.unwrap().rows;
        let failure = runs[0].1.run.failure.as_ref().unwrap();
        assert_eq!(failure.detail, "line-items[0].title: is dull");
        let dead = world.list("deadLetters", "code detail").await;
        assert!(dead[0]["detail"].as_str().unwrap().contains("is dull"), "{dead:?}");
        world.finish().await;
    }

    async fn a_compiler_that_the_system_ends_takes_no_mapper_out_of_service(place: Place) {
        let folder = tempfile::TempDir::new().unwrap();
        let tried = folder.path().join("tried");
        let script = format!("echo >>'{}'; kill -KILL $$", tried.display());
        let args = vec!["-c".into(), script.into()];
        let compiler = Some(Compiler::Child { program: "/bin/sh".into(), args });
        let world = TestWorld::connected_as(&place, Wish { compiler, ..Wish::default() }).await;
        world.put_catalogue().await;
        let version = keep_bytes(&world.tenant(), [7; 32], standard_component("once compiled")).await;
        let bound = Bound { version, config: 0 };
        change(&world, activation(bound)).await;
        let orders = sell(&world, 2);
        world.eventually("it was tried more often than the breaker allows", async || {
            world.clock.advance(60_000);
            std::fs::read(&tried).is_ok_and(|lines| lines.len() > FAULTS_MAX as usize)
        }).await;
        assert_eq!(world.tenant().binding().await.unwrap().active, bound);
        // Nothing is lost meanwhile: the orders wait for whatever serves.
        assert_eq!(makers(&world, &orders).await.len(), 0);
        change(&world, BindingChange::Rollback { reason: "for a test".to_owned() }).await;
        world.settle().await;
        assert_eq!(makers(&world, &orders).await, all_by(&orders, Bound::STANDARD));
        assert_eq!(world.list("deadLetters", "code").await.len(), 0);
        world.finish().await;
    }

    async fn a_mapper_that_cannot_be_loaded_fails_its_orders_and_then_falls_back(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let tenant = world.tenant();
        let version = keep_bytes(&tenant, [7; 32], b"this is no component".to_vec()).await;
        change(&world, activation(Bound { version, config: 0 })).await;
        // A product in the same batches goes its way.
        world.change(|store, rng, now| Some(store.change_product(rng, now)));
        let orders = sell(&world, 2);
        world.settle().await;
        assert_eq!(tenant.binding().await.unwrap().active, Bound::STANDARD);
        assert_eq!(makers(&world, &orders).await, all_by(&orders, Bound::STANDARD));
        let history = tenant.mapper_changes(&newest(1)).await.unwrap().rows;
        assert!(history[0].1.reason.as_deref().unwrap().starts_with("PLUGIN_REFUSED"), "{history:?}");
        assert_eq!(world.list("deadLetters", "code").await.len(), 0);
        world.finish().await;
    }
}

/// What the gateway's own program compiles as its child answers as what is compiled here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_compiles_what_is_uploaded_in_a_child_of_its_own() {
    let compared = tokio::task::spawn_blocking(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let environment = [("DATABASE_URL", format!("sqlite:{}/x.db", folder.path().display()))];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        let keyring = || Config::read("", [("SHOPIFY_ENCRYPTION_KEY".to_owned(), "22".repeat(32))]);
        let keys = keyring().unwrap().keyring().unwrap();
        let settings = Config::read("", environment).unwrap().mapper_settings(&keys);
        let Compiler::Child { args, .. } = settings.compiler else { panic!("no child") };
        assert!(settings.cache.as_ref().unwrap().starts_with(folder.path()));

        let compiler = Compiler::Child { program: tests::kill::binary().unwrap(), args };
        let with_child = Mappers::new(Settings { compiler, ..settings }).unwrap();
        let component = standard_component("in a child");
        let child_s = with_child.load(&component).unwrap();
        let expected = with_child.describe(&with_child.standard()).unwrap();
        assert_eq!(with_child.describe(&child_s).unwrap(), expected);
        // Garbage that looks like a component comes to an end in the child, and is told apart from a broken child.
        let refused = with_child.load(b"\0asm\x0d\0\x01\0garbage").unwrap_err();
        assert!(!matches!(refused, LoadError::Compiler(_)), "{refused}");
    });
    compared.await.unwrap();
}

/// What one gateway remembers of the binding is worth nothing once another one changed it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_holds_for_the_next_order_on_every_gateway() {
    let Some(place) = Place::services().await else { return };
    let world = TestWorld::connected(&place).await;
    world.put_catalogue().await;
    let neighbour = Neighbour::beside(&world).await;
    let bound = keep_place_mapper(&world).await;
    for _ in 0..3 {
        change(&world, activation(bound)).await;
        // Enough that both gateways have taken some and remember what served.
        let orders = sell(&world, 20);
        world.settle().await;
        assert_eq!(makers(&world, &orders).await, all_by(&orders, bound));
        let back = BindingChange::Rollback { reason: "for a test".to_owned() };
        change(&world, back).await;
        let orders = sell(&world, 20);
        world.settle().await;
        assert_eq!(makers(&world, &orders).await, all_by(&orders, Bound::STANDARD));
    }
    neighbour.stop().await;
    world.finish().await;
}
