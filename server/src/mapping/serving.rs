//! What serves which order, at hand for the workers.
//!
//! Every batch needs its business's binding and the mappers that it names. Both are remembered: what was remembered of
//! a binding is compared with the stored one in the transaction that writes the batch
//! ([`domain::flow::Changes::assumed_binding`]), so it may be old but never does anything, and versions and configs do
//! not change. A business that never chose anything costs a look into a map.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::code::Code;
use domain::delivery::Failure;
use domain::id::BusinessId;
use domain::mapper::{Binding, Bound, Fault, NO_CONFIG, Pace, STANDARD_VERSION, Streak, Used};
use domain::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use mappers::{MapSettings, Plugin};
use storage::{StoreError, Tenant};

use super::settings_of;
use super::stuck::Stuck;
use crate::app::App;
use crate::error::Problem;

/// Bindings remembered at most; beyond that all are forgotten.
const BINDINGS_MAX: usize = 50_000;
/// Mappers remembered at most, and bytes of their settings; beyond either all are forgotten.
const RECIPES_MAX: usize = 10_000;
const SETTINGS_BYTES_MAX: usize = 64 << 20;
/// How long a batch waits for a plugin that has to be compiled. Its orders are tried again later.
const LOAD_WAIT_MAX: Duration = Duration::from_secs(1);
/// How long a plugin that could not be loaded is not tried again: compiling it can take a minute, and rarely ends in
/// another way.
const LOAD_AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What maps an order.
#[derive(Clone, Debug)]
pub(crate) struct Serving {
    /// The plugin; the standard mapper's where the business's own does not map orders.
    pub(crate) plugin: Plugin,
    /// The settings.
    pub(crate) settings: Arc<MapSettings>,
}

/// Remembers bindings and mappers.
#[derive(Debug, Default)]
pub(crate) struct Bindings(Mutex<Known>);

#[derive(Default)]
struct Known {
    bindings: HashMap<BusinessId, Binding>,
    recipes: HashMap<(BusinessId, Bound), Recipe>,
    settings_bytes: usize,
    /// Mappers that could not be loaded, each with the attempt that was counted last.
    unloadable: HashMap<(BusinessId, Bound), (Option<Timestamp>, Streak)>,
    /// How the business's own mappers keep up, and the revision that served when they ran last.
    paces: HashMap<BusinessId, (i64, Pace)>,
    stuck: Stuck,
    loading: HashMap<[u8; 32], Loading>,
}

impl Known {
    fn pace(&self, business: BusinessId, revision: i64) -> Pace {
        match self.paces.get(&business) {
            Some((of, pace)) if *of == revision => *pace,
            Some((_, pace)) => pace.anew(),
            None => Pace::Unknown,
        }
    }

    fn change_pace(
        &mut self,
        business: BusinessId,
        revision: i64,
        change: impl FnOnce(Pace) -> Pace,
    ) {
        let pace = change(self.pace(business, revision));
        if self.paces.len() >= BINDINGS_MAX {
            self.paces.clear();
        }
        self.paces.insert(business, (revision, pace));
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Known").field("bindings", &self.bindings.len()).finish_non_exhaustive()
    }
}

/// What a mapper is made of.
#[derive(Clone)]
struct Recipe {
    /// The plugin's digest; none for the standard mapper's.
    digest: Option<[u8; 32]>,
    settings: Arc<MapSettings>,
}

/// A plugin on its way, or why it did not come.
#[derive(Clone)]
struct Loading {
    since: Timestamp,
    plugin: Shared<BoxFuture<'static, Result<Plugin, Failure>>>,
}

impl Bindings {
    /// Which mapper serves the business, as far as this process knows.
    pub(crate) async fn of(&self, tenant: &Tenant) -> Result<Binding, StoreError> {
        let business = tenant.business_id();
        if let Some(binding) = self.lock().bindings.get(&business) {
            return Ok(*binding);
        }
        let binding = tenant.binding().await?;
        let mut known = self.lock();
        if known.bindings.len() >= BINDINGS_MAX {
            known.bindings.clear();
        }
        known.bindings.insert(business, binding);
        Ok(binding)
    }

    /// Forgets the business's binding, because another one stands by now.
    pub(crate) fn forget(&self, business: BusinessId) {
        self.lock().bindings.remove(&business);
    }

    /// What maps orders for `bound`, loaded. A failure with [`Code::PluginRefused`] is the plugin's own doing.
    pub(crate) async fn serving(
        &self,
        app: &App,
        tenant: &Tenant,
        bound: Bound,
    ) -> Result<Serving, Failure> {
        let standard = app.mappers.standard();
        if bound == Bound::STANDARD {
            return Ok(Serving { plugin: standard, settings: Arc::default() });
        }
        let Recipe { digest, settings } = self.recipe(tenant, bound).await?;
        let plugin = match digest {
            None => standard,
            Some(digest) => self.plugin(app, tenant, digest).await?,
        };
        self.note_loaded(tenant.business_id(), bound);
        let plugin = if plugin.capabilities().map_order { plugin } else { app.mappers.standard() };
        Ok(Serving { plugin, settings })
    }

    /// Whether the business's mappers are known to be quick: the standard one is, and another one as [`Pace`] has it.
    pub(crate) async fn are_quick(&self, tenant: &Tenant) -> Result<bool, StoreError> {
        let binding = self.of(tenant).await?;
        if binding.serving().all(|bound| bound.version == STANDARD_VERSION) {
            return Ok(true);
        }
        Ok(self.lock().pace(tenant.business_id(), binding.revision).shares())
    }

    /// Notes what the runs of a batch used, of the business's own mappers of this revision; none where one of them was at
    /// fault or could not be made.
    pub(crate) fn note_pace(&self, business: BusinessId, revision: i64, runs: Option<&[Used]>) {
        self.lock().change_pace(business, revision, |pace| pace.after(runs));
    }

    /// Notes that one of the business's own mappers was not there to run: a batch has waited for it, which others shall
    /// not share.
    pub(crate) fn note_absent(&self, business: BusinessId, revision: i64) {
        self.lock().change_pace(business, revision, Pace::anew);
    }

    /// Notes that a mapper could not be loaded, by its own doing; how often that happened in a row here. An attempt counts
    /// once, however many batches were told of it.
    pub(crate) fn note_unloadable(&self, business: BusinessId, bound: Bound) -> Streak {
        let mut known = self.lock();
        let key = (business, bound);
        let digest = known.recipes.get(&key).and_then(|recipe| recipe.digest);
        let attempt = digest.and_then(|digest| Some(known.loading.get(&digest)?.since));
        let (counted, streak) = known.unloadable.entry(key).or_default();
        if attempt.is_none() || *counted != attempt {
            *counted = attempt;
            *streak = streak.with(Fault::Load);
        }
        *streak
    }

    /// Whether it is time to say that a mapper keeps failing under this revision and cannot be taken out of service.
    pub(crate) fn is_news(
        &self,
        business: BusinessId,
        mapper: Bound,
        revision: i64,
        now: Timestamp,
    ) -> bool {
        self.lock().stuck.is_news(business, mapper, revision, now)
    }

    fn note_loaded(&self, business: BusinessId, bound: Bound) {
        let mut known = self.lock();
        if !known.unloadable.is_empty() {
            known.unloadable.remove(&(business, bound));
        }
    }

    async fn recipe(&self, tenant: &Tenant, bound: Bound) -> Result<Recipe, Failure> {
        let key = (tenant.business_id(), bound);
        if let Some(recipe) = self.lock().recipes.get(&key) {
            return Ok(recipe.clone());
        }
        let recipe = read_recipe(tenant, bound).await.map_err(failure_of)?;
        let bytes = bytes_of(&recipe.settings);
        let mut known = self.lock();
        if known.recipes.len() >= RECIPES_MAX || known.settings_bytes + bytes > SETTINGS_BYTES_MAX {
            known.recipes.clear();
            known.settings_bytes = 0;
        }
        if known.recipes.insert(key, recipe.clone()).is_none() {
            known.settings_bytes += bytes;
        }
        Ok(recipe)
    }

    /// The plugin of that digest. Whoever needs one that is not loaded starts loading it, in a task of its own, and all
    /// wait for that for a moment.
    async fn plugin(
        &self,
        app: &App,
        tenant: &Tenant,
        digest: [u8; 32],
    ) -> Result<Plugin, Failure> {
        if let Some(plugin) = app.plugins.at_hand(&digest) {
            return Ok(plugin);
        }
        let loading = self.loading(app, tenant, digest);
        let Ok(loaded) = tokio::time::timeout(LOAD_WAIT_MAX, loading).await else {
            return Err(Failure::new(Code::Throttled, "the mapper is being compiled"));
        };
        if loaded.is_ok() {
            // From here on the plugins at hand have it, and may let it go.
            self.lock().loading.remove(&digest);
        }
        loaded
    }

    fn loading(
        &self,
        app: &App,
        tenant: &Tenant,
        digest: [u8; 32],
    ) -> Shared<BoxFuture<'static, Result<Plugin, Failure>>> {
        let now = app.now();
        let mut known = self.lock();
        if let Some(loading) = known.loading.get(&digest) {
            let ended = loading.plugin.peek().is_some();
            if !ended || loading.since.until(now) < LOAD_AGAIN_AFTER {
                return loading.plugin.clone();
            }
        }
        known.loading.retain(|_, loading| {
            loading.plugin.peek().is_none() || loading.since.until(now) < LOAD_AGAIN_AFTER
        });
        let (plugins, tenant) = (Arc::clone(&app.plugins), tenant.clone());
        let load = app.tasks.spawn(async move { plugins.of_digest(&tenant, digest).await });
        let plugin = load.map(|loaded| match loaded {
            Ok(loaded) => loaded.map_err(failure_of),
            Err(_ended_early) => Err(Failure::new(Code::Internal, "the mapper was not loaded")),
        });
        let plugin = plugin.boxed().shared();
        known.loading.insert(digest, Loading { since: now, plugin: plugin.clone() });
        plugin
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read_recipe(tenant: &Tenant, bound: Bound) -> Result<Recipe, Problem> {
    let digest = match bound.version {
        STANDARD_VERSION => None,
        version => {
            let stored = tenant.mapper_version(version).await?;
            Some(stored.ok_or_else(|| Problem::not_found("mapper version"))?.digest)
        }
    };
    let settings = match bound.config {
        NO_CONFIG => MapSettings::default(),
        config => {
            let stored = tenant.mapper_config(config).await?;
            settings_of(&stored.ok_or_else(|| Problem::not_found("mapper config"))?.settings)?
        }
    };
    Ok(Recipe { digest, settings: Arc::new(settings) })
}

fn bytes_of(settings: &MapSettings) -> usize {
    settings.pairs().iter().map(|(name, value)| name.len() + value.len()).sum()
}

fn failure_of(problem: Problem) -> Failure {
    Failure::new(problem.code, problem.message)
}
