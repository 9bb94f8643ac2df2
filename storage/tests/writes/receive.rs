//! Deliveries come in once, and those whose sender hung up as well as any other.

use std::future::Future;
use std::task::Poll;

use domain::delivery::DeliveryState;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend};
use storage::Received::{Duplicate, Stored};

use crate::on_each_database;
use crate::order::webhook;
use crate::world::at;

on_each_database! {
    async fn a_repetition_is_known_by_its_id_or_its_body(world: World) {
        let tenant = &world.mine;
        let first = webhook(tenant, 1, "a");
        assert_eq!(tenant.receive(first.clone()).await.unwrap(), Stored);
        assert_eq!(tenant.receive(webhook(tenant, 2, "a")).await.unwrap(), Duplicate);

        let mut same_body = webhook(tenant, 3, "a");
        same_body.webhook_id = "another".into();
        assert_eq!(tenant.receive(same_body.clone()).await.unwrap(), Duplicate);
        let mut same_id = webhook(tenant, 4, "b");
        same_id.webhook_id = first.webhook_id.clone();
        assert_eq!(tenant.receive(same_id).await.unwrap(), Duplicate);

        same_body.topic = "orders/updated".into();
        assert_eq!(tenant.receive(same_body).await.unwrap(), Stored);
        assert_eq!(world.other.receive(webhook(&world.other, 5, "a")).await.unwrap(), Stored);

        let stored = tenant.delivery(first.id).await.unwrap().unwrap();
        assert_eq!(stored.delivery, first);
        assert_eq!(stored.state, DeliveryState::Ready);
        assert!(world.other.delivery(first.id).await.unwrap().is_none());
        world
    }
}

on_each_database! {
    async fn repetitions_in_one_group_are_stored_once(world: World) {
        let tenant = &world.mine;
        let sent = (0..200).map(|number| {
            let mut delivery = webhook(tenant, number, &format!("{}", number % 50));
            if number >= 100 {
                // The same body under an id of its own.
                delivery.webhook_id = format!("again-{number}");
            }
            tenant.receive(delivery)
        });
        let received = join_all(sent).await;
        let stored = received.iter().filter(|received| *received.as_ref().unwrap() == Stored);
        assert_eq!(stored.count(), 50);

        let all: Vec<_> =
            (0..600).map(|number| webhook(tenant, number, &format!("{}", number % 300))).collect();
        assert_eq!(tenant.receive_all(all).await.unwrap(), 250);
        assert_eq!(world.storage.system().queue_depth().await.unwrap().ready, 300);
        world
    }
}

on_each_database! {
    async fn a_body_comes_back_as_it_was(world: World) {
        let tenant = &world.mine;
        let noise: Vec<u8> = (0_u32..5_000).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for (name, body) in [("empty", vec![]), ("short", b"{}".to_vec()), ("noise", noise)] {
            let mut delivery = webhook(tenant, 1, name);
            delivery.body = body;
            tenant.receive(delivery.clone()).await.unwrap();
            let stored = tenant.delivery(delivery.id).await.unwrap().unwrap();
            assert_eq!(stored.delivery, delivery, "{name}");
        }
        world
    }
}

on_each_database! {
    async fn a_delivery_of_another_business_is_refused(world: World) {
        assert!(world.mine.receive(webhook(&world.other, 1, "a")).await.is_err());
        world
    }
}

on_each_database! {
    async fn what_a_caller_abandons_is_stored_all_the_same(world: World) {
        let tenant = &world.mine;
        let mut polls = 0;
        for number in 0..300 {
            let delivery = webhook(tenant, number, &format!("{number}"));
            let mut receive = Box::pin(tenant.receive(delivery));
            // Polled once or twice, then dropped in the middle of whatever the writer is doing.
            for _ in 0..=number % 2 {
                let poll = std::future::poll_fn(|cx| Poll::Ready(receive.as_mut().poll(cx))).await;
                polls += usize::from(poll.is_pending());
                tokio::task::yield_now().await;
            }
        }
        assert!(polls > 0, "nothing was abandoned");
        // The connections are none the worse for it: this one is stored, and seen by others.
        assert_eq!(tenant.receive(webhook(tenant, 900, "last")).await.unwrap(), Stored);
        let claimed = world.storage.system().claim(400, crate::order::LEASE, at(1_000)).await.unwrap();
        assert_eq!(claimed.len(), 301);
        world
    }
}

on_each_database! {
    /// The server ends all connections, in the middle of whatever they do.
    async fn a_server_that_hangs_up_loses_nothing_that_was_acknowledged(world: World) {
        let conn = world.intruder().await;
        let served = conn.get_database_backend() == DbBackend::Postgres;
        let mut stored = 0;
        for number in 0..300 {
            let delivery = webhook(&world.mine, number, &format!("{number}"));
            if served && number % 60 == 30 {
                conn.execute_unprepared(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
                .await
                .unwrap();
            }
            stored += u64::from(world.mine.receive(delivery).await.is_ok());
        }
        assert!(stored >= 280, "{stored}");
        conn.close().await.unwrap();
        let mut depth = world.storage.system().queue_depth().await;
        while depth.is_err() {
            depth = world.storage.system().queue_depth().await;
        }
        assert!(depth.unwrap().ready >= stored);
        world
    }
}
