//! Webhook subscriptions, as an app makes and ends them.

use serde_json::{Value, json};

use super::project::{Arguments, Key};
use super::render::{gid, number_of};
use super::roots::text;
use crate::deliveries::{Courier, Subscription};

/// All subscriptions of a shop with their sort keys.
pub(super) fn list(courier: &Courier, shop: &str) -> Vec<(Key, Value)> {
    let all = courier.subscriptions(shop);
    all.iter().map(|one| ((one.id, 0), render(one))).collect()
}

/// Makes a subscription, if the app may have it. `has` says whether a scope was granted.
pub(super) fn create(
    courier: &Courier,
    shop: &str,
    arguments: &Arguments,
    has: impl Fn(&str) -> bool,
) -> Value {
    let uri_field = || json!(["webhookSubscription", "uri"]);
    let made = match shopify::webhook::topic_of_enum(text(arguments, "topic")) {
        None => Err((json!(["topic"]), "Topic is invalid")),
        Some(topic) if !topic.scopes.is_empty() && !topic.scopes.iter().any(|one| has(one)) => {
            Err((json!(["topic"]), "You are not authorized to access this topic"))
        }
        Some(topic) => {
            let input = arguments.get("webhookSubscription");
            let uri = input.and_then(|input| input["uri"].as_str()).unwrap_or_default();
            if uri.starts_with("http://") || uri.starts_with("https://") {
                let made = courier.subscribe(shop, topic.name, uri);
                made.ok_or((uri_field(), "Address for this topic has already been taken"))
            } else {
                Err((uri_field(), "Address is invalid"))
            }
        }
    };
    let (made, errors) = match made {
        Ok(made) => (render(&made), json!([])),
        Err((field, message)) => (Value::Null, json!([user_error(&field, message)])),
    };
    json!({
        "__typename": "WebhookSubscriptionCreatePayload",
        "webhookSubscription": made,
        "userErrors": errors,
    })
}

/// Ends a subscription.
pub(super) fn delete(courier: &Courier, shop: &str, arguments: &Arguments) -> Value {
    let id = text(arguments, "id");
    let number = number_of("WebhookSubscription", id);
    let ended = number.is_some_and(|number| courier.unsubscribe(shop, number));
    let errors = if ended {
        json!([])
    } else {
        json!([user_error(&json!(["id"]), "Webhook subscription does not exist")])
    };
    json!({
        "__typename": "WebhookSubscriptionDeletePayload",
        "deletedWebhookSubscriptionId": ended.then_some(id),
        "userErrors": errors,
    })
}

fn user_error(field: &Value, message: &str) -> Value {
    json!({ "__typename": "UserError", "field": field, "message": message })
}

fn render(subscription: &Subscription) -> Value {
    let topic = shopify::webhook::topic(&subscription.topic);
    json!({
        "__typename": "WebhookSubscription",
        "id": gid("WebhookSubscription", subscription.id),
        "topic": topic.map_or(subscription.topic.as_str(), |topic| topic.enum_name),
        "uri": subscription.uri,
    })
}
