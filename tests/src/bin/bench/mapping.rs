//! What the sandbox costs: the standard mapper as a function of this program and as a plugin, in turns.

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::flow::accept;
use mappers::{MapSettings, Mappers, Settings, Source, StartError};

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
/// begin with the gateway's order and end with a checked POS order.
pub(crate) fn measure() -> Result<(Duration, Duration), StartError> {
    let mappers = Mappers::new(Settings::default())?;
    let (plugin, settings) = (mappers.standard(), MapSettings::default());
    let order =
        orders::order((0..LINES).map(|at| orders::line(at, 2, "19.99")).collect(), "119.94");
    let source = Source::hashed(b"", [7; 32]);
    let (mut natively, mut sandboxed) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = Instant::now();
        let mapped = native::map_order(black_box(&order), &[]);
        assert!(mapped.is_ok_and(|pos| accept(&order, &pos).is_ok()));
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
