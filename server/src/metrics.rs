//! Metrics: what is counted for whoever runs the process. Names and labels are a promise to their dashboards.
//!
//! Nothing here names a business, a shop or a person: labels have few values, whatever tenants do. What became of one
//! delivery or order is asked by GraphQL.

mod batch;

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use domain::outbox::Verdict;
use domain::product_push::ProductPushEnd;
use domain::push::PushEnd;
use domain::time::Timestamp;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use storage::QueueDepth;

pub(crate) use self::batch::Worked;

/// What the text is, for its readers.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bounds for the time until a store has its answer, in seconds: it hangs up after five.
const ANSWER_BOUNDS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// Bounds for the time from a delivery's arrival to its end, in seconds.
const AGE_BOUNDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3_600.0];
/// Bounds for a plugin's run, in seconds: from a usual one to the limits' end.
const RUN_BOUNDS: [f64; 10] =
    [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.01, 0.025, 0.1, 0.5];

/// One label with one of few values.
type Label = [(&'static str, &'static str); 1];

/// What is counted since the process began.
pub(crate) struct Metrics {
    registry: Registry,
    webhooks: Family<Label, Counter>,
    webhook_seconds: Histogram,
    deliveries: Family<[(&'static str, &'static str); 2], Counter>,
    delivery_seconds: Family<Label, Histogram>,
    runs: Family<Label, Counter>,
    run_seconds: Histogram,
    fallbacks: Counter,
    dispatches: Family<Label, Counter>,
    pushes: Family<Label, Counter>,
    product_pushes: Family<Label, Counter>,
    ready: Gauge<f64, AtomicU64>,
    running: Gauge<f64, AtomicU64>,
    oldest_seconds: Gauge<f64, AtomicU64>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tillgate"),
            webhooks: Family::default(),
            webhook_seconds: Histogram::new(ANSWER_BOUNDS),
            deliveries: Family::default(),
            delivery_seconds: Family::new_with_constructor(|| Histogram::new(AGE_BOUNDS)),
            runs: Family::default(),
            run_seconds: Histogram::new(RUN_BOUNDS),
            fallbacks: Counter::default(),
            dispatches: Family::default(),
            pushes: Family::default(),
            product_pushes: Family::default(),
            ready: Gauge::default(),
            running: Gauge::default(),
            oldest_seconds: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let seconds = || Unit::Seconds;
        let all = &mut self.registry;
        all.register("webhooks", "Webhooks by what their sender was told", self.webhooks.clone());
        let help = "From a webhook's arrival to its answer, where it was accepted";
        all.register_with_unit("webhook_answer", help, seconds(), self.webhook_seconds.clone());
        let help = "Attempts at deliveries by source and by what they came to";
        all.register("deliveries", help, self.deliveries.clone());
        let help = "From a delivery's arrival to its end, by source";
        all.register_with_unit("delivery", help, seconds(), self.delivery_seconds.clone());
        let help = "Runs of mappers over orders, by how they ended";
        all.register("mapper_runs", help, self.runs.clone());
        let help = "How long runs of mappers over orders took";
        all.register_with_unit("mapper_run", help, seconds(), self.run_seconds.clone());
        let help = "Mappers that kept failing and were taken out of service";
        all.register("mapper_fallbacks", help, self.fallbacks.clone());
        let help = "Attempts to send POS orders to the business's POS, by how they ended";
        all.register("dispatches", help, self.dispatches.clone());
        let help = "Attempts to bring stock to stores, by how they ended";
        all.register("stock_pushes", help, self.pushes.clone());
        let help = "Attempts to bring products to stores, by how they ended";
        all.register("product_pushes", help, self.product_pushes.clone());
        let help = "Deliveries that wait for a worker or for their time, over all instances";
        all.register("inbox_ready", help, self.ready.clone());
        let help = "Deliveries that a worker holds, over all instances";
        all.register("inbox_running", help, self.running.clone());
        let help = "For how long the longest-waiting delivery has been due";
        all.register_with_unit("inbox_oldest", help, seconds(), self.oldest_seconds.clone());
    }

    /// Notes a webhook and what its sender was told, after which time.
    pub(crate) fn note_webhook(&self, answer: &'static str, accepted: bool, took: Duration) {
        self.webhooks.get_or_create(&[("answer", answer)]).inc();
        if accepted {
            self.webhook_seconds.observe(took.as_secs_f64());
        }
    }

    /// Notes a batch that was written.
    pub(crate) fn note_batch(&self, worked: Worked) {
        for (source, fate, age) in worked.deliveries {
            let source = source.as_str();
            self.deliveries.get_or_create(&[("source", source), ("fate", fate)]).inc();
            if let Some(age) = age {
                let ages = self.delivery_seconds.get_or_create(&[("source", source)]);
                ages.observe(age.as_secs_f64());
            }
        }
        for (outcome, took) in worked.runs {
            self.runs.get_or_create(&[("outcome", outcome.as_str())]).inc();
            self.run_seconds.observe(took.as_secs_f64());
        }
    }

    /// Notes that a mapper was taken out of service.
    pub(crate) fn note_fallback(&self) {
        self.fallbacks.inc();
    }

    /// Notes an attempt to send a POS order.
    pub(crate) fn note_dispatch(&self, verdict: &Verdict) {
        let outcome = match verdict {
            Verdict::Sent => "sent",
            Verdict::Again { .. } => "again",
            Verdict::Dead(_) => "dead",
            Verdict::Gone(_) => "gone",
        };
        self.dispatches.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Notes an attempt to bring stock to a store.
    pub(crate) fn note_push(&self, end: &PushEnd) {
        let outcome = match end {
            PushEnd::Settled { sent: true, .. } => "sent",
            PushEnd::Settled { sent: false, .. } => "equal",
            PushEnd::Held(_) => "held",
            PushEnd::Again { .. } => "again",
            PushEnd::Failed(_) => "failed",
        };
        self.pushes.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Notes an attempt to bring a product to a store.
    pub(crate) fn note_product_push(&self, end: &ProductPushEnd) {
        let outcome = match end {
            ProductPushEnd::Done { sent: true, .. } => "sent",
            ProductPushEnd::Done { sent: false, .. } => "equal",
            ProductPushEnd::Held(_) => "held",
            ProductPushEnd::Again { .. } => "again",
            ProductPushEnd::Failed(_) => "failed",
        };
        self.product_pushes.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Notes how much waits.
    #[expect(clippy::cast_precision_loss, reason = "a count to look at")]
    pub(crate) fn note_depth(&self, depth: &QueueDepth, now: Timestamp) {
        self.ready.set(depth.ready as f64);
        self.running.set(depth.running as f64);
        let oldest = depth.oldest_ready_at.map_or(Duration::ZERO, |since| since.until(now));
        self.oldest_seconds.set(oldest.as_secs_f64());
    }

    /// Nobody knows how much waits.
    pub(crate) fn forget_depth(&self) {
        for gauge in [&self.ready, &self.running, &self.oldest_seconds] {
            gauge.set(f64::NAN);
        }
    }

    /// Everything, as [`CONTENT_TYPE`].
    pub(crate) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
