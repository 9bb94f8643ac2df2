//! The standard mapper's rules: what each does to an order, and what is said of one that cannot be read.

use domain::id::ExternalId;
use domain::personal::Personal;
use domain::pos::PosOrder;
use domain::refined::Order;

use crate::orders::{address, attribute, bag, customer, line, order, payment, shipping, tax};
use crate::{generate, mapped, mapped_with};

/// A paid order of one thing at 10.02, of which a rule may speak in every way.
fn sale() -> Order {
    let mut order = order(vec![line(1, 1, "10.02")], "10.02");
    order.tags = vec!["Online".to_owned(), "Wholesale-EU".to_owned()];
    order.customer = Some(customer());
    order.shipping_address = Some(address());
    order.shipping_lines = vec![shipping("0")];
    order.location_id = Some(ExternalId(42));
    order
}

/// An attribute of the mapped order.
fn told<'a>(pos: &'a PosOrder, key: &str) -> Option<&'a str> {
    pos.attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value.reveal())
}

#[test]
fn orders_are_left_out_by_what_they_are() {
    let left_out = |filter: &str| {
        let mut order = sale();
        order.transactions = vec![payment(1, "sale", "cash", "10.02")];
        let filters = format!(r#"[{{"when": {filter}, "reason": "by hand"}}]"#);
        match mapped_with(&order, &[("filters", &filters)]) {
            Ok(_) => false,
            Err(said) => {
                assert_eq!(said, "skipped: by hand", "{filter}");
                true
            }
        }
    };
    for fits in [
        r#"{"tag": "wholesale-eu"}"#,
        r#"{"tag": "wholesale-*"}"#,
        r#"{"tag": ["retail", "online"]}"#,
        r#"{"customer_tag": "VIP"}"#,
        r#"{"source": "web"}"#,
        r#"{"financial_status": "paid"}"#,
        r#"{"gateway": "cash"}"#,
        r#"{"gateway": "shopify*"}"#,
        r#"{"location": "42"}"#,
        r#"{"country": "ca"}"#,
        r#"{"shipping": "Stand*"}"#,
        r#"{"currency": "CAD"}"#,
        r#"{"test": false}"#,
        r#"{"tag": "online", "source": "web", "test": false}"#,
    ] {
        assert!(left_out(fits), "{fits}");
    }
    for misses in [
        r#"{"tag": "wholesale"}"#,
        r#"{"tag": "onlinee*"}"#,
        r#"{"customer_tag": "staff"}"#,
        r#"{"source": "pos"}"#,
        r#"{"location": "4"}"#,
        r#"{"test": true}"#,
        r#"{"tag": "online", "source": "pos"}"#,
    ] {
        assert!(!left_out(misses), "{misses}");
    }
}

#[test]
fn a_filter_has_exceptions_and_the_first_that_fits_gives_the_reason() {
    let said = |filters: &str| mapped_with(&sale(), &[("filters", filters)]).map(|_| ());
    assert_eq!(said("[]"), Ok(()));
    let only_till = r#"[{"unless": {"source": "pos"}}]"#;
    assert_eq!(said(only_till).unwrap_err(), "skipped: left out by settings.filters[0]");
    assert_eq!(said(r#"[{"unless": {"source": "web"}}]"#), Ok(()));
    assert_eq!(said(r#"[{"when": {"tag": "online"}, "unless": {"country": "CA"}}]"#), Ok(()));
    let several = r#"[{"when": {"test": true}}, {"when": {"tag": "online"}, "reason": "second"},
        {"when": {"tag": "online"}, "reason": "third"}]"#;
    assert_eq!(said(several).unwrap_err(), "skipped: second");
}

#[test]
fn taxes_get_the_till_s_codes() {
    let codes = |rules: &str, unmapped: &str| {
        let mut item = line(1, 1, "10.00");
        item.tax_lines = vec![tax("1.30")];
        let mut sent = shipping("5.00");
        sent.tax_lines = vec![tax("0.65")];
        sent.tax_lines[0].title = "Carrier tax".to_owned();
        let mut order = order(vec![item], "16.95");
        order.shipping_lines = vec![sent];
        order.total_tax = bag("1.95");
        let pairs = [("taxes", rules), ("unmapped", unmapped)];
        mapped_with(&order, &pairs).map(|pos| {
            [&pos.lines[0].taxes[0].title, &pos.charges[0].taxes[0].title].map(Clone::clone)
        })
    };
    let keep = "{}";
    assert_eq!(codes("[]", keep).unwrap(), ["HST", "Carrier tax"]);
    let by_title = r#"[{"title": "hst", "code": "H"}]"#;
    assert_eq!(codes(by_title, keep).unwrap(), ["H", "Carrier tax"]);
    let by_rate = r#"[{"rate": "0.130", "code": "13"}]"#;
    assert_eq!(codes(by_rate, keep).unwrap(), ["13", "13"]);
    let by_both = r#"[{"title": "HST", "rate": "0.05", "code": "no"}, {"code": "rest"}]"#;
    assert_eq!(codes(by_both, keep).unwrap(), ["rest", "rest"]);
    assert_eq!(
        codes(by_title, r#"{"taxes": "refuse"}"#).unwrap_err(),
        "MAPPING_REFUSED: shipping-lines[0].tax-lines: no rule of settings.taxes speaks of Carrier tax at 0.13"
    );
}

#[test]
fn ways_of_payment_get_the_till_s_kinds_and_names() {
    let tenders = |gateways: &[&str], rules: &str, unmapped: &str| {
        let mut order = sale();
        order.payment_gateways = gateways.iter().map(|name| (*name).to_owned()).collect();
        let pairs = [("tenders", rules), ("unmapped", unmapped)];
        mapped_with(&order, &pairs).map(|pos| {
            let told = pos.tenders.iter().map(|one| format!("{:?} {}", one.kind, one.name));
            told.collect::<Vec<_>>().join(", ")
        })
    };
    let rules = r#"[{"gateway": "klarna*", "kind": "card", "name": "KLARNA"},
        {"gateway": ["manual", "bank"], "kind": "other"}, {"gateway": "stripe", "name": "CC"}]"#;
    for (gateways, expected) in [
        (&["Klarna Pay Later"][..], "Card KLARNA"),
        (&["manual"], "Other manual"),
        (&["stripe"], "Card CC"),
        (&["cash"], "Cash cash"),
        (&["stripe", "klarna"], "Other CC + KLARNA"),
    ] {
        assert_eq!(tenders(gateways, rules, "{}").unwrap(), expected);
    }
    assert_eq!(
        tenders(&["cash"], rules, r#"{"tenders": "refuse"}"#).unwrap_err(),
        "MAPPING_REFUSED: payment-gateways: no rule of settings.tenders speaks of cash"
    );
    let mut order = sale();
    order.transactions = vec![payment(1, "sale", "klarna_1", "10.02")];
    let pos = mapped_with(&order, &[("tenders", rules)]).unwrap();
    assert_eq!(pos.tenders[0].name, "KLARNA");
}

#[test]
fn orders_belong_to_places() {
    let place = |order: &Order, more: &[(&str, &str)]| {
        let rules = r#"[{"when": {"location": "42"}, "pos": "T1", "stock": "43"},
            {"when": {"country": "DE"}, "stock": "49"}, {"pos": "WEB"}]"#;
        let pos = mapped_with(order, &[&[("locations", rules)], more].concat()).unwrap();
        (told(&pos, "pos_location").map(ToOwned::to_owned), pos.lines[0].location_id.map(|id| id.0))
    };
    let mut order = sale();
    assert_eq!(place(&order, &[]), (Some("T1".to_owned()), Some(43)));
    order.location_id = None;
    assert_eq!(place(&order, &[]), (Some("WEB".to_owned()), None));
    assert_eq!(place(&order, &[("location", "7")]), (Some("WEB".to_owned()), Some(7)));
    let mut there = address();
    there.country_code = Some("DE".to_owned());
    order.shipping_address = Some(there);
    assert_eq!(place(&order, &[("location", "7")]), (None, Some(49)));
}

#[test]
fn orders_are_sold_at_a_price_list() {
    let list = |lists: &str| {
        let pos = mapped_with(&sale(), &[("price_lists", lists)]).unwrap();
        assert_eq!(pos.lines[0].unit_price.to_string(), "10.02", "the order's prices are its own");
        told(&pos, "price_list").map(ToOwned::to_owned)
    };
    let vip = r#"{"name": "vip", "percent": "90", "when": {"customer_tag": "vip"}}"#;
    let trade = r#"{"name": "trade", "percent": "60", "when": {"tag": "trade"}}"#;
    assert_eq!(list(&format!(r#"[{{"name": "shelf"}}, {trade}, {vip}]"#)).as_deref(), Some("vip"));
    assert_eq!(list(&format!(r#"[{{"name": "shelf"}}, {trade}]"#)).as_deref(), Some("shelf"));
    assert_eq!(list(&format!("[{trade}]")), None);
}

#[test]
fn cash_is_rounded_to_the_smallest_coin_where_the_store_did_not() {
    let paid = |gateway: &str, by_store: &str, coin: &str| {
        let mut order = sale();
        order.payment_gateways = vec![gateway.to_owned()];
        order.cash_rounding = bag(by_store);
        let rounding = format!(r#"{{"cash": "{coin}"}}"#);
        let pos = mapped_with(&order, &[("rounding", &rounding)]).unwrap();
        assert_eq!(pos.total.to_string(), "10.02");
        format!("{} {}", pos.tenders[0].amount, pos.rounding)
    };
    assert_eq!(paid("cash", "0", "0.05"), "10.00 -0.02");
    assert_eq!(paid("cash", "0", "0.10"), "10.00 -0.02");
    assert_eq!(paid("cash", "0", "20"), "20.00 9.98");
    assert_eq!(paid("cash", "-0.02", "0.05"), "10.00 -0.02");
    assert_eq!(paid("stripe", "0", "0.05"), "10.02 0.00");
}

#[test]
fn a_line_s_number_comes_from_where_the_settings_say() {
    let number = |links: &str| {
        let mut order = sale();
        order.line_items[0].properties = vec![attribute("_plu", "4711")];
        let links = format!(r#"{{"lines": {links}}}"#);
        mapped_with(&order, &[("links", &links)]).unwrap().lines[0].sku.clone()
    };
    assert_eq!(number(r#"["property:_plu", "sku"]"#).as_deref(), Some("4711"));
    assert_eq!(number(r#"["property:plu", "sku"]"#).as_deref(), Some("SKU-1"));
    assert_eq!(number(r#"["metafield:pos.plu", "variant"]"#).as_deref(), Some("2001"));
    assert_eq!(number(r#"["property:plu"]"#), None);
}

#[test]
fn what_cannot_be_read_is_named_by_its_path() {
    for (key, value, said) in [
        ("colour", "red", "settings.colour: is not a setting of this plugin"),
        ("filters", "tag", "settings.filters: is not JSON: a value is missing at byte 0"),
        ("filters", "{}", "settings.filters: is not a list"),
        ("filters", "[{}]", "settings.filters[0]: has neither when nor unless"),
        ("filters", r#"[{"when": {}}]"#, "settings.filters[0].when: names no condition"),
        (
            "filters",
            r#"[{"when": {"tag": "a"}}, {"when": {"tag": 5}}]"#,
            "settings.filters[1].when.tag: is neither text nor a list of texts",
        ),
        (
            "filters",
            r#"[{"when": {"tag": ["a", ""]}}]"#,
            "settings.filters[0].when.tag[1]: is empty",
        ),
        (
            "filters",
            r#"[{"when": {"test": "yes"}}]"#,
            "settings.filters[0].when.test: is neither true nor false",
        ),
        (
            "filters",
            r#"[{"when": {"tags": "a"}}]"#,
            "settings.filters[0].when.tags: is not known here",
        ),
        ("taxes", r#"[{"rate": "0.13"}]"#, "settings.taxes[0].code: is missing"),
        (
            "taxes",
            r#"[{"rate": "13 %", "code": "H"}]"#,
            "settings.taxes[0].rate: is not a fraction such as 0.13",
        ),
        (
            "tenders",
            r#"[{"gateway": "x", "kind": "gold"}]"#,
            "settings.tenders[0].kind: is none of: cash, card, gift_card, other",
        ),
        ("tenders", r#"[{"gateway": "x"}]"#, "settings.tenders[0]: has neither kind nor name"),
        (
            "locations",
            r#"[{"stock": "Toronto"}]"#,
            "settings.locations[0].stock: is not the id of a location",
        ),
        ("locations", r#"[{"when": {"test": true}}]"#, "settings.locations[0]: has neither"),
        ("links", r#"{"products": ["ean"]}"#, "settings.links.products[0]: is none of: variant"),
        ("links", r#"{"lines": ["barcode"]}"#, "settings.links.lines[0]: is none of: variant"),
        (
            "price_lists",
            r#"[{"name": "x", "percent": "-1"}]"#,
            "settings.price_lists[0].percent: is less than nothing",
        ),
        (
            "price_lists",
            r#"[{"name": "x", "from": "metafield:pos"}]"#,
            "settings.price_lists[0].from: is none of: price",
        ),
        ("rounding", r#"{"cash": "0"}"#, "settings.rounding.cash: is not more than nothing"),
        ("rounding", r#"{"prices": 5}"#, "settings.rounding.prices: is not text"),
        ("unmapped", r#"{"taxes": "drop"}"#, "settings.unmapped.taxes: is none of: keep, refuse"),
    ] {
        let answer = mapped_with(&sale(), &[(key, value)]).unwrap_err();
        assert!(answer.starts_with(&format!("MAPPING_REFUSED: {said}")), "{key} {value}: {answer}");
    }
}

#[test]
fn rules_that_speak_of_nothing_change_nothing() {
    let idle = [
        ("filters", r#"[{"when": {"tag": "none such"}}]"#),
        ("links", r#"{"lines": ["sku"]}"#),
        ("locations", r#"[{"when": {"location": "1"}, "pos": "X", "stock": "2"}]"#),
        ("price_lists", r#"[{"name": "x", "when": {"tag": "none such"}}]"#),
        ("rounding", r#"{"prices": "0.05"}"#),
        ("taxes", r#"[{"title": "none such", "code": "X"}]"#),
        ("tenders", r#"[{"gateway": "none such", "name": "X"}]"#),
        ("unmapped", r#"{"taxes": "keep", "tenders": "keep"}"#),
    ];
    let mut compared = 0;
    for seed in 0..120 {
        let mut order = generate::order(seed);
        order.note.get_or_insert_with(|| Personal::new("x"));
        if let (Ok(plain), Ok(ruled)) = (mapped(&order), mapped_with(&order, &idle)) {
            assert_eq!(plain, ruled, "order {seed}");
            compared += 1;
        }
    }
    assert!(compared > 60);
}
