//! Uploading and validating.

use std::sync::Arc;

use domain::access::{Caller, Role};
use domain::activity::ActivityKind;
use domain::code::Code;
use domain::id::BusinessId;
use domain::mapper::{MapperVersion, MapperVersionState};
use sha2::{Digest as _, Sha256};
use storage::{StoreError, Tenant};

use super::tell;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::{examine, in_turn};

/// Keeps a component as the business's next mapper version, and says whether it may serve: it has to load, to describe
/// itself, and to pass the tests that travel with it under the limits of any other run (F16). One that does not even
/// load is refused and not kept. The same bytes again are the version that they are already.
pub(crate) async fn upload(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    component: Vec<u8>,
) -> Result<MapperVersion, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let digest = Sha256::digest(&component).into();
    if let Some(known) = tenant.mapper_version_by_digest(digest).await?
        && tenant.keeps_mapper_component(digest).await?
    {
        return Ok(known);
    }
    let (work_app, by) = (app.clone(), caller.subject.clone());
    // In a task of its own: a caller who hangs up while a large component is compiled still finds it afterwards.
    let work = app.tasks.spawn(async move { keep(&work_app, &tenant, component, &by).await });
    work.await.map_err(|_| super::ended_early())?
}

async fn keep(
    app: &App,
    tenant: &Tenant,
    component: Vec<u8>,
    by: &str,
) -> Result<MapperVersion, Problem> {
    let loaded = app.plugins.load(component).await;
    let (plugin, component) = loaded.map_err(|problem| Problem {
        field: Some(vec!["input".to_owned(), "component".to_owned()]),
        ..problem
    })?;
    let (mappers, providers) = (Arc::clone(&app.mappers), Arc::clone(&app.providers));
    let examined = in_turn(app, tenant.business_id(), move || {
        let findings = examine(&mappers, &providers, &plugin, &component);
        (findings, plugin, component)
    });
    let (findings, plugin, component) = examined.await?;
    let new = findings.into_version(&plugin, component, by);
    let version = tenant.add_mapper_version(new, app.now()).await?;
    tell_state(app, tenant, &version, "uploaded").await?;
    Ok(version)
}

/// Examines a version anew, as it would be on its upload; a version that was retired is back if it passes.
pub(crate) async fn validate(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    number: u32,
) -> Result<MapperVersion, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let stored = tenant.mapper_version(number).await?;
    let stored = stored.ok_or_else(|| Problem::not_found("mapper version"))?;
    if stored.state == MapperVersionState::Retired {
        // Whoever may not retire a version may not bring it back either.
        app.tenant(caller, business, Role::Admin)?;
    }
    let work_app = app.clone();
    // In a task of its own, as an upload is: many tests take longer than a caller waits.
    let work = app.tasks.spawn(async move { examine_anew(&work_app, &tenant, &stored).await });
    work.await.map_err(|_| super::ended_early())?
}

async fn examine_anew(
    app: &App,
    tenant: &Tenant,
    stored: &MapperVersion,
) -> Result<MapperVersion, Problem> {
    let component = tenant.mapper_component(stored.digest).await?;
    let component = component.ok_or_else(|| Problem::not_found("mapper component"))?;
    let plugin = app.plugins.of_stored(tenant, stored).await?;
    let (mappers, providers) = (Arc::clone(&app.mappers), Arc::clone(&app.providers));
    let work = move || examine(&mappers, &providers, &plugin, &component);
    let examined = in_turn(app, tenant.business_id(), work).await?;
    let (state, failure) = (examined.state(), examined.failure);
    let noted = tenant.set_mapper_version_state(stored.number, stored.state, state, failure).await;
    let version = noted.map_err(|error| match error {
        StoreError::Conflict(_) => {
            let text = "the version was retired or validated meanwhile: look at its state";
            Problem::new(Code::Conflict, text)
        }
        other => other.into(),
    })?;
    tell_state(app, tenant, &version, "validated").await?;
    Ok(version)
}

async fn tell_state(
    app: &App,
    tenant: &Tenant,
    version: &MapperVersion,
    what: &str,
) -> Result<(), Problem> {
    let MapperVersion { number, name, plugin_version, .. } = version;
    let state = match (&version.state, &version.failure) {
        (MapperVersionState::Validated, _) => "and may serve".to_owned(),
        (_, Some(failure)) => format!("and may not serve: {failure}"),
        (state, None) => format!("and is {}", state.as_str()),
    };
    let message = format!("mapper version {number} ({name} {plugin_version}) was {what} {state}");
    let subject = ("mapper_version", number.to_string());
    tell(app, tenant, ActivityKind::MapperUploaded, subject, message).await
}
