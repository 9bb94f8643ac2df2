//! Whether a component may serve: what it says about itself, its settings' schema, its own tests (F16).

use domain::code::Code;
use domain::delivery::Failure;
use domain::mapper::{Capabilities, MapperVersionState};
use mappers::{Description, Mappers, Plugin};
use storage::NewMapperVersion;

use super::{SettingsSchema, golden};
use crate::providers::Providers;

/// Characters of a plugin's name, its version, its summary.
const NAME_MAX: usize = 100;
const VERSION_MAX: usize = 50;
const SUMMARY_MAX: usize = 1_000;

/// What an examination came to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Findings {
    /// What the plugin calls itself; empty where it does not say.
    pub(crate) name: String,
    /// The version that it gives itself.
    pub(crate) plugin_version: String,
    /// What it does.
    pub(crate) summary: String,
    /// The schema of its settings.
    pub(crate) settings_schema: String,
    /// Its golden tests.
    pub(crate) golden_count: u32,
    /// Why it may not serve, if so.
    pub(crate) failure: Option<Failure>,
}

impl Findings {
    /// Whether it may serve.
    pub(crate) fn state(&self) -> MapperVersionState {
        match self.failure {
            None => MapperVersionState::Validated,
            Some(_) => MapperVersionState::Rejected,
        }
    }

    /// The version to keep.
    pub(crate) fn into_version(
        self,
        plugin: &Plugin,
        component: Vec<u8>,
        by: &str,
    ) -> NewMapperVersion {
        NewMapperVersion {
            digest: plugin.digest(),
            component,
            contract: plugin.contract().as_str().to_owned(),
            capabilities: capabilities_of(plugin),
            state: self.state(),
            name: self.name,
            plugin_version: self.plugin_version,
            summary: self.summary,
            settings_schema: self.settings_schema,
            failure: self.failure,
            golden_count: self.golden_count,
            uploaded_by: by.to_owned(),
        }
    }
}

/// Examines a loaded plugin and runs the tests that travel with it. Blocks, at the worst for as long as 200 tests may
/// take.
pub(crate) fn examine(
    mappers: &Mappers,
    providers: &Providers,
    plugin: &Plugin,
    component: &[u8],
) -> Findings {
    let mut findings = Findings::default();
    let mut steps = || {
        let description = mappers.describe(plugin)?;
        check_words(&description)?;
        findings.name = description.name;
        findings.plugin_version = description.version;
        findings.summary = description.summary;
        SettingsSchema::read(&description.settings_schema)
            .map_err(|wrong| refused(format!("the schema of its settings {wrong}")))?;
        findings.settings_schema = description.settings_schema;
        let tests = mappers::golden::cases(component).map_err(|error| {
            Failure::new(Code::GoldenTestFailed, format!("the component {error}"))
        })?;
        findings.golden_count = u32::try_from(tests.len()).unwrap_or(u32::MAX);
        golden::check(mappers, providers, plugin, &tests)
            .map_err(|how| Failure::new(Code::GoldenTestFailed, how))
    };
    findings.failure = steps().err();
    findings
}

/// Names and versions stand in lists and logs, so they are short and printable.
fn check_words(description: &Description) -> Result<(), Failure> {
    let words = [
        ("name", &description.name, 1, NAME_MAX),
        ("version", &description.version, 1, VERSION_MAX),
        ("summary", &description.summary, 0, SUMMARY_MAX),
    ];
    for (field, text, min, max) in words {
        let fits = (min..=max).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            let problem = format!("its {field} must have {min} to {max} printable characters");
            return Err(refused(problem));
        }
    }
    Ok(())
}

fn refused(what: String) -> Failure {
    Failure::new(Code::PluginRefused, what)
}

fn capabilities_of(plugin: &Plugin) -> Capabilities {
    let can = plugin.capabilities();
    Capabilities {
        map_order: can.map_order,
        map_product: can.map_product,
        publish_product: can.publish_product,
    }
}
