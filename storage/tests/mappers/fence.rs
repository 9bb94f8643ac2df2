//! An order that was mapped by what no longer serves is not written, on any instance.

use domain::delivery::{DeliveryState, Fate, Outcome};
use domain::flow::Changes;
use domain::mapper::{BindingChange, Bound};
use futures_util::future::join_all;
use storage::{StoreError, Tenant};

use crate::mapping::{V1, activate, change, plugin};
use crate::on_each_database;
use crate::order::{LEASE, first_version, received, webhook};
use crate::world::at;

async fn serving_v1(tenant: &Tenant) {
    tenant.add_mapper_version(plugin("one", 1), at(5)).await.unwrap();
    change(tenant, activate(V1)).await.unwrap();
}

fn rollback() -> BindingChange {
    BindingChange::Rollback { reason: "wrong".into() }
}

fn assert_void<T: std::fmt::Debug>(result: &Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
}

on_each_database! {
    async fn a_rollback_holds_for_the_very_next_order(world: World) {
        let tenant = &world.mine;
        serving_v1(tenant).await;
        let claimed = received(&world, "a").await;
        let mut changes = first_version(tenant, &claimed, 1);
        changes.assumed_binding = Some(1);
        change(tenant, rollback()).await.unwrap();
        assert_void(&tenant.apply(changes.clone()).await);
        assert!(tenant.pos_order(domain::id::ExternalId(1)).await.unwrap().is_none());
        let stored = tenant.delivery(claimed.delivery.id).await.unwrap().unwrap();
        assert_eq!(stored.state, DeliveryState::Running, "its lease is still good");

        changes.assumed_binding = Some(2);
        tenant.apply(changes).await.unwrap();
        let stored = tenant.delivery(claimed.delivery.id).await.unwrap().unwrap();
        assert_eq!(stored.outcome, Some(Outcome::Applied));
        world
    }
}

on_each_database! {
    async fn a_business_that_never_chose_is_at_revision_0(world: World) {
        let tenant = &world.mine;
        let claimed = received(&world, "a").await;
        let mut changes = first_version(tenant, &claimed, 1);
        changes.assumed_binding = Some(1);
        assert_void(&tenant.apply(changes.clone()).await);
        changes.assumed_binding = Some(0);
        tenant.apply(changes).await.unwrap();
        world
    }
}

on_each_database! {
    async fn a_batch_that_tells_nothing_is_fenced_too(world: World) {
        let tenant = &world.mine;
        serving_v1(tenant).await;
        let claimed = received(&world, "a").await;
        let mut changes = Changes::new(tenant.business_id(), at(3_000));
        let fate = Fate::Done(Outcome::Unchanged);
        changes.deliveries.push((claimed.delivery.id, claimed.lease, fate));
        changes.assumed_binding = Some(0);
        assert_void(&tenant.apply(changes.clone()).await);
        let events = tenant.last_activity().await.unwrap();
        changes.assumed_binding = Some(1);
        tenant.apply(changes).await.unwrap();
        assert_eq!(tenant.last_activity().await.unwrap(), events, "no number was used up");
        world
    }
}

on_each_database! {
    /// Batches of several businesses and revisions share a transaction: the outdated ones take nobody along.
    async fn the_outdated_batches_of_a_group_fail_alone(world: World) {
        serving_v1(&world.mine).await;
        for number in 0..20 {
            world.mine.receive(webhook(&world.mine, number, &format!("{number}"))).await.unwrap();
            world.other.receive(webhook(&world.other, number, &format!("{number}"))).await.unwrap();
        }
        let claimed = world.storage.system().claim(40, LEASE, at(2_000)).await.unwrap();
        let attempts = (100..).zip(&claimed).map(|(id, claimed)| {
            let tenant = world.storage.tenant(claimed.delivery.business_id);
            let mut changes = first_version(&tenant, claimed, id);
            // Right for one of the businesses.
            changes.assumed_binding = Some(1);
            async move { (tenant.business_id(), tenant.apply(changes).await.is_ok()) }
        });
        for (business, written) in join_all(attempts).await {
            assert_eq!(written, business == world.mine.business_id());
        }
        world
    }
}

on_each_database! {
    async fn another_process_is_held_to_it(world: World) {
        if let Some(elsewhere) = world.second_process().await {
            serving_v1(&world.mine).await;
            let there = elsewhere.tenant(world.mine.business_id());
            let mut written = 0;
            for round in 0..10 {
                let claimed = received(&world, &format!("{round}")).await;
                let before = world.mine.binding().await.unwrap();
                let mut changes = first_version(&there, &claimed, round + 1);
                changes.assumed_binding = Some(before.revision);
                changes.pos_orders[0].mapper = before.active;
                let wanted = match before.active {
                    Bound::STANDARD => activate(V1),
                    _ => rollback(),
                };
                let (applied, turned) =
                    tokio::join!(there.apply(changes), change(&world.mine, wanted));
                let (after, entry) = turned.unwrap();
                let order = domain::id::ExternalId(round + 1);
                let head = world.mine.pos_order(order).await.unwrap();
                assert_eq!(applied.is_ok(), head.is_some());
                if let Some(head) = head {
                    written += 1;
                    // Then it was written before the change: its event has the lower number.
                    let feed = world.mine.activity_after(0, 100).await.unwrap();
                    let of_change = feed.iter().rposition(|event| event.event == entry.activity());
                    let of_order = feed.iter().rposition(|event| event.event.message == "posted");
                    assert!(of_order < of_change, "{feed:?}");
                    assert_ne!(head.mapper, after.active);
                } else {
                    assert_void(&applied);
                }
            }
            println!("{written} of 10 orders were written before the change");
        }
        world
    }
}
