//! Scenarios: each a story that is told through the front doors, on SQLite, and on PostgreSQL with Redis where there
//! are such servers.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::similar_names,
    reason = "a scenario ends where something is not as it should be"
)]

mod catching_up;
mod certificate;
mod commands;
mod endpoint;
mod flow;
mod instances;
mod interrupted;
mod inventory;
mod kill;
mod lifecycle;
mod mappers;
mod mappers_hostile;
mod metrics;
mod oauth;
mod privacy;
mod product_push;
mod receive;
mod reconcile;
mod refusals;
mod repairs;
mod samples;
mod stock;
mod subscription;
mod tenancy;
mod timeline;
mod tokens;
mod watch;

/// Makes tests of scenarios: each takes the place where it runs.
#[macro_export]
macro_rules! scenarios {
    ($($(#[$meta:meta])* async fn $name:ident($place:ident: Place) $body:block)+) => {$(
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            async fn scenario($place: Place) $body
            tests::world::on_each_place(scenario).await;
        }
    )+};
}
