//! A project on disk: its manifest, its settings, its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mappers::MapSettings;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::ToolError;
use crate::mapping::{canonical, settings_of};

/// The manifest; a folder that holds one is a project.
pub(super) const MANIFEST: &str = "mapper.toml";
/// The component that is built.
pub(super) const COMPONENT: &str = "mapper.wasm";
/// The settings to test and to activate with.
pub(super) const SETTINGS: &str = "settings.json";
/// The world of the contract that a project is written for, unless its manifest names another.
pub(super) const WORLD: &str = "inbound-plugin";

/// A language that mappers are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(super) enum Language {
    /// Rust: the fastest, and the smallest component.
    Rust,
    /// JavaScript, run by `QuickJS`.
    #[value(name = "js", alias = "javascript")]
    #[serde(rename = "javascript")]
    JavaScript,
    /// Python, run by `CPython`.
    Python,
}

impl Language {
    /// The name in manifests.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::Python => "python",
        }
    }
}

/// `mapper.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The mapper's name.
    pub(super) name: String,
    /// What it is written in.
    pub(super) language: Language,
    /// The world of `wit/mapper.wit` that it is written for.
    #[serde(default = "default_world")]
    pub(super) world: String,
    /// What single tests need, by the name of their fixture.
    #[serde(default)]
    pub(super) cases: BTreeMap<String, CaseManifest>,
}

fn default_world() -> String {
    WORLD.to_owned()
}

/// What a single test needs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseManifest {
    /// The topic that the body came by.
    pub(super) topic: Option<String>,
    /// The settings, in place of those of `settings.json`.
    pub(super) settings: Option<Map<String, Value>>,
}

/// A project.
#[derive(Debug)]
pub(super) struct Project {
    /// Its folder.
    pub(super) root: PathBuf,
    /// Its manifest.
    pub(super) manifest: Manifest,
}

impl Project {
    /// Opens the project in `root`.
    pub(super) fn open(root: &Path) -> Result<Self, ToolError> {
        let path = root.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(ToolError::wrong(format!(
                    "{} is no mapper project, because it has no {MANIFEST}: go into a project or name one by --dir, or \
                     make one with `tillgate mapper new --lang rust NAME`",
                    root.display()
                )));
            }
            Err(error) => return Err(ToolError::file(&path, &error)),
        };
        let manifest = toml::from_str(&text)
            .map_err(|error| ToolError::wrong(format!("{}: {error}", path.display())))?;
        let root = root.canonicalize().map_err(|error| ToolError::file(root, &error))?;
        Ok(Self { root, manifest })
    }

    /// A file of the project.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The bytes of the built component.
    pub(super) fn component(&self) -> Result<Vec<u8>, ToolError> {
        let path = self.path(COMPONENT);
        std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => ToolError::wrong(format!(
                "there is no {COMPONENT} yet: run `tillgate mapper build`"
            )),
            _ => ToolError::file(&path, &error),
        })
    }

    /// The settings of `settings.json`, as a plugin gets them.
    pub(super) fn map_settings(&self) -> Result<MapSettings, ToolError> {
        map_settings(&self.settings()?)
    }

    /// The settings of `settings.json`; none where there is no such file.
    pub(super) fn settings(&self) -> Result<Map<String, Value>, ToolError> {
        let path = self.path(SETTINGS);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| ToolError::wrong(format!("{}: {error}", path.display()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Map::new()),
            Err(error) => Err(ToolError::file(&path, &error)),
        }
    }
}

/// Settings as the gateway hands them to a plugin.
pub(super) fn map_settings(settings: &Map<String, Value>) -> Result<MapSettings, ToolError> {
    settings_of(&canonical(settings)).map_err(|problem| ToolError::wrong(problem.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_and_what_is_wrong_in_it_is_named() {
        let read = toml::from_str::<Manifest>;
        let manifest = read(
            "name = \"a\"\nlanguage = \"javascript\"\n[cases.b]\nsettings = { limit = 3, tag = \"x\" }\n",
        )
        .unwrap();
        assert_eq!((manifest.language, manifest.world.as_str()), (Language::JavaScript, WORLD));
        let settings = map_settings(manifest.cases["b"].settings.as_ref().unwrap()).unwrap();
        let pairs =
            [("limit", "3"), ("tag", "x")].map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(settings.pairs(), pairs);
        for (text, named) in [
            ("name = \"a\"\nlanguage = \"cobol\"\n", "cobol"),
            ("name = \"a\"\nlanguage = \"rust\"\nlang = 1\n", "lang"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_folder_without_a_manifest_is_no_project() {
        let folder = tempfile::tempdir().unwrap();
        let error = Project::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("mapper.toml") && error.contains("mapper new"), "{error}");
    }
}
