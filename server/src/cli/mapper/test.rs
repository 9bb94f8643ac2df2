//! `mapper test`.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::Args;

use super::cases::{self, Case};
use super::project::{COMPONENT, Project};
use super::report::{self, Verdict};
use super::runner::Runner;
use super::{Place, ToolError, build, output};

/// Arguments of `mapper test`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Runs only the fixtures whose names contain this.
    #[arg(value_name = "NAME")]
    only: Option<String>,
    /// Writes what the mapper answers now into the golden files.
    #[arg(long)]
    update: bool,
    /// Another component than the project's own.
    #[arg(long, value_name = "FILE", conflicts_with = "update")]
    component: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), ToolError> {
    let project = Project::open(&arguments.place.dir)?;
    let component = if let Some(path) = &arguments.component {
        std::fs::read(path).map_err(|error| ToolError::file(path, &error))?
    } else {
        if let Some(newer) = newer_than_component(&project) {
            output::line(&format!(
                "{newer} is newer than {COMPONENT}: run `tillgate mapper build` to test it\n"
            ));
        }
        project.component()?
    };
    let mut cases = cases::all(&project)?;
    if let Some(only) = &arguments.only {
        cases.retain(|case| case.name.contains(only));
        if cases.is_empty() {
            return Err(ToolError::wrong(format!("no fixture's name contains {only}")));
        }
    }
    let runner = Runner::start(&component)?;
    let mut tally = Tally::default();
    for case in &cases {
        tally.take(&project, case, test(&runner, case), arguments.update)?;
    }
    if tally.updated > 0 {
        build::refresh(&project)?;
        output::line(&format!("{COMPONENT} carries them now"));
    }
    output::line(&tally.summary());
    if tally.failed + tally.new > 0 { Err(ToolError::Told) } else { Ok(()) }
}

/// One test: what is told of it, and how it came out. A body that cannot be read is told as the gateway words it.
pub(super) fn test(runner: &Runner, case: &Case) -> (String, Option<Verdict>) {
    let order = match runner.order(&case.topic, &case.body) {
        Ok(order) => order,
        Err(problem) => {
            let told = format!(
                "FAIL  {}: the body cannot be read: {problem}\n      fixtures/{}.json must be a body as the store sends \
                 it by {}\n",
                case.name, case.name, case.topic
            );
            return (told, None);
        }
    };
    let run = runner.run(&order, &case.settings, &case.body);
    let verdict = report::judge(&run, case.expect.as_ref());
    (report::told(&case.name, &run, &verdict), Some(verdict))
}

/// How many tests came out how.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    failed: usize,
    new: usize,
    updated: usize,
}

impl Tally {
    fn take(
        &mut self,
        project: &Project,
        case: &Case,
        (told, verdict): (String, Option<Verdict>),
        update: bool,
    ) -> Result<(), ToolError> {
        output::line(told.trim_end());
        match verdict {
            Some(Verdict::Same) => self.passed += 1,
            Some(Verdict::New(got) | Verdict::Different { got, .. }) if update => {
                cases::expect(project, &case.name, &got)?;
                output::line(&format!("      wrote golden/{}.json", case.name));
                self.updated += 1;
            }
            Some(Verdict::New(_)) => {
                output::line(&format!(
                    "      there is no golden/{}.json: `tillgate mapper test --update` writes this answer down",
                    case.name
                ));
                self.new += 1;
            }
            Some(Verdict::Different { .. }) => {
                output::line(
                    "      if this is what you want: `tillgate mapper test --update` makes it what is expected",
                );
                self.failed += 1;
            }
            Some(Verdict::Faulted) | None => self.failed += 1,
        }
        Ok(())
    }

    fn summary(&self) -> String {
        let parts = [
            (self.passed, "as expected"),
            (self.updated, "written down"),
            (self.new, "without a golden file"),
            (self.failed, "failed"),
        ];
        let told: Vec<_> = parts
            .into_iter()
            .filter(|(count, what)| *count > 0 || *what == "as expected")
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        format!("\n{}", told.join(", "))
    }
}

/// A source file that was changed after the component was built.
fn newer_than_component(project: &Project) -> Option<String> {
    let built = modified(&project.path(COMPONENT))?;
    let mut folders = vec![project.path("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            // What a build leaves behind is no source.
            if path.is_dir() && path.file_name().is_some_and(|name| name != "__pycache__") {
                folders.push(path);
            } else if path.is_file() && modified(&path)? > built {
                let inside = path.strip_prefix(&project.root).unwrap_or(&path);
                return Some(inside.display().to_string());
            }
        }
    }
    None
}

fn modified(path: &std::path::Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}
