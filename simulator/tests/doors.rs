//! The simulated store's doors, as an app uses them: OAuth, the Admin API through the client that the gateway uses,
//! deliveries, faults, and the simulator's own controls.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "doors/control.rs"]
mod control;
#[path = "doors/deliveries.rs"]
mod deliveries;
#[path = "doors/faults.rs"]
mod faults;
#[path = "doors/inventory.rs"]
mod inventory;
#[path = "doors/oauth.rs"]
mod oauth;
#[path = "doors/reading.rs"]
mod reading;
#[path = "doors/world.rs"]
mod world;
