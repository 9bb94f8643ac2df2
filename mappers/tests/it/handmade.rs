//! Plugins written by hand, for what our own toolchain does not make: traps where nobody looks for them, text that is
//! none, tables that grow.

use std::path::Path;

use domain::code::Code;
use domain::delivery::Failure;
use tillgate_mappers::{MapFailure, MapRun, Plugin, Source};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::orders::{line, order};
use crate::{mappers, outcome, settings};

/// What a plugin does in its functions, as instructions that come before their answers.
#[derive(Default)]
struct Deeds {
    describe: &'static str,
    after_describe: &'static str,
    map_order: String,
    after_map_order: &'static str,
    /// The bytes of the reason that it leaves every order out for.
    reason: &'static str,
}

/// A plugin that describes itself and leaves every order out, when its deeds let it come to that.
fn plugin(deeds: &Deeds) -> Plugin {
    let Deeds { describe, after_describe, map_order, after_map_order, reason } = deeds;
    // Four texts, each its place and its length; then the answer `err(skip(reason))`.
    let text = r"\40\00\00\00\05\00\00\00";
    let described = format!(r"{text}{text}{text}\60\00\00\00\02\00\00\00");
    let skipped = r"\01\00\00\00\03\00\00\00\80\00\00\00\04\00\00\00";
    let module = format!(
        r#"(module
            (memory (export "memory") 16)
            (table 1 funcref)
            (data (i32.const 64) "maker") (data (i32.const 96) "{{}}") (data (i32.const 128) "{reason}")
            (data (i32.const 1024) "{described}") (data (i32.const 2048) "{skipped}")
            (global $next (mut i32) (i32.const 4096))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (local $place i32)
                (local.set $place
                    (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
                (global.set $next (i32.add (local.get $place) (local.get 3)))
                (local.get $place))
            (func (export "tillgate:mapper/describe@1.1.0#describe") (result i32)
                {describe} (i32.const 1024))
            (func (export "cabi_post_tillgate:mapper/describe@1.1.0#describe") (param i32)
                {after_describe})
            (func (export "tillgate:mapper/order-mapper@1.1.0#map-order") (param i32) (result i32)
                {map_order} (i32.const 2048))
            (func (export "cabi_post_tillgate:mapper/order-mapper@1.1.0#map-order") (param i32)
                {after_map_order}))"#
    );
    let mut module = wat::parse_str(module).unwrap();
    let mut resolve = Resolve::default();
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("wit/1.1");
    let (package, _) = resolve.push_dir(wit).unwrap();
    let world = resolve.select_world(&[package], Some("order-plugin")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    let component = ComponentEncoder::default().module(&module).unwrap().encode().unwrap();
    mappers().load(&component).unwrap()
}

/// Elements that one table may come to have.
const TABLE_MAX: u32 = 20_000;
/// What a trap says.
const TRAP: &str = "wasm `unreachable` instruction executed";

fn run(plugin: &Plugin) -> MapRun {
    let order = order(vec![line(11, 2, "5.00"), line(12, 1, "2.50")], "12.50");
    mappers().map_order(plugin, &order, &settings(&[]), Source::default())
}

/// What the run was at fault for.
fn fault(run: &MapRun) -> &Failure {
    match &run.result {
        Err(MapFailure::Faulted(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_that_does_nothing_wrong_is_heard() {
    let plugin = plugin(&Deeds { reason: "mine", ..Deeds::default() });
    assert_eq!(mappers().describe(&plugin).unwrap().name, "maker");
    assert_eq!(outcome(&run(&plugin)).unwrap_err(), "skipped: mine");
}

#[test]
fn a_trap_in_its_description_is_told_and_says_nothing_about_orders() {
    let deeds = Deeds { describe: "unreachable", reason: "mine", ..Deeds::default() };
    let plugin = plugin(&deeds);
    let failure = mappers().describe(&plugin).unwrap_err();
    assert_eq!((failure.code, failure.detail.as_str()), (Code::PluginTrapped, TRAP));
    assert_eq!(outcome(&run(&plugin)).unwrap_err(), "skipped: mine");
}

#[test]
fn a_trap_after_the_answer_is_a_fault_of_the_run() {
    let plugin = plugin(&Deeds {
        after_describe: "unreachable",
        after_map_order: "unreachable",
        reason: "mine",
        ..Deeds::default()
    });
    let failure = mappers().describe(&plugin).unwrap_err();
    assert_eq!((failure.code, failure.detail.as_str()), (Code::PluginTrapped, TRAP));
    let run = run(&plugin);
    assert_eq!((fault(&run).code, fault(&run).detail.as_str()), (Code::PluginTrapped, TRAP));
    assert_eq!(run.output_digest, None, "nothing of the answer is believed");
}

#[test]
fn bytes_that_are_no_text_are_a_fault_of_the_run() {
    for reason in [r"\ff\fe\fd\fc", r"\ed\a0\80a", r"\c0\80ab", r"abc\f0"] {
        let run = run(&plugin(&Deeds { reason, ..Deeds::default() }));
        assert_eq!(fault(&run).code, Code::PluginTrapped, "{reason}");
        assert!(fault(&run).detail.contains("utf-8"), "{reason}: {}", fault(&run));
    }
}

#[test]
fn a_table_that_grows_while_it_runs_ends_at_its_limit() {
    // To be refused is no trap: what the plugin makes of it is its own. Had it got more, it would trap.
    let grow = "(loop $again (br_if $again \
                (i32.ne (table.grow 0 (ref.null func) (i32.const 500)) (i32.const -1))))";
    let check = |elements: u32| {
        let too_large = format!("(i32.gt_u (table.size 0) (i32.const {elements}))");
        let map_order = format!("{grow} (if {too_large} (then unreachable))");
        outcome(&run(&plugin(&Deeds { map_order, reason: "mine", ..Deeds::default() })))
    };
    assert_eq!(check(TABLE_MAX).unwrap_err(), "skipped: mine");
    assert!(check(TABLE_MAX - 1_000).unwrap_err().contains(TRAP), "it did grow up to there");
}
