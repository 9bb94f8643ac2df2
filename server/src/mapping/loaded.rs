//! Plugins at hand. Loading one takes a millisecond where it was compiled before and up to a minute where not, so those
//! that ran last are kept, by their bytes: businesses with the same plugin share it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::{MapperVersion, STANDARD_VERSION};
use mappers::{LoadError, Mappers, Plugin};
use storage::Tenant;

use super::mapper::blocking;
use crate::error::Problem;

/// Plugins that are kept.
const PLUGINS_MAX: usize = 256;

/// Keeps plugins at hand.
#[derive(Debug)]
pub(crate) struct Plugins {
    mappers: Arc<Mappers>,
    kept: Mutex<Kept>,
}

/// The plugins by digest, each with when it was asked for last.
#[derive(Debug, Default)]
struct Kept {
    by_digest: HashMap<[u8; 32], (Plugin, u64)>,
    asked: u64,
}

impl Plugins {
    pub(crate) fn new(mappers: Arc<Mappers>) -> Self {
        Self { mappers, kept: Mutex::default() }
    }

    /// The plugin of one of the business's mapper versions.
    pub(crate) async fn of_version(
        &self,
        tenant: &Tenant,
        version: u32,
    ) -> Result<Plugin, Problem> {
        if version == STANDARD_VERSION {
            return Ok(self.mappers.standard());
        }
        let stored = tenant.mapper_version(version).await?;
        let stored = stored.ok_or_else(|| Problem::not_found("mapper version"))?;
        self.of_stored(tenant, &stored).await
    }

    /// The same of a version that was read.
    pub(crate) async fn of_stored(
        &self,
        tenant: &Tenant,
        version: &MapperVersion,
    ) -> Result<Plugin, Problem> {
        match self.at_hand(&version.digest) {
            Some(plugin) => Ok(plugin),
            None => self.of_digest(tenant, version.digest).await,
        }
    }

    /// The same of a component's digest, where the plugin is not at hand. The component is fetched only where this
    /// installation has not compiled it before.
    pub(crate) async fn of_digest(
        &self,
        tenant: &Tenant,
        digest: [u8; 32],
    ) -> Result<Plugin, Problem> {
        let mappers = Arc::clone(&self.mappers);
        if let Some(plugin) = blocking(move || mappers.compiled(digest)).await? {
            self.lock().keep(plugin.clone());
            return Ok(plugin);
        }
        let component = tenant.mapper_component(digest).await?;
        // Written with the version, in one transaction.
        let component = component.ok_or_else(|| Problem::not_found("mapper component"))?;
        let (plugin, _) = self.load(component).await?;
        if plugin.digest() != digest {
            // What was validated and compared is what serves, whatever somebody wrote into the table since.
            let text = "the stored component has other bytes than were uploaded";
            return Err(Problem::new(Code::PluginRefused, text));
        }
        Ok(plugin)
    }

    /// Loads a component, compiling it where need be; gives its bytes back.
    pub(crate) async fn load(&self, component: Vec<u8>) -> Result<(Plugin, Vec<u8>), Problem> {
        let mappers = Arc::clone(&self.mappers);
        let loading = move || mappers.load(&component).map(|plugin| (plugin, component));
        let (plugin, component) = blocking(loading).await?.map_err(|error| refused(&error))?;
        self.lock().keep(plugin.clone());
        Ok((plugin, component))
    }

    /// The plugin of a component's digest, where it is at hand.
    pub(crate) fn at_hand(&self, digest: &[u8; 32]) -> Option<Plugin> {
        let mut kept = self.lock();
        kept.asked += 1;
        let asked = kept.asked;
        let (plugin, last) = kept.by_digest.get_mut(digest)?;
        *last = asked;
        Some(plugin.clone())
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, plugin: Plugin) {
        self.asked += 1;
        if self.by_digest.len() >= PLUGINS_MAX {
            let oldest = self.by_digest.iter().min_by_key(|(_, (_, last))| *last);
            if let Some(digest) = oldest.map(|(digest, _)| *digest) {
                self.by_digest.remove(&digest);
            }
    if let LoadError::Interrupted(why) = error {
        tracing::warn!(why, "the compiler of plugins was ended early; the machine may lack memory");
    }
        }
        self.by_digest.insert(plugin.digest(), (plugin, self.asked));
    }
}

/// Why bytes are no plugin, as their uploader reads it; or, with another code than [`Code::PluginRefused`], why they could
/// not be looked at, which says nothing about them.
fn refused(error: &LoadError) -> Problem {
    if let LoadError::Compiler(why) = error {
        // Ours to mend, and nothing that a caller should read.
        tracing::error!(why, "the compiler of plugins failed");
        return Problem::new(Code::Internal, "Internal server error");
    }
    Problem::new(Failure::from(error).code, format!("the component {error}"))
}
