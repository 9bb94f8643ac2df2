//! POS orders on their way to the business's own POS.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["pos_endpoint", "outbox"];

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
    // `paused_until` is 0 while the endpoint answers.
    "CREATE TABLE pos_endpoint (
        business_id UUID NOT NULL REFERENCES business (business_id) ON DELETE CASCADE,
        url TEXT NOT NULL,
        secret BYTEA NOT NULL,
        previous_secret BYTEA,
        previous_until BIGINT,
        failures BIGINT NOT NULL,
        paused_until BIGINT NOT NULL,
        gone_at BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id)
    ) CLUSTERED",
    // One row per POS order, whatever its versions: what is sent is always the newest. `run_at` is as in the inbox.
    "CREATE TABLE outbox (
        business_id UUID NOT NULL,
        external_id BIGINT NOT NULL,
        wanted_version BIGINT NOT NULL,
        sent_version BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'sent', 'dead')),
        attempts BIGINT NOT NULL,
        run_at BIGINT NOT NULL,
        lease_token BIGINT,
        failure_code TEXT,
        failure_detail TEXT,
        sent_at BIGINT,
        PRIMARY KEY (business_id, external_id),
        CHECK ((state = 'running') = (lease_token IS NOT NULL))
    ) CLUSTERED",
    "CREATE INDEX outbox_open ON outbox (business_id, run_at, external_id)
        WHERE state IN ('ready', 'running')",
    "CREATE INDEX outbox_dead ON outbox (business_id, external_id) WHERE state = 'dead'",
];
