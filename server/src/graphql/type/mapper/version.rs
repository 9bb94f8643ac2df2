//! Mapper versions and configs.

use async_graphql::{Enum, SimpleObject};
use domain::mapper;

use crate::graphql::scalar::{DateTime, JsonObject, Long};
use crate::graphql::r#type::{ErrorCode, hex};

/// A version of the business's mapper: a plugin that was uploaded.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperVersion {
    /// Its number in the business, from 1; 0 is the built-in mapper, which is not listed.
    version: u32,
    /// SHA-256 of the component, in hexadecimal digits.
    digest: String,
    /// The component's length in bytes.
    size_bytes: Long,
    /// The contract that it was built for, for instance `1.0`.
    contract: String,
    /// What it calls itself.
    name: String,
    /// The version that it gives itself.
    plugin_version: String,
    /// What it does, in its own words.
    summary: String,
    /// The JSON Schema of its settings, as text; empty where it gives none.
    settings_schema: String,
    /// What it can do. What it cannot, the built-in mapper does.
    capabilities: Vec<MapperCapability>,
    /// Whether it may serve.
    state: MapperVersionState,
    /// Why it may not serve, for programs.
    code: Option<ErrorCode>,
    /// Why it may not serve, for people.
    detail: Option<String>,
    /// How many tests travel with it.
    golden_tests: u32,
    /// Who uploaded it: the subject of their token.
    uploaded_by: String,
    /// When it was uploaded.
    uploaded_at: DateTime,
}

impl From<mapper::MapperVersion> for MapperVersion {
    fn from(version: mapper::MapperVersion) -> Self {
        let (code, detail) = match version.failure {
            Some(failure) => (Some(failure.code.into()), Some(failure.detail)),
            None => (None, None),
        };
        Self {
            version: version.number,
            digest: hex(&version.digest),
            size_bytes: Long(i64::try_from(version.size_bytes).unwrap_or(i64::MAX)),
            contract: version.contract,
            name: version.name,
            plugin_version: version.plugin_version,
            summary: version.summary,
            settings_schema: version.settings_schema,
            capabilities: version.capabilities.each().map(Into::into).collect(),
            state: version.state.into(),
            code,
            detail,
            golden_tests: version.golden_count,
            uploaded_by: version.uploaded_by,
            uploaded_at: version.uploaded_at.into(),
        }
    }
}

/// Whether a mapper version may serve.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::mapper::MapperVersionState")]
pub(crate) enum MapperVersionState {
    /// It loads, describes itself, and passes the tests that travel with it.
    Validated,
    /// It does not.
    Rejected,
    /// The business took it back; it may serve again once it is validated anew.
    Retired,
}

/// Something that a mapper can do.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::mapper::Capability")]
pub(crate) enum MapperCapability {
    /// Makes a POS order of a store order.
    MapOrder,
    /// Makes POS products of a store product.
    MapProduct,
    /// Makes a store product of a POS product.
    PublishProduct,
}

/// Settings for a mapper. They never change: other settings are another config.
#[derive(SimpleObject, Debug)]
pub(crate) struct MapperConfig {
    /// Its number in the business, from 1; 0 stands for no settings.
    config: u32,
    /// The settings.
    settings: JsonObject,
    /// SHA-256 of the settings as a plugin gets them, in hexadecimal digits.
    digest: String,
    /// Who made it: the subject of their token.
    created_by: String,
    /// When it was made.
    created_at: DateTime,
}

impl From<mapper::MapperConfig> for MapperConfig {
    fn from(config: mapper::MapperConfig) -> Self {
        Self {
            config: config.number,
            // They were written as an object.
            settings: JsonObject(serde_json::from_str(&config.settings).unwrap_or_default()),
            digest: hex(&config.digest),
            created_by: config.created_by,
            created_at: config.created_at.into(),
        }
    }
}
