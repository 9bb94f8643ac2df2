//! Products of the POS on their way to the store.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["product_push"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

const UP: &[&str] = &[
    // One row per POS product and store: the queue, and what was pushed last. `run_at` is as in the inbox, `listing` is
    // what the store was told, `making` stands from before the store is asked to make a product until buyers see it.
    "CREATE TABLE product_push (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        pos_product_id TEXT NOT NULL,
        sync_log_id UUID NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'held', 'failed')),
        attempts BIGINT NOT NULL,
        run_at BIGINT NOT NULL,
        lease_token BIGINT,
        hold TEXT,
        failure_code TEXT,
        failure_detail TEXT,
        making BOOLEAN NOT NULL,
        product_id BIGINT,
        listing TEXT,
        pushed_at BIGINT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id, pos_product_id),
        CHECK ((state = 'running') = (lease_token IS NOT NULL))
    ) CLUSTERED",
    "CREATE INDEX product_push_open ON product_push (business_id, run_at)
        WHERE state IN ('ready', 'running')",
];
