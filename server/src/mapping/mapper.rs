//! A mapper version with a config, loaded.

use std::sync::Arc;

use domain::code::Code;
use domain::mapper::{Bound, Capability, NO_CONFIG};
use mappers::{MapSettings, Plugin};
use serde_json::{Map, Value};
use storage::Tenant;

use super::{SETTINGS_BYTES_MAX, SettingsSchema, canonical, in_turn, settings_of};
use crate::app::App;
use crate::error::Problem;

/// What runs for a [`Bound`].
#[derive(Clone, Debug)]
pub(crate) struct Mapper {
    /// Which version and config it is.
    pub(crate) bound: Bound,
    /// The plugin.
    pub(crate) plugin: Plugin,
    /// The settings.
    pub(crate) settings: MapSettings,
}

impl Mapper {
    /// Loads a version with a config of the business.
    pub(crate) async fn load(app: &App, tenant: &Tenant, bound: Bound) -> Result<Self, Problem> {
        let plugin = app.plugins.of_version(tenant, bound.version).await?;
        let settings = match bound.config {
            NO_CONFIG => MapSettings::default(),
            config => {
                let config = tenant.mapper_config(config).await?;
                let config = config.ok_or_else(|| Problem::not_found("mapper config"))?;
                settings_of(&config.settings)?
            }
        };
        Ok(Self { bound, plugin, settings })
    }

    /// What runs for a capability: for what the plugin does not do, the standard mapper stands in.
    pub(crate) fn plugin_for(&self, app: &App, capability: Capability) -> Plugin {
        let can = self.plugin.capabilities();
        let has = match capability {
            Capability::MapOrder => can.map_order,
            Capability::MapProduct => can.map_product,
            Capability::PublishProduct => can.publish_product,
        };
        if has { self.plugin.clone() } else { app.mappers.standard() }
    }

    /// Checks the config's settings by the plugin's schema: they may have been made for another version. The problem
    /// names `field`.
    pub(crate) async fn check_own_settings(
        &self,
        app: &App,
        tenant: &Tenant,
        field: &str,
    ) -> Result<(), Problem> {
        let config = tenant.mapper_config(self.bound.config).await?;
        let settings = config.and_then(|config| serde_json::from_str(&config.settings).ok());
        let settings = settings.unwrap_or_default();
        self.check_settings(app, tenant, field, settings).await.map(|_| ())
    }

    /// Checks settings by the plugin's schema; gives the text to keep and the settings as the plugin gets them. The
    /// problem names the field below `field`.
    pub(crate) async fn check_settings(
        &self,
        app: &App,
        tenant: &Tenant,
        field: &str,
        settings: Map<String, Value>,
    ) -> Result<(String, MapSettings), Problem> {
        let text = canonical(&settings);
        if text.len() > SETTINGS_BYTES_MAX {
            let message = format!("are longer than {SETTINGS_BYTES_MAX} bytes");
            return Err(Problem::input(field, message));
        }
        let (mappers, plugin) = (Arc::clone(&app.mappers), self.plugin.clone());
        let field = field.to_owned();
        in_turn(app, tenant.business_id(), move || {
            let description = mappers.describe(&plugin)?;
            let schema = SettingsSchema::read(&description.settings_schema).map_err(|wrong| {
                Problem::new(
                    Code::PluginRefused,
                    format!("the schema of the plugin's settings {wrong}"),
                )
            })?;
            schema.check(&field, &settings)?;
            let as_given = settings_of(&text)?;
            Ok((text, as_given))
        })
        .await?
    }
}

/// Runs what computes for long away from the threads that serve.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "work of a mapper ended early");
        Problem::new(Code::Internal, "Internal server error")
    })
}
