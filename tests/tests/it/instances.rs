//! Several gateways on one database, and what Redis means to them: it only wakes, so nothing depends on it.

use domain::access::Role;
use test_services::Redis;
use tests::world::{Neighbour, Place, TestWorld};

use crate::subscription::Socket;

/// What is sold in one go.
const SOLD: usize = 12;

fn sell_some(world: &TestWorld) {
    let variants = world.variants();
    for (variant, pieces) in variants.iter().cycle().zip(1..).take(SOLD) {
        world.sell(&[(*variant, pieces)]);
    }
}

async fn assert_books_agree(world: &TestWorld, when: &str) {
    world.settle().await;
    let comparison = world.comparison().await;
    assert!(comparison.agrees(), "{when}:\n{comparison}");
}

/// Reads the feed of a gateway up to its end, and sees that no event is missing.
async fn watch_to_the_end(world: &TestWorld, socket: &mut Socket, seen: &mut i64) {
    let last = world.tenant().last_activity().await.unwrap();
    while *seen < last {
        assert_eq!(socket.event().await, *seen + 1);
        *seen += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateways_on_one_database_share_the_work_and_tell_the_same() {
    let Some(place) = Place::services().await else { return };
    let world = TestWorld::connected(&place).await;
    world.put_catalogue().await;
    let neighbour = Neighbour::beside(&world).await;
    let mut seen = world.tenant().last_activity().await.unwrap();
    let mut socket = Socket::open_at(&neighbour.base, &world, Role::Viewer).await;
    socket.watch(&world, Some(seen)).await;
    // Both take from the same inbox: what one holds the other leaves alone.
    for _ in 0..4 {
        sell_some(&world);
    }
    assert_books_agree(&world, "with two gateways").await;
    watch_to_the_end(&world, &mut socket, &mut seen).await;
    // One that ends hands nothing over but what it had not begun.
    sell_some(&world);
    drop(socket);
    neighbour.stop().await;
    sell_some(&world);
    assert_books_agree(&world, "after one of them ended").await;
    assert_eq!(world.list("posOrders", "id").await.len(), 6 * SOLD);
    world.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_may_go_and_come_back_while_the_store_sells() {
    let Some(place) = Place::services().await else { return };
    let Some(mut redis) = Redis::start() else { return };
    let world = TestWorld::connected(&place.with_redis(redis.url())).await;
    world.put_catalogue().await;
    let neighbour = Neighbour::beside(&world).await;
    let mut seen = world.tenant().last_activity().await.unwrap();
    let mut socket = Socket::open_at(&neighbour.base, &world, Role::Viewer).await;
    socket.watch(&world, Some(seen)).await;
    for (what, when) in [
        (Redis::kill as fn(&mut Redis), "while Redis refuses"),
        (|redis| redis.give_back().unwrap(), "when Redis is back"),
        (|redis| redis.pause(), "while Redis stands still"),
        (|redis| redis.give_back().unwrap(), "when Redis goes on"),
    ] {
        sell_some(&world);
        what(&mut redis);
        sell_some(&world);
        assert_books_agree(&world, when).await;
        // Also who watches at the other gateway misses nothing, at most a while later.
        watch_to_the_end(&world, &mut socket, &mut seen).await;
    }
    drop(socket);
    neighbour.stop().await;
    world.finish().await;
}
