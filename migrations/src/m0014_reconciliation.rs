//! Comparisons of all that a store has with what is held.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["reconciliation", "drift", "certificate"];

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
    // `after_id` and `step` are where it goes on after an interruption; `revision` fences those who write it.
    "CREATE TABLE reconciliation (
        business_id UUID NOT NULL,
        reconciliation_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('running', 'waiting', 'done', 'failed', 'superseded')),
        step TEXT NOT NULL,
        step_at BIGINT NOT NULL,
        window_from BIGINT,
        window_until BIGINT NOT NULL,
        after_id BIGINT,
        seen BIGINT NOT NULL,
        total BIGINT,
        missing BIGINT NOT NULL,
        stale BIGINT NOT NULL,
        vanished BIGINT NOT NULL,
        left_as_is BIGINT NOT NULL,
        healed BIGINT NOT NULL,
        unhealed BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        failure_code TEXT,
        failure_detail TEXT,
        revision BIGINT NOT NULL,
        started_by TEXT NOT NULL,
        approved_by TEXT,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        PRIMARY KEY (business_id, reconciliation_id),
        CHECK ((state = 'running') = (finished_at IS NULL)),
        CHECK (state <> 'failed' OR failure_code IS NOT NULL)
    ) CLUSTERED",
    // One at a time.
    "CREATE UNIQUE INDEX reconciliation_open ON reconciliation (business_id, connection_id, kind)
        WHERE state = 'running'",
    "CREATE TABLE drift (
        business_id UUID NOT NULL,
        reconciliation_id UUID NOT NULL,
        object_id BIGINT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('unseen', 'missing', 'stale', 'vanished')),
        state TEXT NOT NULL CHECK (state IN ('open', 'healing', 'healed', 'left', 'unhealed')),
        cause TEXT NOT NULL CHECK (cause IN ('refused', 'in_queue', 'never_received', 'unknown')),
        cause_delivery_id UUID,
        cause_code TEXT,
        object_created_at BIGINT NOT NULL,
        store_updated_at BIGINT,
        held_updated_at BIGINT,
        healed_by UUID,
        found_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, reconciliation_id, object_id)
    ) CLUSTERED",
    // `after_id` and the digests are where it goes on; the accounts and the entries are JSON, read and written whole.
    "CREATE TABLE certificate (
        business_id UUID NOT NULL,
        certificate_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        kind TEXT NOT NULL,
        period_from BIGINT NOT NULL,
        period_until BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
        after_id BIGINT,
        accounts TEXT NOT NULL,
        entries TEXT NOT NULL,
        store_digest BYTEA NOT NULL,
        held_digest BYTEA NOT NULL,
        attempts BIGINT NOT NULL,
        failure_code TEXT,
        failure_detail TEXT,
        revision BIGINT NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        PRIMARY KEY (business_id, certificate_id),
        CHECK ((state = 'running') = (finished_at IS NULL)),
        CHECK (state <> 'failed' OR failure_code IS NOT NULL)
    ) CLUSTERED",
    "CREATE UNIQUE INDEX certificate_open ON certificate (business_id, connection_id)
        WHERE state = 'running'",
    // Connections from before are reconciled too, at once.
    "INSERT INTO schedule (business_id, connection_id, kind, next_run_at)
        SELECT business_id, connection_id, 'reconcile_order', 0 FROM connection
        WHERE status <> 'disconnected'",
    "INSERT INTO schedule (business_id, connection_id, kind, next_run_at)
        SELECT business_id, connection_id, 'reconcile_product', 0 FROM connection
        WHERE status <> 'disconnected'",
];
