//! On SQLite, whose plans rest on figures that a migration sets, reads enter the index that is made for them.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::on_each_database;

/// What is read, and which index and columns it must be entered by.
const READS: [(&str, &str); 10] = [
    (
        "SELECT * FROM shopify_order WHERE business_id = ? AND (created_at, order_id) < (?, ?)
         ORDER BY created_at DESC, order_id DESC LIMIT 21",
        "shopify_order_created (business_id=? AND (created_at,order_id)<(?,?))",
    ),
    (
        "SELECT * FROM sync_log WHERE business_id = ? AND sync_log_id < ?
         ORDER BY sync_log_id DESC LIMIT 21",
        "PRIMARY KEY (business_id=? AND sync_log_id<?)",
    ),
    (
        "SELECT * FROM stock_movement WHERE business_id = ? AND movement_id < ?
         ORDER BY movement_id DESC LIMIT 21",
        "PRIMARY KEY (business_id=? AND movement_id<?)",
    ),
    (
        "SELECT * FROM stock_movement WHERE business_id = ?
         AND block IN (SELECT value FROM json_each(?)) AND pos_product_id = ?
         AND (block, movement_id) < (?, ?) ORDER BY block DESC, movement_id DESC LIMIT 21",
        "stock_movement_product (business_id=? AND block=? AND pos_product_id=?",
    ),
    (
        "SELECT * FROM stock_movement WHERE business_id = ? AND order_id = ?
         ORDER BY movement_id DESC LIMIT 21",
        "stock_movement_effect (business_id=? AND order_id=?)",
    ),
    (
        "SELECT order_id FROM shopify_line_item WHERE business_id = ? AND block = ?
         AND variant_id IN (SELECT value FROM json_each(?))",
        "shopify_line_item_variant (business_id=? AND block=? AND variant_id=?)",
    ),
    (
        "SELECT variant_id FROM shopify_product_variant WHERE business_id = ?
         AND sku IN (SELECT value FROM json_each(?))",
        "shopify_product_variant_sku (business_id=? AND sku=?)",
    ),
    (
        "SELECT pos_product_id FROM pos_product WHERE business_id = ? AND sku IN (?, ?)",
        "pos_product_sku (business_id=? AND sku=?)",
    ),
    (
        "SELECT * FROM pos_order WHERE business_id = ? AND external_id IN (?, ?)",
        "PRIMARY KEY (business_id=? AND external_id=?)",
    ),
    (
        "SELECT * FROM mapper_run WHERE business_id = ? AND outcome = ? AND outcome <> 'mapped'
         AND run_id < ? ORDER BY run_id DESC LIMIT 21",
        "mapper_run_outcome (business_id=? AND outcome=? AND run_id<?)",
    ),
];

async fn plan(conn: &DatabaseConnection, sql: &str) -> String {
    let statement = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
    let rows = conn.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(3).unwrap() + "\n").collect()
}

on_each_database! {
    async fn reads_enter_their_index(world: World) {
        let conn = world.intruder().await;
        if conn.get_database_backend() == DbBackend::Sqlite {
            for (sql, index) in READS {
                let plan = plan(&conn, sql).await;
                assert!(plan.contains(index), "{sql}\n{plan}");
            }
        }
        conn.close().await.unwrap();
        world
    }
}
