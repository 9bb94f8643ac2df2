//! The example plugins in other languages, against answers worked out by hand.
//!
//! The Python component is 18 MB and not committed: `TILLGATE_PYTHON_WASM` names a built one. Where it is not set, what
//! needs it is skipped with a line that says so.

use std::path::Path;

use domain::pos::{PosChargeKind, PosOrder};
use domain::refined::Order;
use tillgate_mappers::{Capabilities, Plugin};

use crate::orders::{attribute, bag, customer, line, order, tax};
use crate::{load, mappers, outcome, settings};

/// The example in JavaScript: the committed component, or the one that `TILLGATE_JAVASCRIPT_WASM` names.
fn gift_wrap() -> Plugin {
    let committed =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/examples/javascript/mapper.wasm");
    let path = std::env::var_os("TILLGATE_JAVASCRIPT_WASM").unwrap_or(committed.into());
    load(Path::new(&path))
}

/// The example in Python, where it is built.
fn trade_prices() -> Option<Plugin> {
    let path = std::env::var_os("TILLGATE_PYTHON_WASM");
    if path.is_none() {
        eprintln!("skipped: TILLGATE_PYTHON_WASM names no component of plugins/examples/python");
    }
    path.map(|path| load(Path::new(&path)))
}

fn mapped(plugin: &Plugin, order: &Order, pairs: &[(&str, &str)]) -> Result<PosOrder, String> {
    let run = mappers().map_order(plugin, order, &settings(pairs), b"".as_slice());
    let again = mappers().map_order(plugin, order, &settings(pairs), b"".as_slice());
    assert_eq!((&run.document, run.fuel), (&again.document, again.fuel), "twice the same");
    outcome(&run)
}

/// The attributes, as `<key>=<value>`.
fn attributes(pos: &PosOrder) -> Vec<String> {
    pos.attributes.iter().map(|(key, value)| format!("{key}={}", value.reveal())).collect()
}

#[test]
fn javascript_books_gift_wrapping_as_a_fee() {
    let plugin = gift_wrap();
    let can = Capabilities { map_order: true, map_product: false, publish_product: false };
    assert_eq!(plugin.capabilities(), can);
    assert_eq!(mappers().describe(&plugin).unwrap().name, "gift-wrap");

    let mut mug = line(1, 1, "12.00");
    mug.properties = vec![attribute("Card", "For Kit"), attribute("_app", "7")];
    let mut wrapping = line(2, 2, "3.50");
    wrapping.tax_lines = vec![tax("0.91")];
    let mut order = order(vec![mug, wrapping], "19.91");
    order.total_tax = bag("0.91");

    let set =
        [("wrap_skus", r#"["SKU-2"]"#), ("wrap_title", "Wrapping"), ("message_property", "Card")];
    let pos = mapped(&plugin, &order, &set).unwrap();
    assert_eq!(pos.lines.iter().map(|line| line.external_id.0).collect::<Vec<_>>(), [1]);
    let [fee] = pos.charges.as_slice() else { panic!("{:?}", pos.charges) };
    assert_eq!((fee.kind, fee.title.as_str()), (PosChargeKind::Fee, "Wrapping x 2"));
    assert_eq!(
        (fee.amount.to_string(), fee.taxes[0].amount.to_string()),
        ("7.00".into(), "0.91".into())
    );
    assert_eq!(
        pos.notes.iter().map(domain::personal::Personal::reveal).collect::<Vec<_>>(),
        ["Wrap Thing 1: For Kit"]
    );
    assert_eq!(attributes(&pos), ["gift_wrap_pieces=2"]);

    let unset = mapped(&plugin, &order, &[]).unwrap();
    assert_eq!((unset.lines.len(), unset.charges.len(), unset.notes.len()), (2, 0, 0));

    order.total = bag("20.00");
    let said = mapped(&plugin, &order, &set).unwrap_err();
    assert!(said.starts_with("TOTAL_MISMATCH: "), "{said}");
}

#[test]
fn python_books_the_shelf_price_of_what_a_business_buyer_got_for_less() {
    let Some(plugin) = trade_prices() else { return };
    let can = Capabilities { map_order: true, map_product: true, publish_product: false };
    assert_eq!(plugin.capabilities(), can);
    let set = [("lists", r#"{"VIP": "20", "staff": "50"}"#), ("po_number", "required")];

    let mut sold = order(vec![line(1, 3, "9.99")], "29.97");
    let everybody = mapped(&plugin, &sold, &set).unwrap();
    assert_eq!(everybody.lines[0].unit_price.to_string(), "9.99");

    sold.customer = Some(customer());
    sold.customer.as_mut().unwrap().tags = vec!["VIP".to_owned()];
    let told = "MAPPING_REFUSED: po-number: is missing, and business buyers need one";
    assert_eq!(mapped(&plugin, &sold, &set).unwrap_err(), told);

    sold.po_number = Some("PO-7".to_owned());
    let pos = mapped(&plugin, &sold, &set).unwrap();
    let [line] = pos.lines.as_slice() else { panic!("{:?}", pos.lines) };
    let amounts = [line.unit_price, line.discount, line.net].map(|amount| amount.to_string());
    assert_eq!(amounts, ["12.49", "7.50", "29.97"]);
    assert_eq!(attributes(&pos), ["price_list=VIP", "po_number=PO-7"]);
}
