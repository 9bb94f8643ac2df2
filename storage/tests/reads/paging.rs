//! Lists are walked from end to end while rows are added.

use domain::flow::Changes;
use domain::id::PosOrderId;
use domain::page::{Direction, Page, PageRequest};
use storage::{MovementFilter, StoreError, Tenant};

use crate::on_each_database;
use crate::sample::{
    changes, connected, event, log_entry, movement, order, order_write, pos_order, pos_product,
    pos_write, product_write, relinked,
};
use crate::world::{at, entropy};

/// Rows that stand before a walk begins.
const ROWS: i64 = 53;
/// Rows of a page: does not divide [`ROWS`].
const PAGE: u32 = 7;

/// Walks a list in both directions and compares what was met with what stood there before.
async fn check<T>(
    name: &str,
    fetch: impl AsyncFn(PageRequest) -> Result<Page<T>, StoreError>,
    add: impl AsyncFn(i64),
    key: impl Fn(&T) -> String,
) {
    for number in 0..ROWS {
        add(number).await;
    }
    let request = |direction, cursor, limit| PageRequest { limit, direction, cursor };
    let mut expected = Vec::new();
    let mut cursor = None;
    loop {
        let page = fetch(request(Direction::Forward, cursor, 100)).await.unwrap();
        expected.extend(page.rows.iter().map(|(_, row)| key(row)));
        cursor = page.rows.last().map(|(cursor, _)| cursor.clone());
        if !page.has_next {
            break;
        }
    }
    assert_eq!(expected.len(), usize::try_from(ROWS).unwrap(), "{name}");

    let mut added = ROWS;
    for direction in [Direction::Forward, Direction::Backward] {
        let mut met = Vec::new();
        let mut cursor = None;
        loop {
            let page = fetch(request(direction, cursor.clone(), PAGE)).await.unwrap();
            assert!(page.rows.len() <= PAGE as usize, "{name}");
            let (before, after) = (page.has_previous, page.has_next);
            let (more, next) = match direction {
                Direction::Forward => (after, page.rows.last()),
                Direction::Backward => (before, page.rows.first()),
            };
            cursor = next.map(|(cursor, _)| cursor.clone());
            let mut keys: Vec<_> = page.rows.iter().map(|(_, row)| key(row)).collect();
            if direction == Direction::Backward {
                keys.reverse();
            }
            met.extend(keys);
            if !more {
                break;
            }
            add(added).await;
            added += 1;
        }
        if direction == Direction::Backward {
            met.reverse();
        }
        let mut distinct = met.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), met.len(), "{name}: a row came twice");
        met.retain(|key| expected.contains(key));
        assert_eq!(met, expected, "{name}, {direction:?}");
    }
}

async fn apply(tenant: &Tenant, fill: impl FnOnce(&mut Changes)) {
    let mut changes = changes(tenant);
    fill(&mut changes);
    tenant.apply(changes).await.unwrap();
}

on_each_database! {
    async fn orders_are_walked(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 0).await;
        check(
            "orders",
            async |request| tenant.orders(&request).await,
            // Times repeat: ids break the ties.
            async |n| {
                let order = order(n * 7 % 101, n / 5, vec![]);
                apply(tenant, |c| c.orders.push(order_write(connection, order))).await;
            },
            |order| order.id.to_string(),
        )
        .await;
        world
    }
}

on_each_database! {
    async fn products_are_walked(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 0).await;
        check(
            "products",
            async |request| tenant.products(&request).await,
            async |n| {
                let product = product_write(connection, n * 7 % 101, vec![]);
                apply(tenant, |c| c.products.push(product)).await;
            },
            |product| product.id.to_string(),
        )
        .await;
        check(
            "pos products",
            async |request| tenant.pos_product_page(&request).await,
            async |n| {
                let product = pos_product(&format!("p{:03}", n * 7 % 101), None);
                let products = vec![product];
                tenant.upsert_pos_products(products, at(1), relinked(tenant, "x")).await.unwrap();
            },
            |product| product.id.clone(),
        )
        .await;
        world
    }
}

on_each_database! {
    async fn pos_orders_and_movements_are_walked(world: World) {
        let tenant = &world.mine;
        check(
            "pos orders",
            async |request| tenant.pos_orders(&request).await,
            async |n| {
                let id = PosOrderId::new(at(n), &entropy());
                let write = pos_write(id, 1, &pos_order(n * 7 % 101, n / 5));
                apply(tenant, |c| c.pos_orders.push(write)).await;
            },
            |order| order.id.to_string(),
        )
        .await;
        let filter = MovementFilter { pos_product_id: Some("tea".into()), order_id: None };
        check(
            "movements",
            async |request| tenant.stock_movements(&request, &filter).await,
            async |n| {
                let other = movement(n, 2, "mug", 0, -1);
                let movements = [movement(n, 1, "tea", 0, -1), other];
                apply(tenant, |c| c.movements.extend(movements)).await;
            },
            |movement| movement.id.to_string(),
        )
        .await;
        world
    }
}

on_each_database! {
    async fn the_log_and_the_feed_are_walked(world: World) {
        let tenant = &world.mine;
        check(
            "sync log",
            async |request| tenant.sync_log(&request).await,
            async |n| tenant.put_sync_log(log_entry(n / 5)).await.unwrap(),
            |entry| entry.id.to_string(),
        )
        .await;
        check(
            "activity",
            async |request| tenant.activity_page(&request).await,
            async |n| {
                tenant.publish(event(&n.to_string())).await.unwrap();
            },
            |activity| activity.sequence.to_string(),
        )
        .await;
        world
    }
}

on_each_database! {
    async fn a_foreign_cursor_is_refused(world: World) {
        let cursor = Some(domain::page::Cursor { key: 0, id: "nonsense".into() });
        let request = PageRequest { limit: 5, direction: Direction::Forward, cursor };
        let tenant = &world.mine;
        let everything = MovementFilter::default();
        assert!(matches!(tenant.orders(&request).await, Err(StoreError::InvalidCursor)));
        assert!(matches!(tenant.products(&request).await, Err(StoreError::InvalidCursor)));
        assert!(matches!(tenant.pos_orders(&request).await, Err(StoreError::InvalidCursor)));
        assert!(matches!(tenant.sync_log(&request).await, Err(StoreError::InvalidCursor)));
        let movements = tenant.stock_movements(&request, &everything).await;
        assert!(matches!(movements, Err(StoreError::InvalidCursor)));
        world
    }
}

on_each_database! {
    async fn the_feed_is_resumed_without_a_gap(world: World) {
        let tenant = &world.mine;
        let mut signal = world.storage.hints().subscribe_activity(tenant.business_id());
        let writers = (0..40).map(|n| {
            let tenant = tenant.clone();
            tokio::spawn(async move { tenant.publish(event(&n.to_string())).await.unwrap() })
        });
        let writers: Vec<_> = writers.collect();
        let mut seen = 0;
        while seen < 40 {
            signal.next().await;
            for activity in tenant.activity_after(seen, 7).await.unwrap() {
                assert_eq!(activity.sequence, seen + 1);
                seen = activity.sequence;
            }
            while let Some(activity) = tenant.activity_after(seen, 1).await.unwrap().pop() {
                assert_eq!(activity.sequence, seen + 1);
                seen = activity.sequence;
            }
        }
        let mut numbers = Vec::new();
        for writer in writers {
            numbers.push(writer.await.unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
        assert_eq!(tenant.last_activity().await.unwrap(), 40);
        assert_eq!(tenant.activity_after(39, 5).await.unwrap()[0].event.percent, Some(40));
        world
    }
}
