//! The tests of a project: raw bodies in `fixtures/`, and what is expected of each in `golden/`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mappers::MapSettings;
use mappers::golden::{Expectation, GoldenTest};

use super::ToolError;
use super::project::{MANIFEST, Project, map_settings};

/// The topic of a fixture whose manifest names none.
const TOPIC: &str = "orders/create";
const FIXTURES: &str = "fixtures";
const GOLDEN: &str = "golden";

/// A test of the project.
#[derive(Debug)]
pub(super) struct Case {
    /// The name of its files, without their ending.
    pub(super) name: String,
    /// The topic that the body came by.
    pub(super) topic: String,
    /// The store's raw body.
    pub(super) body: String,
    /// The settings.
    pub(super) settings: MapSettings,
    /// What is expected; none where there is no golden file yet.
    pub(super) expect: Option<Expectation>,
}

/// Every test, by name.
pub(super) fn all(project: &Project) -> Result<Vec<Case>, ToolError> {
    let fixtures = names(&project.path(FIXTURES))?;
    if fixtures.is_empty() {
        return Err(ToolError::wrong(
            "there is nothing to test: put the body of a webhook into fixtures/NAME.json",
        ));
    }
    let is_stray = |name: &&String| !fixtures.contains(*name);
    if let Some(name) = names(&project.path(GOLDEN))?.iter().find(is_stray) {
        return Err(ToolError::wrong(format!(
            "{GOLDEN}/{name}.json belongs to no fixture: add {FIXTURES}/{name}.json, or remove it"
        )));
    }
    if let Some(name) = project.manifest.cases.keys().find(is_stray) {
        return Err(ToolError::wrong(format!(
            "{MANIFEST} has [cases.{name}], but there is no {FIXTURES}/{name}.json"
        )));
    }
    let settings = project.map_settings()?;
    fixtures.iter().map(|name| case(project, name, &settings)).collect()
}

/// The tests that say what they expect, as they travel with the component.
pub(super) fn golden_tests(project: &Project) -> Result<Vec<GoldenTest>, ToolError> {
    let golden = |case: Case| {
        let Case { name, topic, body, settings, expect } = case;
        let settings = settings.pairs().iter().cloned().collect();
        Some(GoldenTest { name, topic, body, settings, expect: expect? })
    };
    Ok(all(project)?.into_iter().filter_map(golden).collect())
}

/// Writes down what is expected of a test.
pub(super) fn expect(
    project: &Project,
    name: &str,
    expectation: &Expectation,
) -> Result<(), ToolError> {
    let path = golden_path(project, name);
    let folder = project.path(GOLDEN);
    std::fs::create_dir_all(&folder).map_err(|error| ToolError::file(&folder, &error))?;
    let text = serde_json::to_string_pretty(expectation)
        .map_err(|error| ToolError::wrong(format!("{}: {error}", path.display())))?;
    std::fs::write(&path, text + "\n").map_err(|error| ToolError::file(&path, &error))
}

fn golden_path(project: &Project, name: &str) -> PathBuf {
    project.path(GOLDEN).join(format!("{name}.json"))
}

fn case(project: &Project, name: &str, settings: &MapSettings) -> Result<Case, ToolError> {
    let path = project.path(FIXTURES).join(format!("{name}.json"));
    let body = std::fs::read_to_string(&path).map_err(|error| ToolError::file(&path, &error))?;
    let of_case = project.manifest.cases.get(name);
    Ok(Case {
        name: name.to_owned(),
        topic: of_case.and_then(|it| it.topic.clone()).unwrap_or_else(|| TOPIC.to_owned()),
        body,
        settings: match of_case.and_then(|it| it.settings.as_ref()) {
            Some(own) => map_settings(own)?,
            None => settings.clone(),
        },
        expect: expectation(&golden_path(project, name))?,
    })
}

fn expectation(path: &Path) -> Result<Option<Expectation>, ToolError> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            ToolError::wrong(format!(
                "{}: {error}; it must be {{\"posOrder\": {{..}}}}, {{\"refused\": \"CODE\"}} or {{\"skipped\": true}}",
                path.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ToolError::file(path, &error)),
    }
}

/// The names of the JSON files in a folder; none where there is no folder.
fn names(folder: &Path) -> Result<BTreeSet<String>, ToolError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(ToolError::file(folder, &error)),
    };
    let name = |path: PathBuf| {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        is_json.then(|| path.file_stem()?.to_str().map(str::to_owned)).flatten()
    };
    Ok(entries.flatten().filter_map(|entry| name(entry.path())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::mapper::create;
    use crate::cli::mapper::project::Language;

    fn project(folder: &tempfile::TempDir) -> Project {
        let root = folder.path().join("a");
        create::write(&root, Language::JavaScript, "a").unwrap();
        Project::open(&root).unwrap()
    }

    #[test]
    fn a_case_has_its_own_settings_or_the_projects() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(&folder);
        let manifest = std::fs::read_to_string(project.path(MANIFEST)).unwrap();
        let own =
            "\n[cases.till-order]\ntopic = \"orders/paid\"\nsettings = { number_prefix = \"T\" }\n";
        std::fs::write(project.path(MANIFEST), manifest + own).unwrap();
        let cases = all(&Project::open(&project.root).unwrap()).unwrap();
        let told: Vec<_> = cases
            .iter()
            .map(|case| {
                let prefix = case.settings.pairs()[0].1.as_str();
                (case.name.as_str(), case.topic.as_str(), prefix)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("inconsistent-order", TOPIC, "W"),
                ("paid-order", TOPIC, "W"),
                ("refunded-order", TOPIC, "W"),
                ("till-order", "orders/paid", "T"),
                ("wholesale-order", TOPIC, "W"),
            ]
        );
    }

    #[test]
    fn what_is_expected_is_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(&folder);
        std::fs::remove_file(golden_path(&project, "paid-order")).unwrap();
        assert_eq!(
            golden_tests(&project).unwrap().len(),
            4,
            "only those that say what they expect"
        );
        expect(&project, "paid-order", &Expectation::Refused("X".to_owned())).unwrap();
        let text = std::fs::read_to_string(golden_path(&project, "paid-order")).unwrap();
        assert_eq!(text, "{\n  \"refused\": \"X\"\n}\n");
        assert_eq!(golden_tests(&project).unwrap().len(), 5);
    }

    #[test]
    fn files_that_belong_to_nothing_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let project = project(&folder);
        std::fs::write(golden_path(&project, "stray"), "{}").unwrap();
        let error = all(&project).unwrap_err().to_string();
        assert!(error.starts_with("golden/stray.json belongs to no fixture"), "{error}");
        std::fs::write(project.path("fixtures/stray.json"), "{}").unwrap();
        let error = all(&project).unwrap_err().to_string();
        assert!(
            error.contains("golden/stray.json") && error.contains("\"skipped\": true"),
            "{error}"
        );
        std::fs::remove_dir_all(project.path("fixtures")).unwrap();
        assert!(all(&project).unwrap_err().to_string().contains("nothing to test"));
    }
}
