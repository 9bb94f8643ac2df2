//! Plugins from the outside: what the standard mapper answers, and what a hostile one cannot do.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong in a test shall end it")]

mod batch;
mod bombs;
mod compile;
mod consignment;
mod contract;
mod examples;
mod generate;
mod handmade;
mod inspect;
mod limits;
mod native;
mod orders;
mod product;
mod reference;
mod rules;
mod same;
mod since;
mod standard;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::OnceLock;

use domain::pos::PosOrder;
use domain::refined::Order;
use tillgate_mappers::{MapAnswer, MapRun, MapSettings, Mappers, Plugin, Settings};

/// The engine of all tests.
fn mappers() -> &'static Mappers {
    static MAPPERS: OnceLock<Mappers> = OnceLock::new();
    MAPPERS.get_or_init(|| Mappers::new(Settings::default()).unwrap())
}

/// The standard mapper: the committed component, or the one that `TILLGATE_STANDARD_WASM` names.
fn standard_plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| match std::env::var_os("TILLGATE_STANDARD_WASM") {
        Some(path) => load(Path::new(&path)),
        None => mappers().standard(),
    })
}

/// The plugin for consigned goods: the committed component, or the one that `TILLGATE_CONSIGNMENT_WASM` names.
fn consignment_plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/consignment/mapper.wasm");
        let path = std::env::var_os("TILLGATE_CONSIGNMENT_WASM").unwrap_or(committed.into());
        load(Path::new(&path))
    })
}

/// The misbehaving plugin: the committed component, or the one that `TILLGATE_HOSTILE_WASM` names.
fn hostile_plugin() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| mappers().load(&hostile_component()).unwrap())
}

fn hostile_component() -> Vec<u8> {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/examples/hostile.wasm");
    let path = std::env::var_os("TILLGATE_HOSTILE_WASM").unwrap_or(committed.into());
    read(Path::new(&path))
}

fn load(path: &Path) -> Plugin {
    mappers().load(&read(path)).unwrap()
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Settings of these pairs.
fn settings(pairs: &[(&str, &str)]) -> MapSettings {
    MapSettings::new(
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    )
}

/// The POS order of a run, or what went wrong instead, in a word and a sentence.
fn outcome(run: &MapRun) -> Result<PosOrder, String> {
    match &run.result {
        Ok(MapAnswer::Mapped(pos)) => Ok((**pos).clone()),
        Ok(MapAnswer::Skipped(reason)) => Err(format!("skipped: {reason}")),
        Err(failure) => Err(format!("{}", failure.failure())),
    }
}

/// What the plugin answers, after a check that the native function answers the same.
fn mapped_with(order: &Order, pairs: &[(&str, &str)]) -> Result<PosOrder, String> {
    let settings = settings(pairs);
    let run = mappers().map_order(standard_plugin(), order, &settings, b"".as_slice());
    let answer = outcome(&run);
    match (native::map_order(order, settings.pairs()), &answer) {
        (Ok(native), Ok(plugin)) => assert_eq!(&native, plugin),
        (Err(_), Err(_)) => {}
        (native, plugin) => panic!("natively {native:?}, as a plugin {plugin:?}"),
    }
    answer
}

/// The same without settings.
fn mapped(order: &Order) -> Result<PosOrder, String> {
    mapped_with(order, &[])
}

/// A digest as it is written.
fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
