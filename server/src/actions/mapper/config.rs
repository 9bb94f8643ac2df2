//! Settings of mappers, versioned like code.

use domain::access::{Caller, Role};
use domain::id::BusinessId;
use domain::mapper::{Bound, MapperConfig, NO_CONFIG};
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::Problem;
use crate::mapping::Mapper;

/// Keeps settings for a version as the business's next config, if they are as the version's schema wants them. Settings
/// that say the same are the config that they are already. Nothing serves by it yet.
pub(crate) async fn set(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    version: u32,
    settings: Map<String, Value>,
) -> Result<MapperConfig, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let mapper = Mapper::load(app, &tenant, Bound { version, config: NO_CONFIG }).await?;
    let (text, as_given) = mapper.check_settings(app, &tenant, "input.settings", settings).await?;
    let digest = as_given.digest();
    Ok(tenant.add_mapper_config(text, digest, caller.subject.clone(), app.now()).await?)
}
