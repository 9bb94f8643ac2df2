//! What the benchmark is made of: seeded businesses, order bodies, and a driver of prebuilt requests.

mod driver;
mod latency;
mod order;
mod process;
mod seed;

pub use driver::{Load, Plan, drive};
pub use latency::Latencies;
pub use order::{CLIENT_SECRET, order_body};
pub use process::{cpu_seconds, resident_bytes};
pub use seed::{
    SHOPS, VARIANTS_PER_SHOP, business_id, seed, seed_business, shop_domain, variant_id,
};
