//! Opening a database: one process per file, and errors that say what to change.

use std::path::Path;

use storage::{Hints, OpenError, Settings, Storage};
use tempfile::TempDir;

use crate::order::webhook;
use crate::world::{World, keys};

fn settings(url: String) -> Settings {
    Settings { url, read_connections: 2, keys: keys(1, &[]), hints: Hints::local() }
}

fn url_of(file: &Path) -> String {
    format!("sqlite:{}", file.display())
}

async fn error_of(url: String) -> OpenError {
    match Storage::open(settings(url)).await {
        Ok(_) => panic!("opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_second_process_is_refused_and_let_in_later() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("gateway.db");
    let first = Storage::open(settings(url_of(&file))).await.unwrap();
    first.migrate().await.unwrap();
    let error = error_of(url_of(&file)).await;
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    assert!(error.to_string().contains("gateway.db"), "{error}");
    drop(first);
    for _ in 0..1_000 {
        match Storage::open(settings(url_of(&file))).await {
            Ok(second) => {
                assert!(second.is_migrated().await.unwrap());
                return;
            }
            Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("still locked");
}

#[tokio::test]
async fn a_wrong_url_says_what_is_wrong_with_it() {
    let folder = TempDir::new().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "This is a text of more than a hundred bytes. ".repeat(300)).unwrap();
    let missing = folder.path().join("no/such/folder/gateway.db");
    let cases = [
        ("mysql://root@localhost/x".to_owned(), "begins with `mysql:`"),
        ("gateway.db".to_owned(), "begins with `gateway.db:`"),
        (url_of(&missing), "folder"),
        (url_of(folder.path()), "is a folder"),
        ("sqlite::memory:".to_owned(), "name a file"),
        (url_of(&text), "is not a SQLite database"),
        ("postgres://u:hunter2@localhost:99999/x".to_owned(), "wrong port"),
        ("postgres://u:hunter2@localhost:5432/".to_owned(), "wrong database name"),
        ("postgres://u:hunter2@127.0.0.1:9/x?sslmode=disable".to_owned(), "host and port"),
    ];
    for (url, expected) in cases {
        let said = error_of(url.clone()).await.to_string();
        assert!(said.contains(expected), "{url}: {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[tokio::test]
async fn postgres_tells_a_missing_database_from_a_refused_user() {
    let Some(server) = test_services::postgres_url() else {
        return;
    };
    let (base, _) = server.rsplit_once('/').unwrap();
    let error = error_of(format!("{base}/tillgate_no_such_database")).await;
    assert!(matches!(error, OpenError::UnknownDatabase { .. }), "{error}");
    let (_, host) = base.rsplit_once('@').unwrap();
    let error = error_of(format!("postgres://tillgate_nobody:hunter2@{host}/postgres")).await;
    assert!(matches!(error, OpenError::Refused { .. }), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    for world in World::all().await {
        let delivery = webhook(&world.mine, 1, "a");
        world.mine.receive(delivery.clone()).await.unwrap();
        let world = world.reopened(keys(1, &[])).await;
        let stored = world.mine.delivery(delivery.id).await.unwrap().unwrap();
        assert_eq!(stored.delivery, delivery);
        world.end().await;
    }
}
