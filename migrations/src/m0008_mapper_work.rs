//! What goes on behind with a business's mappers: who holds it, and repairs.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["mapper_work", "mapper_repair"];

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
    // The work of a kind that is under way, and until when whoever does it holds it. What stands as running elsewhere and
    // is not held here was interrupted.
    "CREATE TABLE mapper_work (
        business_id UUID NOT NULL,
        kind TEXT NOT NULL,
        work_id UUID NOT NULL,
        held_until BIGINT NOT NULL,
        PRIMARY KEY (business_id, kind)
    ) CLUSTERED",
    "CREATE TABLE mapper_repair (
        business_id UUID NOT NULL,
        repair_id UUID NOT NULL,
        mapper_version BIGINT NOT NULL,
        mapper_config BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
        orders BIGINT,
        dead_letters BIGINT,
        detail TEXT,
        created_by TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        finished_at BIGINT,
        PRIMARY KEY (business_id, repair_id),
        CHECK ((state = 'running') = (finished_at IS NULL)),
        CHECK ((state = 'done') = (orders IS NOT NULL)),
        CHECK ((state = 'done') = (dead_letters IS NOT NULL))
    ) CLUSTERED",
];
