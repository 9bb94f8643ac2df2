//! The buyer.

use plugins::types::{Order, PosCustomer};

/// The buyer as far as the order tells: the customer's record, else what was given at the checkout, else nobody.
pub(crate) fn customer(order: &mut Order) -> Option<PosCustomer> {
    let known = order.customer.take();
    let (external_id, mut name, mut email, mut phone) = match known {
        Some(customer) => (
            Some(customer.id),
            full_name(customer.first_name.as_deref(), customer.last_name.as_deref()),
            customer.email,
            customer.phone,
        ),
        None => (None, None, None, None),
    };
    if let Some(billing) = &order.billing_address {
        name = name
            .or_else(|| full_name(billing.first_name.as_deref(), billing.last_name.as_deref()))
            .or_else(|| billing.company.clone());
    }
    email = email.or_else(|| order.email.take());
    phone = phone.or_else(|| order.phone.take());
    let somebody = external_id.is_some() || name.is_some() || email.is_some() || phone.is_some();
    somebody.then_some(PosCustomer { external_id, name, email, phone })
}

fn full_name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let (first, last) = (first.unwrap_or("").trim(), last.unwrap_or("").trim());
    match (first.is_empty(), last.is_empty()) {
        (true, true) => None,
        (false, true) => Some(first.to_owned()),
        (true, false) => Some(last.to_owned()),
        (false, false) => Some([first, " ", last].concat()),
    }
}
