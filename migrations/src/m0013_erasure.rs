//! What stores ask about persons, and whom not to bring back.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["privacy_request", "tombstone"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await?;
        run(manager, DOWN).await
    }
}

const UP: &[&str] = &[
    // A request is known by the delivery that brought it. `orders` is a list of the store's ids and `counts` an object of
    // rows by table: of the person there is nothing.
    "CREATE TABLE privacy_request (
        business_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        topic TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'done', 'held')),
        orders TEXT NOT NULL,
        counts TEXT NOT NULL,
        note TEXT,
        requested_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        completed_at BIGINT,
        PRIMARY KEY (business_id, delivery_id),
        CHECK ((state = 'done') = (completed_at IS NOT NULL))
    ) CLUSTERED",
    // `mark` is a keyed hash of what a person is known by. Orders that were made after `erased_at` are a new
    // acquaintance, unless the mark is of the order itself.
    "CREATE TABLE tombstone (
        business_id UUID NOT NULL,
        kind TEXT NOT NULL,
        mark BYTEA NOT NULL,
        delivery_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        erased_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, kind, mark, delivery_id)
    ) CLUSTERED",
    // When a person was taken out of the body; `body_hash` stays that of the bytes that came.
    "ALTER TABLE delivery ADD COLUMN erased_at BIGINT",
];

const DOWN: &[&str] = &["ALTER TABLE delivery DROP COLUMN erased_at"];
