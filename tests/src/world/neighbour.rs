//! Another gateway beside the world's own.

use std::sync::Arc;

use server::Gateway;
use tokio::net::TcpListener;

use super::TestWorld;
use super::build::{build, config};

/// A gateway on the world's database, with its clock and its Redis. It must be ended with [`Neighbour::stop`].
#[derive(Debug)]
pub struct Neighbour {
    /// How it is reached.
    pub base: String,
    gateway: Gateway,
}

impl Neighbour {
    /// Starts one. A SQLite file has one gateway only, so the world must be on `PostgreSQL`.
    pub async fn beside(world: &TestWorld) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = format!("http://{address}");
        let settings = || config(&world.place, &base, &world.simulator, &world.wish);
        let app = build(settings, &Arc::clone(&world.clock), &world.wish).await;
        let gateway = Gateway::start_on(app, listener, address);
        Self { base, gateway }
    }

    /// Ends it as an operator does: what it holds is finished first.
    pub async fn stop(self) {
        self.gateway.stop().await;
    }
}
