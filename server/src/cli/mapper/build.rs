//! `mapper build`: from source to a component that carries its golden tests.

mod javascript;
mod python;
mod rust;
mod tool;

use std::time::Instant;

use clap::Args;
use mappers::golden;

use super::project::{COMPONENT, Language, Project};
use super::report::{amount, share};
use super::{Place, ToolError, cases, output};

/// The longest component that is taken, in bytes; the same as what an upload may be.
const BYTES_MAX: u64 = 24 << 20;

/// Arguments of `mapper build`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), ToolError> {
    let project = Project::open(&arguments.place.dir)?;
    let begun = Instant::now();
    let bare = match project.manifest.language {
        Language::Rust => rust::build(&project)?,
        Language::JavaScript => javascript::build(&project)?,
        Language::Python => python::build(&project)?,
    };
    let told = finish(&project, &bare)?;
    output::line(&format!("built {COMPONENT} in {:.1} s", begun.elapsed().as_secs_f64()));
    output::line(&told);
    Ok(())
}

/// Adds the golden tests, inspects the component as an upload is inspected, and writes it. Says what it is.
fn finish(project: &Project, bare: &[u8]) -> Result<String, ToolError> {
    let tests = cases::golden_tests(project)?;
    let component = golden::write(bare, &tests)
        .map_err(|error| ToolError::wrong(format!("the component {error}")))?;
    let inspection = mappers::inspect(&component).map_err(|rejection| {
        ToolError::wrong(format!("the gateway would refuse this component: it {rejection}"))
    })?;
    let path = project.path(COMPONENT);
    std::fs::write(&path, &component).map_err(|error| ToolError::file(&path, &error))?;
    let size = inspection.size_bytes as u64;
    let can = inspection.capabilities;
    let does: Vec<_> = [
        (can.map_order, "orders in"),
        (can.map_product, "products in"),
        (can.publish_product, "products out"),
    ]
    .into_iter()
    .filter_map(|(does, what)| does.then_some(what))
    .collect();
    Ok(format!(
        "  size          {} of {} bytes ({})\n  contract      tillgate:mapper@{}\n  does          {}\n  golden tests  {}",
        amount(size),
        amount(BYTES_MAX),
        share(size, BYTES_MAX),
        inspection.contract,
        does.join(", "),
        tests.len(),
    ))
}

/// Puts the golden tests as they are now into a component that is built already.
pub(super) fn refresh(project: &Project) -> Result<(), ToolError> {
    finish(project, &project.component()?).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::mapper::{create, runner};

    #[test]
    fn a_component_is_inspected_and_carries_the_golden_tests() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a");
        create::write(&root, Language::JavaScript, "a").unwrap();
        let project = Project::open(&root).unwrap();
        let told = finish(&project, runner::STANDARD_FOR_TESTS).unwrap();
        assert!(told.contains("does          orders in, products in\n"), "{told}");
        assert!(told.ends_with("golden tests  5"), "{told}");
        let written = project.component().unwrap();
        assert_eq!(golden::read(&written).unwrap().len(), 5);
        assert_eq!(golden::write(&written, &[]).unwrap(), runner::STANDARD_FOR_TESTS);

        let refused = finish(&project, b"\0asm\x01\0\0\0").unwrap_err().to_string();
        assert!(refused.contains("component"), "{refused}");
    }
}
