//! The schema keeps its rules, read back from the databases themselves.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::on_each_database;

/// Tables that say which business something belongs to, or belong to nobody.
const EXCEPTIONS: [(&str, &str); 2] = [
    // Asked with a shop, answers with the business.
    ("shop_directory", "provider"),
    // The migrations' own.
    ("seaql_migrations", "version"),
];

/// Table and first column of each primary key and unique index.
async fn unique_keys(conn: &DatabaseConnection) -> BTreeSet<(String, String)> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_master AS m
             JOIN pragma_index_list(m.name) AS i ON i.\"unique\" = 1
             JOIN pragma_index_info(i.name) AS c ON c.seqno = 0
             WHERE m.type = 'table'"
        }
        _ => {
            "SELECT t.relname::text, a.attname::text FROM pg_index AS i
             JOIN pg_class AS t ON t.oid = i.indrelid
             JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
             JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
             WHERE i.indisunique"
        }
    };
    let rows = conn.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter()
        .map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap()))
        .collect()
}

/// Every table of ours.
async fn tables(conn: &DatabaseConnection) -> BTreeSet<String> {
    let backend = conn.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let rows = conn.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

on_each_database! {
    async fn every_key_begins_with_the_business(world: World) {
        let conn = world.intruder().await;
        let keys = unique_keys(&conn).await;
        let keyed: BTreeSet<String> = keys.iter().map(|(table, _)| table.clone()).collect();
        assert_eq!(keyed, tables(&conn).await, "every table has a key");
        assert!(keyed.len() > 20, "{keyed:?}");
        for (table, column) in &keys {
            let exception = EXCEPTIONS.contains(&(table.as_str(), column.as_str()));
            assert!(exception || column == "business_id", "{table} ({column}, …)");
        }
        conn.close().await.unwrap();
        world
    }
}

on_each_database! {
    async fn a_delivery_in_hand_has_a_lease(world: World) {
        world.mine.receive(crate::order::webhook(&world.mine, 1, "a")).await.unwrap();
        let conn = world.intruder().await;
        for wrong in [
            "UPDATE inbox SET state = 'running'",
            "UPDATE inbox SET lease_token = 1",
            "UPDATE inbox SET state = 'done'",
            "UPDATE inbox SET state = 'dead'",
            "UPDATE inbox SET state = 'unheard of'",
        ] {
            assert!(conn.execute_unprepared(wrong).await.is_err(), "{wrong}");
        }
        conn.close().await.unwrap();
        world
    }
}

on_each_database! {
    async fn migrating_twice_changes_nothing(world: World) {
        assert!(world.storage.is_migrated().await.unwrap());
        let conn = world.intruder().await;
        // A newer version's migration, while this one still runs.
        conn.execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_newer', 0)",
        )
        .await
        .unwrap();
        conn.close().await.unwrap();
        assert!(world.storage.is_migrated().await.unwrap());
        world.storage.migrate().await.unwrap();
        world
    }
}
