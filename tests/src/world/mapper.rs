//! Mappers of a business, as uploads and activations leave them.

use std::sync::{Arc, Mutex};

use domain::mapper::{
    BindingChange, Bound, Capability, Grounds, MapperChange, MapperVersionState, decide,
};
use domain::time::Timestamp;
use mappers::{MapSettings, Mappers, Plugin};
use storage::{NewMapperVersion, Tenant};

/// The standard mapper's component.
const STANDARD: &[u8] = include_bytes!("../../../plugins/standard/standard.wasm");
/// The component that misbehaves as its setting `do` says.
const HOSTILE: &[u8] = include_bytes!("../../../plugins/examples/hostile.wasm");

/// The standard mapper under another digest: with a section of that name, which does nothing.
pub fn standard_component(name: &str) -> Vec<u8> {
    named(STANDARD, name)
}

/// The misbehaving plugin, with a section of that name, which does nothing.
pub fn hostile_component(name: &str) -> Vec<u8> {
    named(HOSTILE, name)
}

fn named(component: &[u8], name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    [component, &[0, length + 1, length], name.as_bytes()].concat()
}

/// Keeps a component as the business's next mapper version, as an upload does that passed every test. Returns its number.
/// It stays loaded for as long as the tests run: compiling it takes longer than most scenarios.
pub async fn keep_mapper(mappers: &Arc<Mappers>, tenant: &Tenant, component: Vec<u8>) -> u32 {
    static LOADED: Mutex<Vec<Plugin>> = Mutex::new(Vec::new());
    let mappers = Arc::clone(mappers);
    let loading = move || (mappers.load(&component).unwrap(), component);
    let (plugin, component) = tokio::task::spawn_blocking(loading).await.unwrap();
    let digest = plugin.digest();
    LOADED.lock().unwrap().push(plugin);
    keep_bytes(tenant, digest, component).await
}

/// Keeps whatever bytes as the business's next mapper version, under whatever digest.
pub async fn keep_bytes(tenant: &Tenant, digest: [u8; 32], component: Vec<u8>) -> u32 {
    let new = NewMapperVersion {
        digest,
        component,
        contract: "1.1".to_owned(),
        name: "mapper".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        summary: String::new(),
        settings_schema: "{}".to_owned(),
        capabilities: [Capability::MapOrder].into_iter().collect(),
        state: MapperVersionState::Validated,
        failure: None,
        golden_count: 0,
        uploaded_by: "a test".to_owned(),
    };
    tenant.add_mapper_version(new, Timestamp::EPOCH).await.unwrap().number
}

/// Keeps settings of these pairs, sorted by name, as a config of the business. Returns its number.
pub async fn keep_settings(tenant: &Tenant, pairs: &[(&str, &str)]) -> u32 {
    let settings: serde_json::Map<_, _> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let digest = MapSettings::new(pairs.collect()).digest();
    let text = serde_json::Value::Object(settings).to_string();
    let now = Timestamp::EPOCH;
    tenant.add_mapper_config(text, digest, "a test".to_owned(), now).await.unwrap().number
}

/// Changes the binding of a business, as its admin does.
pub async fn change_binding(
    tenant: &Tenant,
    change: BindingChange,
    now: Timestamp,
) -> MapperChange {
    let before = tenant.binding().await.unwrap();
    let known = tenant.mapper_known(&change).await.unwrap();
    let by = Some("a test".to_owned());
    let (after, entry) = decide(&before, &known, change, by, now).unwrap();
    tenant.change_binding(before.revision, after, entry.clone()).await.unwrap();
    entry
}

/// The change that lets a mapper serve everything, on somebody's word.
pub fn activation(bound: Bound) -> BindingChange {
    BindingChange::Activate { bound, grounds: Grounds::Override("for a test".to_owned()) }
}
