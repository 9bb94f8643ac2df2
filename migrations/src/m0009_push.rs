//! Stock on its way to the store.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, plan_by, run, run_on_postgres};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["inventory_policy", "push_location", "stock_push"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        plan_by(manager, FIGURES).await?;
        run(manager, UP).await?;
        run_on_postgres(manager, UP_ON_POSTGRES).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await?;
        run(manager, DOWN).await
    }
}

/// As of a large business among several.
const FIGURES: &[(&str, &str, &str)] = &[
    ("link", "link_product", "100000 10000 1"),
    ("shopify_product_variant", "shopify_product_variant_id", "100000 10000 1"),
    ("stock_push", "stock_push", "100000 10000 10000 1 1"),
    ("stock_push", "stock_push_open", "1000 100 10 1"),
    ("stock_push", "stock_push_product", "100000 10000 1"),
];

const UP: &[&str] = &[
    // A business without a row lets the store say how many pieces there are.
    "CREATE TABLE inventory_policy (
        business_id UUID NOT NULL,
        ownership TEXT NOT NULL CHECK (ownership IN ('store', 'pos')),
        basis TEXT NOT NULL CHECK (basis IN ('location', 'everywhere')),
        buffer BIGINT NOT NULL CHECK (buffer >= 0),
        negative TEXT NOT NULL CHECK (negative IN ('zero', 'hold')),
        updated_by TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id)
    ) CLUSTERED",
    // The store's locations that stock is pushed to.
    "CREATE TABLE push_location (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        location_id BIGINT NOT NULL,
        is_primary BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id, location_id)
    ) CLUSTERED",
    // One row for each item and location: it is the queue, it says what the store has by our knowledge (`known`; null
    // where it never stocked the item), and it is the ledger of what we wrote: `sending` while a write is under way,
    // `sent` afterwards. `run_at` is as in `inbox`. `generation` rises with every reason to push.
    "CREATE TABLE stock_push (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        inventory_item_id BIGINT NOT NULL,
        location_id BIGINT NOT NULL,
        variant_id BIGINT NOT NULL,
        pos_product_id TEXT NOT NULL,
        generation BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'settled', 'held', 'failed')),
        attempts BIGINT NOT NULL,
        run_at BIGINT NOT NULL,
        lease_token BIGINT,
        level BIGINT,
        buffer BIGINT,
        target BIGINT,
        hold TEXT,
        failure_code TEXT,
        failure_detail TEXT,
        is_known BOOLEAN NOT NULL,
        known BIGINT,
        known_at BIGINT,
        changed_at BIGINT,
        sending BIGINT,
        sent BIGINT,
        sent_at BIGINT,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id, inventory_item_id, location_id),
        CHECK ((state = 'running') = (lease_token IS NOT NULL)),
        CHECK ((state = 'held') = (hold IS NOT NULL)),
        CHECK (state <> 'failed' OR failure_code IS NOT NULL)
    ) CLUSTERED",
    "CREATE INDEX stock_push_open ON stock_push (business_id, run_at, inventory_item_id)
        WHERE state IN ('ready', 'running')",
    "CREATE INDEX stock_push_product ON stock_push (business_id, pos_product_id)",
    // From a POS product to its items: asked with every movement where stock is pushed.
    "CREATE INDEX link_product ON link (business_id, pos_product_id)",
    "CREATE INDEX shopify_product_variant_id ON shopify_product_variant (business_id, variant_id)",
    // A level without a count is what moved, not what there is.
    "ALTER TABLE stock_level ADD COLUMN counted_at BIGINT",
    "UPDATE stock_level SET counted_at = (
        SELECT max(m.created_at) FROM stock_movement AS m
        WHERE m.business_id = stock_level.business_id AND m.reason = 'count'
            AND m.pos_product_id = stock_level.pos_product_id
            AND m.location = stock_level.location)",
];

const DOWN: &[&str] = &[
    "ALTER TABLE stock_level DROP COLUMN counted_at",
    "DROP INDEX shopify_product_variant_id",
    "DROP INDEX link_product",
];

// The queue's rows are rewritten a few times each, so its dead ones are cleared early.
const UP_ON_POSTGRES: &[&str] = &["ALTER TABLE stock_push SET (
        autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000
    )"];
