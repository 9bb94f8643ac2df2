//! What operators and frontends learn.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["sync_log", "activity", "activity_counter"];

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
    "CREATE TABLE sync_log (
        business_id UUID NOT NULL,
        sync_log_id UUID NOT NULL,
        connection_id UUID,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        processed BIGINT NOT NULL,
        failed BIGINT NOT NULL,
        error_detail TEXT,
        delivery_id UUID,
        started_at BIGINT NOT NULL,
        finished_at BIGINT,
        PRIMARY KEY (business_id, sync_log_id)
    ) CLUSTERED",
    "CREATE TABLE activity (
        business_id UUID NOT NULL,
        sequence BIGINT NOT NULL,
        kind TEXT NOT NULL,
        subject_kind TEXT,
        subject_id TEXT,
        message TEXT NOT NULL,
        percent BIGINT,
        at BIGINT NOT NULL,
        PRIMARY KEY (business_id, sequence)
    ) CLUSTERED",
    // The number of the newest event. Its row is locked until the events are visible, so that numbers become visible in
    // order; on Postgres it is also the lock under which a business's writes take turns.
    "CREATE TABLE activity_counter (
        business_id UUID NOT NULL,
        last_sequence BIGINT NOT NULL,
        PRIMARY KEY (business_id)
    ) CLUSTERED",
];
