//! The projects of this repository whose components are committed: their golden tests hold, and travel with them.

use std::path::Path;

use mappers::golden;

use super::cases;
use super::project::Project;
use super::report::{Verdict, judge};
use super::runner::Runner;

const PROJECTS: [&str; 2] = ["consignment", "examples/javascript"];

#[test]
fn committed_components_answer_as_their_golden_files_say() {
    for name in PROJECTS {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(name);
        let project = Project::open(&root).unwrap();
        let component = project.component().unwrap();
        let (carried, ours) =
            (golden::read(&component).unwrap(), cases::golden_tests(&project).unwrap());
        assert!(carried == ours, "{name}: build it again, its golden tests are others by now");
        let runner = Runner::start(&component).unwrap();
        for case in cases::all(&project).unwrap() {
            let order = runner.order(&case.topic, &case.body).unwrap();
            let run = runner.run(&order, &case.settings, &case.body);
            let verdict = judge(&run, case.expect.as_ref());
            assert_eq!(verdict, Verdict::Same, "{name}: {}", case.name);
        }
    }
}
