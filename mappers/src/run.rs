//! One run of one plugin over one order.

use std::sync::Arc;

use bumpalo::Bump;
use domain::code::Code;
use domain::delivery::Failure;
use domain::flow;
use domain::refined::Order;
use sha2::{Digest, Sha256};
use wasmtime::Store;

use crate::bindings::tillgate::mapper::types;
use crate::convert;
use crate::engine::Mappers;
use crate::fault;
use crate::limits;
use crate::plugin::Plugin;
use crate::record::{MapAnswer, MapFailure, MapRun, MapSettings, Source, input_digest};
use crate::state::State;

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
        let input_digest = input_digest(order, settings, &source);
        let _pass = self.gate.enter();
        let mut run = self.execute(plugin, order, settings, source);
        run.input_digest = input_digest;
        if let Ok(MapAnswer::Mapped(pos)) = &run.result {
            match serde_json::to_string(pos) {
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
        run
    }

    /// A store for one run, with the limits of an order of `lines` lines.
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

    fn execute(
        &self,
        plugin: &Plugin,
        order: &Order,
        settings: &MapSettings,
        source: Source<'_>,
    ) -> MapRun {
        let lines = order.line_items.len();
        let mut run = MapRun {
            result: Ok(MapAnswer::Skipped(String::new())),
            document: None,
            fuel: 0,
            memory_bytes: 0,
            input_digest: [0; 32],
            output_digest: None,
            plugin_digest: plugin.0.digest,
            log: Vec::new(),
        };
        if lines > limits::ORDER_LINES_MAX {
            let detail = format!("the order has {lines} lines, over {}", limits::ORDER_LINES_MAX);
            run.result = Err(MapFailure::Refused(Failure::new(Code::PluginLimit, detail)));
            return run;
        }
        let source =
            plugin.0.reads_source.then(|| Arc::from(String::from_utf8_lossy(source.json).as_ref()));
        let mut store = self.store(lines, source);
        let arena = Bump::with_capacity(convert::arena_bytes(lines));
        let answer = plugin.0.pre.instantiate(&mut store).and_then(|instance| {
            instance.tillgate_mapper_order_mapper().call_map_order(
                &mut store,
                convert::order(&arena, order),
                convert::settings(&arena, settings.pairs()),
            )
        });
        let allowed = limits::fuel(lines);
        run.fuel = allowed - store.get_fuel().unwrap_or(0);
        run.result = match answer {
            Ok(answer) => judge(order, answer),
            Err(error) => Err(MapFailure::Faulted(fault::failure(&error, store.data(), allowed))),
        };
        let state = store.into_data();
        run.memory_bytes = state.memory_peak as u64;
        run.log = state.log;
        run
    }
}

/// What is believed of an answer.
fn judge(
    order: &Order,
    answer: Result<types::PosOrder, types::MapError>,
) -> Result<MapAnswer, MapFailure> {
    let refused = |failure| Err(MapFailure::Refused(failure));
    match answer {
        Ok(pos) => {
            let pos = match convert::pos_order(pos) {
                Ok(pos) => pos,
                Err(problem) => {
                    return refused(Failure::new(Code::InvalidMapping, problem.to_string()));
                }
            };
            match flow::accept(order, &pos) {
                Ok(()) => Ok(MapAnswer::Mapped(Box::new(pos))),
                Err(failure) => refused(failure),
            }
        }
        Err(types::MapError::Skip(reason)) => {
            Ok(MapAnswer::Skipped(Failure::new(Code::MappingRefused, reason).detail))
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
                mismatch.store, mismatch.mapped, mismatch.difference
            ),
        )),
    }
}
