//! What a delivery says, by its topic.

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::Incoming;
use domain::id::ExternalId;
use domain::refined::ObjectType;
use shopify::webhook;
use shopify::wire::rest::{Notice, OrderEditBody};
use shopify::wire::{Loose, WireProblem, node, parse, rest};

use super::place::Place;
use super::{order, product};

/// The topics of objects that were read from the API.
const ORDERS_READ: &str = "orders/read";
const PRODUCTS_READ: &str = "products/read";

/// Reads a delivery's body as its topic promises.
pub(super) fn read(topic: &str, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    match topic {
        ORDERS_READ => order::of_node(wire(parse::<node::Order>(body))?).map(order_came),
        PRODUCTS_READ => product::of_node(wire(parse::<node::Product>(body))?).map(product_came),
        "orders/create" | "orders/updated" | "orders/paid" | "orders/cancelled"
        | "orders/fulfilled" | "orders/partially_fulfilled" => {
            order::of_rest(wire(parse::<rest::Order>(body))?).map(order_came)
        }
        "products/create" | "products/update" => {
            product::of_rest(wire(parse::<rest::Product>(body))?).map(product_came)
        }
        "orders/edited" => read_edit(body),
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
        _ => read_other(topic, shop, body),
    }
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

fn read_removal(kind: ObjectType, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let notice = read_notice(shop, body)?;
    let id = Place::Body.field("id").id(notice.id.or(notice.admin_graphql_api_id))?;
    Ok(Incoming::Removed { kind, id })
}

/// What any body may tell. Topic and shop stand in headers, which are not signed: a body that names another shop was
/// sent under a wrong name.
fn read_notice(shop: &str, body: &[u8]) -> Result<Notice, Failure> {
    let notice: Notice = wire(parse(body))?;
    let named = [
        ("myshopify_domain", &notice.myshopify_domain),
        ("shop_domain", &notice.shop_domain),
    ];
    for (field, domain) in named {
        let is_other = |Loose(domain): &Loose| !domain.eq_ignore_ascii_case(shop);
        if domain.as_ref().is_some_and(is_other) {
            let detail = format!("{field}: the body belongs to another shop than {shop}");
            return Err(Failure::new(Code::ShopMismatch, detail));
        }
    }
    Ok(notice)
}

fn wire<T>(read: Result<T, WireProblem>) -> Result<T, Failure> {
    read.map_err(|problem| Failure::new(Code::MalformedBody, problem.to_string()))
}
