//! What a shadow run has seen so far.

use domain::flow::{Comparer, OrderSide, Pair, Posting, ProductSide};
use domain::id::ExternalId;
use mappers::{Answer, MapFailure, ProductRun, Run};

use super::pair::OrderRuns;
use super::report::{Fault, LISTED_MAX, Outcomes, ShadowBody, SlowRun};

/// Gathers a report.
#[derive(Debug, Default)]
pub(super) struct Tally {
    orders: Comparer,
    products: Comparer,
    outcomes: Outcomes,
    faults: Vec<Fault>,
    pub(super) fault_count: u64,
    slowest: Vec<SlowRun>,
    fuel_peak: Pair<u64>,
    unreadable: u64,
    /// Objects that were looked at.
    pub(super) seen: u64,
}

impl Tally {
    /// Adds an order with what each mapping of it does to stock.
    pub(super) fn add_order(&mut self, runs: &OrderRuns, before: &Posting, after: &Posting) {
        let id = runs.order.id;
        self.note(id, &runs.before, &runs.after);
        self.orders.add(
            id,
            order_side(&runs.before.result, before),
            order_side(&runs.after.result, after),
        );
    }

    /// Adds a product.
    pub(super) fn add_product(&mut self, id: ExternalId, before: &ProductRun, after: &ProductRun) {
        self.note(id, before, after);
        self.products.add_product(id, product_side(before), product_side(after));
    }

    /// Adds an object that could not be read.
    pub(super) fn add_unreadable(&mut self) {
        self.seen += 1;
        self.unreadable += 1;
    }

    fn note<T>(&mut self, id: ExternalId, before: &Run<T>, after: &Run<T>) {
        self.seen += 1;
        let word = |run: &Run<T>| run.outcome().as_str().to_owned();
        self.outcomes.entry(word(before)).or_default().before += 1;
        self.outcomes.entry(word(after)).or_default().after += 1;
        if let Err(MapFailure::Faulted(failure)) = &after.result {
            self.fault_count += 1;
            if self.faults.len() < LISTED_MAX {
                let code = failure.code.as_str().to_owned();
                self.faults.push(Fault { id, code, detail: failure.detail.clone() });
            }
        }
        self.fuel_peak.before = self.fuel_peak.before.max(before.fuel);
        self.fuel_peak.after = self.fuel_peak.after.max(after.fuel);
        let duration_us = u64::try_from(after.duration.as_micros()).unwrap_or(u64::MAX);
        let slow = SlowRun { id, duration_us, fuel: after.fuel, memory_bytes: after.memory_bytes };
        let at = self.slowest.partition_point(|one| one.duration_us >= duration_us);
        if at < LISTED_MAX {
            self.slowest.insert(at, slow);
            self.slowest.truncate(LISTED_MAX);
        }
    }

    /// The report.
    pub(super) fn finish(self, elapsed_ms: u64, cut_short: Option<String>) -> ShadowBody {
        ShadowBody {
            orders: self.orders.finish(),
            products: self.products.finish(),
            outcomes: self.outcomes,
            faults: self.faults,
            slowest: self.slowest,
            fuel_peak: self.fuel_peak,
            unreadable: self.unreadable,
            elapsed_ms,
            cut_short,
        }
    }
}

fn order_side<'a>(
    result: &'a Result<mappers::MapAnswer, MapFailure>,
    posting: &'a Posting,
) -> OrderSide<'a> {
    match result {
        Ok(Answer::Mapped(order)) => OrderSide::Mapped(order, posting),
        Ok(Answer::Skipped(_)) => OrderSide::Skipped,
        Err(failure) => OrderSide::Failed(failure.failure().code),
    }
}

fn product_side(run: &ProductRun) -> ProductSide<'_> {
    match &run.result {
        Ok(Answer::Mapped(drafts)) => ProductSide::Mapped(drafts),
        Ok(Answer::Skipped(_)) => ProductSide::Skipped,
        Err(failure) => ProductSide::Failed(failure.failure().code),
    }
}
