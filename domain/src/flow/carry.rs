//! Carry: what a newer version's source cannot tell is taken from the versions before.
//!
//! No source tells everything about an order. The newest version counts for all that its source tells; of what it cannot
//! tell, the last that was told still stands. Whatever is taken over must still be true beside what is new: a street
//! belongs to its town, and payments to the state of payment that they led to.

use crate::refined::{Address, Customer, KnownParts, Order, OrderPart, Payment};

/// Whether something that `order`'s source could not tell is told by none of these.
pub fn is_lacking<'k>(order: &Order, known: impl IntoIterator<Item = &'k KnownParts>) -> bool {
    let mut lacking = order.untold.clone();
    for known in known {
        lacking.retain(|part| !known.tells(*part));
    }
    !lacking.is_empty()
}

/// Completes an order by what is known from older versions, given newest first: each part that its own source could not
/// tell is taken from the first that tells it. Doing it again with what was carried changes nothing.
pub fn carry_over(order: &mut Order, newest_first: &[KnownParts]) {
    for part in order.untold.clone() {
        if let Some(known) = newest_first.iter().find(|known| known.tells(part)) {
            take_over(order, part, known);
        }
    }
}

fn take_over(order: &mut Order, part: OrderPart, known: &KnownParts) {
    match part {
        OrderPart::LocationId => order.location_id = known.location_id,
        OrderPart::UserId => order.user_id = known.user_id,
        OrderPart::Email => order.email = order.email.take().or_else(|| known.email.clone()),
        OrderPart::Phone => order.phone = order.phone.take().or_else(|| known.phone.clone()),
        OrderPart::Customer => fill_customer(&mut order.customer, known.customer.as_ref()),
        OrderPart::BillingAddress => {
            fill_address(&mut order.billing_address, known.billing_address.as_ref());
        }
        OrderPart::ShippingAddress => {
            fill_address(&mut order.shipping_address, known.shipping_address.as_ref());
        }
        // After the state of payment has changed there is a payment that is not among those known: an incomplete list
        // would be taken for the whole.
        OrderPart::Transactions if known.payment == Some(Payment::of(order)) => {
            order.transactions.clone_from(&known.transactions);
        }
        OrderPart::Transactions => {}
    }
}

/// What of a buyer is withheld, from what was known of the same buyer.
fn fill_customer(customer: &mut Option<Customer>, known: Option<&Customer>) {
    let Some(known) = known else { return };
    let Some(customer) = customer else {
        *customer = Some(known.clone());
        return;
    };
    if customer.id != known.id {
        return;
    }
    fill(&mut customer.first_name, known.first_name.as_ref());
    fill(&mut customer.last_name, known.last_name.as_ref());
    fill(&mut customer.email, known.email.as_ref());
    fill(&mut customer.phone, known.phone.as_ref());
}

/// What of an address is withheld, from what was known of an address at the same place: a street in another town would be
/// an address that does not exist.
fn fill_address(address: &mut Option<Address>, known: Option<&Address>) {
    let Some(known) = known else { return };
    let Some(address) = address else {
        *address = Some(known.clone());
        return;
    };
    let place = |one: &Address| {
        (one.company.clone(), one.city.clone(), one.province_code.clone(), one.country_code.clone())
    };
    if place(address) != place(known) {
        return;
    }
    fill(&mut address.first_name, known.first_name.as_ref());
    fill(&mut address.last_name, known.last_name.as_ref());
    fill(&mut address.address1, known.address1.as_ref());
    fill(&mut address.address2, known.address2.as_ref());
    fill(&mut address.zip, known.zip.as_ref());
    fill(&mut address.phone, known.phone.as_ref());
}

fn fill<T: Clone>(value: &mut Option<T>, known: Option<&T>) {
    if value.is_none() {
        *value = known.cloned();
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::flow::sample::{line, order};
    use crate::id::ExternalId;
    use crate::money::MoneyBag;
    use crate::personal::Personal;
    use crate::refined::Transaction;

    /// An order whose source could not tell these parts.
    fn without(parts: &[OrderPart]) -> Order {
        Order { untold: parts.iter().copied().collect(), ..order(vec![line(1, 71, 1)]) }
    }

    fn payment() -> Transaction {
        Transaction {
            id: ExternalId(5),
            kind: "sale".into(),
            status: "success".into(),
            gateway: "cash".into(),
            amount: MoneyBag::same(Decimal::TEN),
            processed_at: None,
        }
    }

    fn address(city: &str, street: Option<&str>) -> Address {
        Address {
            city: Some(city.into()),
            address1: street.map(Personal::new),
            ..Address::default()
        }
    }

    fn customer(id: i64, name: Option<&str>) -> Customer {
        Customer {
            id: ExternalId(id),
            first_name: name.map(Personal::new),
            last_name: None,
            email: None,
            phone: None,
            tax_exempt: false,
            tags: Vec::new(),
        }
    }

    #[test]
    fn each_part_comes_from_the_newest_version_whose_source_tells_it() {
        let mut delivered = without(&[OrderPart::Transactions]);
        delivered.user_id = Some(ExternalId(3));
        let mut polled = without(&[OrderPart::UserId]);
        polled.transactions = vec![payment()];
        carry_over(&mut polled, &[KnownParts::told_by(&delivered)]);
        assert_eq!((polled.user_id, polled.transactions.len()), (Some(ExternalId(3)), 1));

        // The poll's own body does not name the member of staff; what it carries does.
        let known = [KnownParts::told_by(&polled), KnownParts::carried_by(&polled)];
        let mut next = without(&[OrderPart::Transactions, OrderPart::UserId]);
        assert!(is_lacking(&next, &known[..1]) && !is_lacking(&next, &known));
        carry_over(&mut next, &known);
        assert_eq!((next.user_id, &next.transactions), (Some(ExternalId(3)), &polled.transactions));

        // What a source tells counts, also that there is nothing.
        let mut emptied = without(&[]);
        carry_over(&mut emptied, &known);
        assert_eq!((emptied.user_id, emptied.transactions.len()), (None, 0));
    }

    #[test]
    fn to_carry_over_again_what_was_carried_changes_nothing() {
        let parts = [OrderPart::Customer, OrderPart::ShippingAddress, OrderPart::Transactions];
        let mut full = without(&[]);
        full.customer = Some(customer(1, Some("Ada")));
        full.shipping_address = Some(address("Ottawa", Some("1 Main St")));
        full.transactions = vec![payment()];
        let mut body = without(&parts);
        body.customer = Some(customer(1, None));
        let mut first = body.clone();
        carry_over(&mut first, &[KnownParts::told_by(&full)]);
        assert_eq!((&first.customer, &first.transactions), (&full.customer, &full.transactions));
        assert_eq!(first.shipping_address, full.shipping_address);
        let mut again = body;
        carry_over(&mut again, &[KnownParts::carried_by(&first)]);
        assert_eq!(again, first);
    }

    #[test]
    fn what_would_no_longer_be_true_is_left() {
        let parts = [OrderPart::Customer, OrderPart::BillingAddress, OrderPart::Transactions];
        let mut known = without(&[]);
        known.customer = Some(customer(1, Some("Ada")));
        known.billing_address = Some(address("Ottawa", Some("1 Main St")));
        known.transactions = vec![payment()];
        let known = [KnownParts::told_by(&known)];
        let mut other = without(&parts);
        other.customer = Some(customer(2, None));
        other.billing_address = Some(address("Halifax", None));
        other.financial_status = "voided".into();
        let before = other.clone();
        carry_over(&mut other, &known);
        assert_eq!(other, before);
    }

    #[test]
    fn of_a_part_that_nobody_told_it_is_known_that_there_is_nothing_to_carry() {
        let carried = KnownParts::carried_by(&without(&[OrderPart::Transactions]));
        assert!(carried.is_empty() && carried.tells(OrderPart::Transactions));
        assert!(!is_lacking(&without(&[OrderPart::Transactions]), [&carried]));
        let mut staffed = without(&[OrderPart::UserId]);
        staffed.user_id = Some(ExternalId(3));
        assert!(!KnownParts::carried_by(&staffed).is_empty());
    }
}
