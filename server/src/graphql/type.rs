//! The schema's types: plain structs, made from the words of `domain` and the rows that `reads` gives.

mod activity;
mod certificate;
mod code;
mod connection;
mod delivery;
mod document;
mod health;
mod inventory;
mod mapper;
mod money;
mod order;
mod outbox;
mod pos_order;
mod privacy;
mod product;
mod product_push;
mod reconcile;
mod stock;
mod sync;
mod timeline;

pub(crate) use activity::ActivityEvent;
pub(crate) use certificate::Certificate;
pub(crate) use code::ErrorCode;
pub(crate) use connection::{Authorization, ConnectedStore, ScopeReport};
pub(crate) use delivery::DeadLetter;
pub(crate) use document::PosDocument;
pub(crate) use health::ConnectionHealth;
pub(crate) use inventory::{
    InventoryOwnership, InventoryPolicy, NegativeStock, StockBasis, StockPush,
};
pub(crate) use mapper::{
    MapperBinding, MapperChange, MapperConfig, MapperRepair, MapperVersion, MappingPreview,
    MappingRun, RunOutcome, RunReplay, ShadowReport,
};
pub(crate) use money::Money;
pub(crate) use order::Order;
pub(crate) use outbox::{OutboxEntry, OutboxState, PosEndpoint};
pub(crate) use pos_order::{PosOrder, PosVersion, hex};
pub(crate) use privacy::{DataRequest, DataRequestExport, Erasure, ErasureProof};
pub(crate) use product::{PosProduct, Product, ProductLink};
pub(crate) use product_push::ProductPush;
pub(crate) use reconcile::{Drift, Reconciliation, Resource};
pub(crate) use stock::{StockLevel, StockMovement};
pub(crate) use sync::{PollReport, SyncLogEntry};
pub(crate) use timeline::OrderTimeline;
