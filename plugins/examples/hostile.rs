//! A plugin that misbehaves in the way that its setting `do` names: what the tests of the host's limits run.
//!
//! Without the setting it maps orders that are nothing but lines at their prices.

#![expect(clippy::panic, reason = "panicking is one of the deeds")]

use std::hint::black_box;

use tillgate_plugins as plugins;

use plugins::product_types::{PosProduct, Product};
use plugins::types::{MapError, Order, PosLine, PosLineKind, PosOrder, PosState, Setting};
use plugins::{Amount, Description, invalid, logging, setting, source_json};

/// Rounds of [`spin`]; each takes some fuel, a run has 50 million and 2 million for each line.
const SPIN_ROUNDS: u32 = 4_000_000;

/// The component's exports.
#[derive(Debug)]
pub struct Hostile;

impl plugins::Describe for Hostile {
    fn describe() -> Description {
        Description {
            name: "hostile".to_owned(),
            version: "1.0.0".to_owned(),
            summary: "Misbehaves when told to.".to_owned(),
            settings_schema: "{}".to_owned(),
        }
    }
}

impl plugins::ProductMapper for Hostile {
    fn map_product(
        _product: Product,
        _currency: String,
        _settings: Vec<Setting>,
    ) -> Result<Vec<PosProduct>, MapError> {
        Err(MapError::Unsupported("products are not mapped".to_owned()))
    }
}

impl plugins::OrderMapper for Hostile {
    fn map_order(order: Order, settings: Vec<Setting>) -> Result<PosOrder, MapError> {
        let deed = setting(&settings, "do").unwrap_or("map");
        use_up(deed);
        if deed == "alternate" && has_odd_id(&order) {
            spin();
        }
        if deed == "show" {
            logging::log(logging::Level::Debug, &format!("{order:?}"));
        }
        match deed {
            "panic" => panic!("told to"),
            "skip" => Err(MapError::Skip("told to".to_owned())),
            "unsupported" => Err(MapError::Unsupported("told to".to_owned())),
            "invalid" => Err(invalid("line-items[0].title", "is dull")),
            _ => {
                let id = setting(&settings, "id").unwrap_or("1").to_owned();
                Ok(falsify(deed, id, honest(order)?))
            }
        }
    }
}

plugins::plugin!(Hostile);

/// Deeds that use up one of the limits.
fn use_up(deed: &str) {
    match deed {
        "loop" => loop {
            black_box(0);
        },
        "memory" => {
            let mut held = Vec::new();
            loop {
                held.push(vec![1_u8; 1 << 20]);
                black_box(&held);
            }
        }
        "recursion" => {
            black_box(recurse(black_box(1)));
        }
        "frames" => {
            black_box(stack_frames(1));
        }
        "log-lines" => loop {
            logging::log(logging::Level::Info, "again");
        },
        "log-bytes" => logging::log(logging::Level::Info, &"x".repeat(1 << 20)),
        "log" => {
            logging::log(logging::Level::Debug, "one");
            logging::log(logging::Level::Error, "two");
        }
        _ => {}
    }
}

/// Whether `alternate` takes its time for this order.
fn has_odd_id(order: &Order) -> bool {
    order.id.bytes().last().is_some_and(|digit| digit % 2 == 1)
}

/// Takes most of what a run over a line or two may take, and no more.
fn spin() {
    for round in 0..SPIN_ROUNDS {
        black_box(round);
    }
}

/// Recursion that keeps its frames in registers and so uses up the host's stack.
fn recurse(number: u64) -> u64 {
    if number == 0 {
        return 0;
    }
    // Odd numbers stay odd, so it never ends; the rotation keeps the compiler from making a loop of it.
    recurse(number.wrapping_mul(5) | 1).rotate_left(3) ^ number
}

/// Recursion whose frames use up the plugin's own stack, which lies at the beginning of its memory.
fn stack_frames(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == 0 {
        return 0;
    }
    stack_frames(black_box(depth + 1)).wrapping_add(frame[3])
}

/// Numbers that are none, made in several ways and of several payloads, as their bits.
#[expect(clippy::eq_op, clippy::cast_possible_truncation, reason = "none of it shall be a number")]
fn no_numbers() -> Vec<String> {
    let (zero, one) = (black_box(0.0_f64), black_box(1.0_f64));
    let infinite = black_box(f64::INFINITY);
    let odd = f64::from_bits(black_box(0xfff0_dead_beef_0001));
    let narrow = odd as f32;
    [zero / zero, -one / zero * zero, (-one).sqrt(), infinite - infinite, odd + one, narrow.into()]
        .map(|none: f64| format!("{:016x}", none.to_bits()))
        .into()
}

/// The answer, spoilt as told; `id` takes the place of those that the order has.
fn falsify(deed: &str, id: String, mut pos: PosOrder) -> PosOrder {
    match deed {
        "huge-answer" => pos.notes.push("x".repeat(8 << 20)),
        "many-entries" => pos.notes = vec![String::new(); 501],
        "long-text" => pos.number = "x".repeat(5_000),
        "wrong-total" => {
            pos.total = String::from("1.00");
            pos.tax_total = String::from("1.00");
            pos.lines.clear();
        }
        "foreign-line" => pos.lines[0].external_id = id,
        "foreign-order" => pos.external_id = id,
        "wrong-variant" => pos.lines[0].variant_id = Some(id),
        "foreign-place" => pos.lines[0].location_id = Some(id),
        "too-many-pieces" => pos.lines[0].quantity += 1,
        "bad-decimal" => pos.lines[0].unit_price = String::from("1e3"),
        "bad-id" => pos.lines[0].external_id = String::from("gid://1"),
        "bad-time" => pos.placed_at = String::from("yesterday"),
        "bad-currency" => pos.currency = String::from("dollars"),
        "no-numbers" => pos.notes = no_numbers(),
        "source" => pos.notes.push(source_json::get()),
        _ => {}
    }
    pos
}

/// Lines at their prices, and nothing else.
fn honest(order: Order) -> Result<PosOrder, MapError> {
    let mut total = Amount::ZERO;
    let mut lines = Vec::new();
    for item in order.line_items {
        let net = Amount::parse(&item.unit_price.shop)
            .ok()
            .and_then(|price| price.times(item.quantity))
            .ok_or_else(|| invalid("line-items", "cost too much"))?;
        total = total.plus(net).ok_or_else(|| invalid("line-items", "cost too much"))?;
        lines.push(PosLine {
            external_id: item.id,
            kind: PosLineKind::Product,
            variant_id: item.variant_id,
            sku: None,
            title: item.title,
            quantity: item.quantity,
            unit_price: item.unit_price.shop,
            discount: "0".to_owned(),
            net: net.to_text(2),
            taxes: Vec::new(),
            location_id: None,
        });
    }
    let nothing = || "0".to_owned();
    Ok(PosOrder {
        external_id: order.id,
        number: order.name,
        channel: "test".to_owned(),
        placed_at: order.created_at,
        state: PosState::Paid,
        currency: order.currency,
        taxes_included: false,
        customer: None,
        ship_to: None,
        lines,
        charges: Vec::new(),
        tenders: Vec::new(),
        refunds: Vec::new(),
        discount_total: nothing(),
        tax_total: nothing(),
        total: total.to_text(2),
        rounding: nothing(),
        refunded_total: nothing(),
        notes: Vec::new(),
        attributes: Vec::new(),
    })
}
