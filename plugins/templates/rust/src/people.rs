//! The buyer.

use plugins::types::{Order, PosCustomer};

/// The buyer as far as the order tells: the customer's record, else what was given at the checkout, else nobody.
pub fn customer(order: &Order) -> Option<PosCustomer> {
    let known = order.customer.as_ref();
    let billing = order.billing_address.as_ref();
    let name = match (known, billing) {
        (Some(known), _) => full_name(&known.first_name, &known.last_name),
        (None, Some(billing)) => full_name(&billing.first_name, &billing.last_name),
        (None, None) => None,
    };
    let email = known.and_then(|known| known.email.clone()).or_else(|| order.email.clone());
    let phone = known.and_then(|known| known.phone.clone()).or_else(|| order.phone.clone());
    let somebody = known.is_some() || name.is_some() || email.is_some() || phone.is_some();
    somebody.then(|| PosCustomer {
        external_id: known.map(|known| known.id.clone()),
        name,
        email,
        phone,
    })
}

fn full_name(first: &Option<String>, last: &Option<String>) -> Option<String> {
    let names: Vec<_> = [first, last].into_iter().flatten().map(String::as_str).collect();
    (!names.is_empty()).then(|| names.join(" "))
}
