//! The POS's catalogue, orders and stock ledger.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, plan_by, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "pos_product",
    "link",
    "mapper_run",
    "pos_order",
    "pos_order_version",
    "stock_movement",
    "stock_level",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        plan_by(manager, FIGURES).await?;
        run(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

/// As of a large business among several.
const FIGURES: &[(&str, &str, &str)] = &[
    ("pos_product", "pos_product", "100000 10000 1"),
    ("pos_product", "pos_product_sku", "100000 10000 1"),
    ("mapper_run", "mapper_run", "1000000 100000 1"),
    ("mapper_run", "mapper_run_object", "1000000 100000 1"),
    ("mapper_run", "mapper_run_version", "1000000 100000 50000 50000 1"),
    ("pos_order", "pos_order", "1000000 100000 1"),
    ("pos_order", "pos_order_placed", "1000000 100000 1 1"),
    ("stock_movement", "stock_movement", "3000000 300000 1"),
    ("stock_movement", "stock_movement_product", "3000000 300000 700 4 1"),
    ("stock_movement", "stock_movement_effect", "3000000 300000 4 2 2 1 1"),
];

const UP: &[&str] = &[
    "CREATE TABLE pos_product (
        business_id UUID NOT NULL,
        pos_product_id TEXT NOT NULL,
        sku TEXT,
        name TEXT NOT NULL,
        price TEXT NOT NULL,
        currency TEXT NOT NULL,
        active BOOLEAN NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, pos_product_id)
    ) CLUSTERED",
    "CREATE INDEX pos_product_sku ON pos_product (business_id, sku) WHERE sku IS NOT NULL",
    "CREATE TABLE link (
        business_id UUID NOT NULL,
        variant_id BIGINT NOT NULL,
        pos_product_id TEXT NOT NULL,
        origin TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, variant_id)
    ) CLUSTERED",
    "CREATE TABLE mapper_run (
        business_id UUID NOT NULL,
        run_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        capability TEXT NOT NULL,
        external_id BIGINT NOT NULL,
        mapper_version BIGINT NOT NULL,
        mapper_config BIGINT NOT NULL,
        contract TEXT NOT NULL,
        host TEXT NOT NULL,
        plugin_digest BYTEA NOT NULL,
        config_digest BYTEA NOT NULL,
        input_digest BYTEA NOT NULL,
        output_digest BYTEA,
        outcome TEXT NOT NULL,
        failure_code TEXT,
        failure_detail TEXT,
        log TEXT,
        fuel BIGINT NOT NULL,
        duration_us BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, run_id)
    ) CLUSTERED",
    "CREATE INDEX mapper_run_object ON mapper_run (business_id, external_id)",
    // What an uploaded mapper did is asked for when it is to be repaired (F4). The standard mapper's runs are nearly
    // all that there are where it serves: they are found without an index, which would be written with every order.
    "CREATE INDEX mapper_run_version ON mapper_run
        (business_id, mapper_version, mapper_config, run_id) WHERE mapper_version <> 0",
    // The newest version of each POS order, without its document.
    "CREATE TABLE pos_order (
        business_id UUID NOT NULL,
        external_id BIGINT NOT NULL,
        pos_order_id UUID NOT NULL,
        version BIGINT NOT NULL,
        delivery_id UUID NOT NULL,
        source_hash BYTEA NOT NULL,
        document_hash BYTEA NOT NULL,
        number TEXT NOT NULL,
        state TEXT NOT NULL,
        currency TEXT NOT NULL,
        total TEXT NOT NULL,
        refunded_total TEXT NOT NULL,
        line_count BIGINT NOT NULL,
        unlinked_lines BIGINT NOT NULL,
        mapper_version BIGINT NOT NULL,
        mapper_config BIGINT NOT NULL,
        placed_at BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, external_id)
    ) CLUSTERED",
    "CREATE INDEX pos_order_placed ON pos_order (business_id, placed_at, external_id)",
    // Every version of every POS order; rows are only ever added.
    "CREATE TABLE pos_order_version (
        business_id UUID NOT NULL,
        external_id BIGINT NOT NULL,
        version BIGINT NOT NULL,
        delivery_id UUID NOT NULL,
        run_id UUID NOT NULL,
        source_hash BYTEA NOT NULL,
        document_hash BYTEA NOT NULL,
        document TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, external_id, version)
    )",
    // The ledger; rows are only ever added. The movements of an order's line at a place are numbered without gaps:
    // two workers that add the same one collide on the second index, which lets counts (no order) pass.
    "CREATE TABLE stock_movement (
        business_id UUID NOT NULL,
        movement_id UUID NOT NULL,
        pos_product_id TEXT NOT NULL,
        location TEXT NOT NULL,
        quantity BIGINT NOT NULL,
        reason TEXT NOT NULL CHECK (reason IN ('order', 'count')),
        order_id BIGINT,
        line_item_id BIGINT,
        number BIGINT,
        block BIGINT NOT NULL,
        delivery_id UUID,
        created_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, movement_id),
        CHECK ((reason = 'order') = (order_id IS NOT NULL)),
        CHECK ((order_id IS NULL) = (line_item_id IS NULL)),
        CHECK ((order_id IS NULL) = (number IS NULL))
    ) CLUSTERED",
    "CREATE UNIQUE INDEX stock_movement_effect ON stock_movement
        (business_id, order_id, line_item_id, pos_product_id, location, number)",
    // A product's movements are asked for seldom and written with every order, so those of a time, a block, stand
    // together: by product alone, each would go to a page of its own.
    "CREATE INDEX stock_movement_product ON stock_movement
        (business_id, block, pos_product_id, movement_id)",
    // The sum of the movements, kept up to date in the transaction that adds them.
    "CREATE TABLE stock_level (
        business_id UUID NOT NULL,
        pos_product_id TEXT NOT NULL,
        location TEXT NOT NULL,
        quantity BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, pos_product_id, location)
    ) CLUSTERED",
];
