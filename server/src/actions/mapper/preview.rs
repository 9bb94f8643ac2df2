//! Trying a mapper on one body. Nothing is stored.

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::connection::Connection;
use domain::delivery::Failure;
use domain::draft::PosProductDraft;
use domain::id::BusinessId;
use domain::mapper::{Bound, Capability};
use domain::money::Currency;
use domain::pos::PosOrder;
pub(crate) use mappers::Usage;
use mappers::{Answer, MapFailure, Run, Source};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::connections;
use crate::error::Problem;
use crate::mapping::{Input, Mapper, in_turn, read_body};

/// The longest body that is tried, in bytes.
const BODY_BYTES_MAX: usize = 512 << 10;

/// What is to be tried.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The version and config; what serves now where nothing is said.
    pub(crate) bound: Option<Bound>,
    /// Settings in place of the config's.
    pub(crate) settings: Option<Map<String, Value>>,
    /// The topic that the body would come by, for instance `orders/create`.
    pub(crate) topic: String,
    /// The body as the store would send it.
    pub(crate) body: String,
    /// The currency of a product's prices.
    pub(crate) currency: Currency,
}

/// What a mapper made of a body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mapped {
    /// A POS order.
    Order(Box<PosOrder>),
    /// POS products.
    Products(Vec<PosProductDraft>),
    /// Nothing, on purpose, with the plugin's reason.
    Skipped(String),
    /// The body was refused, by the plugin or by the check of its answer.
    Refused(Failure),
    /// The plugin trapped or ran into a limit.
    Faulted(Failure),
}

/// One run that left no trace.
#[derive(Clone, Debug)]
pub(crate) struct Preview {
    /// What was made of the body.
    pub(crate) mapped: Mapped,
    /// The answer's document as JSON: the very text that would be stored.
    pub(crate) document: Option<String>,
    /// What the run used, and what it may use.
    pub(crate) usage: Usage,
    /// What the plugin logged.
    pub(crate) log: Vec<String>,
    /// SHA-256 of contract, body and settings.
    pub(crate) input_digest: [u8; 32],
    /// SHA-256 of the document.
    pub(crate) output_digest: Option<[u8; 32]>,
    /// SHA-256 of the plugin.
    pub(crate) plugin_digest: [u8; 32],
    /// SHA-256 of the settings.
    pub(crate) config_digest: [u8; 32],
    /// What ran it.
    pub(crate) host: &'static str,
}

/// Runs a mapper over a body under the limits of any other run.
pub(crate) async fn preview(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    trial: Trial,
) -> Result<Preview, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    if trial.body.len() > BODY_BYTES_MAX {
        return Err(Problem::input("input.body", format!("is longer than {BODY_BYTES_MAX} bytes")));
    }
    let connection = connections::current(&tenant).await?;
    let bound = match trial.bound {
        Some(bound) => bound,
        None => tenant.binding().await?.active,
    };
    let mut mapper = Mapper::load(app, &tenant, bound).await?;
    if let Some(settings) = trial.settings.clone() {
        mapper.settings = mapper.check_settings(app, &tenant, "input.settings", settings).await?.1;
    }
    let at_work = app.clone();
    in_turn(app, business, move || run(&at_work, &mapper, connection.as_ref(), &trial)).await?
}

fn run(
    app: &App,
    mapper: &Mapper,
    connection: Option<&Connection>,
    trial: &Trial,
) -> Result<Preview, Problem> {
    let body = trial.body.as_bytes();
    let input = read_body(&app.providers, connection, &trial.topic, body).map_err(of_body)?;
    // As the worker has it, so that the digest of the input is that of the real run.
    let source = Source::hashed(body, Sha256::digest(body).into());
    let (mappers, settings) = (&app.mappers, &mapper.settings);
    match input {
        Input::Order(order) => {
            let plugin = mapper.plugin_for(app, Capability::MapOrder);
            preview_of(mappers.map_order(&plugin, &order, settings, source), Mapped::Order)
        }
        Input::Product(product) => {
            let plugin = mapper.plugin_for(app, Capability::MapProduct);
            let run = mappers.map_product(&plugin, &product, trial.currency, settings, source);
            preview_of(run, Mapped::Products)
        }
    }
}

/// Which argument a body that cannot be read is to be blamed on.
fn of_body(failure: Failure) -> Problem {
    let field = match failure.code {
        Code::UnsupportedTopic => "input.topic",
        _ => "input.body",
    };
    let field = field.split('.').map(str::to_owned).collect();
    Problem { code: failure.code, message: failure.detail, field: Some(field) }
}

fn preview_of<T>(run: Run<T>, mapped: impl FnOnce(T) -> Mapped) -> Result<Preview, Problem> {
    let usage = run.usage();
    let mapped = match run.result {
        Ok(Answer::Mapped(answer)) => mapped(answer),
        Ok(Answer::Skipped(reason)) => Mapped::Skipped(reason),
        Err(MapFailure::Refused(failure)) => Mapped::Refused(failure),
        Err(MapFailure::Faulted(failure)) => Mapped::Faulted(failure),
        Err(MapFailure::Busy(failure)) => return Err(failure.into()),
    };
    Ok(Preview {
        mapped,
        document: run.document,
        usage,
        log: run.log,
        input_digest: run.input_digest,
        output_digest: run.output_digest,
        plugin_digest: run.plugin_digest,
        config_digest: run.config_digest,
        host: run.host,
    })
}
