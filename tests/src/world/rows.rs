//! Everything that stands in the database, as text.

use domain::id::DeliveryId;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use super::TestWorld;

impl TestWorld {
    /// A connection of one's own to the gateway's database.
    pub async fn intruder(&self) -> DatabaseConnection {
        Database::connect(self.database_url()).await.unwrap()
    }

    /// Every row of every table, with the bodies of deliveries as they read: the table, and all columns of the row as one
    /// text in small letters.
    pub async fn everything(&self) -> Vec<(String, String)> {
        let database = self.intruder().await;
        let mut found = Vec::new();
        for table in tables(&database).await {
            let row = match database.get_database_backend() {
                DbBackend::Sqlite => quoted(&database, &table).await,
                _ => "t::text".to_owned(),
            };
            for text in texts(&database, &format!("SELECT {row} FROM {table} AS t")).await {
                found.push((table.clone(), text.to_lowercase()));
            }
        }
        let ids = match database.get_database_backend() {
            DbBackend::Sqlite => "SELECT hex(delivery_id) FROM delivery",
            _ => "SELECT delivery_id::text FROM delivery",
        };
        for id in texts(&database, ids).await {
            let id: DeliveryId = id.parse().unwrap();
            if let Some(stored) = self.tenant().delivery(id).await.unwrap() {
                let body = String::from_utf8_lossy(&stored.delivery.body).to_lowercase();
                found.push((format!("delivery {}", stored.delivery.topic), body));
            }
        }
        database.close().await.unwrap();
        found
    }
}

async fn tables(database: &DatabaseConnection) -> Vec<String> {
    let sql = match database.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        }
        _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    texts(database, sql).await
}

/// All columns of a table of SQLite as one expression.
async fn quoted(database: &DatabaseConnection, table: &str) -> String {
    let columns = format!("SELECT name FROM pragma_table_info('{table}')");
    let columns = texts(database, &columns).await;
    let columns: Vec<String> =
        columns.iter().map(|column| format!("quote(t.\"{column}\")")).collect();
    columns.join(" || ' ' || ")
}

async fn texts(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
