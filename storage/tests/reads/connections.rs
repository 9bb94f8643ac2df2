//! Connecting, ending, connecting again, and whose shop it is.

use domain::connection::{Business, ConnectionStatus, SubscriptionResult};
use domain::id::BusinessId;
use sea_orm::ConnectionTrait;
use storage::{StoreError, Tenant};

use crate::on_each_database;
use crate::sample::{changes, connected, connection, secrets};
use crate::world::{at, keys};

const SHOP: &str = "a.myshopify.com";

async fn save(tenant: &Tenant, shop: &str, now: i64) -> Result<storage::Saved, StoreError> {
    tenant.save_connection(&connection(tenant, shop, now), &secrets("t"), at(now)).await
}

on_each_database! {
    async fn a_connection_is_found_by_shop_and_by_path(world: World) {
        let (mine, system) = (&world.mine, world.storage.system());
        let saved = save(mine, SHOP, 10).await.unwrap();
        assert!(!saved.reconnected);
        let stored = saved.connection.clone();
        assert_eq!(mine.connection("shopify").await.unwrap().as_ref(), Some(&stored));
        assert_eq!(system.connection_by_shop("shopify", SHOP).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(system.connection_by_shop("other", SHOP).await.unwrap(), None);
        let by_path = system.connection_by_path(&saved.path_token).await.unwrap();
        assert_eq!(by_path.as_ref(), Some(&stored));
        assert_eq!(mine.path_token(stored.id).await.unwrap(), Some(saved.path_token.clone()));
        let mut forged = saved.path_token.clone();
        forged.replace_range(30..31, if &forged[30..31] == "A" { "B" } else { "A" });
        for wrong in [forged.as_str(), "", "AAAA", &saved.path_token[1..]] {
            assert_eq!(system.connection_by_path(wrong).await.unwrap(), None, "{wrong}");
        }
        assert_eq!(mine.secrets(stored.id).await.unwrap(), Some(secrets("t")));
        world
    }
}

on_each_database! {
    async fn a_shop_belongs_to_one_business_at_a_time(world: World) {
        let (mine, other, system) = (&world.mine, &world.other, world.storage.system());
        let first = save(mine, SHOP, 10).await.unwrap();
        assert!(matches!(save(other, SHOP, 11).await, Err(StoreError::ShopTaken)));
        assert!(other.connections().await.unwrap().is_empty());
        assert!(matches!(save(mine, "b.myshopify.com", 12).await, Err(StoreError::AlreadyConnected)));
        // The refused shop was not claimed on the way.
        assert_eq!(system.connection_by_shop("shopify", "b.myshopify.com").await.unwrap(), None);

        assert!(mine.disconnect(first.connection.id, at(20), at(20)).await.unwrap());
        assert!(!mine.disconnect(first.connection.id, at(21), at(21)).await.unwrap());
        // What the store still sends finds the ended connection by either way.
        let ended = system.connection_by_shop("shopify", SHOP).await.unwrap().unwrap();
        assert_eq!((ended.status, ended.ended_at), (ConnectionStatus::Disconnected, Some(at(20))));
        assert_eq!(mine.secrets(ended.id).await.unwrap(), None);

        let taken = save(other, SHOP, 30).await.unwrap();
        assert!(!taken.reconnected);
        let by_shop = system.connection_by_shop("shopify", SHOP).await.unwrap().unwrap();
        assert_eq!(by_shop.business_id, other.business_id());
        let late = system.connection_by_path(&first.path_token).await.unwrap().unwrap();
        assert_eq!(late.business_id, mine.business_id());
        assert!(matches!(save(mine, SHOP, 31).await, Err(StoreError::ShopTaken)));
        world
    }
}

on_each_database! {
    async fn a_business_is_founded_with_its_connection_or_not_at_all(world: World) {
        let system = world.storage.system();
        let found = async |number: u8, now: i64| {
            let business = Business {
                id: BusinessId::new(at(now), &[number; 10]),
                name: SHOP.to_owned(),
                created_at: at(now),
            };
            let tenant = world.storage.tenant(business.id);
            let asked = connection(&tenant, SHOP, now);
            let saved = tenant.found_connection(business.clone(), &asked, &secrets("t")).await;
            (business, saved)
        };
        let (business, saved) = found(1, 10).await;
        assert_eq!(saved.unwrap().connection.business_id, business.id);
        assert_eq!(system.business(business.id).await.unwrap(), Some(business));
        let (refused, saved) = found(2, 11).await;
        assert!(matches!(saved, Err(StoreError::ShopTaken)));
        assert_eq!(system.business(refused.id).await.unwrap(), None);
        world
    }
}

on_each_database! {
    async fn connecting_again_goes_on_where_it_ended(world: World) {
        let mine = &world.mine;
        let first = save(mine, SHOP, 10).await.unwrap();
        assert!(mine.connection_synced(first.connection.id, at(15)).await.unwrap());
        mine.disconnect(first.connection.id, at(20), at(20)).await.unwrap();
        assert!(!mine.connection_synced(first.connection.id, at(25)).await.unwrap());
        // A business may connect another shop in between.
        let between = save(mine, "b.myshopify.com", 25).await.unwrap();
        mine.disconnect(between.connection.id, at(26), at(26)).await.unwrap();

        let again = save(mine, SHOP, 30).await.unwrap();
        assert!(again.reconnected);
        assert_eq!(again.path_token, first.path_token);
        let stored = mine.connection("shopify").await.unwrap().unwrap();
        assert_eq!(stored, again.connection);
        assert_eq!(stored.id, first.connection.id);
        assert_eq!((stored.connected_at, stored.ended_at), (at(30), None));
        assert_eq!((stored.cutover_at, stored.last_synced_at), (at(10), Some(at(15))));
        assert_eq!(mine.connections().await.unwrap().len(), 2);
        // Granted anew without an end in between: the tokens are replaced.
        let anew = mine.save_connection(&stored, &secrets("u"), at(40)).await.unwrap();
        assert_eq!(anew.connection.id, stored.id);
        assert_eq!(mine.secrets(stored.id).await.unwrap(), Some(secrets("u")));
        world
    }
}

on_each_database! {
    async fn of_two_businesses_one_gets_the_shop(world: World) {
        let second = world.second_process().await;
        let other = match &second {
            Some(storage) => storage.tenant(world.other.business_id()),
            None => world.other.clone(),
        };
        for round in 0..10 {
            let shop = format!("race-{round}.myshopify.com");
            let (left, right) = tokio::join!(save(&world.mine, &shop, round), save(&other, &shop, round));
            let (winner, won, lost) = match (left, right) {
                (Ok(won), Err(lost)) => (&world.mine, won, lost),
                (Err(lost), Ok(won)) => (&other, won, lost),
                both => panic!("{both:?}"),
            };
            assert!(matches!(lost, StoreError::ShopTaken), "{lost:?}");
            winner.disconnect(won.connection.id, at(round), at(round)).await.unwrap();
        }
        world
    }
}

on_each_database! {
    async fn an_ended_connection_stays_as_it_is(world: World) {
        let mine = &world.mine;
        let mut stored = save(mine, SHOP, 10).await.unwrap().connection;
        stored.status = ConnectionStatus::Degraded;
        stored.subscriptions = vec![
            SubscriptionResult { topic: "orders/create".into(), result: Ok("gid://1".into()) },
            SubscriptionResult { topic: "orders/edited".into(), result: Err("no scope".into()) },
        ];
        assert!(mine.update_connection(&stored).await.unwrap());
        assert_eq!(mine.connection("shopify").await.unwrap(), Some(stored.clone()));
        mine.disconnect(stored.id, at(20), at(20)).await.unwrap();
        assert!(!mine.update_connection(&stored).await.unwrap());
        let saved = mine.save_secrets(stored.id, &secrets("u"), at(21)).await;
        assert!(matches!(saved, Err(StoreError::NotFound(_))));
        let now = mine.connection_by_id(stored.id).await.unwrap().unwrap();
        assert_eq!(now.status, ConnectionStatus::Disconnected);
        world
    }
}

on_each_database! {
    async fn what_is_said_of_a_former_connection_leaves_the_one_made_since_alone(world: World) {
        let mine = &world.mine;
        let id = connected(mine, SHOP, 10).await;
        mine.save_secrets(id, &secrets("renewed"), at(15)).await.unwrap();
        let mut stored = mine.connection_by_id(id).await.unwrap().unwrap();
        let refused = async |made: i64, token: &str| {
            mine.require_reauth(id, at(made), &secrets(token).access_token).await.unwrap()
        };
        assert!(!refused(10, "t").await, "a token that was renewed since");
        assert!(!refused(9, "renewed").await, "the same token of a former connection");
        assert_eq!(mine.connection_by_id(id).await.unwrap(), Some(stored.clone()));
        // What others changed since the caller looked stays as they left it.
        stored.granted_scopes = ["read_orders".to_owned()].into();
        assert!(mine.update_connection(&stored).await.unwrap());
        assert!(refused(10, "renewed").await);
        stored.status = ConnectionStatus::ReauthRequired;
        assert_eq!(mine.connection_by_id(id).await.unwrap(), Some(stored));

        assert_eq!(save(mine, SHOP, 30).await.unwrap().connection.id, id);
        assert!(!mine.disconnect(id, at(29), at(40)).await.unwrap(), "a notice from before");
        let live = mine.connection_by_id(id).await.unwrap().unwrap();
        assert!(live.status.is_live());
        assert_eq!(mine.secrets(id).await.unwrap(), Some(secrets("t")));
        assert!(mine.disconnect(id, at(30), at(41)).await.unwrap());
        assert!(!refused(30, "t").await, "it has ended");
        world
    }
}

on_each_database! {
    async fn a_batch_can_end_a_connection(world: World) {
        let mine = &world.mine;
        let id = connected(mine, SHOP, 10).await;
        let mut degraded = changes(mine);
        degraded.connections = vec![(id, ConnectionStatus::Degraded)];
        mine.apply(degraded).await.unwrap();
        let stored = mine.connection_by_id(id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.ended_at), (ConnectionStatus::Degraded, None));
        let mut ended = changes(mine);
        ended.connections = vec![(id, ConnectionStatus::Disconnected)];
        mine.apply(ended).await.unwrap();
        let stored = mine.connection_by_id(id).await.unwrap().unwrap();
        assert_eq!(stored.status, ConnectionStatus::Disconnected);
        assert_eq!(stored.ended_at, Some(at(5_000)));
        assert_eq!(mine.secrets(id).await.unwrap(), None);
        world
    }
}

on_each_database! {
    async fn a_secret_that_was_moved_or_lost_its_key_does_not_open(world: World) {
        let (mine, other) = (world.mine.clone(), world.other.clone());
        let (a, b) = (connected(&mine, SHOP, 1).await, connected(&other, "b.myshopify.com", 1).await);
        let token = mine.path_token(a).await.unwrap();
        drop((mine, other));

        let world = world.reopened(keys(2, &[1])).await;
        assert_eq!(world.mine.secrets(a).await.unwrap(), Some(secrets("t")));
        assert_eq!(world.mine.path_token(a).await.unwrap(), token);
        let intruder = world.intruder().await;
        intruder
            .execute_unprepared(
                "UPDATE connection_secret SET access_token = \
                 (SELECT s.access_token FROM connection_secret s \
                  WHERE s.connection_id <> connection_secret.connection_id) \
                 WHERE connection_id = \
                 (SELECT c.connection_id FROM connection c WHERE c.shop = 'a.myshopify.com')",
            )
            .await
            .unwrap();
        intruder.close().await.unwrap();
        assert!(matches!(world.mine.secrets(a).await, Err(StoreError::DecryptFailed(_))));
        assert_eq!(world.other.secrets(b).await.unwrap(), Some(secrets("t")));
        // Granted anew, they open again; with a key that nobody has any more they do not.
        world.mine.save_secrets(a, &secrets("u"), at(2)).await.unwrap();
        let world = world.reopened(keys(2, &[])).await;
        assert_eq!(world.mine.secrets(a).await.unwrap(), Some(secrets("u")));
        assert_eq!(world.mine.path_token(a).await.unwrap(), None);
        assert!(matches!(world.other.secrets(b).await, Err(StoreError::DecryptFailed(_))));
        world
    }
}
