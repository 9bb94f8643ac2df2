//! Pushes are wanted in the transaction that moves stock, one for each item, and nobody's work is lost or done for another.

use domain::id::{ConnectionId, ExternalId, MovementId};
use domain::page::{Direction, PageRequest};
use domain::push::{
    ClaimedPush, Hold, InventoryPolicy, Ownership, PushEnd, PushState, StockPush, Told,
};
use domain::stock::Location;
use storage::{StoreError, Tenant};

use crate::on_each_database;
use crate::order::LEASE;
use crate::sample::{changes, connected, movement, pos_product, product_write, relinked, variant};
use crate::world::{World, at, entropy};

const SHOP_LOCATION: ExternalId = ExternalId(900);

/// A business whose POS owns the stock of `tea`, which is linked to variant 71.
async fn owning(tenant: &Tenant, shop: &str) -> ConnectionId {
    let connection = connected(tenant, shop, 0).await;
    let mut changes = changes(tenant);
    let mut of_tea = variant(71, Some("sku-71"));
    of_tea.inventory_item_id = Some(ExternalId(7_100));
    changes.products = vec![product_write(connection, 7, vec![of_tea])];
    tenant.apply(changes).await.unwrap();
    let products = vec![pos_product("tea", Some("sku-71"))];
    tenant.upsert_pos_products(products, at(9), relinked(tenant, shop)).await.unwrap();
    tenant.add_push_location(connection, SHOP_LOCATION, at(9)).await.unwrap();
    let policy = InventoryPolicy { ownership: Ownership::Pos, ..InventoryPolicy::default() };
    tenant.set_inventory_policy(policy, "a test".to_owned(), at(9)).await.unwrap();
    connection
}

async fn count(tenant: &Tenant, quantity: i64, now: i64) {
    let id = MovementId::new(at(now), &entropy());
    tenant.set_stock("tea", Location::of(None), quantity, at(now), id).await.unwrap();
}

async fn the_push(tenant: &Tenant) -> StockPush {
    let request = PageRequest { limit: 10, direction: Direction::Forward, cursor: None };
    let page = tenant.stock_pushes(&request, &storage::PushFilter::default()).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    page.rows.into_iter().next().unwrap().1
}

async fn claim(world: &World, now: i64) -> Vec<ClaimedPush> {
    world.storage.system().claim_pushes(10, LEASE, at(now), &[]).await.unwrap()
}

fn settled(quantity: i64) -> PushEnd {
    PushEnd::Settled { level: quantity, buffer: 0, quantity, at: None, sent: true }
}

on_each_database! {
    async fn movements_gather_and_are_pushed_once(world: World) {
        let tenant = &world.mine;
        owning(tenant, "a.myshopify.com").await;
        count(tenant, 5, 10_000).await;
        assert!(claim(&world, 10_500).await.is_empty(), "it gathers");
        count(tenant, 6, 10_900).await;
        let mut moved = changes(tenant);
        moved.movements.push(movement(1, 11, "tea", 0, -2));
        tenant.apply(moved).await.unwrap();
        let due = world.storage.system().pushes_due_at().await.unwrap();
        assert_eq!(due, Some(at(11_000)), "not put off by what comes after");
        let claimed = claim(&world, 11_000).await;
        assert_eq!(claimed.len(), 1, "one row for all");
        assert_eq!((claimed[0].generation, claimed[0].attempt, claimed[0].known), (3, 1, None));
        let levels = tenant.place_levels(&["tea".to_owned()]).await.unwrap();
        assert!(levels["tea"].iter().any(|level| level.counted));
        world
    }
}

on_each_database! {
    async fn nothing_is_wanted_where_the_store_owns_stock(world: World) {
        let tenant = &world.mine;
        owning(tenant, "a.myshopify.com").await;
        let theirs = InventoryPolicy::default();
        tenant.set_inventory_policy(theirs, "a test".to_owned(), at(9)).await.unwrap();
        count(tenant, 5, 10_000).await;
        assert!(claim(&world, 90_000).await.is_empty());
        assert_eq!(tenant.want_pushes(None, at(90_000)).await.unwrap(), 0);
        world
    }
}

on_each_database! {
    async fn what_moves_while_it_is_sent_is_sent_again(world: World) {
        let tenant = &world.mine;
        owning(tenant, "a.myshopify.com").await;
        count(tenant, 5, 10_000).await;
        let claimed = claim(&world, 20_000).await.remove(0);
        tenant.begin_pushes(&[(claimed.key, claimed.lease, 5)]).await.unwrap();
        count(tenant, 4, 20_100).await;
        tenant.finish_pushes(vec![(claimed.clone(), settled(5))], vec![], at(20_200)).await.unwrap();
        let push = the_push(tenant).await;
        assert_eq!((push.state, push.sent, push.known), (PushState::Waiting(None), Some((5, at(20_200))), Some(5)));
        let again = claim(&world, 30_000).await.remove(0);
        assert_eq!(again.known.unwrap().quantity, Some(5));
        tenant.finish_pushes(vec![(again, settled(4))], vec![], at(30_100)).await.unwrap();
        let push = the_push(tenant).await;
        assert_eq!((&push.state, push.drift()), (&PushState::Settled, Some(0)));
        assert!(claim(&world, 900_000).await.is_empty());
        world
    }
}

on_each_database! {
    /// Whoever comes after a worker that died knows what it knew, so that it sends the same under the same key.
    async fn a_dead_workers_push_is_taken_over_as_it_was(world: World) {
        let tenant = &world.mine;
        owning(tenant, "a.myshopify.com").await;
        count(tenant, 5, 10_000).await;
        let dead = claim(&world, 20_000).await.remove(0);
        tenant.begin_pushes(&[(dead.key, dead.lease, 5)]).await.unwrap();
        assert!(claim(&world, 20_001).await.is_empty(), "it is held");
        let after = claim(&world, 20_000 + 30_000).await.remove(0);
        assert_eq!((after.generation, after.known), (dead.generation, dead.known));
        assert_eq!((after.attempt, after.lease != dead.lease), (2, true));
        let begun = tenant.begin_pushes(&[(dead.key, dead.lease, 5)]).await;
        assert!(matches!(begun, Err(StoreError::LostLease)), "{begun:?}");
        let late = (dead, PushEnd::Held(Hold::Gone));
        tenant.finish_pushes(vec![late], vec![], at(51_000)).await.unwrap();
        assert_eq!(the_push(tenant).await.state, PushState::Running, "left to whoever has it");
        tenant.finish_pushes(vec![(after, settled(5))], vec![], at(52_000)).await.unwrap();
        assert_eq!(the_push(tenant).await.state, PushState::Settled);
        world
    }
}

on_each_database! {
    async fn businesses_take_turns(world: World) {
        owning(&world.mine, "a.myshopify.com").await;
        owning(&world.other, "b.myshopify.com").await;
        count(&world.mine, 5, 10_000).await;
        count(&world.other, 5, 10_000).await;
        let (first, second) = (claim(&world, 20_000).await, claim(&world, 20_000).await);
        assert_eq!((first.len(), second.len()), (1, 1), "a claim is of one business");
        assert_ne!(first[0].business_id, second[0].business_id);
        let system = world.storage.system();
        let busy = [first[0].business_id];
        let others = system.claim_pushes(10, LEASE, at(900_000), &busy).await.unwrap();
        assert_eq!(others[0].business_id, second[0].business_id, "who is busy is passed over");
        world
    }
}

on_each_database! {
    async fn what_the_store_tells_is_noted_unless_we_know_better(world: World) {
        let tenant = &world.mine;
        let connection = owning(tenant, "a.myshopify.com").await;
        count(tenant, 5, 10_000).await;
        let claimed = claim(&world, 20_000).await.remove(0);
        tenant.finish_pushes(vec![(claimed, settled(5))], vec![], at(20_100)).await.unwrap();
        let tell = async |available, seconds: i64| {
            let mut told = changes(tenant);
            told.levels.push((connection, Told {
                inventory_item_id: ExternalId(7_100),
                location_id: SHOP_LOCATION,
                available,
                at: at(seconds * 1_000),
            }));
            tenant.apply(told).await.unwrap();
            the_push(tenant).await
        };
        assert_eq!(tell(9, 30).await.drift(), Some(4));
        assert_eq!(tell(3, 29).await.known, Some(9), "late news");
        assert_eq!(tell(5, 31).await.drift(), Some(0));
        world
    }
}
