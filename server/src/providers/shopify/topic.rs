//! What a delivery says, by its topic.

use domain::code::Code;
use domain::delivery::{Failure, Source};
use domain::flow::Incoming;
use domain::id::ExternalId;
use domain::privacy::PrivacyTopic;
use domain::push::Told;
use domain::refined::ObjectType;
use shopify::webhook;
use shopify::wire::rest::{InventoryLevel, Notice, OrderEditBody};
use shopify::wire::{Loose, WireProblem, node, parse, rest};

use super::place::Place;
use super::{order, privacy, product};

/// The topics of objects that were read from the API.
const ORDERS_READ: &str = "orders/read";
const PRODUCTS_READ: &str = "products/read";

/// Reads a delivery's body as its topic promises.
pub(super) fn read(
    source: Source,
    topic: &str,
    shop: &str,
    body: &[u8],
) -> Result<Incoming, Failure> {
    match topic {
        // Our own words for what we read ourselves; the header of a webhook is not signed and may say anything.
        ORDERS_READ | PRODUCTS_READ if source == Source::Webhook => Ok(Incoming::Unsupported),
        ORDERS_READ => order::of_node(wire(parse::<node::Order>(body))?).map(order_came),
        PRODUCTS_READ => product::of_node(wire(parse::<node::Product>(body))?).map(product_came),
        "orders/create"
        | "orders/updated"
        | "orders/paid"
        | "orders/cancelled"
        | "orders/fulfilled"
        | "orders/partially_fulfilled" => {
            order::of_rest(wire(parse::<rest::Order>(body))?).map(order_came)
        }
        "products/create" | "products/update" => {
            product::of_rest(wire(parse::<rest::Product>(body))?).map(product_came)
        }
        "orders/edited" => read_edit(body),
        "inventory_levels/update" => read_level(topic, shop, body),
        "refunds/create"
        | "order_transactions/create"
        | "fulfillments/create"
        | "fulfillments/update" => read_hint(shop, body),
        "orders/delete" => read_removal(ObjectType::Order, shop, body),
        "products/delete" => read_removal(ObjectType::Product, shop, body),
        "app/uninstalled" => {
            read_notice(shop, body)?;
            Ok(Incoming::Uninstalled)
        }
        _ => match PrivacyTopic::parse(topic) {
            Some(asked) => privacy::read(asked, shop, body),
            None => read_other(topic, shop, body),
        },
    }
}

/// Which object a body names, whatever else is wrong with it.
pub(super) fn object_named(topic: &str, body: &[u8]) -> Option<(ObjectType, ExternalId)> {
    let notice: Notice = parse(body).ok()?;
    let (kind, id) = match topic.split_once('/')?.0 {
        "orders" => (ObjectType::Order, notice.id.or(notice.admin_graphql_api_id)),
        "refunds" | "order_transactions" | "fulfillments" => (ObjectType::Order, notice.order_id),
        "products" => (ObjectType::Product, notice.id.or(notice.admin_graphql_api_id)),
        _ => return None,
    };
    Some((kind, ExternalId(id?.0)))
}

fn order_came(order: domain::refined::Order) -> Incoming {
    Incoming::Order(Box::new(order))
}

fn product_came(product: domain::refined::Product) -> Incoming {
    Incoming::Product(Box::new(product))
}

/// A topic without a table.
fn read_other(topic: &str, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let Some(known) = webhook::topic(topic) else {
        return Ok(Incoming::Unsupported);
    };
    let notice = read_notice(shop, body)?;
    let id = notice.id.or(notice.admin_graphql_api_id).map(|id| ExternalId(id.0));
    Ok(Incoming::Kept { object_type: known.object_type.to_owned(), id })
}

/// Something happened to an order, but the body does not hold it.
fn read_hint(shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let notice = read_notice(shop, body)?;
    let id = Place::Body.field("order_id").id(notice.order_id)?;
    let times = [
        ("updated_at", notice.updated_at),
        ("processed_at", notice.processed_at),
        ("created_at", notice.created_at),
    ];
    let mut at = None;
    for (name, text) in times {
        at = at.max(Place::Body.field(name).time(text.as_deref())?);
    }
    Ok(Incoming::Hint { kind: ObjectType::Order, id, at })
}

fn read_edit(body: &[u8]) -> Result<Incoming, Failure> {
    let place = Place::Body;
    let place = place.field("order_edit");
    let edit = place.required(wire(parse::<OrderEditBody>(body))?.order_edit)?;
    let id = place.field("order_id").id(edit.order_id)?;
    let committed = place.field("committed_at").time(edit.committed_at.as_deref())?;
    let created = place.field("created_at").time(edit.created_at.as_deref())?;
    Ok(Incoming::Hint { kind: ObjectType::Order, id, at: committed.max(created) })
}

/// How much buyers can buy. A level that is not counted is told as well, and says nothing.
fn read_level(topic: &str, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let level: InventoryLevel = wire(parse(body))?;
    let at = Place::Body.field("updated_at").time(level.updated_at.as_deref())?;
    let (Some(item), Some(location), Some(available), Some(at)) =
        (level.inventory_item_id, level.location_id, level.available, at)
    else {
        return read_other(topic, shop, body);
    };
    Ok(Incoming::Level(Told {
        inventory_item_id: ExternalId(item.0),
        location_id: ExternalId(location.0),
        available: available.0,
        at,
    }))
}

fn read_removal(kind: ObjectType, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let notice = read_notice(shop, body)?;
    let id = Place::Body.field("id").id(notice.id.or(notice.admin_graphql_api_id))?;
    Ok(Incoming::Removed { kind, id })
}

/// What any body may tell. Topic and shop stand in headers, which are not signed: a body that names another shop was
/// sent under a wrong name.
fn read_notice(shop: &str, body: &[u8]) -> Result<Notice, Failure> {
    let notice: Notice = wire(parse(body))?;
    let named =
        [("myshopify_domain", &notice.myshopify_domain), ("shop_domain", &notice.shop_domain)];
    for (field, domain) in named {
        let is_other = |Loose(domain): &Loose| !domain.eq_ignore_ascii_case(shop);
        if domain.as_ref().is_some_and(is_other) {
            let detail = format!("{field}: the body belongs to another shop than {shop}");
            return Err(Failure::new(Code::ShopMismatch, detail));
        }
    }
    Ok(notice)
}

pub(super) fn wire<T>(read: Result<T, WireProblem>) -> Result<T, Failure> {
    read.map_err(|problem| Failure::new(Code::MalformedBody, problem.to_string()))
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;

    const SHOP: &str = "a.myshopify.com";

    fn said(topic: &str, body: &str) -> Result<Incoming, Failure> {
        read(Source::Webhook, topic, SHOP, body.as_bytes())
    }

    #[test]
    fn a_topic_decides_what_a_body_says() {
        let at = Some(Timestamp::parse("2026-11-21T05:00:00Z").unwrap());
        let hint = |at| Incoming::Hint { kind: ObjectType::Order, id: ExternalId(7), at };
        let kept = |kind: &str, id| Incoming::Kept { object_type: kind.into(), id };
        let removed = |kind| Incoming::Removed { kind, id: ExternalId(5) };
        let edit = r#"{"order_edit":{"order_id":7,"committed_at":"2026-11-21T00:00:00-05:00"}}"#;
        let times = r#"{"id":5,"order_id":7,"created_at":"2020-01-01T00:00:00Z","updated_at":"2026-11-21T05:00:00Z"}"#;
        let level = r#"{"inventory_item_id":5,"location_id":6,"available":-2,"updated_at":"2026-11-21T05:00:00Z"}"#;
        let told = Told {
            inventory_item_id: ExternalId(5),
            location_id: ExternalId(6),
            available: -2,
            at: Timestamp::parse("2026-11-21T05:00:00Z").unwrap(),
        };
        let scopes = r#"{"id":"gid://shopify/App/12","current":["read_orders"]}"#;
        let cases = [
            ("orders/edited", edit, hint(at)),
            ("refunds/create", times, hint(at)),
            ("order_transactions/create", r#"{"order_id":7}"#, hint(None)),
            ("fulfillments/update", times, hint(at)),
            ("orders/delete", r#"{"id":5}"#, removed(ObjectType::Order)),
            ("products/delete", r#"{"id":5}"#, removed(ObjectType::Product)),
            (
                "app/uninstalled",
                r#"{"id":5,"myshopify_domain":"A.myshopify.com"}"#,
                Incoming::Uninstalled,
            ),
            ("customers/update", r#"{"id":5}"#, kept("customer", Some(ExternalId(5)))),
            ("inventory_levels/update", level, Incoming::Level(told)),
            (
                "inventory_levels/update",
                r#"{"inventory_item_id":5,"location_id":6,"available":null}"#,
                kept("inventory_level", None),
            ),
            ("app/scopes_update", scopes, kept("app", Some(ExternalId(12)))),
            ("carts/create", "not even JSON", Incoming::Unsupported),
            ("orders/read", "{}", Incoming::Unsupported),
        ];
        for (topic, body, expected) in cases {
            assert_eq!(said(topic, body), Ok(expected), "{topic}");
        }
    }

    #[test]
    fn a_body_that_cannot_be_read_may_still_name_its_object() {
        let named = |topic, body: &str| object_named(topic, body.as_bytes());
        let order = Some((ObjectType::Order, ExternalId(7)));
        assert_eq!(named("orders/create", r#"{"id":7,"currency":null}"#), order);
        assert_eq!(named("refunds/create", r#"{"id":1,"order_id":7}"#), order);
        assert_eq!(named("refunds/create", r#"{"id":7}"#), None);
        assert_eq!(named("customers/update", r#"{"id":7}"#), None);
        assert_eq!(named("orders/create", "nonsense"), None);
    }

    #[test]
    fn a_body_of_another_shop_is_refused() {
        for (topic, body) in [
            ("app/uninstalled", r#"{"myshopify_domain":"b.myshopify.com"}"#),
            ("shop/redact", r#"{"shop_domain":"b.myshopify.com"}"#),
        ] {
            assert_eq!(said(topic, body).unwrap_err().code, Code::ShopMismatch, "{topic}");
        }
    }

    #[test]
    fn a_body_that_does_not_keep_its_topics_promise_is_refused_by_name() {
        let cases = [
            ("orders/create", "{}", "currency: is missing"),
            ("orders/create", "{", "body: ends too early"),
            ("orders/create", "null", "body: expected"),
            ("refunds/create", r#"{"id":1}"#, "order_id: is missing"),
            ("orders/edited", "{}", "order_edit: is missing"),
            ("products/update", r#"{"id":1}"#, "updated_at: is missing"),
            ("products/delete", "{}", "id: is missing"),
            ("customers/update", "[", "body: ends too early"),
        ];
        for (topic, body, expected) in cases {
            let failure = said(topic, body).unwrap_err();
            assert_eq!(failure.code, Code::MalformedBody);
            assert!(failure.detail.starts_with(expected), "{topic}: {failure}");
        }
    }
}
