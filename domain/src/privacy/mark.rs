//! By what a person is known again.

use crate::id::ExternalId;
use crate::refined::Order;

/// The fewest digits that make a phone number: fewer are a house number or a year.
const PHONE_DIGITS_MIN: usize = 7;

/// What kind of thing marks a person.
///
/// A customer's id decides where it is known on both sides: two people may share an address or a phone. So a person
/// with an id is looked for by their address and phone among orders without a customer only, which are the guest kinds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MarkKind {
    /// An order of theirs, by the store's id.
    Order,
    /// The store's id of them.
    Customer,
    /// An email address, whoever's order it stands on.
    Email,
    /// A phone number, whoever's order it stands on.
    Phone,
    /// An email address on an order that names no customer.
    GuestEmail,
    /// A phone number on an order that names no customer.
    GuestPhone,
    /// Whatever a connection tells after all that was held of its shop was erased.
    Shop,
}

impl MarkKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Order,
        Self::Customer,
        Self::Email,
        Self::Phone,
        Self::GuestEmail,
        Self::GuestPhone,
        Self::Shop,
    ];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Customer => "customer",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::GuestEmail => "guest_email",
            Self::GuestPhone => "guest_phone",
            Self::Shop => "shop",
        }
    }
}

/// Something that marks a person, in one spelling. It is personal, so `Debug` shows the kind only.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The kind.
    pub kind: MarkKind,
    value: String,
}

impl std::fmt::Debug for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mark({})", self.kind.as_str())
    }
}

impl Mark {
    /// An order.
    pub fn order(id: ExternalId) -> Self {
        Self { kind: MarkKind::Order, value: id.to_string() }
    }

    /// A customer.
    pub fn customer(id: ExternalId) -> Self {
        Self { kind: MarkKind::Customer, value: id.to_string() }
    }

    /// A whole shop; which one, its connection says.
    pub fn shop() -> Self {
        Self { kind: MarkKind::Shop, value: String::new() }
    }

    /// An email address: without blanks around it, in small letters. None where the text is none.
    pub fn email(kind: MarkKind, text: &str) -> Option<Self> {
        let value = text.trim().to_lowercase();
        value.contains('@').then_some(Self { kind, value })
    }

    /// A phone number: its digits. None where the text is none.
    pub fn phone(kind: MarkKind, text: &str) -> Option<Self> {
        let is_of_one = |c: char| c.is_ascii_digit() || "+-() ./".contains(c);
        let value: String = text.chars().filter(char::is_ascii_digit).collect();
        let fits = value.len() >= PHONE_DIGITS_MIN && text.chars().all(is_of_one);
        fits.then_some(Self { kind, value })
    }

    /// The one spelling.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Everything that marks the person whom an order is of.
    pub fn of_order(order: &Order) -> Vec<Self> {
        let customer = order.customer.as_ref();
        let mut marks = vec![Self::order(order.id)];
        marks.extend(customer.map(|customer| Self::customer(customer.id)));
        let mut emails = vec![MarkKind::Email];
        let mut phones = vec![MarkKind::Phone];
        if customer.is_none() {
            emails.push(MarkKind::GuestEmail);
            phones.push(MarkKind::GuestPhone);
        }
        let both = |own: &Option<_>, theirs: Option<&Option<_>>| {
            [own.clone(), theirs.cloned().flatten()].into_iter().flatten().collect::<Vec<_>>()
        };
        for text in both(&order.email, customer.map(|customer| &customer.email)) {
            marks.extend(emails.iter().filter_map(|kind| Self::email(*kind, text.reveal())));
        }
        for text in both(&order.phone, customer.map(|customer| &customer.phone)) {
            marks.extend(phones.iter().filter_map(|kind| Self::phone(*kind, text.reveal())));
        }
        marks
    }

    /// Everything that a bare value may be the mark of, in a body that nobody reads field by field: an id, also in the
    /// store's global spelling, an address, a phone number.
    pub fn of_value(text: &str) -> Vec<Self> {
        let mut marks = Vec::new();
        let id = text.strip_prefix("gid://").map_or(text, |global| {
            let last = global.rsplit('/').next().unwrap_or_default();
            last.split('?').next().unwrap_or_default()
        });
        if let Ok(id) = id.parse().map(ExternalId) {
            marks.extend([Self::order(id), Self::customer(id)]);
        }
        for kind in [MarkKind::Email, MarkKind::GuestEmail] {
            marks.extend(Self::email(kind, text));
        }
        for kind in [MarkKind::Phone, MarkKind::GuestPhone] {
            marks.extend(Self::phone(kind, text));
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::sample::order as order_of;
    use crate::personal::Personal;
    use crate::refined::Customer;

    #[test]
    fn a_mark_has_one_spelling() {
        let email = |text| Mark::email(MarkKind::Email, text).map(|mark| mark.value);
        assert_eq!(email(" Jane@Example.COM "), Some("jane@example.com".to_owned()));
        assert_eq!(email("jane"), None);
        let phone = |text| Mark::phone(MarkKind::Phone, text).map(|mark| mark.value);
        assert_eq!(phone("+1 (613) 555-0142"), Some("16135550142".to_owned()));
        for none in ["12345", "2026-11-21T05:00:00Z", "abc1234567", ""] {
            assert_eq!(phone(none), None, "{none}");
        }
        let of = Mark::of_value("gid://shopify/Customer/77?x=1");
        assert!(of.contains(&Mark::customer(ExternalId(77))));
    }

    #[test]
    fn an_address_marks_a_guest_only_where_no_customer_is_named() {
        let mut order = order_of(Vec::new());
        order.email = Some(Personal::new("jane@example.com"));
        order.customer = None;
        let guest = Mark::email(MarkKind::GuestEmail, "jane@example.com").unwrap();
        assert!(Mark::of_order(&order).contains(&guest));
        order.customer = Some(Customer {
            id: ExternalId(5),
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            tax_exempt: false,
            tags: Vec::new(),
        });
        let marks = Mark::of_order(&order);
        assert!(!marks.contains(&guest));
        assert!(marks.contains(&Mark::customer(ExternalId(5))));
        assert!(marks.contains(&Mark::email(MarkKind::Email, "jane@example.com").unwrap()));
    }
}
