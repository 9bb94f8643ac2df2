//! Turns a core module into a component: `componentize IN OUT [PROJECT]`. No adapter is used, so an import that the
//! contract lacks is an error. With a project's folder, its golden tests go into the component, as `tillgate mapper
//! build` puts them there; all of them have the project's settings and come by `orders/create`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use serde_json::{Map, Value};
use tillgate_mappers::golden::{self, GoldenTest};

/// The topic of all fixtures.
const TOPIC: &str = "orders/create";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (from, to, project) = match arguments.as_slice() {
        [from, to] => (from, to, None),
        [from, to, project] => (from, to, Some(Path::new(project))),
        _ => return Err("usage: componentize IN OUT [PROJECT]".into()),
    };
    let component = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&std::fs::read(from)?)?
        .encode()?;
    let tests = project.map_or(Ok(Vec::new()), golden_tests)?;
    std::fs::write(to, golden::write(&component, &tests)?)?;
    Ok(())
}

/// The golden tests of a project, by name.
fn golden_tests(project: &Path) -> Result<Vec<GoldenTest>, Box<dyn Error>> {
    let settings: Map<String, Value> =
        serde_json::from_str(&std::fs::read_to_string(project.join("settings.json"))?)?;
    let settings: BTreeMap<_, _> =
        settings.into_iter().map(|(key, value)| (key, text(value))).collect();
    let mut golden: Vec<_> =
        std::fs::read_dir(project.join("golden"))?.collect::<Result<_, _>>()?;
    golden.sort_by_key(std::fs::DirEntry::file_name);
    golden
        .into_iter()
        .map(|file| {
            let path = file.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let fixture = project.join("fixtures").join(file.file_name());
            Ok(GoldenTest {
                name,
                topic: TOPIC.to_owned(),
                body: std::fs::read_to_string(fixture)?,
                settings: settings.clone(),
                expect: serde_json::from_slice(&std::fs::read(path)?)?,
            })
        })
        .collect()
}

/// A setting as a plugin gets it.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
