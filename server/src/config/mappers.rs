//! How plugins are compiled and kept.

use std::path::{Path, PathBuf};

use super::reader::{Reader, Setting};

const TABLE: &str = "mappers";

/// The folder of compiled plugins, beside the database's file or in the data folder.
const CACHE_FOLDER: &str = "compiled";
const DATA_FOLDER: &str = "data";

/// The hidden subcommand that the gateway starts itself with, to compile what somebody uploaded.
pub(crate) const COMPILE_COMMAND: &str = "compile-plugin";

/// `[mappers]`.
#[derive(Clone, Debug, Default)]
pub struct MappersConfig {
    /// `MAPPER_CACHE` (`cache`): the folder that compiled plugins are kept in, which may be thrown away and which
    /// gateways may share; unless set, `compiled` beside the SQLite file, or `data/compiled`.
    pub cache: Option<PathBuf>,
}

impl MappersConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self { cache: reader.value(Setting::new("MAPPER_CACHE", TABLE, "cache")) }
    }

    /// The folder of compiled plugins of a gateway whose database is that file, if it is one.
    pub(super) fn cache(&self, database: Option<&Path>) -> PathBuf {
        let beside = || database.and_then(Path::parent).unwrap_or(Path::new(DATA_FOLDER));
        self.cache.clone().unwrap_or_else(|| beside().join(CACHE_FOLDER))
    }
}

/// This very program, whatever file stands in its place by now: artifacts are of its engine.
pub(super) fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("tillgate"))
}
