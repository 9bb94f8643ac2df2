//! One run of one plugin over one order or product.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bumpalo::Bump;
use domain::code::Code;
use domain::delivery::Failure;
use domain::draft::{self, PosProductDraft};
use domain::flow;
use domain::money::Currency;
use domain::pos::PosOrder;
use domain::refined::{Order, Product};
use serde::Serialize;
use sha2::{Digest, Sha256};
use wasmtime::Store;
use wasmtime::component::Instance;

use crate::convert;
use crate::engine::{HOST, Mappers};
use crate::fault;
use crate::limits;
use crate::plugin::Plugin;
use crate::record::{
    Answer, MapFailure, MapRun, MapSettings, ProductRun, Run, Source, input_digest,
};
use crate::since_1_1::types;
use crate::state::State;

/// The longest amount in a plugin's own words, with its sign and its point.
const AMOUNT_BYTES_MAX: usize = 32;
/// What the mapping of orders is called in input digests. It must not change: recorded runs have it.
const MAP_ORDER: &str = "/map-order";

/// One call of a plugin.
struct Task<'a> {
    plugin: &'a Plugin,
    /// Whether the plugin has the function at all.
    capable: bool,
    settings: &'a MapSettings,
    source: Source<'a>,
    /// What the limits grow with: the input's lines.
    lines: usize,
    input_digest: [u8; 32],
}

impl Plugin {
    /// The [`Run::input_digest`] of a run over an order whose body has that SHA-256: it tells which of several bodies a
    /// recorded run was made over, without running anything.
    pub fn order_input_digest(&self, settings: &MapSettings, body_hash: [u8; 32]) -> [u8; 32] {
        let source = Source::hashed(&[], body_hash);
        input_digest(self.0.contract, MAP_ORDER, &(), settings, &source)
    }
}

impl Mappers {
    /// Maps an order by a plugin. Blocks the calling thread: normally for some ten microseconds, at the worst for the
    /// run's processor time of 100 ms and 1 ms a line, and while all places are taken.
    pub fn map_order<'a>(
        &self,
        plugin: &Plugin,
        order: &Order,
        settings: &MapSettings,
        source: impl Into<Source<'a>>,
    ) -> MapRun {
        let source = source.into();
        let contract = plugin.0.contract;
        let task = Task {
            plugin,
            capable: plugin.0.capabilities.map_order,
            settings,
            source,
            lines: order.line_items.len(),
            input_digest: input_digest(contract, MAP_ORDER, order, settings, &source),
        };
        self.run(
            &task,
            |store, instance, arena| {
                let settings = convert::settings(arena, settings.pairs());
                let params = (convert::order(arena, order), settings);
                plugin.0.functions.map_order(store, instance, params)
            },
            |pos| believe_order(order, pos),
        )
    }

    /// Maps a product, whose prices are in `currency`, by a plugin. Blocks the calling thread as
    /// [`Mappers::map_order`] does; a variant counts as a line.
    pub fn map_product<'a>(
        &self,
        plugin: &Plugin,
        product: &Product,
        currency: Currency,
        settings: &MapSettings,
        source: impl Into<Source<'a>>,
    ) -> ProductRun {
        let source = source.into();
        let contract = plugin.0.contract;
        let input = (product, currency);
        let task = Task {
            plugin,
            capable: plugin.0.capabilities.map_product,
            settings,
            source,
            lines: product.variants.len(),
            input_digest: input_digest(contract, "/map-product", &input, settings, &source),
        };
        self.run(
            &task,
            |store, instance, arena| {
                let settings = convert::settings(arena, settings.pairs());
                let params = (convert::product(arena, product), currency.code(), settings);
                plugin.0.functions.map_product(store, instance, params)
            },
            |drafts| believe_drafts(product, currency, drafts),
        )
    }

    /// A store for one run, with the limits of an input of `lines` lines.
    pub(crate) fn store(&self, lines: usize, source: Option<Arc<str>>) -> Store<State> {
        let mut store = Store::new(&self.engine, State::new(limits::cpu(lines), source));
        store.limiter(|state| state);
        // Fails only where the engine does not count fuel, and ours does.
        let _ = store.set_fuel(limits::fuel(lines));
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut context| Ok(context.data_mut().tick()));
        store.set_hostcall_fuel(limits::HANDOVER_BYTES_MAX);
        store.set_max_component_handles(limits::HANDLES_MAX);
        store
    }

    fn run<T: Serialize, R>(
        &self,
        task: &Task<'_>,
        call: impl FnOnce(
            &mut Store<State>,
            &Instance,
            &Bump,
        ) -> wasmtime::Result<Result<R, types::MapError>>,
        believe: impl FnOnce(R) -> Result<T, Failure>,
    ) -> Run<T> {
        let mut run = Run {
            result: Err(MapFailure::Busy(fault::busy())),
            document: None,
            fuel: 0,
            memory_bytes: 0,
            allowed: limits::allowed(task.lines),
            duration: Duration::ZERO,
            input_digest: task.input_digest,
            output_digest: None,
            plugin_digest: task.plugin.0.digest,
            config_digest: task.settings.digest(),
            contract: task.plugin.0.contract,
            host: HOST,
            log: Vec::new(),
        };
        if let Err(failure) = callable(task) {
            run.result = Err(MapFailure::Refused(failure));
            return run;
        }
        let Some(_pass) = self.gate.enter() else {
            return run;
        };
        let begun = Instant::now();
        let answer = self.execute(task, &mut run, call);
        run.result = answer.and_then(|answer| judge(answer, believe));
        if let Ok(Answer::Mapped(mapped)) = &run.result {
            match serde_json::to_string(mapped) {
                Ok(document) => {
                    run.output_digest = Some(Sha256::digest(&document).into());
                    run.document = Some(document);
                }
                Err(error) => {
                    let failure = Failure::new(Code::Internal, error.to_string());
                    run.result = Err(MapFailure::Faulted(failure));
                }
            }
        }
        run.duration = begun.elapsed();
        run
    }

    /// Runs the plugin in a fresh instance, and notes what it used.
    fn execute<T, R>(
        &self,
        task: &Task<'_>,
        run: &mut Run<T>,
        call: impl FnOnce(&mut Store<State>, &Instance, &Bump) -> wasmtime::Result<R>,
    ) -> Result<R, MapFailure> {
        let plugin = &task.plugin.0;
        let source = plugin
            .reads_source
            .then(|| Arc::from(String::from_utf8_lossy(task.source.json).as_ref()));
        let mut store = self.store(task.lines, source);
        let arena = Bump::with_capacity(convert::arena_bytes(task.lines));
        let answer = plugin
            .pre
            .instantiate(&mut store)
            .and_then(|instance| call(&mut store, &instance, &arena));
        run.fuel = run.allowed.fuel - store.get_fuel().unwrap_or(0);
        let answer = answer.map_err(|error| {
            MapFailure::Faulted(fault::failure(&error, store.data(), run.allowed.fuel))
        });
        let state = store.into_data();
        run.memory_bytes = state.memory_peak as u64;
        run.log = state.log;
        answer
    }
}

/// Whether there is a function to call, and the input is not too long for it.
fn callable(task: &Task<'_>) -> Result<(), Failure> {
    let lines = task.lines;
    if lines > limits::ORDER_LINES_MAX {
        let detail = format!("the order has {lines} lines, over {}", limits::ORDER_LINES_MAX);
        return Err(Failure::new(Code::PluginLimit, detail));
    }
    if !task.capable {
        return Err(Failure::new(Code::MappingRefused, "the plugin does not do this"));
    }
    Ok(())
}

/// What is believed of an answer.
fn judge<T, R>(
    answer: Result<R, types::MapError>,
    believe: impl FnOnce(R) -> Result<T, Failure>,
) -> Result<Answer<T>, MapFailure> {
    let refused = |failure| Err(MapFailure::Refused(failure));
    match answer {
        Ok(mapped) => believe(mapped).map(Answer::Mapped).map_err(MapFailure::Refused),
        Err(types::MapError::Skip(reason)) => {
            Ok(Answer::Skipped(Failure::new(Code::MappingRefused, reason).detail))
        }
        Err(types::MapError::Unsupported(reason)) => {
            refused(Failure::new(Code::MappingRefused, reason))
        }
        Err(types::MapError::InvalidInput(errors)) => {
            let named: Vec<_> =
                errors.iter().map(|error| format!("{}: {}", error.path, error.message)).collect();
            refused(Failure::new(Code::MappingRefused, named.join("; ")))
        }
        Err(types::MapError::TotalMismatch(mismatch)) => refused(Failure::new(
            Code::TotalMismatch,
            format!(
                "the order's total is {}, the mapped order's is {}: a difference of {}",
                amount(&mismatch.store),
                amount(&mismatch.mapped),
                amount(&mismatch.difference)
            ),
        )),
    }
}

/// An amount in a plugin's words, which are told to everybody of the business: a decimal, or that it is none.
fn amount(text: &str) -> &str {
    let is_decimal = |text: &str| text.bytes().all(|byte| b"+-.0123456789".contains(&byte));
    if text.len() <= AMOUNT_BYTES_MAX && is_decimal(text) { text } else { "no decimal" }
}

fn believe_order(order: &Order, pos: types::PosOrder) -> Result<Box<PosOrder>, Failure> {
    let pos = convert::pos_order(pos)
        .map_err(|problem| Failure::new(Code::InvalidMapping, problem.to_string()))?;
    flow::accept(order, &pos)?;
    Ok(Box::new(pos))
}

fn believe_drafts(
    product: &Product,
    currency: Currency,
    drafts: Vec<convert::PosProductRecord>,
) -> Result<Vec<PosProductDraft>, Failure> {
    let drafts = convert::drafts(drafts)
        .map_err(|problem| Failure::new(Code::InvalidMapping, problem.to_string()))?;
    draft::accept(product, currency, &drafts)?;
    Ok(drafts)
}
