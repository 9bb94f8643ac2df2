//! What the store asks about a person (rules of the compliance topics).
//!
//! Topic and shop stand in headers, which are not signed, and what is asked cannot be undone. So a body must have the
//! very shape that its topic promises and name its shop: no other body of the store's, sent under one of these topics,
//! erases anything.

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::Incoming;
use domain::id::ExternalId;
use domain::personal::Personal;
use domain::privacy::{Person, PrivacyRequest, PrivacyTopic};
use shopify::wire::rest::PrivacyBody;
use shopify::wire::{Id, Loose, parse};

use super::order::text;
use super::place::Place;
use super::topic::wire;

/// Reads a request.
pub(super) fn read(topic: PrivacyTopic, shop: &str, body: &[u8]) -> Result<Incoming, Failure> {
    let body: PrivacyBody = wire(parse(body))?;
    let place = Place::Body;
    let Loose(domain) = place.field("shop_domain").required(body.shop_domain.as_ref())?;
    if !domain.eq_ignore_ascii_case(shop) {
        let detail = format!("shop_domain: the body belongs to another shop than {shop}");
        return Err(Failure::new(Code::ShopMismatch, detail));
    }
    place.field("shop_id").id(body.shop_id)?;
    let orders = orders_of(topic, &body)?;
    let customer = body.customer;
    let person = Person {
        customer_id: customer.as_ref().and_then(|one| one.id).map(|Id(id)| ExternalId(id)),
        email: text(customer.as_ref().and_then(|one| one.email.clone())).map(Personal::new),
        phone: text(customer.and_then(|one| one.phone).map(|Loose(text)| text)).map(Personal::new),
        orders,
    };
    if topic != PrivacyTopic::ShopRedact && person.is_nobody() {
        return Err(place.field("customer").malformed("names nobody"));
    }
    Ok(Incoming::Privacy(Box::new(PrivacyRequest { topic, person })))
}

/// The orders that the body names, where it has the fields of its topic and none of another.
fn orders_of(topic: PrivacyTopic, body: &PrivacyBody) -> Result<Vec<ExternalId>, Failure> {
    let place = Place::Body;
    let erases = ("orders_to_redact", body.orders_to_redact.as_ref());
    let tells = ("orders_requested", body.orders_requested.as_ref());
    let (own, others) = match topic {
        PrivacyTopic::CustomerRedact => (Some(erases), vec![tells]),
        PrivacyTopic::DataRequest => (Some(tells), vec![erases]),
        PrivacyTopic::ShopRedact => (None, vec![tells, erases]),
    };
    let foreign = |name| place.field(name).malformed("belongs to another topic");
    if let Some((name, _)) = others.into_iter().find(|(_, orders)| orders.is_some()) {
        return Err(foreign(name));
    }
    if topic != PrivacyTopic::DataRequest && body.data_request.is_some() {
        return Err(foreign("data_request"));
    }
    let Some((name, orders)) = own else {
        return match body.customer {
            Some(_) => Err(foreign("customer")),
            None => Ok(Vec::new()),
        };
    };
    let orders = place.field(name).required(orders)?;
    Ok(orders.iter().map(|Id(id)| ExternalId(*id)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "a.myshopify.com";
    const REDACT: &str = r#"{"shop_id":1,"shop_domain":"A.myshopify.com",
        "customer":{"id":7,"email":"a@b.c","phone":null},"orders_to_redact":[5,"6"]}"#;
    const ASK: &str = r#"{"shop_id":1,"shop_domain":"a.myshopify.com","customer":{"email":"a@b.c"},
        "orders_requested":[],"data_request":{"id":9}}"#;
    const SHOP_GONE: &str = r#"{"shop_id":1,"shop_domain":"a.myshopify.com"}"#;

    #[test]
    fn a_request_says_about_whom() {
        let Ok(Incoming::Privacy(asked)) =
            read(PrivacyTopic::CustomerRedact, SHOP, REDACT.as_bytes())
        else {
            panic!("not read")
        };
        assert_eq!(asked.person.customer_id, Some(ExternalId(7)));
        assert_eq!(asked.person.orders, [ExternalId(5), ExternalId(6)]);
        assert!(read(PrivacyTopic::DataRequest, SHOP, ASK.as_bytes()).is_ok());
        assert!(read(PrivacyTopic::ShopRedact, SHOP, SHOP_GONE.as_bytes()).is_ok());
    }

    #[test]
    fn a_body_under_another_topic_asks_nothing() {
        let order = r#"{"id":5,"customer":{"id":7,"email":"a@b.c"},"line_items":[]}"#;
        let bodies = [REDACT, ASK, SHOP_GONE, order, "{}", "[]"];
        let mut read_as = Vec::new();
        for (at, topic) in PrivacyTopic::ALL.into_iter().enumerate() {
            for (of, body) in bodies.iter().enumerate() {
                match read(topic, SHOP, body.as_bytes()) {
                    Ok(_) => read_as.push((at, of)),
                    Err(failure) => assert_eq!(failure.code, Code::MalformedBody, "{failure}"),
                }
            }
        }
        assert_eq!(read_as, [(0, 0), (1, 1), (2, 2)]);
        let nobody =
            r#"{"shop_id":1,"shop_domain":"a.myshopify.com","customer":{},"orders_to_redact":[]}"#;
        let failure = read(PrivacyTopic::CustomerRedact, SHOP, nobody.as_bytes()).unwrap_err();
        assert_eq!(failure.detail, "customer: names nobody");
    }
}
