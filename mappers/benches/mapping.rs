//! Mappers side by side, in one run: a function of this program, the standard plugin, the one for consigned goods, the
//! examples in JavaScript and Python. Run by `cargo bench -p tillgate-mappers`.
//!
//! Each begins with the gateway's order and ends with a checked POS order, its document and its digest. A plugin's run
//! is what it is in production: a fresh instance, fuel counted.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and ends where something goes wrong"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use domain::flow::accept;
use domain::money::MoneyBag;
use domain::refined::Order;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use tillgate_mappers::{MapAnswer, MapSettings, Mappers, Plugin, Settings, Source};

#[path = "../tests/it/native.rs"]
mod native;
#[path = "../tests/it/orders.rs"]
mod orders;

/// Lines of the orders.
const SIZES: [u32; 3] = [3, 25, 250];
/// Threads of the second table.
const THREADS: [usize; 2] = [1, 2];
/// Time to spend on each figure.
const SPAN: Duration = Duration::from_millis(1_500);
/// Runs between two looks at the clock.
const RUNS: u32 = 8;

/// A mapper to measure.
struct Guest {
    name: &'static str,
    /// None for the function of this program.
    plugin: Option<Plugin>,
    settings: MapSettings,
}

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let settings = Settings { threads: cores.max(THREADS[1]), ..Settings::default() };
    let mappers = Mappers::new(settings).expect("the engine starts");
    let guests = guests(&mappers);
    println!("Microseconds of one order, p50 of one thread, measured in turns; x: times native.");
    print!("{:>6}", "lines");
    for guest in &guests {
        print!(" {:>12} {:>7}", guest.name, "x");
    }
    println!();
    for lines in SIZES {
        row(&mappers, &guests, lines);
    }
    println!(
        "\nOrders a second on one thread and on two, of {cores} cores; x: what the second brings."
    );
    println!("{:>6} {:<12} {:>10} {:>10} {:>7}", "lines", "", "1", "2", "x");
    for lines in SIZES {
        let order = sample(lines);
        for guest in &guests {
            let [one, two] = THREADS.map(|threads| rate(&mappers, guest, &order, threads));
            println!("{lines:>6} {:<12} {one:>10.0} {two:>10.0} {:>7.2}", guest.name, two / one);
        }
    }
}

/// The function of this program, the plugins that are committed, and the one in Python where `TILLGATE_PYTHON_WASM`
/// names it.
fn guests(mappers: &Mappers) -> Vec<Guest> {
    let committed = |path: &str| {
        load(mappers, &Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(path))
    };
    let none = MapSettings::default;
    let rate = MapSettings::new(vec![("consignment".to_owned(), r#"{"rate":"40"}"#.to_owned())]);
    let guest = |name, plugin, settings| Guest { name, plugin, settings };
    let mut guests = vec![
        guest("native", None, none()),
        guest("standard", Some(mappers.standard()), none()),
        guest("consignment", Some(committed("consignment/mapper.wasm")), rate),
        guest("JavaScript", Some(committed("examples/javascript/mapper.wasm")), none()),
    ];
    match std::env::var_os("TILLGATE_PYTHON_WASM") {
        Some(path) => guests.push(guest("Python", Some(load(mappers, Path::new(&path))), none())),
        None => println!("Python is left out: TILLGATE_PYTHON_WASM names no component.\n"),
    }
    guests
}

fn load(mappers: &Mappers, path: &Path) -> Plugin {
    let bytes = std::fs::read(path).expect("the component is there");
    mappers.load(&bytes).expect("the component is a plugin")
}

/// Maps an order once.
fn map(mappers: &Mappers, guest: &Guest, order: &Order) {
    let Some(plugin) = &guest.plugin else {
        // What a plugin's run comes to without a sandbox: the mapping, the check of its answer, document and digest.
        let pos = native::map_order(order, &[]).expect("maps");
        accept(order, &pos).expect("adds up");
        let document = serde_json::to_string(&pos).expect("serialises");
        black_box((Sha256::digest(&document), pos));
        return;
    };
    let run = mappers.map_order(plugin, order, &guest.settings, Source::hashed(b"", [7; 32]));
    assert!(matches!(run.result, Ok(MapAnswer::Mapped(_))), "{}: {run:?}", guest.name);
}

/// One line of the first table.
fn row(mappers: &Mappers, guests: &[Guest], lines: u32) {
    let order = sample(lines);
    let mut times = vec![Vec::new(); guests.len()];
    let (start, count) = (Instant::now(), u32::try_from(guests.len()).expect("a few"));
    // In turns, so that the machine's moods fall on all alike.
    while start.elapsed() < SPAN * count {
        for (guest, times) in guests.iter().zip(&mut times) {
            for _ in 0..RUNS {
                let begun = Instant::now();
                map(mappers, guest, black_box(&order));
                times.push(begun.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    let medians: Vec<f64> = times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect();
    print!("{lines:>6}");
    for median in &medians {
        print!(" {median:>12.1} {:>7.2}", median / medians[0]);
    }
    println!();
}

/// Orders a second that so many threads map together.
fn rate(mappers: &Mappers, guest: &Guest, order: &Order, threads: usize) -> f64 {
    let mapped = AtomicU32::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while start.elapsed() < SPAN {
                    for _ in 0..RUNS {
                        map(mappers, guest, black_box(order));
                    }
                    mapped.fetch_add(RUNS, Ordering::Relaxed);
                }
            });
        }
    });
    f64::from(mapped.into_inner()) / start.elapsed().as_secs_f64()
}

/// A paid order like a real one: discounts, taxes, shipping, a customer with addresses.
fn sample(lines: u32) -> Order {
    let line_items = (0..lines)
        .map(|index| {
            let mut line = orders::line(10_000_000_000 + i64::from(index), 2, "19.99");
            line.variant_title = Some("Medium / Black".to_owned());
            line.discount_allocations = vec![orders::allocation("3.98")];
            line.tax_lines = vec![orders::tax("4.68")];
            line.properties = vec![orders::attribute("engraving", "For Ada")];
            line
        })
        .collect();
    let count = Decimal::from(lines);
    let mut order = orders::order(line_items, "0");
    order.shipping_lines = vec![orders::shipping("7.50")];
    order.customer = Some(orders::customer());
    order.billing_address = Some(orders::address());
    order.shipping_address = Some(orders::address());
    order.transactions = vec![orders::payment(1, "sale", "shopify_payments", "1.00")];
    order.note = Some(domain::personal::Personal::new("Leave at the door"));
    order.tags = vec!["vip".to_owned(), "online".to_owned()];
    order.total_discounts = MoneyBag::same(Decimal::new(398, 2) * count);
    order.total_tax = MoneyBag::same(Decimal::new(468, 2) * count);
    order.tax_lines = vec![orders::tax("4.68")];
    order.total = MoneyBag::same(Decimal::new(3_998 - 398 + 468, 2) * count + Decimal::new(750, 2));
    order
}
