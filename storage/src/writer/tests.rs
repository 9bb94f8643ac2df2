//! What a command can do to others that share its transaction: nothing.

use domain::delivery::{Fate, NewDelivery, Outcome, Source};
use domain::flow::Changes;
use domain::id::{BusinessId, ConnectionId, DeliveryId};
use domain::time::Timestamp;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement, Value};
use tempfile::TempDir;

use super::Txn;
use crate::{Hints, Key, Keyring, Received, Settings, Storage, StoreError};

async fn storage(folder: &TempDir) -> Storage {
    let settings = Settings {
        url: format!("sqlite:{}", folder.path().join("test.db").display()),
        read_connections: 1,
        keys: Keyring::new(Key::from_bytes([1; 32]), Vec::new(), |bytes| bytes.fill(0)),
        hints: Hints::local(),
    };
    let storage = Storage::open(settings).await.unwrap();
    storage.migrate().await.unwrap();
    storage
}

async fn insert(txn: &Txn, provider: &str, shop: i64) -> Result<(), StoreError> {
    let values: [Value; 4] =
        [provider.into(), shop.to_string().into(), vec![0_u8].into(), vec![0_u8].into()];
    let insert = txn.dialect().statement("INSERT INTO shop_directory VALUES (?, ?, ?, ?)", values);
    txn.conn().execute_raw(insert).await?;
    Ok(())
}

async fn shops(storage: &Storage, provider: &str) -> i64 {
    let count = "SELECT count(*) FROM shop_directory WHERE provider = ?";
    let statement: Statement = storage.dialect().statement(count, [provider.into()]);
    let row = storage.reader().query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_command_that_fails_is_undone_and_the_others_of_its_group_are_kept() {
    let folder = TempDir::new().unwrap();
    let storage = storage(&folder).await;
    let commands = (0..100).map(|number| {
        storage.writer().write(None, move |txn| {
            Box::pin(async move {
                insert(txn, "p", number).await?;
                match number % 3 {
                    0 => Err(StoreError::NotFound("reason to go on")),
                    // Fails in the database.
                    1 => insert(txn, "p", number).await,
                    _ => Ok(()),
                }
            })
        })
    });
    let results = join_all(commands).await;
    let kept = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!((kept, shops(&storage, "p").await), (33, 33));
    assert!(matches!(results[0], Err(StoreError::NotFound(_))));
    assert!(matches!(results[1], Err(StoreError::Conflict(_))));
}

#[tokio::test]
async fn a_command_that_panics_leaves_the_writer_at_work() {
    let folder = TempDir::new().unwrap();
    let storage = storage(&folder).await;
    let panicked: Result<(), _> = storage
        .writer()
        .write(None, |txn| {
            Box::pin(async move {
                insert(txn, "lost", 1).await?;
                panic!("a bug");
            })
        })
        .await;
    assert!(matches!(panicked, Err(StoreError::Unavailable { .. })), "{panicked:?}");
    storage
        .writer()
        .write(None, |txn| Box::pin(async move { insert(txn, "kept", 1).await }))
        .await
        .unwrap();
    assert_eq!((shops(&storage, "lost").await, shops(&storage, "kept").await), (0, 1));
}

fn delivery(business_id: BusinessId, number: u8) -> NewDelivery {
    let now = Timestamp::from_millis(1_000);
    NewDelivery {
        id: DeliveryId::new(now, &[number; 10]),
        business_id,
        connection_id: ConnectionId::new(now, &[1; 10]),
        source: Source::Webhook,
        topic: "orders/create".to_owned(),
        webhook_id: format!("webhook-{number}"),
        event_id: None,
        api_version: None,
        triggered_at: None,
        received_at: now,
        body_hash: [number; 32],
        body: vec![number],
    }
}

#[tokio::test]
async fn deliveries_and_batches_of_one_group_do_not_undo_each_other() {
    let folder = TempDir::new().unwrap();
    let storage = storage(&folder).await;
    let tenant = storage.tenant(BusinessId::new(Timestamp::EPOCH, &[1; 10]));
    let lost = |number| {
        let mut changes = Changes::new(tenant.business_id(), Timestamp::from_millis(2_000));
        let id = delivery(tenant.business_id(), number).id;
        changes.deliveries.push((id, 7, Fate::Done(Outcome::Applied)));
        tenant.apply(changes)
    };
    let numbers = 0..200_u8;
    let received = numbers.clone().map(|n| tenant.receive(delivery(tenant.business_id(), n)));
    let (received, lost) =
        tokio::join!(join_all(received), join_all(numbers.clone().step_by(50).map(lost)));
    assert!(received.iter().all(|result| matches!(result, Ok(Received::Stored))));
    assert!(lost.iter().all(|result| matches!(result, Err(StoreError::LostLease))), "{lost:?}");
    for number in numbers {
        let id = delivery(tenant.business_id(), number).id;
        assert!(tenant.delivery(id).await.unwrap().is_some());
    }
}
