//! Plugins at hand. Loading one takes a millisecond where it was compiled before and up to a minute where not, so those
//! that ran last are kept, by their bytes: businesses with the same plugin share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::{MapperVersion, STANDARD_VERSION};
use mappers::{LoadError, Mappers, Plugin};
use storage::Tenant;

use super::kept::Kept;
use super::mapper::blocking;
use crate::error::Problem;

/// Plugins that are kept.
const PLUGINS_MAX: usize = 256;
/// Bytes of their machine code: an interpreter's plugin has some 30 MiB, one in Rust less than one.
const CODE_BYTES_MAX: usize = 512 << 20;

/// Keeps plugins at hand.
#[derive(Debug)]
pub(crate) struct Plugins {
    mappers: Arc<Mappers>,
    kept: Mutex<Kept<Plugin>>,
}

impl Plugins {
    pub(crate) fn new(mappers: Arc<Mappers>) -> Self {
        Self { mappers, kept: Mutex::new(Kept::within(PLUGINS_MAX, CODE_BYTES_MAX)) }
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
            self.keep(&plugin);
            return Ok(plugin);
        }
        let component = tenant.mapper_component(digest).await?;
        let component = component.ok_or_else(gone)?;
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
        self.keep(&plugin);
        Ok((plugin, component))
    }

    /// The plugin of a component's digest, where it is at hand.
    pub(crate) fn at_hand(&self, digest: &[u8; 32]) -> Option<Plugin> {
        self.lock().get(digest)
    }

    fn keep(&self, plugin: &Plugin) {
        self.lock().put(plugin.digest(), plugin.clone(), plugin.code_bytes());
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn lock(&self) -> MutexGuard<'_, Kept<Plugin>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Components are written with their version, in one transaction, and only those of versions that may not serve give way.
fn gone() -> Problem {
    let text =
        "the version's component gave way to newer ones; upload the same bytes to have it again";
    Problem::new(Code::NotFound, text)
}

/// Why bytes are no plugin, as their uploader reads it; or, with another code than [`Code::PluginRefused`], why they could
/// not be looked at, which says nothing about them.
fn refused(error: &LoadError) -> Problem {
    if let LoadError::Compiler(why) = error {
        // Ours to mend, and nothing that a caller should read.
        tracing::error!(why, "the compiler of plugins failed");
        return Problem::new(Code::Internal, "Internal server error");
    }
    if let LoadError::Interrupted(why) = error {
        tracing::warn!(why, "the compiler of plugins was ended early; the machine may lack memory");
    }
    Problem::new(Failure::from(error).code, format!("the component {error}"))
}
