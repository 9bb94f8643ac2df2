//! What the plugin says about itself.

use plugins::Description;

/// The schema of the one setting that this plugin adds to the standard mapper's.
const OWN_SCHEMA: &str = include_str!("settings.schema.json");
/// Where it goes in the standard mapper's schema: before the first of its properties.
const PROPERTIES: &str = "\"properties\": {";
/// The standard mapper's title in its schema, and this plugin's.
const TITLES: [&str; 2] = ["Standard mapper", "Consignment mapper"];

/// The plugin's name, version and settings.
pub fn describe() -> Description {
    Description {
        name: "consignment".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        summary: "Maps as the standard mapper does, and says what is owed to each consignor."
            .to_owned(),
        settings_schema: schema(&standard::describe().settings_schema),
    }
}

fn schema(standards: &str) -> String {
    let [theirs, ours] = TITLES;
    let with_own = [PROPERTIES, "\n    \"consignment\": ", OWN_SCHEMA.trim_end(), ","].concat();
    standards.replacen(theirs, ours, 1).replacen(PROPERTIES, &with_own, 1)
}
