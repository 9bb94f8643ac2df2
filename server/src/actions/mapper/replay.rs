//! Repeating recorded runs (F2). A run is the same input, plugin, settings and host; what it answers is compared with
//! what was recorded, byte for byte. Anything else raises an alarm that names the difference.

mod compare;
mod input;

use std::collections::HashMap;
use std::sync::Arc;

use domain::access::{Caller, Role};
use domain::activity::ActivityKind;
use domain::delivery::NewDelivery;
use domain::flow::Run;
use domain::id::{BusinessId, RunId};
use domain::mapper::{Bound, Capability};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use mappers::{MapRun, Plugin, Source};
use sha2::{Digest as _, Sha256};
use storage::{StoredRun, Tenant};

use super::tell;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::{ConnectionsById, Input, Mapper, in_turn, on_threads, patiently, read_stored};

use compare::compare;

/// Inputs that are read at the same time.
const READS_MAX: usize = 8;
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
type Loaded = Result<Arc<Mapper>, Verdict>;

/// A run with what is needed to repeat it, or what is to be said of it where that is impossible.
struct Job {
    run: Run,
    material: Result<Material, Verdict>,
}

/// What a run is repeated with: the plugin and the settings that were recorded, and the delivery whose body was the input,
/// if any kept one was.
struct Material {
    plugin: Plugin,
    mapper: Arc<Mapper>,
    delivery: NewDelivery,
}

impl<'a> Replayer<'a> {
    async fn new(app: &'a App, tenant: &'a Tenant) -> Result<Self, Problem> {
        let connections = tenant.connections().await?.into_iter().map(|one| (one.id, one));
        let connections = Arc::new(connections.collect());
        Ok(Self { app, tenant, connections, mappers: HashMap::new() })
    }

    /// Repeats runs, and raises the alarm for those that give something else.
    async fn repeat(&mut self, runs: Vec<StoredRun>) -> Result<Vec<Replayed>, Problem> {
        for stored in &runs {
            self.load(stored.run.mapper).await?;
        }
        let this = &*self;
        let gathering = runs.into_iter().map(|StoredRun { run, .. }| async move {
            let material = this.material(&run).await?;
            Ok::<_, Problem>(Job { run, material })
        });
        let jobs: Vec<Job> = stream::iter(gathering).buffered(READS_MAX).try_collect().await?;
        let (app, connections) = (self.app.clone(), Arc::clone(&self.connections));
        let work = move || {
            let ran = on_threads(&jobs, |job| again(&app, &connections, job));
            jobs.into_iter().zip(ran).collect::<Vec<_>>()
        };
        let mut replayed = Vec::new();
        for (job, ran) in in_turn(self.app, self.tenant.business_id(), work).await? {
            let one = self.judge(job.run, ran).await?;
            if let Verdict::Differs(differences) = &one.verdict {
                self.alarm(&one.run, differences).await?;
            }
            replayed.push(one);
        }
        Ok(replayed)
    }

    /// What a run is repeated with.
    async fn material(&self, run: &Run) -> Result<Result<Material, Verdict>, Problem> {
        let (plugin, mapper) = match self.recorded(run) {
            Ok(recorded) => recorded,
            Err(verdict) => return Ok(Err(verdict)),
        };
        let is_input = |hash| plugin.order_input_digest(&mapper.settings, hash) == run.input_digest;
        let found = input::find(self.tenant, run, is_input).await?;
        if let Some(delivery) = &found
            && self.tenant.is_erased(delivery.id).await?
        {
            return Ok(Err(Verdict::Impossible("a person was erased from its input".to_owned())));
        }
        Ok(found.ok_or_else(no_input).map(|delivery| Material { plugin, mapper, delivery }))
    }

    /// The plugin, and the mapper with its settings, if they are those that were recorded.
    fn recorded(&self, run: &Run) -> Result<(Plugin, Arc<Mapper>), Verdict> {
        let impossible = |why: String| Err(Verdict::Impossible(why));
        let differs = |what: &str| Err(Verdict::Differs(vec![what.to_owned()]));
        let Some(mapper) = self.mappers.get(&run.mapper) else {
            return impossible("its mapper was not looked for".to_owned());
        };
        let mapper = mapper.as_ref().map_err(Clone::clone)?;
        if run.capability != Capability::MapOrder {
            return impossible(format!("runs of {} are not repeated", run.capability.as_str()));
        }
        let plugin = mapper.plugin_for(self.app, run.capability);
        if plugin.digest() != run.plugin_digest {
            if plugin.digest() == self.app.mappers.standard().digest() {
                let text =
                    format!("the built-in mapper is another one now than under {}", run.host);
                return impossible(text);
            }
            return differs("plugin: not the one that was recorded");
        }
        if mapper.settings.digest() != run.config_digest {
            return differs("settings: not those that were recorded");
        }
        Ok((plugin, Arc::clone(mapper)))
    }

    async fn load(&mut self, bound: Bound) -> Result<(), Problem> {
        if self.mappers.contains_key(&bound) {
            return Ok(());
        }
        let mapper = match Mapper::load(self.app, self.tenant, bound).await {
            Ok(mapper) => Ok(Arc::new(mapper)),
            Err(problem) if problem.is_users() && self.gave_way(bound).await? => {
                Err(Verdict::Impossible(problem.message))
            }
            // It ran, so something became of it since.
            Err(problem) if problem.is_users() => {
                Err(Verdict::Differs(vec![format!("mapper: {}", problem.message)]))
            }
            Err(problem) => return Err(problem),
        };
        self.mappers.insert(bound, mapper);
        Ok(())
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

fn no_input() -> Verdict {
    Verdict::Impossible("its input is no longer kept".to_owned())
}

/// Runs once more what was run; what is to be said of it where that is impossible. Blocks.
fn again(app: &App, connections: &ConnectionsById, job: &Job) -> Result<MapRun, Verdict> {
    let Material { plugin, mapper, delivery } = job.material.as_ref().map_err(Clone::clone)?;
    let body = delivery.body.as_slice();
    let hash: [u8; 32] = Sha256::digest(body).into();
    if hash != delivery.body_hash {
        let text = format!("body: delivery {} holds other bytes than came", delivery.id);
        return Err(Verdict::Differs(vec![text]));
    }
    if plugin.order_input_digest(&mapper.settings, hash) != job.run.input_digest {
        return Err(no_input());
    }
    let Ok(Input::Order(order)) = read_stored(&app.providers, connections, delivery) else {
        return Err(Verdict::Impossible("its input holds no order any more".to_owned()));
    };
    let source = Source::hashed(body, hash);
    Ok(patiently(|| app.mappers.map_order(plugin, &order, &mapper.settings, source)))
}
