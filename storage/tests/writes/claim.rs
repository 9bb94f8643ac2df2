//! Who gets which delivery, and until when.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use domain::code::Code;
use domain::connection::Business;
use domain::delivery::{ATTEMPTS_MAX, DeliveryState, Failure, Fate, Outcome};
use domain::flow::Changes;
use domain::id::BusinessId;
use domain::page::{Direction, PageRequest};
use storage::StoreError;

use crate::on_each_database;
use crate::order::{LEASE, received, webhook};
use crate::world::at;

on_each_database! {
    async fn businesses_take_turns(world: World) {
        let system = world.storage.system();
        let flood: Vec<_> = (0..1_000).map(|n| webhook(&world.mine, n, &format!("{n}"))).collect();
        world.mine.receive_all(flood).await.unwrap();
        let mut small = vec![world.other.clone()];
        for number in 10..20 {
            let id = BusinessId::new(at(number), &[u8::try_from(number).unwrap(); 10]);
            let business = Business { id, name: "small".into(), created_at: at(number) };
            system.create_business(business).await.unwrap();
            small.push(world.storage.tenant(id));
        }
        for tenant in &small {
            tenant.receive(webhook(tenant, 2_000, "late")).await.unwrap();
        }
        let claimed = system.claim(100, LEASE, at(3_000)).await.unwrap();
        let mut by_business: BTreeMap<BusinessId, usize> = BTreeMap::new();
        for claimed in &claimed {
            *by_business.entry(claimed.delivery.business_id).or_default() += 1;
        }
        assert_eq!(by_business.len(), 12, "everybody who waits gets a turn");
        assert!(by_business[&world.mine.business_id()] >= 16, "and the rest is not left idle");
        assert_eq!(system.claim(128, LEASE, at(3_000)).await.unwrap().len(), 128);
        world
    }
}

on_each_database! {
    async fn everything_due_is_claimed_once_by_any_number_of_workers(world: World) {
        let all: Vec<_> = (0..500).map(|n| webhook(&world.mine, n, &format!("{n}"))).collect();
        world.mine.receive_all(all).await.unwrap();
        let workers = (0..8).map(|_| {
            let system = world.storage.system();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = system.claim(13, LEASE, at(600)).await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    assert!(claimed.len() <= 13);
                    mine.extend(claimed.into_iter().map(|claimed| claimed.delivery.id));
                }
            })
        });
        let mut ids = Vec::new();
        for worker in workers.collect::<Vec<_>>() {
            ids.extend(worker.await.unwrap());
        }
        let distinct: HashSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (500, 500));
        world
    }
}

on_each_database! {
    async fn a_lease_that_ran_out_is_taken_over_and_its_first_holder_is_fenced(world: World) {
        let system = world.storage.system();
        let first = received(&world, "a").await;
        assert_eq!(first.attempt, 1);
        assert_eq!(system.due_at().await.unwrap(), Some(at(2_000) + LEASE));
        assert!(system.claim(10, LEASE, at(31_999)).await.unwrap().is_empty());

        let second = system.claim(10, LEASE, at(32_000)).await.unwrap().remove(0);
        assert_eq!((second.delivery.id, second.attempt), (first.delivery.id, 2));
        assert_ne!(second.lease, first.lease);

        let mut late = Changes::new(world.mine.business_id(), at(33_000));
        late.deliveries.push((first.delivery.id, first.lease, Fate::Done(Outcome::Applied)));
        late.activity.push(crate::sample::event("late"));
        let refused = world.mine.apply(late.clone()).await;
        assert!(matches!(refused, Err(StoreError::LostLease)), "{refused:?}");
        assert!(world.mine.activity_after(0, 10).await.unwrap().is_empty());

        late.deliveries[0].1 = second.lease;
        world.mine.apply(late).await.unwrap();
        assert!(system.due_at().await.unwrap().is_none());
        world
    }
}

on_each_database! {
    async fn what_is_handed_back_is_not_charged(world: World) {
        let system = world.storage.system();
        let claimed = received(&world, "a").await;
        let hold = (claimed.delivery.business_id, claimed.delivery.id, claimed.lease);
        system.release(&[hold]).await.unwrap();
        let again = system.claim(10, LEASE, at(2_001)).await.unwrap().remove(0);
        assert_eq!(again.attempt, 1);
        // The old lease no longer counts.
        system.release(&[hold]).await.unwrap();
        assert!(system.claim(10, LEASE, at(2_002)).await.unwrap().is_empty());
        let depth = system.queue_depth().await.unwrap();
        assert_eq!((depth.ready, depth.running), (0, 1));
        world
    }
}

on_each_database! {
    async fn a_delivery_that_no_worker_survives_dies(world: World) {
        let system = world.storage.system();
        let id = received(&world, "poison").await.delivery.id;
        let mut now = at(2_000);
        for attempt in 2..=ATTEMPTS_MAX {
            now = now + LEASE;
            let claimed = system.claim(10, LEASE, now).await.unwrap();
            assert_eq!(claimed[0].attempt, attempt);
        }
        assert!(system.claim(10, LEASE, now + LEASE).await.unwrap().is_empty());
        let request = PageRequest { limit: 10, direction: Direction::Forward, cursor: None };
        let dead = world.mine.dead_letters(&request).await.unwrap();
        let (_, letter) = &dead.rows[0];
        assert_eq!((letter.id, letter.failure.code), (id, Code::AttemptsExhausted));
        assert_eq!(world.mine.activity_after(0, 10).await.unwrap().len(), 1);
        assert!(system.due_at().await.unwrap().is_none());
        world
    }
}

on_each_database! {
    async fn retries_wait_for_their_time_and_dead_letters_for_a_replay(world: World) {
        let system = world.storage.system();
        let tenant = &world.mine;
        let claimed = received(&world, "a").await;
        let finish = async |lease, fate| {
            let mut changes = Changes::new(tenant.business_id(), at(3_000));
            changes.deliveries.push((claimed.delivery.id, lease, fate));
            tenant.apply(changes).await.unwrap();
        };
        let failure = Failure::new(Code::UpstreamUnavailable, "no answer");
        let retry = Fate::Retry { at: at(9_000), failure: failure.clone() };
        finish(claimed.lease, retry).await;
        assert_eq!(system.due_at().await.unwrap(), Some(at(9_000)));
        assert!(system.claim(10, LEASE, at(8_999)).await.unwrap().is_empty());
        let again = system.claim(10, LEASE, at(9_000)).await.unwrap().remove(0);
        assert_eq!(again.attempt, 2);

        // Somebody has it: there is nothing to replay.
        assert!(!tenant.replay(claimed.delivery.id, at(9_100)).await.unwrap());
        finish(again.lease, Fate::Dead(failure.clone())).await;
        let stored = tenant.delivery(claimed.delivery.id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.failure), (DeliveryState::Dead, Some(failure)));
        assert!(!world.other.replay(claimed.delivery.id, at(9_200)).await.unwrap());
        assert!(tenant.replay(claimed.delivery.id, at(9_200)).await.unwrap());

        let replayed = system.claim(10, LEASE, at(9_200)).await.unwrap().remove(0);
        assert_eq!((replayed.attempt, &replayed.delivery), (1, &claimed.delivery));
        finish(replayed.lease, Fate::Done(Outcome::Applied)).await;
        assert!(tenant.replay(claimed.delivery.id, at(9_300)).await.unwrap());
        world
    }
}

on_each_database! {
    /// Many businesses wait for later, more than a claim looks at in one step; one has something due.
    async fn who_waits_for_later_hides_nobody(world: World) {
        let system = world.storage.system();
        for number in 0..150_u8 {
            let id = BusinessId::new(at(100), &[number; 10]);
            let business = Business { id, name: "later".into(), created_at: at(100) };
            system.create_business(business).await.unwrap();
            let tenant = world.storage.tenant(id);
            tenant.receive(webhook(&tenant, 50_000, "later")).await.unwrap();
        }
        let id = BusinessId::new(at(200), &[9; 10]);
        let business = Business { id, name: "now".into(), created_at: at(200) };
        system.create_business(business).await.unwrap();
        let tenant = world.storage.tenant(id);
        for turn in 0..3 {
            tenant.receive(webhook(&tenant, 1_000, &format!("now-{turn}"))).await.unwrap();
            assert_eq!(system.due_at().await.unwrap(), Some(at(1_000)));
            let claimed = system.claim(10, Duration::from_hours(1), at(2_000)).await.unwrap();
            assert_eq!(claimed.len(), 1, "turn {turn}");
            assert!(system.claim(10, LEASE, at(2_000)).await.unwrap().is_empty());
        }
        world
    }
}
