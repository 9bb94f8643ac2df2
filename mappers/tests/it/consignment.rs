//! The plugin for consigned goods: what is owed to whom, as a component and natively.

use domain::personal::Personal;
use domain::pos::PosOrder;
use domain::refined::Order;
use tillgate_mappers::MapSettings;

use crate::orders::{allocation, attribute, bag, line, order, tax};
use crate::{consignment_plugin, mappers, native, outcome, settings};

/// What the component answers, after a check that the native function answers the same.
fn mapped(order: &Order, setting: &str) -> Result<PosOrder, String> {
    let settings: MapSettings = settings(&[("consignment", setting)]);
    let answer =
        outcome(&mappers().map_order(consignment_plugin(), order, &settings, b"".as_slice()));
    let guests = native::to_settings(settings.pairs());
    let natively = consignment::map_order(native::to_guest(order), &guests);
    match (natively.map(native::from_guest), &answer) {
        (Ok(native), Ok(plugin)) => assert_eq!(&native, plugin),
        (Err(_), Err(_)) => {}
        (native, plugin) => panic!("natively {native:?}, as a plugin {plugin:?}"),
    }
    answer
}

/// The accounts of a mapped order, as `<key> sold commission payout`.
fn accounts(order: &Order, setting: &str) -> Vec<String> {
    let pos = mapped(order, setting).unwrap();
    let told = pos.attributes.iter().filter(|(key, _)| key.starts_with("consignment."));
    told.map(|(key, value)| {
        let value: serde_json::Value = serde_json::from_str(value.reveal()).unwrap();
        let amounts = ["sold", "commission", "payout"].map(|name| value[name].as_str().unwrap());
        format!("{} {}", key.trim_start_matches("consignment."), amounts.join(" "))
    })
    .collect()
}

/// A coat at 100.00 less 20.00, of which the line says something.
fn coat(properties: &[(&str, &str)]) -> Order {
    let mut coat = line(1, 1, "100.00");
    coat.discount_allocations = vec![allocation("20.00")];
    coat.properties = properties.iter().map(|(key, value)| attribute(key, value)).collect();
    let mut order = order(vec![coat], "80.00");
    order.total_discounts = bag("20.00");
    order
}

#[test]
fn each_consignor_has_an_account_for_each_event() {
    let mut lines = vec![line(1, 2, "10.00"), line(2, 1, "5.00"), line(3, 1, "7.00")];
    for (line, event) in lines.iter_mut().zip(["fair", "fair", "market"]) {
        line.properties = vec![attribute("consignor_id", "C-1"), attribute("event_id", event)];
    }
    lines.push(line(4, 1, "3.00"));
    let order = order(lines, "35.00");
    let setting =
        r#"{"rate": "10", "rules": [{"event": "market", "rate": "50"}], "lines": "sums"}"#;
    assert_eq!(
        accounts(&order, setting),
        ["C-1.fair 25.00 2.50 22.50", "C-1.market 7.00 3.50 3.50"]
    );
    let with_lines = accounts(&order, r#"{"rate": "10"}"#);
    assert_eq!(with_lines.len(), 3 + 2);
    assert_eq!(with_lines[0], "line.1 20.00 2.00 18.00");
}

#[test]
fn a_discount_is_the_house_s_unless_the_goods_are_eligible_for_markdown() {
    let owned = ("_consignor_id", "C-1");
    let of = |markdown: &str, setting: &str| {
        let order = coat(&[owned, ("_markdown_eligible", markdown)]);
        accounts(&order, setting).pop().unwrap()
    };
    assert_eq!(of("true", r#"{"rate": "40"}"#), "C-1 80.00 32.00 48.00");
    assert_eq!(of("false", r#"{"rate": "40"}"#), "C-1 80.00 20.00 60.00");
    assert_eq!(of("false", r#"{"rate": "40", "markdowns": "shared"}"#), "C-1 80.00 32.00 48.00");
    assert_eq!(of("true", r#"{"rate": "40", "markdowns": "house"}"#), "C-1 80.00 20.00 60.00");
    // The house gave away more than it earns.
    assert_eq!(of("false", r#"{"rate": "10"}"#), "C-1 80.00 -10.00 90.00");
    let said = mapped(&coat(&[owned, ("_markdown_eligible", "yes")]), r#"{"rate": "1"}"#);
    let told = "MAPPING_REFUSED: line-items[0].markdown_eligible: is neither true nor false";
    assert_eq!(said.unwrap_err(), told);
}

#[test]
fn the_house_keeps_its_minimum_and_never_more_than_there_is() {
    let mut order = order(vec![line(1, 2, "3.00")], "6.00");
    order.line_items[0].properties = vec![attribute("consignor_id", "C-1")];
    let kept = |rule: &str| {
        accounts(&order, &format!(r#"{{"rules": [{rule}], "lines": "sums"}}"#)).pop().unwrap()
    };
    assert_eq!(kept(r#"{"rate": "50"}"#), "C-1 6.00 3.00 3.00");
    assert_eq!(kept(r#"{"rate": "50", "minimum": "2.00"}"#), "C-1 6.00 4.00 2.00");
    assert_eq!(kept(r#"{"rate": "50", "minimum": "4.00"}"#), "C-1 6.00 6.00 0.00");
    assert_eq!(kept(r#"{"consignor": ["x", "c-*"], "rate": "0"}"#), "C-1 6.00 0.00 6.00");
}

#[test]
fn taxes_that_the_price_contains_are_nobody_s_share() {
    let mut order = coat(&[("consignor_id", "C-1"), ("markdown_eligible", "true")]);
    order.taxes_included = true;
    order.total_tax = bag("9.20");
    order.line_items[0].tax_lines = vec![tax("9.20")];
    let sums = r#"{"rate": "50", "lines": "sums"}"#;
    assert_eq!(accounts(&order, sums), ["C-1 70.80 35.40 35.40"]);
    // 100.00 contains 11.50 of tax where 80.00 contains 9.20.
    let house = r#"{"rate": "50", "markdowns": "house", "lines": "sums"}"#;
    assert_eq!(accounts(&order, house), ["C-1 70.80 26.55 44.25"]);
}

#[test]
fn the_tenant_says_where_the_consignor_stands() {
    let order = coat(&[("owner", "O-1")]);
    let of = |place: &str| {
        let setting = format!(r#"{{"rate": "50", "consignor": ["{place}"], "lines": "sums"}}"#);
        mapped(&order, &setting)
            .map(|pos| pos.attributes.last().map(|(key, _)| key.clone()).unwrap_or_default())
    };
    assert_eq!(of("property:owner").unwrap(), "consignment.O-1");
    assert_eq!(of("vendor").unwrap(), "consignment.Maker");
    assert_eq!(of("sku-before:-").unwrap(), "consignment.SKU");
    assert_eq!(of("sku-before:/").unwrap(), "");
    let wrong = of("title").unwrap_err();
    let told = "MAPPING_REFUSED: settings.consignment.consignor[0]: is none of: vendor";
    assert!(wrong.starts_with(told), "{wrong}");
}

#[test]
fn what_the_settings_leave_open_is_refused_by_name() {
    let owned = coat(&[("consignor_id", "C-1")]);
    for (order, setting, told) in [
        (&owned, "{}", "settings.consignment: has neither a rate nor a rule that speaks of C-1"),
        (&owned, r#"{"rate": "101"}"#, "settings.consignment.rate: is more than 100"),
        (&owned, r#"{"rate": "-1"}"#, "settings.consignment.rate: is less than nothing"),
        (&owned, r#"{"rules": [{}]}"#, "settings.consignment.rules[0].rate: is missing"),
        (&owned, r#"{"share": "1"}"#, "settings.consignment.share: is not known here"),
        (
            &coat(&[]),
            r#"{"unknown": "refuse"}"#,
            "line-items[0]: names no consignor in any place of settings.consignment.consignor",
        ),
    ] {
        let said = mapped(order, setting).unwrap_err();
        assert_eq!(said, format!("MAPPING_REFUSED: {told}"));
    }
    assert!(accounts(&coat(&[]), "{}").is_empty(), "the house's own goods need no rate");
}

#[test]
fn nothing_is_owed_for_what_was_cancelled() {
    let mut order = coat(&[("consignor_id", "C-1")]);
    order.cancelled_at = Some(order.created_at);
    let sums = r#"{"rate": "50", "lines": "sums"}"#;
    assert_eq!(accounts(&order, sums), ["C-1 0.00 0.00 0.00"]);
}

#[test]
fn names_that_json_has_to_escape_stay_what_they_are() {
    let mut order = coat(&[("consignor_id", "a \"b\" \\ \u{7} é")]);
    order.note = Some(Personal::new("x"));
    let pos = mapped(&order, r#"{"rate": "1", "lines": "sums"}"#).unwrap();
    let value: serde_json::Value = serde_json::from_str(pos.attributes[0].1.reveal()).unwrap();
    assert_eq!(value["consignor"], "a \"b\" \\ \u{7} é");
}

#[test]
fn its_schema_is_the_standard_mapper_s_with_one_more_setting() {
    let schema =
        |description: &str| serde_json::from_str::<serde_json::Value>(description).unwrap();
    let mut ours = schema(&mappers().describe(consignment_plugin()).unwrap().settings_schema);
    assert_eq!(ours["title"], "Consignment mapper");
    assert!(ours["properties"]["consignment"]["properties"]["rules"].is_object());
    ours["properties"].as_object_mut().unwrap().remove("consignment");
    let mut standards = schema(&standard::describe().settings_schema);
    standards["title"] = ours["title"].clone();
    assert_eq!(ours, standards);
}
