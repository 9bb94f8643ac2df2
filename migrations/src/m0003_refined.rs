//! What we know of the store.

use sea_orm_migration::prelude::*;

use crate::statement::{drop_all, plan_by, run};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "shopify_raw_ingest",
    "shopify_order",
    "shopify_line_item",
    "shopify_product",
    "shopify_product_variant",
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
    ("shopify_order", "shopify_order", "1000000 100000 1"),
    ("shopify_order", "shopify_order_created", "1000000 100000 1 1"),
    ("shopify_line_item", "shopify_line_item", "3000000 300000 3 1"),
    ("shopify_line_item", "shopify_line_item_variant", "3000000 300000 600 6"),
    ("shopify_product_variant", "shopify_product_variant", "100000 10000 5 1"),
    ("shopify_product_variant", "shopify_product_variant_sku", "100000 10000 2"),
];

const UP: &[&str] = &[
    // The raw layer: each distinct payload of a connection once (S2.6 to S2.11). The bytes stand with the delivery.
    "CREATE TABLE shopify_raw_ingest (
        business_id UUID NOT NULL,
        connection_id UUID NOT NULL,
        canonical_hash BYTEA NOT NULL,
        delivery_id UUID NOT NULL,
        object_type TEXT NOT NULL,
        object_id BIGINT,
        source TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('processed', 'error')),
        error TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        PRIMARY KEY (business_id, connection_id, canonical_hash)
    ) CLUSTERED",
    "CREATE TABLE shopify_order (
        business_id UUID NOT NULL,
        order_id BIGINT NOT NULL,
        connection_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        name TEXT NOT NULL,
        number BIGINT NOT NULL,
        source_name TEXT,
        test BOOLEAN NOT NULL,
        financial_status TEXT NOT NULL,
        fulfillment_status TEXT,
        currency TEXT NOT NULL,
        subtotal TEXT NOT NULL,
        total_tax TEXT NOT NULL,
        total TEXT NOT NULL,
        current_total TEXT NOT NULL,
        customer_id BIGINT,
        line_count BIGINT NOT NULL,
        created_at BIGINT NOT NULL,
        processed_at BIGINT,
        cancelled_at BIGINT,
        closed_at BIGINT,
        updated_at BIGINT NOT NULL,
        authority TEXT NOT NULL CHECK (authority IN ('delivery', 'read')),
        body_hash BYTEA NOT NULL,
        written_at BIGINT NOT NULL,
        removed_at BIGINT,
        PRIMARY KEY (business_id, order_id)
    ) CLUSTERED",
    "CREATE INDEX shopify_order_created ON shopify_order (business_id, created_at, order_id)",
    "CREATE TABLE shopify_line_item (
        business_id UUID NOT NULL,
        order_id BIGINT NOT NULL,
        line_item_id BIGINT NOT NULL,
        block BIGINT NOT NULL,
        position BIGINT NOT NULL,
        product_id BIGINT,
        variant_id BIGINT,
        sku TEXT,
        title TEXT NOT NULL,
        variant_title TEXT,
        quantity BIGINT NOT NULL,
        current_quantity BIGINT NOT NULL,
        unit_price TEXT NOT NULL,
        discount TEXT NOT NULL,
        PRIMARY KEY (business_id, order_id, line_item_id)
    ) CLUSTERED",
    // Which orders hold a variant: asked when the variant is linked (S0.41), which is seldom, and written with every
    // line. So the lines of neighbouring orders, a block, stand together: by variant alone each line would go to a
    // page of its own (measured: a tenth of all that an order costs).
    "CREATE INDEX shopify_line_item_variant ON shopify_line_item (business_id, block, variant_id)
        WHERE variant_id IS NOT NULL",
    "CREATE TABLE shopify_product (
        business_id UUID NOT NULL,
        product_id BIGINT NOT NULL,
        connection_id UUID NOT NULL,
        delivery_id UUID NOT NULL,
        title TEXT NOT NULL,
        handle TEXT,
        vendor TEXT,
        product_type TEXT,
        status TEXT NOT NULL,
        tags TEXT NOT NULL,
        variants_complete BOOLEAN NOT NULL,
        created_at BIGINT,
        updated_at BIGINT NOT NULL,
        authority TEXT NOT NULL CHECK (authority IN ('delivery', 'read')),
        body_hash BYTEA NOT NULL,
        written_at BIGINT NOT NULL,
        removed_at BIGINT,
        PRIMARY KEY (business_id, product_id)
    ) CLUSTERED",
    "CREATE TABLE shopify_product_variant (
        business_id UUID NOT NULL,
        product_id BIGINT NOT NULL,
        variant_id BIGINT NOT NULL,
        position BIGINT NOT NULL,
        title TEXT NOT NULL,
        sku TEXT,
        barcode TEXT,
        price TEXT NOT NULL,
        compare_at_price TEXT,
        inventory_item_id BIGINT,
        inventory_quantity BIGINT,
        taxable BOOLEAN NOT NULL,
        updated_at BIGINT,
        PRIMARY KEY (business_id, product_id, variant_id)
    ) CLUSTERED",
    "CREATE INDEX shopify_product_variant_sku ON shopify_product_variant (business_id, sku)
        WHERE sku IS NOT NULL",
];
