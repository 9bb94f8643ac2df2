//! `mapper push`: upload, compare, show, ask, activate.

mod gateway;
mod summary;

use std::io::{BufRead as _, Write as _};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use super::project::{COMPONENT, Project};
use super::{Place, ToolError, output};
use crate::http::FILE_BYTES_MAX;

use gateway::Gateway;

/// How long a shadow run is waited for: longer than the gateway lets one take.
const SHADOW_MAX: Duration = Duration::from_mins(2);
/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// What is read of a shadow run.
const REPORT: &str = "query($businessId: ID!, $id: ID!) { shadowReport(businessId: $businessId, id: $id) {
    state detail result {
        orders { ...Sides } products { ...Sides } elapsedMillis cutShort unreadable
        faults { objectId code detail } slowest { objectId durationMicros }
    } } }
    fragment Sides on MappingComparison {
        compared differing groups { pattern kind objects examples { objectId path before after } }
        money { currency total { before { amount } after { amount } } taxTotal { before { amount } after { amount } } }
        stock { piecesBefore piecesAfter differingLevels }
    }";

/// Arguments of `mapper push`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The gateway's address.
    #[arg(long, env = "TILLGATE_URL", default_value = "http://127.0.0.1:4000")]
    gateway: String,
    /// The business whose mapper it becomes.
    #[arg(long, env = "TILLGATE_BUSINESS")]
    business: String,
    /// A token of an admin of that business.
    #[arg(long, env = "TILLGATE_TOKEN", hide_env_values = true)]
    token: String,
    /// Over how many of the last orders, and of the last products, it is compared with what is active: 1 to 10,000.
    #[arg(long, default_value_t = 1_000)]
    last: u32,
    /// Activates without asking.
    #[arg(long)]
    yes: bool,
}

/// A version with a config.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pushed {
    version: u64,
    config: u64,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), ToolError> {
    let project = Project::open(&arguments.place.dir)?;
    let component = project.component()?;
    let Arguments { gateway, business, token, last, yes, .. } = arguments;
    let gateway = Gateway::new(&gateway, &business, token)?;
    let size = component.len().div_ceil(1 << 10);
    output::line(&format!("{}: sends {size} KiB to {}", project.manifest.name, gateway.address()));
    if component.len() > FILE_BYTES_MAX {
        return Err(ToolError::wrong(format!("{COMPONENT} is longer than {FILE_BYTES_MAX} bytes")));
    }
    // A wrong address, token or business is told better by a question than by an upload.
    let active = active(&gateway).await?;
    let version = upload(&gateway, component).await?;
    let pushed = Pushed { version, config: configure(&gateway, &project, version).await? };
    if active == pushed {
        output::line(&format!("{pushed} serves already"));
        return Ok(());
    }
    let (id, report) = shadow(&gateway, pushed, last).await?;
    output::line(&summary::told(&report));
    if let Some(why) = report["cutShort"].as_str() {
        return Err(ToolError::wrong(format!(
            "the shadow run was cut short, so it lets nothing be activated: {why}"
        )));
    }
    if !yes && !agreed(pushed)? {
        output::line(&format!("not activated; this shadow report lets it be done later: {id}"));
        return Ok(());
    }
    let input = json!({
        "version": pushed.version, "config": pushed.config, "shadowReportId": id,
    });
    gateway.mutate("activateMapper", input, "binding { revision }").await?;
    output::line(&format!("active: {pushed}"));
    Ok(())
}

impl std::fmt::Display for Pushed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "version {}", self.version)?;
        if self.config == 0 { Ok(()) } else { write!(f, " with config {}", self.config) }
    }
}

/// Uploads the component and tells what the gateway found. Returns its version.
async fn upload(gateway: &Gateway, component: Vec<u8>) -> Result<u64, ToolError> {
    let found = gateway.upload(component).await?;
    let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
    let version = found["version"].as_u64().unwrap_or_default();
    output::line(&format!(
        "version {version}: {} {}, contract {}, {} tests travel with it",
        text("name"),
        text("pluginVersion"),
        text("contract"),
        found["goldenTests"],
    ));
    match found["state"].as_str() {
        Some("VALIDATED") => Ok(version),
        Some("RETIRED") => {
            let input = json!({ "version": version });
            let selection = "mapperVersion { state code detail }";
            let again = gateway.mutate("validateMapper", input, selection).await?;
            let again = &again["mapperVersion"];
            match again["state"].as_str() {
                Some("VALIDATED") => Ok(version),
                _ => Err(may_not_serve(&again["code"], &again["detail"])),
            }
        }
        _ => Err(may_not_serve(&found["failure"]["code"], &found["failure"]["message"])),
    }
}

fn may_not_serve(code: &Value, detail: &Value) -> ToolError {
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    ToolError::wrong(format!("it may not serve: {}: {}", text(code), text(detail)))
}

/// Has the gateway keep the project's settings, where it has any. Returns their config.
async fn configure(gateway: &Gateway, project: &Project, version: u64) -> Result<u64, ToolError> {
    let settings = project.settings()?;
    if settings.is_empty() {
        return Ok(0);
    }
    let input = json!({ "version": version, "settings": settings });
    let kept = gateway.mutate("setMapperConfig", input, "mapperConfig { config }").await?;
    let config = kept["mapperConfig"]["config"].as_u64().unwrap_or_default();
    output::line(&format!("settings.json is config {config}"));
    Ok(config)
}

async fn active(gateway: &Gateway) -> Result<Pushed, ToolError> {
    let document = "query($businessId: ID!) { activeMapper(businessId: $businessId) { active { version config } } }";
    let active = gateway.ask(document, json!({})).await?["activeMapper"]["active"].take();
    let number = |field: &str| active[field].as_u64().unwrap_or_default();
    Ok(Pushed { version: number("version"), config: number("config") })
}

/// Compares it with what is active, and waits for the end. Returns the report's id and what it says.
async fn shadow(
    gateway: &Gateway,
    pushed: Pushed,
    last: u32,
) -> Result<(String, Value), ToolError> {
    let input = json!({ "version": pushed.version, "config": pushed.config, "last": last });
    let mut begun = gateway.mutate("shadowMapper", input, "shadowReport { id }").await?;
    let Value::String(id) = begun["shadowReport"]["id"].take() else {
        return Err(ToolError::wrong("the gateway began no shadow run"));
    };
    let deadline = Instant::now() + SHADOW_MAX;
    loop {
        let mut answer = gateway.ask(REPORT, json!({ "id": id })).await?;
        let mut report = answer["shadowReport"].take();
        match report["state"].as_str() {
            Some("DONE") => return Ok((id, report["result"].take())),
            Some("FAILED") => {
                let detail = report["detail"].as_str().unwrap_or("for an unknown reason");
                return Err(ToolError::wrong(format!("the shadow run failed: {detail}")));
            }
            Some("INTERRUPTED") => {
                let text = "the gateway was stopped in the middle of the shadow run; push again";
                return Err(ToolError::wrong(text));
            }
            _ if Instant::now() >= deadline => {
                let text = format!("the shadow run {id} is still under way; look at it later");
                return Err(ToolError::wrong(text));
            }
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// Asks whether to go on. No answer is none.
fn agreed(pushed: Pushed) -> Result<bool, ToolError> {
    let mut out = std::io::stdout();
    // Nobody who cannot read the question answers it.
    let _ = write!(out, "activate {pushed}? [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.map_err(|error| ToolError::wrong(format!("the answer cannot be read: {error}")))?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
