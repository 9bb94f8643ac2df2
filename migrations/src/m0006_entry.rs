//! Merchants on their way whose business does not exist yet.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["pending_entry"];

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
    // As `pending_authorization`, without the reference: the business comes to be with the connection.
    "CREATE TABLE pending_entry (
        business_id UUID NOT NULL,
        state_hash BYTEA NOT NULL,
        provider TEXT NOT NULL,
        shop TEXT NOT NULL,
        subject TEXT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, state_hash)
    ) CLUSTERED",
    "CREATE INDEX pending_entry_expiry ON pending_entry (expires_at)",
];
