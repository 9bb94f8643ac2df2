//! Counts, movements, levels.

use std::collections::BTreeMap;

use domain::id::{ExternalId, MovementId};
use domain::page::{Direction, PageRequest};
use domain::stock::{Location, Reason};
use storage::{MovementFilter, StoreError, Tenant};

use crate::on_each_database;
use crate::sample::{changes, movement, pos_product, relinked};
use crate::world::{at, entropy};

fn home() -> Location {
    Location::of(None)
}

fn id() -> MovementId {
    MovementId::new(at(9), &entropy())
}

async fn stocked(tenant: &Tenant, products: &[&str]) {
    let products = products.iter().map(|id| pos_product(id, None)).collect();
    tenant.upsert_pos_products(products, at(1), relinked(tenant, "x")).await.unwrap();
}

async fn level(tenant: &Tenant, product: &str) -> Vec<i64> {
    let levels = tenant.stock_levels(&[product.to_owned()]).await.unwrap();
    levels.get(product).into_iter().flatten().map(|level| level.quantity).collect()
}

on_each_database! {
    async fn a_count_moves_the_difference(world: World) {
        let tenant = &world.mine;
        stocked(tenant, &["tea"]).await;
        let first = id();
        for (quantity, id) in [(10, first), (10, first), (4, id()), (4, id())] {
            let level = tenant.set_stock("tea", home(), quantity, at(5), id).await.unwrap();
            assert_eq!((level.quantity, level.updated_at), (quantity, at(5)));
        }
        let request = PageRequest { limit: 9, direction: Direction::Backward, cursor: None };
        let page = tenant.stock_movements(&request, &MovementFilter::default()).await.unwrap();
        let mut moved: Vec<_> = page.rows.iter().map(|(_, row)| row.quantity).collect();
        moved.sort_unstable();
        assert_eq!(moved, [-6, 0, 10]);
        assert!(page.rows.iter().all(|(_, row)| row.reason == Reason::Count));
        // A count that is sent again after another one is not made again.
        let again = tenant.set_stock("tea", home(), 10, at(6), first).await.unwrap();
        assert_eq!(again.quantity, 4);
        let unknown = tenant.set_stock("mug", home(), 1, at(5), id()).await;
        assert!(matches!(unknown, Err(StoreError::NotFound(_))));
        world
    }
}

on_each_database! {
    async fn counts_and_orders_at_the_same_time_add_up(world: World) {
        let tenant = &world.mine;
        stocked(tenant, &["tea"]).await;
        let second = world.second_process().await.map(|s| s.tenant(tenant.business_id()));
        let mut tasks = Vec::new();
        for number in 0..30 {
            let tenant = match &second {
                Some(second) if number % 2 == 0 => second.clone(),
                _ => tenant.clone(),
            };
            tasks.push(tokio::spawn(async move {
                if number % 3 == 0 {
                    let quantity = number * 11 % 17;
                    let after = tenant.set_stock("tea", home(), quantity, at(5), id()).await;
                    assert_eq!(after.unwrap().quantity, quantity);
                } else {
                    let mut changes = changes(&tenant);
                    changes.movements.push(movement(number, 1, "tea", 0, -2));
                    tenant.apply(changes).await.unwrap();
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let totals = tenant.totals().await.unwrap();
        assert_eq!(totals.movements, 30);
        assert_eq!(totals.movement_sum, totals.stock_sum);
        assert_eq!(level(tenant, "tea").await, [totals.stock_sum]);
        world
    }
}

on_each_database! {
    async fn movements_are_found_by_order_and_product(world: World) {
        let tenant = &world.mine;
        let mut new = changes(tenant);
        new.movements = vec![
            movement(1, 1, "tea", 0, -3),
            movement(1, 2, "mug", 0, -1),
            movement(2, 1, "tea", 0, -1),
        ];
        tenant.apply(new).await.unwrap();
        let mut new = changes(tenant);
        new.movements = vec![movement(1, 1, "tea", 1, 2)];
        tenant.apply(new).await.unwrap();

        let found = async |filter| {
            let request = PageRequest { limit: 9, direction: Direction::Forward, cursor: None };
            let page = tenant.stock_movements(&request, &filter).await.unwrap();
            let mut found: Vec<_> = page.rows.iter().map(|(_, row)| row.quantity).collect();
            found.sort_unstable();
            found
        };
        let tea = || Some("tea".to_owned());
        let of = |pos_product_id, order_id| MovementFilter { pos_product_id, order_id };
        assert_eq!(found(of(None, None)).await, [-3, -1, -1, 2]);
        assert_eq!(found(of(tea(), None)).await, [-3, -1, 2]);
        assert_eq!(found(of(None, Some(ExternalId(1)))).await, [-3, -1, 2]);
        assert_eq!(found(of(tea(), Some(ExternalId(2)))).await, [-1]);

        let asked = [1, 2, 3].map(ExternalId);
        let recorded = tenant.recorded_effects(&asked).await.unwrap();
        let sums = |order: i64| -> BTreeMap<String, (i64, i64)> {
            let of_order = &recorded[&ExternalId(order)];
            let sum = |(key, recorded): (&domain::stock::EffectKey, &domain::stock::Recorded)| {
                (key.pos_product_id.clone(), (recorded.quantity, recorded.movements))
            };
            of_order.iter().map(sum).collect()
        };
        assert_eq!(sums(1), [("mug".into(), (-1, 1)), ("tea".into(), (-1, 2))].into());
        assert_eq!(sums(2), [("tea".into(), (-1, 1))].into());
        assert!(!recorded.contains_key(&ExternalId(3)));
        world
    }
}
