//! The standard mapper side by side: as a function of this program, and as a plugin in a fresh instance with fuel
//! counted. Run by `cargo bench -p tillgate-mappers`.
//!
//! Both sides begin with the gateway's order and end with a checked POS order, its document and its digest.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints its figures, and ends where something goes wrong"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use domain::flow::accept;
use domain::money::MoneyBag;
use domain::refined::Order;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use tillgate_mappers::{MapAnswer, MapJob, MapSettings, Mappers, Settings, Source};

#[path = "../tests/it/native.rs"]
mod native;
#[path = "../tests/it/orders.rs"]
mod orders;

/// Lines of the orders.
const SIZES: [u32; 3] = [3, 25, 250];
/// Time to spend on each figure.
const SPAN: Duration = Duration::from_millis(1_500);

fn main() {
    let mappers = Mappers::new(Settings::default()).expect("the engine starts");
    println!(
        "p50, microseconds of one thread; native: the same function, linked into this program"
    );
    println!(
        "{:>6} {:>12} {:>12} {:>12} {:>8} {:>10}",
        "lines", "native map", "native", "plugin", "ratio", "fuel"
    );
    for lines in SIZES {
        row(&mappers, lines);
    }
    throughput(&mappers);
}

/// One line of the table.
fn row(mappers: &Mappers, lines: u32) {
    let order = sample(lines);
    let settings = MapSettings::default();
    let plugin = mappers.standard();
    let source = Source::hashed(b"", [7; 32]);
    let guest = native::to_guest(&order);

    let run = mappers.map_order(&plugin, &order, &settings, source);
    assert!(matches!(run.result, Ok(MapAnswer::Mapped(_))), "{run:?}");
    let [only_map, natively, as_plugin] = side_by_side([
        &|| {
            black_box(standard::map_order(black_box(&guest).clone(), &[])).expect("maps");
        },
        &|| {
            let pos = native::map_order(black_box(&order), &[]).expect("maps");
            accept(&order, &pos).expect("adds up");
            let document = serde_json::to_string(&pos).expect("serialises");
            black_box((Sha256::digest(&document), pos));
        },
        &|| {
            black_box(mappers.map_order(&plugin, black_box(&order), &settings, source));
        },
    ]);
    println!(
        "{lines:>6} {:>12.1} {:>12.1} {:>12.1} {:>8.2} {:>10}",
        only_map,
        natively,
        as_plugin,
        as_plugin / natively,
        run.fuel
    );
}

/// Orders a second on one thread and on all.
fn throughput(mappers: &Mappers) {
    let order = sample(3);
    let settings = MapSettings::default();
    let rate = |mappers: &Mappers| {
        let plugin = mappers.standard();
        let job = MapJob {
            plugin: &plugin,
            order: &order,
            settings: &settings,
            source: Source::hashed(b"", [7; 32]),
        };
        let jobs = vec![job; 500];
        let (start, mut mapped) = (Instant::now(), 0_u32);
        while start.elapsed() < SPAN {
            let runs = mappers.map_orders(&jobs);
            assert!(runs.iter().all(|run| run.result.is_ok()));
            mapped += 500;
        }
        f64::from(mapped) / start.elapsed().as_secs_f64()
    };
    let one =
        Mappers::new(Settings { threads: 1, ..Settings::default() }).expect("the engine starts");
    println!(
        "orders of 3 lines a second: {:.0} on one thread, {:.0} on {}",
        rate(&one),
        rate(mappers),
        Settings::default().threads
    );
}

/// The medians of several functions in microseconds, measured in turns so that the machine's moods fall on all alike.
fn side_by_side<const N: usize>(functions: [&dyn Fn(); N]) -> [f64; N] {
    let mut times = [(); N].map(|()| Vec::new());
    let start = Instant::now();
    while start.elapsed() < SPAN * u32::try_from(N).expect("a few") {
        for (function, times) in functions.iter().zip(&mut times) {
            for _ in 0..16 {
                let begun = Instant::now();
                function();
                times.push(begun.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
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
