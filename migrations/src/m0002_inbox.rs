//! What came in, and what becomes of it.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run, run_on_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["delivery", "inbox"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await?;
        run_on_postgres(manager, UP_ON_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

const UP: &[&str] = &[
    // What came in never changes, so that its three unique indexes are written once; what becomes of it changes twice
    // or more and has two small trees of its own.
    "CREATE TABLE delivery (
        business_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        source TEXT NOT NULL,
        topic TEXT NOT NULL,
        webhook_id TEXT NOT NULL,
        event_id TEXT,
        api_version TEXT,
        triggered_at BIGINT,
        received_at BIGINT NOT NULL,
        body_hash BYTEA NOT NULL,
        body BYTEA NOT NULL,
        body_encoding TEXT NOT NULL CHECK (body_encoding IN ('plain', 'zstd')),
        PRIMARY KEY (business_id, delivery_id)
    )",
    "CREATE UNIQUE INDEX delivery_webhook_id ON delivery (business_id, webhook_id)",
    "CREATE UNIQUE INDEX delivery_body_hash ON delivery (business_id, topic, body_hash)",
    // `run_at` is when the row is due next: a ready row's time, a running row's end of lease. So one range of one
    // index holds both what waits and what a dead worker left behind.
    "CREATE TABLE inbox (
        business_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
        attempts BIGINT NOT NULL,
        run_at BIGINT NOT NULL,
        lease_token BIGINT,
        outcome TEXT,
        failure_code TEXT,
        failure_detail TEXT,
        object_type TEXT,
        object_id BIGINT,
        finished_at BIGINT,
        PRIMARY KEY (business_id, delivery_id),
        CHECK ((state = 'running') = (lease_token IS NOT NULL)),
        CHECK ((state = 'done') = (outcome IS NOT NULL)),
        CHECK (state <> 'dead' OR failure_code IS NOT NULL)
    ) CLUSTERED",
    "CREATE INDEX inbox_open ON inbox (business_id, run_at, delivery_id)
        WHERE state IN ('ready', 'running')",
    "CREATE INDEX inbox_dead ON inbox (business_id, delivery_id) WHERE state = 'dead'",
    // What was ever told about an object (F5). A delivery is here once it was read, so neither receiving nor claiming
    // one writes to this index.
    "CREATE INDEX inbox_object ON inbox (business_id, object_id) WHERE object_id IS NOT NULL",
];

// Bodies are compressed before they come here: trying again would only cost time. The inbox's rows are rewritten twice
// each, so its dead ones are cleared early.
const UP_ON_POSTGRES: &[&str] = &[
    "ALTER TABLE delivery ALTER COLUMN body SET STORAGE EXTERNAL",
    "ALTER TABLE inbox SET (
        autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000
    )",
];
