//! How many deliveries are normal: counts by the hour, and the schedule of the watch that keeps them.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["delivery_hour"];

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
    "CREATE TABLE delivery_hour (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        hour BIGINT NOT NULL,
        topic TEXT NOT NULL,
        deliveries BIGINT NOT NULL,
        last_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id, hour, topic),
        FOREIGN KEY (business_id, connection_id)
            REFERENCES connection (business_id, connection_id) ON DELETE CASCADE
    ) CLUSTERED",
    // Connections from before are watched too, at once.
    "INSERT INTO schedule (business_id, connection_id, kind, next_run_at)
        SELECT business_id, connection_id, 'watch', 0 FROM connection
        WHERE status <> 'disconnected'",
];
