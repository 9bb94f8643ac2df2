//! Businesses, their connections and secrets, and what runs at set times.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "business",
    "connection",
    "connection_secret",
    "shop_directory",
    "pending_authorization",
    "schedule",
];

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
    "CREATE TABLE business (
        business_id UUID NOT NULL,
        name TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id)
    ) CLUSTERED",
    "CREATE TABLE connection (
        business_id UUID NOT NULL REFERENCES business (business_id) ON DELETE CASCADE,
        connection_id UUID NOT NULL,
        provider TEXT NOT NULL,
        shop TEXT NOT NULL,
        status TEXT NOT NULL,
        path_token_hash BYTEA,
        granted_scopes TEXT NOT NULL,
        subscriptions TEXT NOT NULL,
        connected_at BIGINT NOT NULL,
        ended_at BIGINT,
        cutover_at BIGINT NOT NULL,
        last_synced_at BIGINT,
        PRIMARY KEY (business_id, connection_id)
    ) CLUSTERED",
    // A business has at most one live connection per store system.
    "CREATE UNIQUE INDEX connection_live ON connection (business_id, provider)
        WHERE status <> 'disconnected'",
    "CREATE TABLE connection_secret (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        access_token BYTEA NOT NULL,
        access_token_expires_at BIGINT,
        refresh_token BYTEA,
        refresh_token_expires_at BIGINT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id),
        FOREIGN KEY (business_id, connection_id)
            REFERENCES connection (business_id, connection_id) ON DELETE CASCADE
    ) CLUSTERED",
    // The one table whose key does not begin with the business: it says which business a shop belongs to.
    "CREATE TABLE shop_directory (
        provider TEXT NOT NULL,
        shop TEXT NOT NULL,
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        PRIMARY KEY (provider, shop)
    ) CLUSTERED",
    "CREATE TABLE pending_authorization (
        business_id UUID NOT NULL REFERENCES business (business_id) ON DELETE CASCADE,
        state_hash BYTEA NOT NULL,
        provider TEXT NOT NULL,
        shop TEXT NOT NULL,
        subject TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, state_hash)
    ) CLUSTERED",
    // While a worker holds a schedule, `next_run_at` is the end of its lease.
    "CREATE TABLE schedule (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        kind TEXT NOT NULL,
        next_run_at BIGINT NOT NULL,
        lease_token BIGINT,
        place TEXT,
        PRIMARY KEY (business_id, connection_id, kind),
        FOREIGN KEY (business_id, connection_id)
            REFERENCES connection (business_id, connection_id) ON DELETE CASCADE
    ) CLUSTERED",
    "CREATE INDEX schedule_due ON schedule (next_run_at)",
];
