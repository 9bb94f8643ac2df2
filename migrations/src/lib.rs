//! The history of the database schema, for SQLite and PostgreSQL.
//!
//! **Expand and contract.** Two versions of the gateway run side by side while a new one is rolled out, so a migration
//! only ever adds: a table, a nullable column, a column with a default, an index. Whatever is no longer used is dropped
//! by a migration of a later release, when no running version knows it any more. A migration that has been released is
//! never edited.
//!
//! **How to add one.** A file `mNNNN_topic.rs` beside the others, a line in [`Migrator::migrations`], the entity in
//! `storage/src/entity/`. The statements are written once, in the SQL that both databases understand, with Postgres's
//! names of types; `statement.rs` says what differs. History must not change when entities do, so nothing of ours
//! is imported here.
//!
//! **Rules of the schema**, which `storage/tests` reads back from both databases:
//! - Every primary key and unique index begins with `business_id`, so that the tables can be distributed by it. The one
//!   exception is the directory that finds the business of a shop.
//! - Times are milliseconds since 1970 in UTC. Money is the text of a decimal. Hashes are 32 bytes. Ids of the store
//!   are 64-bit integers.
//! - What arrives with every order has no foreign keys: on Postgres each would lock the parent's row, which all of a
//!   business's orders share. Rows of a business are removed by their common prefix.

mod m0001_core;
mod m0002_inbox;
mod m0003_refined;
mod m0004_pos_stock;
mod m0005_log;
mod m0006_entry;
mod m0007_mapper;
mod m0008_mapper_work;
mod m0009_push;
mod m0010_delivery_hour;
mod m0011_run_outcome;
mod m0012_outbox;
mod m0013_erasure;
mod m0014_reconciliation;
mod m0015_product_push;
mod statement;

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::MigratorTrait;

/// The ordered list of migrations.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_core::Migration),
            Box::new(m0002_inbox::Migration),
            Box::new(m0003_refined::Migration),
            Box::new(m0004_pos_stock::Migration),
            Box::new(m0005_log::Migration),
            Box::new(m0006_entry::Migration),
            Box::new(m0007_mapper::Migration),
            Box::new(m0008_mapper_work::Migration),
            Box::new(m0009_push::Migration),
            Box::new(m0010_delivery_hour::Migration),
            Box::new(m0011_run_outcome::Migration),
            Box::new(m0012_outbox::Migration),
            Box::new(m0013_erasure::Migration),
            Box::new(m0014_reconciliation::Migration),
            Box::new(m0015_product_push::Migration),
        ]
    }
}
