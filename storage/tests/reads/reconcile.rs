//! What a reconciliation reads and keeps.

use domain::delivery::DeliveryState;
use domain::id::{ConnectionId, DeliveryId, ExternalId, ReconciliationId};
use domain::page::{Direction, PageRequest};
use domain::reconcile::{
    Cause, Drift, DriftKind, DriftState, Reconciliation, RunState, Step, Window,
};
use domain::refined::ObjectType;
use storage::StoreError;

use crate::on_each_database;
use crate::sample::{
    changes, connected, delivery, line, order, order_write, product_write, variant,
};
use crate::world::{at, entropy};

const ALL: PageRequest = PageRequest { limit: 50, direction: Direction::Forward, cursor: None };

fn begun(connection: ConnectionId, second: i64) -> Reconciliation {
    let id = ReconciliationId::new(at(second), &entropy());
    Reconciliation::begin(id, (connection, ObjectType::Order), "somebody".into(), at(second))
}

fn drift(id: i64, kind: DriftKind) -> Drift {
    Drift {
        object_id: ExternalId(id),
        kind,
        state: DriftState::Open,
        cause: Cause::InQueue { delivery_id: DeliveryId::new(at(1), &entropy()) },
        created_at: at(1),
        store_updated_at: Some(at(5)),
        held_updated_at: None,
        healed_by: None,
        found_at: at(9),
    }
}

on_each_database! {
    async fn one_runs_at_a_time_and_what_is_written_is_fenced(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 0).await;
        let first = tenant.begin_reconciliation(begun(connection, 1)).await.unwrap();
        let joined = tenant.begin_reconciliation(begun(connection, 2)).await.unwrap();
        assert_eq!(joined, first, "the one that runs");
        assert_eq!(world.other.reconciliation(first.id).await.unwrap(), None);

        let mut next = first.clone();
        next.after = Some(ExternalId(7));
        next.counts.seen = 250;
        next.enter(Step::Confirming, at(3));
        let found = vec![drift(5, DriftKind::Missing), drift(4, DriftKind::Unseen)];
        let next = tenant.advance_reconciliation(next, found, Vec::new()).await.unwrap();
        let late = tenant.advance_reconciliation(first.clone(), Vec::new(), vec![ExternalId(5)]).await;
        assert!(matches!(late, Err(StoreError::LostLease)), "{late:?}");
        assert_eq!(tenant.running_reconciliation(connection, ObjectType::Order).await.unwrap(), Some(next.clone()));
        assert_eq!(tenant.running_reconciliation(connection, ObjectType::Product).await.unwrap(), None);

        let shown = tenant.drift(first.id, &ALL).await.unwrap().rows;
        assert_eq!(shown.iter().map(|(_, drift)| drift.object_id.0).collect::<Vec<_>>(), [5]);
        assert!(world.other.drift(first.id, &ALL).await.unwrap().rows.is_empty());
        let mut healed = shown[0].1.clone();
        (healed.state, healed.healed_by) = (DriftState::Healing, Some(DeliveryId::new(at(4), &entropy())));
        let mut waiting = next.clone();
        waiting.end(RunState::WaitingForApproval, at(5));
        tenant.advance_reconciliation(waiting, vec![healed.clone()], vec![ExternalId(4)]).await.unwrap();
        assert_eq!(tenant.drift_in(first.id, &[DriftKind::Missing], DriftState::Healing, 9).await.unwrap(), [healed]);
        assert_eq!(tenant.drift_counts(first.id).await.unwrap(), [(DriftKind::Missing, DriftState::Healing, 1)]);

        let newer = tenant.begin_reconciliation(begun(connection, 6)).await.unwrap();
        assert_ne!(newer.id, first.id);
        let superseded = tenant.reconciliation(first.id).await.unwrap().unwrap();
        assert_eq!(superseded.state, RunState::Superseded);
        let listed = tenant.reconciliations(&ALL).await.unwrap().rows;
        assert_eq!(listed.iter().map(|(_, run)| run.id).collect::<Vec<_>>(), [newer.id, first.id]);
        assert!(world.other.reconciliations(&ALL).await.unwrap().rows.is_empty());
        world
    }
}

on_each_database! {
    async fn what_is_held_is_read_by_id_and_by_range(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 0).await;
        let mut new = changes(tenant);
        new.orders = [1, 2, 3].map(|id| order_write(connection, order(id, 10 + id, vec![line(id, 71, 1)]))).into();
        new.products = vec![product_write(connection, 1, vec![variant(72, None)])];
        tenant.apply(new).await.unwrap();
        let ids = [1, 2, 9].map(ExternalId);
        let held = tenant.held_of(ObjectType::Order, &ids).await.unwrap();
        assert_eq!(held.len(), 2);
        assert_eq!(held[&ExternalId(2)].updated_at, at(12));
        assert!(world.other.held_of(ObjectType::Order, &ids).await.unwrap().is_empty());
        assert_eq!(tenant.held_of(ObjectType::Product, &ids).await.unwrap().len(), 1);

        let all = Window { from: None, until: at(100) };
        let between = async |window: &Window, after, until: Option<i64>| {
            let range = (Some(ExternalId(after)), until.map(ExternalId));
            let held = tenant.held_between((connection, ObjectType::Order), window, range, 9).await.unwrap();
            held.iter().map(|held| held.id.0).collect::<Vec<_>>()
        };
        assert_eq!(between(&all, 0, None).await, [1, 2, 3]);
        assert_eq!(between(&all, 1, Some(2)).await, [2]);
        let middle = Window { from: Some(at(12)), until: at(13) };
        assert_eq!(between(&middle, 0, None).await, [2]);
        let elsewhere = ConnectionId::new(at(1), &entropy());
        let other = tenant.held_between((elsewhere, ObjectType::Order), &all, (None, None), 9).await.unwrap();
        assert!(other.is_empty(), "what another connection brought is not of this store");
        world
    }
}

on_each_database! {
    async fn deliveries_that_wait_are_told_apart(world: World) {
        let tenant = &world.mine;
        let connection = connected(tenant, "a.myshopify.com", 0).await;
        assert!(!tenant.has_unread().await.unwrap());
        let waiting = delivery(tenant, connection, "a body");
        let (id, sender) = (waiting.id, waiting.webhook_id.clone());
        tenant.receive(waiting).await.unwrap();
        assert!(tenant.has_unread().await.unwrap());
        assert!(!world.other.has_unread().await.unwrap());
        assert_eq!(tenant.delivery_states(&[id]).await.unwrap()[&id], DeliveryState::Ready);
        assert_eq!(tenant.delivery_by_sender(&sender).await.unwrap(), Some(id));
        assert_eq!(world.other.delivery_by_sender(&sender).await.unwrap(), None);
        assert!(tenant.open_deliveries(ObjectType::Order, &[ExternalId(1)]).await.unwrap().is_empty());
        world
    }
}
