//! The feed's numbers have no gaps, and become visible in order.

use domain::flow::Changes;
use domain::page::{Direction, PageRequest};
use storage::MovementFilter;

use crate::on_each_database;
use crate::sample::{event, movement};
use crate::world::at;

/// Writers at the same time.
const WRITERS: i64 = 8;
/// Batches of each writer.
const BATCHES: i64 = 30;

on_each_database! {
    async fn numbers_are_gapless_and_in_order_while_many_write(world: World) {
        // On Postgres, the writers are in two processes.
        let second = world.second_process().await;
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let storage = second.as_ref().filter(|_| writer % 2 == 0).unwrap_or(&world.storage);
            let tenant = storage.tenant(world.mine.business_id());
            writers.push(tokio::spawn(async move {
                for batch in 0..BATCHES {
                    let mut changes = Changes::new(tenant.business_id(), at(1));
                    let events = 1 + batch % 3;
                    changes.activity = (0..events).map(|_| event("e")).collect();
                    // One in four fails and takes no numbers along.
                    if batch % 4 == 3 {
                        changes.assumed_links.push((domain::id::ExternalId(1), Some("x".into())));
                        assert!(tenant.apply(changes).await.is_err());
                    } else {
                        tenant.apply(changes).await.unwrap();
                    }
                }
            }));
        }
        let reader = world.mine.clone();
        let reading = tokio::spawn(async move {
            let mut seen = 0;
            let expected: i64 = (0..BATCHES).filter(|b| b % 4 != 3).map(|b| 1 + b % 3).sum();
            while seen < expected * WRITERS {
                // Whoever has read up to a number misses nothing by going on after it.
                for activity in reader.activity_after(seen, 7).await.unwrap() {
                    seen += 1;
                    assert_eq!(activity.sequence, seen);
                }
            }
            seen
        });
        for writer in writers {
            writer.await.unwrap();
        }
        let seen = reading.await.unwrap();
        assert!(world.mine.activity_after(seen, 10).await.unwrap().is_empty());
        drop(second);
        world
    }
}

on_each_database! {
    /// The index of a product's movements goes by blocks of events; a product that sells seldom skips many.
    async fn a_products_movements_are_listed_across_blocks(world: World) {
        let tenant = &world.mine;
        for order in 1..=14 {
            let mut changes = Changes::new(tenant.business_id(), at(order));
            changes.activity = (0..300).map(|_| event("e")).collect();
            let product = if order % 4 == 1 { "rare" } else { "tea" };
            changes.movements.push(movement(order, 1, product, 0, -order));
            changes.movements.push(movement(order, 2, "tea", 0, -1));
            tenant.apply(changes).await.unwrap();
        }
        let filter = MovementFilter { pos_product_id: Some("rare".into()), order_id: None };
        for direction in [Direction::Forward, Direction::Backward] {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let request = PageRequest { limit: 2, direction, cursor };
                let page = tenant.stock_movements(&request, &filter).await.unwrap();
                let forward = direction == Direction::Forward;
                let mut rows: Vec<_> = page.rows.iter().map(|(_, row)| -row.quantity).collect();
                if !forward {
                    rows.reverse();
                }
                seen.extend(rows);
                let last = if forward { page.rows.last() } else { page.rows.first() };
                cursor = last.map(|(cursor, _)| cursor.clone());
                if !(if forward { page.has_next } else { page.has_previous }) {
                    break;
                }
            }
            if direction == Direction::Backward {
                seen.reverse();
            }
            assert_eq!(seen, [13, 9, 5, 1], "{direction:?}");
        }
        world
    }
}
