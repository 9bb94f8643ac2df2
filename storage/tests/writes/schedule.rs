//! Schedules come when their time has come, once.

use std::time::Duration;

use domain::connection::PendingAuthorization;
use domain::id::BusinessId;
use storage::StoreError;

use crate::on_each_database;
use crate::order::LEASE;
use crate::sample::connected;
use crate::world::at;

on_each_database! {
    async fn a_schedule_is_held_by_one_and_comes_again(world: World) {
        let system = world.storage.system();
        let connection = connected(&world.mine, "a.myshopify.com", 0).await;
        world.mine.ensure_schedule("poll", connection, at(1_000)).await.unwrap();
        world.mine.ensure_schedule("poll", connection, at(5_000)).await.unwrap();
        assert_eq!(system.next_schedule_at().await.unwrap(), Some(at(1_000)));
        assert!(system.claim_schedules(10, LEASE, at(999)).await.unwrap().is_empty());

        // Missed many times, it comes once.
        let claimed = system.claim_schedules(10, LEASE, at(900_000)).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!((claimed[0].kind.as_str(), claimed[0].connection_id), ("poll", connection));
        assert!(system.claim_schedules(10, LEASE, at(900_000)).await.unwrap().is_empty());
        system.finish_schedule(&claimed[0], at(1_000_000)).await.unwrap();
        let twice = system.finish_schedule(&claimed[0], at(2_000_000)).await;
        assert!(matches!(twice, Err(StoreError::LostLease)), "{twice:?}");

        // Sooner, on request.
        world.mine.ensure_schedule("poll", connection, at(950_000)).await.unwrap();
        let held = system.claim_schedules(10, LEASE, at(950_000)).await.unwrap().remove(0);
        let taken_over =
            system.claim_schedules(10, Duration::from_mins(1), at(950_000) + LEASE).await.unwrap();
        assert_eq!(taken_over.len(), 1);
        assert!(system.finish_schedule(&held, at(1)).await.is_err());
        world.mine.remove_schedules(connection).await.unwrap();
        assert!(system.finish_schedule(&taken_over[0], at(1)).await.is_err());
        assert_eq!(system.next_schedule_at().await.unwrap(), None);
        world
    }
}

on_each_database! {
    async fn an_authorization_is_used_once(world: World) {
        let system = world.storage.system();
        let business = world.mine.business_id();
        let pending = PendingAuthorization {
            state_hash: [5; 32],
            business_id: business,
            founds: false,
            provider: "shopify".into(),
            shop: "a.myshopify.com".into(),
            subject: "somebody".into(),
            expires_at: at(600),
        };
        system.put_authorization(pending.clone(), at(0)).await.unwrap();
        let peek = |business, now| system.peek_authorization([5; 32], business, at(now));
        assert_eq!(peek(business, 599).await.unwrap(), Some(pending.clone()));
        assert_eq!(peek(business, 600).await.unwrap(), None);
        assert_eq!(peek(world.other.business_id(), 1).await.unwrap(), None);
        let take = || system.take_authorization([5; 32], business, at(1));
        let (first, second) = tokio::join!(take(), take());
        let taken: Vec<_> = [first.unwrap(), second.unwrap()].into_iter().flatten().collect();
        assert_eq!(taken, [pending]);
        world
    }
}

on_each_database! {
    async fn an_authorization_needs_no_business_that_exists(world: World) {
        let system = world.storage.system();
        let to_come = |number| BusinessId::new(at(0), &[number; 10]);
        let entry = |number, expires_at| PendingAuthorization {
            state_hash: [number; 32],
            business_id: to_come(number),
            founds: true,
            provider: "shopify".into(),
            shop: "a.myshopify.com".into(),
            subject: "store".into(),
            expires_at: at(expires_at),
        };
        system.put_authorization(entry(1, 600), at(0)).await.unwrap();
        system.put_authorization(entry(2, 900), at(599)).await.unwrap();
        let peek = |number, now| system.peek_authorization([number; 32], to_come(number), at(now));
        assert_eq!(peek(1, 599).await.unwrap(), Some(entry(1, 600)));
        assert_eq!(peek(1, 600).await.unwrap(), None);
        // The next one clears those away that have expired, whosoever they were.
        system.put_authorization(entry(3, 900), at(600)).await.unwrap();
        assert_eq!(peek(1, 0).await.unwrap(), None);
        let take = |number| system.take_authorization([number; 32], to_come(number), at(601));
        assert_eq!((take(2).await.unwrap(), take(2).await.unwrap()), (Some(entry(2, 900)), None));
        world
    }
}
