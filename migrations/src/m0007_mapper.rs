//! A business's own mappers: what was uploaded, what serves, and what was tried.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run, run_on_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "mapper_component",
    "mapper_version",
    "mapper_config",
    "mapper_binding",
    "mapper_change",
    "shadow_report",
];

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
    // The bytes of a plugin, apart from what is listed and paged.
    "CREATE TABLE mapper_component (
        business_id UUID NOT NULL,
        digest BYTEA NOT NULL,
        component BYTEA NOT NULL,
        encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zstd')),
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, digest)
    )",
    // Versions and configs are numbered from 1 without gaps; 0 is the standard mapper and no settings, which have no
    // rows.
    "CREATE TABLE mapper_version (
        business_id UUID NOT NULL,
        version BIGINT NOT NULL CHECK (version > 0),
        digest BYTEA NOT NULL,
        size_bytes BIGINT NOT NULL,
        contract TEXT NOT NULL,
        name TEXT NOT NULL,
        plugin_version TEXT NOT NULL,
        summary TEXT NOT NULL,
        settings_schema TEXT NOT NULL,
        capabilities TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('validated', 'rejected', 'retired')),
        failure_code TEXT,
        failure_detail TEXT,
        golden_count BIGINT NOT NULL,
        uploaded_by TEXT NOT NULL,
        uploaded_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, version)
    ) CLUSTERED",
    "CREATE UNIQUE INDEX mapper_version_digest ON mapper_version (business_id, digest)",
    "CREATE TABLE mapper_config (
        business_id UUID NOT NULL,
        config BIGINT NOT NULL CHECK (config > 0),
        settings TEXT NOT NULL,
        digest BYTEA NOT NULL,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, config)
    ) CLUSTERED",
    "CREATE UNIQUE INDEX mapper_config_digest ON mapper_config (business_id, digest)",
    // A business without a row is served by the standard mapper without settings, at revision 0.
    "CREATE TABLE mapper_binding (
        business_id UUID NOT NULL,
        revision BIGINT NOT NULL CHECK (revision > 0),
        active_version BIGINT NOT NULL,
        active_config BIGINT NOT NULL,
        canary_version BIGINT,
        canary_config BIGINT,
        canary_percent BIGINT CHECK (canary_percent BETWEEN 1 AND 99),
        previous_version BIGINT,
        previous_config BIGINT,
        PRIMARY KEY (business_id),
        CHECK ((canary_version IS NULL) = (canary_config IS NULL)),
        CHECK ((canary_version IS NULL) = (canary_percent IS NULL)),
        CHECK ((previous_version IS NULL) = (previous_config IS NULL))
    ) CLUSTERED",
    // The binding's history; rows are only ever added.
    "CREATE TABLE mapper_change (
        business_id UUID NOT NULL,
        revision BIGINT NOT NULL,
        kind TEXT NOT NULL,
        from_version BIGINT NOT NULL,
        from_config BIGINT NOT NULL,
        to_version BIGINT NOT NULL,
        to_config BIGINT NOT NULL,
        percent BIGINT,
        report_id UUID,
        reason TEXT,
        actor TEXT,
        at BIGINT NOT NULL,
        PRIMARY KEY (business_id, revision)
    ) CLUSTERED",
    "CREATE TABLE shadow_report (
        business_id UUID NOT NULL,
        report_id UUID NOT NULL,
        candidate_version BIGINT NOT NULL,
        candidate_config BIGINT NOT NULL,
        active_version BIGINT NOT NULL,
        active_config BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
        body TEXT,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        PRIMARY KEY (business_id, report_id),
        CHECK ((state = 'running') = (finished_at IS NULL))
    )",
];

// Components are compressed before they come here: trying again would only cost time.
const UP_ON_POSTGRES: &[&str] =
    &["ALTER TABLE mapper_component ALTER COLUMN component SET STORAGE EXTERNAL"];
