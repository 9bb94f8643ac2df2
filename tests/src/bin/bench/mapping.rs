//! What the sandbox costs: the standard mapper as a function of this program and as a plugin, in turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::flow::accept;
use mappers::{MapSettings, Mappers, Settings, Source, StartError};
use sha2::{Digest as _, Sha256};

#[expect(clippy::unwrap_used, reason = "shared with the tests of mappers")]
#[path = "../../../../mappers/tests/it/native.rs"]
mod native;
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests of mappers")]
#[path = "../../../../mappers/tests/it/orders.rs"]
mod orders;

/// Lines of the order, as many as the deliveries' orders have.
const LINES: i64 = 3;
/// Times that each side maps it.
const RUNS: usize = 4_000;

/// The medians of both sides for one order: natively, and by the plugin with a fresh instance and fuel counted. Both
/// begin with the gateway's order and end with a checked POS order, its document and its digest.
pub(crate) fn measure() -> Result<(Duration, Duration), StartError> {
    let mappers = Mappers::new(Settings::default())?;
    let (plugin, settings) = (mappers.standard(), MapSettings::default());
    let lines = (0..LINES).map(|at| {
        let mut line = orders::line(at, 2, "19.99");
        line.discount_allocations = vec![orders::allocation("3.98")];
        line
    });
    let mut order = orders::order(lines.collect(), "108.00");
    order.customer = Some(orders::customer());
    order.shipping_address = Some(orders::address());
    order.billing_address = Some(orders::address());
    let source = Source::hashed(b"", [7; 32]);
    let (mut natively, mut sandboxed) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let mapped = native::map_order(black_box(&order), &[]);
        let document = mapped.ok().and_then(|pos| {
            accept(&order, &pos).ok()?;
            serde_json::to_string(&pos).ok()
        });
        assert!(
            document.is_some_and(|document| black_box(Sha256::digest(document))[..] != [0; 32])
        );
        natively.push(begun.elapsed());
        let begun = Instant::now();
        let run = mappers.map_order(&plugin, black_box(&order), &settings, source);
        assert!(run.result.is_ok());
        sandboxed.push(begun.elapsed());
    }
    Ok((median(natively), median(sandboxed)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
