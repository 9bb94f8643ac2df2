//! `mapper bench`.

mod native;

use std::fmt::Write;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use domain::refined::Order;
use mappers::MapSettings;

use super::project::Project;
use super::report::{amount, mebibytes, share, time};
use super::runner::Runner;
use super::{Place, ToolError, orders, output};

/// Lines of the orders.
const SIZES: [u64; 3] = [3, 25, 250];
/// Runs between two looks at the clock.
const BATCH: u64 = 8;
/// What stands above the figures.
const HEAD: &str = "\
                median time of one order                orders a second
 lines   this mapper      standard        native    1 thread   2 threads          fuel used       memory used";
/// What stands below them.
const FOOT: &str = "
standard: the gateway's own mapper, run as this one is; native: the same as a function of this program, without a
sandbox, without conversion and without the check of its answer";

/// Arguments of `mapper bench`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Milliseconds that each figure is measured for.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=60_000))]
    millis: u64,
}

/// An order to measure with.
struct Sample {
    lines: u64,
    body: String,
    order: Order,
    settings: MapSettings,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), ToolError> {
    let project = Project::open(&arguments.place.dir)?;
    let runner = Runner::start(&project.component()?)?;
    let span = Duration::from_millis(arguments.millis);
    output::line(HEAD);
    for lines in SIZES {
        let body = orders::body(lines);
        let order = runner.order(orders::TOPIC, &body).map_err(ToolError::Wrong)?;
        let settings = project.map_settings()?;
        output::line(&row(&runner, &Sample { lines, body, order, settings }, span));
    }
    output::line(FOOT);
    Ok(())
}

fn row(runner: &Runner, sample: &Sample, span: Duration) -> String {
    let Sample { lines, body, order, settings } = sample;
    let run = runner.run(order, settings, body);
    let usage = run.usage();
    let own = || drop(black_box(runner.run(order, settings, body)));
    let guest = native::order(*lines);
    let [this, standard, natively] = medians(
        span,
        [&own, &|| drop(black_box(runner.run_standard(order, body))), &|| {
            drop(black_box(native::map(guest.clone())));
        }],
    );
    let mut row = format!(
        "{lines:>6}  {:>12}  {:>12}  {:>12}  {:>10}  {:>10}  {:>10} {:>7}  {:>5} MiB {:>7}",
        time(this),
        time(standard),
        time(natively),
        amount(rate(span, 1, &own)),
        amount(rate(span, 2, &own)),
        amount(usage.fuel),
        share(usage.fuel, usage.fuel_max),
        mebibytes(usage.memory_bytes),
        share(usage.memory_bytes, usage.memory_bytes_max),
    );
    if let Err(failure) = &run.result {
        // Writing to a string cannot fail.
        let _ = write!(row, "\n        not mapped: {}", failure.failure());
    }
    row
}

/// The medians of several works, measured in turns so that the machine's moods fall on all alike.
fn medians<const N: usize>(span: Duration, works: [&dyn Fn(); N]) -> [Duration; N] {
    let mut times = [(); N].map(|()| Vec::new());
    let begun = Instant::now();
    let whole = span * u32::try_from(N).unwrap_or(1);
    while times.iter().any(Vec::is_empty) || begun.elapsed() < whole {
        for (work, times) in works.iter().zip(&mut times) {
            for _ in 0..BATCH {
                let begun = Instant::now();
                work();
                times.push(begun.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    })
}

/// How often a second a work is done by this many threads together.
fn rate(span: Duration, threads: usize, work: &(dyn Fn() + Sync)) -> u64 {
    let done = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while begun.elapsed() < span {
                    for _ in 0..BATCH {
                        work();
                    }
                    done.fetch_add(BATCH, Ordering::Relaxed);
                }
            });
        }
    });
    let micros = begun.elapsed().as_micros().max(1);
    u64::try_from(u128::from(done.into_inner()) * 1_000_000 / micros).unwrap_or(u64::MAX)
}
