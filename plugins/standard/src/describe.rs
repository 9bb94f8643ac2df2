//! What the plugin says about itself.

use plugins::Description;

/// The settings, as a JSON Schema.
const SETTINGS_SCHEMA: &str = include_str!("settings.schema.json");

/// The plugin's name, version and settings.
pub fn describe() -> Description {
    Description {
        name: "standard".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Maps every order of the store, to the last minor unit.".to_owned(),
        settings_schema: SETTINGS_SCHEMA.to_owned(),
    }
}
