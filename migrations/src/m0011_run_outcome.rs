//! Runs by how they ended.

use sea_orm_migration::prelude::*;

use crate::statement::{plan_by, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        plan_by(manager, FIGURES).await?;
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["DROP INDEX mapper_run_outcome"]).await
    }
}

/// As of a large business among several, of whose orders one in a hundred is not mapped.
const FIGURES: &[(&str, &str, &str)] = &[("mapper_run", "mapper_run_outcome", "10000 1000 300 1")];

// Nearly all runs map, and are found in any page: only the others are looked for, and only they are written twice.
const UP: &[&str] = &["CREATE INDEX mapper_run_outcome ON mapper_run
        (business_id, outcome, run_id) WHERE outcome <> 'mapped'"];
