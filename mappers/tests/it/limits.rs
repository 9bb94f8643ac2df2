//! What a plugin cannot do: each limit ends that run alone, and says which limit it was.

use std::time::{Duration, Instant};

use domain::code::Code;
use domain::id::ExternalId;
use domain::refined::Order;
use tillgate_mappers::{MapFailure, MapRun};

use crate::orders::{line, order};
use crate::{hostile_plugin, mappers, outcome, settings};

fn two_lines() -> Order {
    order(vec![line(11, 2, "5.00"), line(12, 1, "2.50")], "12.50")
}

/// What becomes of the order when the plugin does `deed`.
fn run(deed: &str) -> MapRun {
    mappers().map_order(
        hostile_plugin(),
        &two_lines(),
        &settings(&[("do", deed)]),
        br#"{"id":1}"#.as_slice(),
    )
}

#[test]
fn limits_end_the_run_and_are_named() {
    let cases = [
        ("loop", Code::PluginLimit, "fuel: all 54000000 used up"),
        ("memory", Code::PluginLimit, "memory: more than 32 MiB asked for"),
        ("recursion", Code::PluginLimit, "stack: 512 KiB used up"),
        ("frames", Code::PluginTrapped, "out of bounds memory access"),
        ("log-lines", Code::PluginLimit, "log: more than 100 lines or 64 KiB"),
        ("log-bytes", Code::PluginLimit, "log: more than 100 lines or 64 KiB"),
        ("huge-answer", Code::PluginLimit, "answer: more than 2 MiB handed over"),
        ("panic", Code::PluginTrapped, "wasm `unreachable` instruction executed"),
    ];
    for (deed, code, detail) in cases {
        let begun = Instant::now();
        let run = run(deed);
        let Err(MapFailure::Faulted(failure)) = &run.result else {
            panic!("{deed}: {run:?}");
        };
        assert_eq!((failure.code, failure.detail.as_str()), (code, detail), "{deed}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{deed}");
        assert!(run.memory_bytes <= 32 << 20, "{deed}");
        assert_eq!(run.output_digest, None);
    }
    assert_eq!(run("log-lines").log.len(), 100);
    assert!(outcome(&run("map")).is_ok(), "others are not disturbed");
}

#[test]
fn false_answers_are_refused_by_field() {
    let cases = [
        (
            "wrong-total",
            "TOTAL_MISMATCH: the order's total is 12.50 CAD, the mapped order's is 1.00",
        ),
        ("foreign-line", "INVALID_MAPPING: lines[0].external-id: names no line of the order"),
        ("foreign-order", "INVALID_MAPPING: external-id: is 1, not 450789469"),
        ("wrong-variant", "INVALID_MAPPING: lines[0].variant-id: "),
        ("too-many-pieces", "INVALID_MAPPING: lines[0].quantity: is 3"),
        ("bad-decimal", "INVALID_MAPPING: lines[0].unit-price: is no decimal"),
        ("bad-id", "INVALID_MAPPING: lines[0].external-id: is no id"),
        ("bad-time", "INVALID_MAPPING: placed-at: is no RFC 3339 time"),
        ("bad-currency", "INVALID_MAPPING: currency: is no ISO 4217 code"),
        ("long-text", "INVALID_MAPPING: number: is longer than 4 KiB"),
        ("many-entries", "INVALID_MAPPING: notes: has too many entries"),
        ("unsupported", "MAPPING_REFUSED: told to"),
        ("invalid", "MAPPING_REFUSED: line-items[0].title: is dull"),
    ];
    for (deed, expected) in cases {
        let run = run(deed);
        let said = outcome(&run).unwrap_err();
        assert!(said.starts_with(expected), "{deed}: {said}");
        assert!(matches!(run.result, Err(MapFailure::Refused(_))), "{deed}");
    }
    assert_eq!(outcome(&run("skip")).unwrap_err(), "skipped: told to");
}

#[test]
fn the_log_and_the_raw_body_are_at_hand() {
    assert_eq!(run("log").log, ["debug: one", "error: two"]);
    let notes = outcome(&run("source")).unwrap().notes;
    assert_eq!(notes[0].reveal(), r#"{"id":1}"#);
}

#[test]
fn numbers_that_are_none_are_always_the_same_bytes() {
    let first = run("no-numbers");
    let notes = outcome(&first).unwrap().notes;
    assert_eq!(notes.len(), 6);
    for note in notes {
        assert_eq!(note.reveal(), "7ff8000000000000");
    }
    assert_eq!(run("no-numbers").output_digest, first.output_digest);
}

#[test]
fn one_that_alternates_is_slow_and_within_its_limits() {
    let fuel = |id: i64| {
        let order = Order { id: ExternalId(id), ..two_lines() };
        let deed = settings(&[("do", "alternate")]);
        let run = mappers().map_order(hostile_plugin(), &order, &deed, b"".as_slice());
        assert!(outcome(&run).is_ok(), "{run:?}");
        run.fuel
    };
    assert!(fuel(4) < 1_000_000, "{}", fuel(4));
    assert!((20_000_000..54_000_000).contains(&fuel(7)), "{}", fuel(7));
}

#[test]
fn an_order_of_too_many_lines_is_not_even_tried() {
    let many = order((0..1_001).map(|id| line(id, 1, "1.00")).collect(), "1001");
    let run = mappers().map_order(hostile_plugin(), &many, &settings(&[]), b"".as_slice());
    assert_eq!(outcome(&run).unwrap_err(), "PLUGIN_LIMIT: the order has 1001 lines, over 1000");
    assert_eq!(run.fuel, 0);
}

#[test]
fn every_field_arrives_as_it_was() {
    for seed in 0..60 {
        let order = crate::generate::order(seed);
        if order.line_items.len() > 8 {
            continue;
        }
        let run = mappers().map_order(
            hostile_plugin(),
            &order,
            &settings(&[("do", "show")]),
            b"".as_slice(),
        );
        let arrived = format!("debug: {:?}", crate::native::to_guest(&order));
        assert_eq!(run.log, [arrived]);
    }
}
