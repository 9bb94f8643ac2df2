//! Repeating recorded runs (F2). A run is the same input, plugin, settings and host; what it answers is compared with
//! what was recorded, byte for byte. Anything else raises an alarm that names the difference.

mod compare;
mod input;

use std::collections::HashMap;
use std::sync::Arc;

use domain::access::{Caller, Role};
use domain::activity::ActivityKind;
use domain::flow::Run;
use domain::id::{BusinessId, RunId};
use domain::mapper::{Bound, Capability};
use mappers::{MapRun, Source};
use sha2::{Digest as _, Sha256};
use storage::{StoredRun, Tenant};

use super::tell;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::{ConnectionsById, Input, Mapper, in_turn, on_threads, patiently, read_stored};

use compare::compare;
use input::Bodies;

/// Runs that are repeated at a time.
const PAGE_SIZE: u32 = 200;
/// Differences, and obstacles, that are listed of a whole replay.
const LISTED_MAX: usize = 100;

/// What a repetition came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Replayed {
    /// The run.
    pub(crate) run: Run,
    /// Whether it gave the same.
    pub(crate) verdict: Verdict,
    /// SHA-256 of what it gave now.
    pub(crate) output_digest: Option<[u8; 32]>,
    /// What repeated it.
    pub(crate) host: String,
}

/// Whether a repetition gave the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// Byte for byte.
    Same,
    /// Not the same; each difference in a few words.
    Differs(Vec<String>),
    /// It cannot be repeated here, and why: the input is no longer kept, or the built-in mapper is another one now.
    Impossible(String),
}

/// What the replay of many runs came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Replay {
    /// Runs that were repeated.
    pub(crate) repeated: u64,
    /// Of those, runs that gave something else.
    pub(crate) differing: u64,
    /// Runs that could not be repeated.
    pub(crate) impossible: u64,
    /// The first of those that gave something else, with what.
    pub(crate) differences: Vec<(RunId, String)>,
    /// The first of those that could not be repeated, with why.
    pub(crate) obstacles: Vec<(RunId, String)>,
}

impl Replay {
    fn take(&mut self, run: RunId, verdict: Verdict) {
        let (list, why) = match verdict {
            Verdict::Same => {
                self.repeated += 1;
                return;
            }
            Verdict::Differs(differences) => {
                self.repeated += 1;
                self.differing += 1;
                (&mut self.differences, differences.join("; "))
            }
            Verdict::Impossible(why) => {
                self.impossible += 1;
                (&mut self.obstacles, why)
            }
        };
        if list.len() < LISTED_MAX {
            list.push((run, why));
        }
    }
}

/// Repeats one run.
pub(crate) async fn one(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    id: RunId,
) -> Result<Replayed, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let stored = tenant.run(id).await?.ok_or_else(|| Problem::not_found("run"))?;
    let mut replayer = Replayer::new(app, &tenant).await?;
    let mut repeated = replayer.repeat(vec![stored]).await?;
    repeated.pop().ok_or_else(|| Problem::not_found("run"))
}

/// Repeats every run of a business, the oldest first.
pub(crate) async fn all(
    app: &App,
    caller: &Caller,
    business: BusinessId,
) -> Result<Replay, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let mut replayer = Replayer::new(app, &tenant).await?;
    let mut replay = Replay::default();
    let mut after = None;
    loop {
        let page = tenant.runs_after(after, PAGE_SIZE).await?;
        let Some(last) = page.last() else { return Ok(replay) };
        after = Some(last.run.id);
        for Replayed { run, verdict, .. } in replayer.repeat(page).await? {
            replay.take(run.id, verdict);
        }
    }
}

/// What repeating runs of one business needs.
struct Replayer<'a> {
    app: &'a App,
    tenant: &'a Tenant,
    connections: Arc<ConnectionsById>,
    mappers: HashMap<Bound, Loaded>,
}

/// A mapper, or what is to be said of the runs of one that cannot be loaded.
type Loaded = Result<Mapper, Verdict>;

/// A run with what is needed to repeat it.
struct Job {
    run: Run,
    mapper: Loaded,
    bodies: Bodies,
}

impl<'a> Replayer<'a> {
    async fn new(app: &'a App, tenant: &'a Tenant) -> Result<Self, Problem> {
        let connections = tenant.connections().await?.into_iter().map(|one| (one.id, one));
        let connections = Arc::new(connections.collect());
        Ok(Self { app, tenant, connections, mappers: HashMap::new() })
    }

    /// Repeats runs, and raises the alarm for those that give something else.
    async fn repeat(&mut self, runs: Vec<StoredRun>) -> Result<Vec<Replayed>, Problem> {
        let mut bodies = input::find(self.tenant, &runs).await?;
        let mut jobs = Vec::with_capacity(runs.len());
        for StoredRun { run, .. } in runs {
            let mapper = self.mapper(run.mapper).await?;
            let bodies = bodies.remove(&run.id).unwrap_or_default();
            jobs.push(Job { run, mapper, bodies });
        }
        let (app, connections) = (self.app.clone(), Arc::clone(&self.connections));
        let work = move || {
            let ran = on_threads(&jobs, |job| again(&app, &connections, job));
            jobs.into_iter().zip(ran).collect::<Vec<_>>()
        };
        let mut replayed = Vec::new();
        for (job, ran) in in_turn(self.app, work).await? {
            let one = self.judge(job.run, ran).await?;
            if let Verdict::Differs(differences) = &one.verdict {
                self.alarm(&one.run, differences).await?;
            }
            replayed.push(one);
        }
        Ok(replayed)
    }

    async fn mapper(&mut self, bound: Bound) -> Result<Loaded, Problem> {
        if let Some(mapper) = self.mappers.get(&bound) {
            return Ok(mapper.clone());
        }
        let mapper = match Mapper::load(self.app, self.tenant, bound).await {
            Ok(mapper) => Ok(mapper),
            Err(problem) if problem.is_users() && self.gave_way(bound).await? => {
                Err(Verdict::Impossible(problem.message))
            }
            // It ran, so something became of it since.
            Err(problem) if problem.is_users() => {
                Err(Verdict::Differs(vec![format!("mapper: {}", problem.message)]))
            }
            Err(problem) => return Err(problem),
        };
        self.mappers.insert(bound, mapper.clone());
        Ok(mapper)
    }

    /// Whether the version's component gave way to newer ones, which is no difference.
    async fn gave_way(&self, bound: Bound) -> Result<bool, Problem> {
        match self.tenant.mapper_version(bound.version).await? {
            Some(version) => Ok(!self.tenant.keeps_mapper_component(version.digest).await?),
            None => Ok(false),
        }
    }

    async fn judge(&self, run: Run, ran: Result<MapRun, Verdict>) -> Result<Replayed, Problem> {
        match ran {
            Ok(now) => {
                let verdict = compare(self.tenant, &run, &now).await?;
                let (output_digest, host) = (now.output_digest, now.host.to_owned());
                Ok(Replayed { run, verdict, output_digest, host })
            }
            Err(verdict) => {
                let host = run.host.clone();
                Ok(Replayed { run, verdict, output_digest: None, host })
            }
        }
    }

    /// The same input, plugin, settings and host gave something else: somebody has to look at it.
    async fn alarm(&self, run: &Run, differences: &[String]) -> Result<(), Problem> {
        let named = differences.join("; ");
        tracing::error!(
            business = %self.tenant.business_id(), run = %run.id, order = %run.external_id,
            differences = differences.len(), "a recorded run gave something else when repeated"
        );
        let message = format!("run {} gave something else when repeated: {named}", run.id);
        let subject = ("run", run.id.to_string());
        tell(self.app, self.tenant, ActivityKind::ReplayDiffered, subject, message).await
    }
}

/// Runs once more what was run; what is to be said of it where that is impossible. Blocks.
fn again(app: &App, connections: &ConnectionsById, job: &Job) -> Result<MapRun, Verdict> {
    let Job { run, mapper, bodies } = job;
    let mapper = mapper.as_ref().map_err(Clone::clone)?;
    let impossible = |why: String| Err(Verdict::Impossible(why));
    let differs = |what: String| Err(Verdict::Differs(vec![what]));
    if run.capability != Capability::MapOrder {
        return impossible(format!("runs of {} are not repeated", run.capability.as_str()));
    }
    let plugin = mapper.plugin_for(app, run.capability);
    if plugin.digest() != run.plugin_digest {
        if plugin.digest() == app.mappers.standard().digest() {
            let text = format!("the built-in mapper is another one now than under {}", run.host);
            return impossible(text);
        }
        return differs("plugin: not the one that was recorded".to_owned());
    }
    if mapper.settings.digest() != run.config_digest {
        return differs("settings: not those that were recorded".to_owned());
    }
    for delivery in bodies {
        let body = delivery.body.as_slice();
        let hash: [u8; 32] = Sha256::digest(body).into();
        if hash != delivery.body_hash {
            return differs(format!("body: delivery {} holds other bytes than came", delivery.id));
        }
        let Ok(Input::Order(order)) = read_stored(&app.providers, connections, delivery) else {
            continue;
        };
        let source = Source::hashed(body, hash);
        let settings = &mapper.settings;
        let now = patiently(|| app.mappers.map_order(&plugin, &order, settings, source));
        if now.input_digest == run.input_digest {
            return Ok(now);
        }
    }
    impossible("its input is no longer kept".to_owned())
}
