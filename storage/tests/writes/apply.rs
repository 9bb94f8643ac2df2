//! A batch is written whole, once, and only where everything is as it was when it was decided.

use domain::delivery::{DeliveryState, Fate, Outcome};
use domain::flow::Changes;
use domain::id::{ExternalId, PosOrderId};
use domain::link::LinkOrigin;
use domain::refined::{Authority, ObjectType, Version};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use storage::StoreError;

use crate::on_each_database;
use crate::order::{LEASE, first_version, next_version, received, webhook};
use crate::sample::{
    link_write, log_entry, movement, pos_order, pos_write, product_write, variant,
};
use crate::world::{World, at};

/// The rows of all tables that applying writes, apart from the inbox.
async fn books(world: &World) -> Vec<i64> {
    let conn = world.intruder().await;
    let backend = conn.get_database_backend();
    let mut counts = Vec::new();
    for table in [
        "shopify_raw_ingest",
        "shopify_order",
        "shopify_line_item",
        "pos_order",
        "pos_order_version",
        "stock_movement",
        "sync_log",
        "activity",
    ] {
        let count = Statement::from_string(backend, format!("SELECT count(*) FROM {table}"));
        let row = conn.query_one_raw(count).await.unwrap().unwrap();
        counts.push(row.try_get_by_index(0).unwrap());
    }
    let sum = "SELECT CAST(coalesce(sum(quantity), 0) AS BIGINT) FROM stock_level";
    let row = conn.query_one_raw(Statement::from_string(backend, sum)).await.unwrap().unwrap();
    counts.push(row.try_get_by_index(0).unwrap());
    conn.close().await.unwrap();
    counts
}

/// Makes changes collide with what is stored.
type Collide = fn(&mut Changes);

const ONE_ORDER: [i64; 9] = [1, 1, 2, 1, 1, 2, 1, 1, -3];

async fn version(world: &World, id: i64) -> Version {
    let id = ExternalId(id);
    world.mine.versions(ObjectType::Order, &[id]).await.unwrap()[&id]
}

async fn pos_id(world: &World, id: i64) -> PosOrderId {
    let id = ExternalId(id);
    world.mine.pos_orders_of(&[id]).await.unwrap()[&id].id
}

fn assert_conflict<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
}

on_each_database! {
    async fn the_same_changes_are_written_once(world: World) {
        let claimed = received(&world, "a").await;
        let changes = first_version(&world.mine, &claimed, 1);
        let applied = world.mine.apply(changes.clone()).await.unwrap();
        assert_eq!((applied.follow_ups, applied.last_activity), (0, Some(1)));
        assert_eq!(books(&world).await, ONE_ORDER);

        let again = world.mine.apply(changes.clone()).await;
        assert!(matches!(again, Err(StoreError::LostLease)), "{again:?}");
        let mut without_delivery = changes;
        without_delivery.deliveries.clear();
        assert_conflict(&world.mine.apply(without_delivery).await);
        assert_eq!(books(&world).await, ONE_ORDER);
        let stored = world.mine.delivery(claimed.delivery.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.outcome), (DeliveryState::Done, Some(Outcome::Applied)));
        world
    }
}

on_each_database! {
    async fn a_version_replaces_only_the_one_it_was_decided_against(world: World) {
        let first = received(&world, "a").await;
        world.mine.apply(first_version(&world.mine, &first, 1)).await.unwrap();
        let (seen, pos) = (version(&world, 1).await, pos_id(&world, 1).await);

        let second = received(&world, "b").await;
        let stale = Version { body_hash: [77; 32], ..seen };
        let mut changes = next_version(&world.mine, &second, 1, stale, pos);
        assert_conflict(&world.mine.apply(changes.clone()).await);
        assert_eq!(books(&world).await, ONE_ORDER);

        changes.orders[0].replaces = Some(seen);
        world.mine.apply(changes).await.unwrap();
        assert_eq!(books(&world).await, [2, 1, 2, 1, 2, 3, 2, 2, -4]);
        assert_eq!(version(&world, 1).await.updated_at, at(700));
        world
    }
}

on_each_database! {
    async fn a_collision_anywhere_undoes_everything(world: World) {
        let first = received(&world, "a").await;
        world.mine.apply(first_version(&world.mine, &first, 1)).await.unwrap();
        let (seen, pos) = (version(&world, 1).await, pos_id(&world, 1).await);
        let claimed = received(&world, "b").await;
        let good = next_version(&world.mine, &claimed, 1, seen, pos);
        let before = books(&world).await;

        let collisions: [(&str, Collide); 6] = [
            ("order that exists", |changes| changes.orders[0].replaces = None),
            ("POS order that exists", |changes| changes.pos_orders[0].version = 1),
            ("POS order's version skipped", |changes| changes.pos_orders[0].version = 3),
            ("other POS order of that id", |changes| {
                changes.pos_orders[0].id = PosOrderId::from_uuid(uuid::Uuid::nil());
            }),
            ("movement that exists", |changes| changes.movements[0].2.number = 0),
            ("link that is not there", |changes| {
                changes.assumed_links.push((ExternalId(71), Some("tea".into())));
            }),
        ];
        for (name, collide) in collisions {
            let mut changes = good.clone();
            collide(&mut changes);
            let result = world.mine.apply(changes).await;
            assert!(matches!(result, Err(StoreError::Conflict(_))), "{name}: {result:?}");
            assert_eq!(books(&world).await, before, "{name}");
        }
        world.mine.apply(good).await.unwrap();
        world
    }
}

on_each_database! {
    /// An order that is posted again is mapped from a version that was read before; a newer one must not be overwritten,
    /// also where the POS order and the movements were read after it was stored.
    async fn an_older_version_is_not_posted_over_a_newer_one(world: World) {
        let tenant = &world.mine;
        let first = received(&world, "a").await;
        tenant.apply(first_version(tenant, &first, 1)).await.unwrap();
        let (mapped, pos) = (version(&world, 1).await, pos_id(&world, 1).await);
        let mut again = Changes::new(tenant.business_id(), at(4_000));
        again.assumed_orders.push((ExternalId(1), mapped));
        tenant.apply(again.clone()).await.unwrap();

        let second = received(&world, "b").await;
        tenant.apply(next_version(tenant, &second, 1, mapped, pos)).await.unwrap();
        let newer = books(&world).await;
        again.pos_orders.push(pos_write(pos, 3, &pos_order(1, 500)));
        again.movements.push(movement(1, 11, "tea", 2, 1));
        assert_conflict(&tenant.apply(again.clone()).await);
        assert_eq!(books(&world).await, newer);

        let seen = version(&world, 1).await;
        for other in [
            Version { updated_at: at(701), ..seen },
            Version { authority: Authority::Read, ..seen },
            Version { body_hash: [77; 32], ..seen },
        ] {
            again.assumed_orders = vec![(ExternalId(1), other)];
            assert_conflict(&tenant.apply(again.clone()).await);
        }
        again.assumed_orders = vec![(ExternalId(1), seen), (ExternalId(2), seen)];
        assert_conflict(&tenant.apply(again.clone()).await);
        again.assumed_orders.truncate(1);
        tenant.apply(again).await.unwrap();
        world
    }
}

on_each_database! {
    async fn of_two_that_decided_the_same_one_is_written(world: World) {
        let claimed: Vec<_> = [received(&world, "a").await, received(&world, "b").await].into();
        let attempts = claimed.iter().map(|claimed| {
            let mut changes = first_version(&world.mine, claimed, 1);
            changes.raw.clear();
            world.mine.apply(changes)
        });
        let results = join_all(attempts).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        assert_eq!(books(&world).await[1..], [1, 2, 1, 1, 2, 1, 1, -3]);
        world
    }
}

on_each_database! {
    /// Batches of several businesses share a transaction: a bad one among them takes nobody along.
    async fn a_batch_that_fails_leaves_the_others_of_its_group(world: World) {
        for number in 0..40 {
            world.mine.receive(webhook(&world.mine, number, &format!("{number}"))).await.unwrap();
            world.other.receive(webhook(&world.other, number, &format!("{number}"))).await.unwrap();
        }
        let claimed = world.storage.system().claim(80, LEASE, at(2_000)).await.unwrap();
        assert_eq!(claimed.len(), 80);
        let attempts = (100..).zip(&claimed).map(|(id, claimed)| {
            let tenant = world.storage.tenant(claimed.delivery.business_id);
            let mut changes = first_version(&tenant, claimed, id);
            if id % 5 == 0 {
                changes.deliveries[0].1 ^= 1;
            }
            async move { tenant.apply(changes).await }
        });
        let results = join_all(attempts).await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 64);
        assert_eq!(books(&world).await, [64, 64, 128, 64, 64, 128, 64, 64, -192]);
        world
    }
}

on_each_database! {
    async fn an_unchanged_document_notes_the_source_only(world: World) {
        let first = received(&world, "a").await;
        world.mine.apply(first_version(&world.mine, &first, 1)).await.unwrap();
        let mut changes = Changes::new(world.mine.business_id(), at(4_000));
        let mut write = pos_write(pos_id(&world, 1).await, 1, &pos_order(1, 500));
        write.changed = false;
        write.source_hash = [42; 32];
        changes.pos_orders.push(write);
        world.mine.apply(changes).await.unwrap();
        let stored = world.mine.pos_orders_of(&[ExternalId(1)]).await.unwrap()[&ExternalId(1)];
        assert_eq!((stored.version, stored.source_hash), (1, [42; 32]));
        assert_eq!(books(&world).await, ONE_ORDER);
        world
    }
}

on_each_database! {
    async fn lines_and_variants_are_replaced_as_a_set(world: World) {
        let tenant = &world.mine;
        let first = received(&world, "a").await;
        let mut changes = first_version(tenant, &first, 1);
        let connection_id = first.delivery.connection_id;
        let variants = vec![variant(11, Some("a")), variant(12, Some("b"))];
        changes.products.push(product_write(connection_id, 1, variants));
        tenant.apply(changes).await.unwrap();
        let (seen, pos) = (version(&world, 1).await, pos_id(&world, 1).await);
        let product = tenant.versions(ObjectType::Product, &[ExternalId(1)]).await.unwrap();

        let second = received(&world, "b").await;
        let mut changes = next_version(tenant, &second, 1, seen, pos);
        changes.orders[0].order.line_items.truncate(1);
        let mut partial = product_write(connection_id, 1, vec![variant(12, Some("c"))]);
        partial.product.variants_complete = false;
        partial.replaces = Some(product[&ExternalId(1)]);
        partial.version.updated_at = at(3);
        let partial_version = partial.version;
        changes.products.push(partial);
        tenant.apply(changes).await.unwrap();
        assert_eq!(skus(&world).await, ["a", "c"], "a part leaves the rest");
        assert_eq!(books(&world).await[2], 1, "lines");

        let mut changes = Changes::new(tenant.business_id(), at(4_000));
        let mut whole = product_write(connection_id, 1, vec![variant(13, Some("d"))]);
        whole.replaces = Some(partial_version);
        changes.products.push(whole);
        tenant.apply(changes).await.unwrap();
        assert_eq!(skus(&world).await, ["d"]);
        world
    }
}

async fn skus(world: &World) -> Vec<String> {
    let conn = world.intruder().await;
    let sql = "SELECT sku FROM shopify_product_variant ORDER BY variant_id";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let rows = conn.query_all_raw(statement).await.unwrap();
    let skus = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    conn.close().await.unwrap();
    skus
}

on_each_database! {
    async fn a_found_link_yields_to_one_that_was_made(world: World) {
        let tenant = &world.mine;
        let apply = async |product: &str, origin| {
            let mut changes = Changes::new(tenant.business_id(), at(4_000));
            let mut link = link_write(71, product);
            link.origin = origin;
            changes.links.push(link);
            tenant.apply(changes).await.unwrap();
            tenant.links(&[ExternalId(71)]).await.unwrap()[&ExternalId(71)].clone()
        };
        assert_eq!(apply("tea", LinkOrigin::Sku).await, "tea");
        assert_eq!(apply("cup", LinkOrigin::Sku).await, "tea");
        assert_eq!(apply("pot", LinkOrigin::Manual).await, "pot");
        assert_eq!(apply("tea", LinkOrigin::Sku).await, "pot");

        let mut changes = Changes::new(tenant.business_id(), at(4_000));
        changes.assumed_links.push((ExternalId(71), None));
        assert_conflict(&tenant.apply(changes.clone()).await);
        changes.assumed_links = vec![(ExternalId(71), Some("pot".into())), (ExternalId(72), None)];
        tenant.apply(changes).await.unwrap();
        world
    }
}

on_each_database! {
    async fn what_follows_is_stored_with_what_it_follows_from(world: World) {
        let claimed = received(&world, "a").await;
        let mut changes = first_version(&world.mine, &claimed, 1);
        let following = webhook(&world.mine, 3_000, "following");
        changes.follow_ups = vec![following.clone(), webhook(&world.mine, 3_001, "a"), following];
        let applied = world.mine.apply(changes).await.unwrap();
        assert_eq!(applied.follow_ups, 1);
        let next = world.storage.system().claim(10, LEASE, at(3_000)).await.unwrap();
        assert_eq!(next.len(), 1);
        world
    }
}

on_each_database! {
    /// A batch of many orders with many lines needs more parameters than one statement takes.
    async fn a_large_batch_is_one_transaction(world: World) {
        let tenant = &world.mine;
        let claimed = received(&world, "a").await;
        let mut changes = first_version(tenant, &claimed, 1);
        for id in 2..=300 {
            let more = first_version(tenant, &claimed, id);
            changes.orders.extend(more.orders);
            changes.pos_orders.extend(more.pos_orders);
            changes.movements.extend(more.movements);
            changes.movements.extend((0..20).map(|line| movement(id, line, "tea", 0, -1)));
            changes.sync_log.push(log_entry(id));
        }
        tenant.apply(changes).await.unwrap();
        assert_eq!(books(&world).await, [1, 300, 600, 300, 300, 600 + 5_980, 300, 1, -900 - 5_980]);
        world
    }
}

on_each_database! {
    async fn another_business_is_out_of_reach(world: World) {
        let claimed = received(&world, "a").await;
        let stolen = first_version(&world.other, &claimed, 1);
        let result = world.other.apply(stolen).await;
        assert!(matches!(result, Err(StoreError::LostLease)), "{result:?}");
        assert_conflict(&world.other.apply(first_version(&world.mine, &claimed, 1)).await);
        let mut changes = first_version(&world.mine, &claimed, 1);
        changes.follow_ups.push(webhook(&world.other, 1, "smuggled"));
        assert_conflict(&world.mine.apply(changes).await);
        assert_eq!(books(&world).await, [0; 9]);
        world
    }
}

on_each_database! {
    async fn a_dead_letter_names_its_object(world: World) {
        use domain::code::Code;
        use domain::delivery::Failure;
        use domain::page::{Direction, PageRequest};

        let claimed = received(&world, "a").await;
        let mut changes = first_version(&world.mine, &claimed, 450_789_469);
        changes.orders.clear();
        changes.raw[0].error = Some("refused".into());
        changes.deliveries[0].2 = Fate::Dead(Failure::new(Code::MappingRefused, "no"));
        world.mine.apply(changes).await.unwrap();
        let request = PageRequest { limit: 10, direction: Direction::Forward, cursor: None };
        let page = world.mine.dead_letters(&request).await.unwrap();
        let object = Some((ObjectType::Order, ExternalId(450_789_469)));
        assert_eq!(page.rows[0].1.object, object);
        assert!(world.other.dead_letters(&request).await.unwrap().rows.is_empty());
        world
    }
}
