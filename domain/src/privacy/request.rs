//! The requests themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Mark, MarkKind};
use crate::id::{ConnectionId, DeliveryId, ExternalId};
use crate::personal::Personal;
use crate::time::Timestamp;

/// How soon a request is to be met (Shopify: within 30 days of receiving it).
pub const DUE_WITHIN: Duration = Duration::from_hours(30 * 24);

/// What a store asks about a person, or about all of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PrivacyTopic {
    /// To erase a person.
    CustomerRedact,
    /// To tell what is held on a person.
    DataRequest,
    /// To erase all that is held of the store, some days after it took the app away.
    ShopRedact,
}

impl PrivacyTopic {
    /// Every topic.
    pub const ALL: [Self; 3] = [Self::CustomerRedact, Self::DataRequest, Self::ShopRedact];

    /// The store's own name of it, which is also the one in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerRedact => "customers/redact",
            Self::DataRequest => "customers/data_request",
            Self::ShopRedact => "shop/redact",
        }
    }

    /// The topic of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text)
    }
}

/// Whom a request is about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Person {
    /// The store's id of them, if they have one.
    pub customer_id: Option<ExternalId>,
    /// Email address.
    pub email: Option<Personal>,
    /// Phone number.
    pub phone: Option<Personal>,
    /// Their orders, as far as the store names them.
    pub orders: Vec<ExternalId>,
}

impl Person {
    /// Whether there is anything to know them by.
    pub fn is_nobody(&self) -> bool {
        self.marks().is_empty()
    }

    /// By what they are known again.
    pub fn marks(&self) -> Vec<Mark> {
        let (email, phone) = match self.customer_id {
            Some(_) => (MarkKind::GuestEmail, MarkKind::GuestPhone),
            None => (MarkKind::Email, MarkKind::Phone),
        };
        let mut marks: Vec<Mark> = self.orders.iter().copied().map(Mark::order).collect();
        marks.extend(self.customer_id.map(Mark::customer));
        let text = |text: &Option<Personal>| text.as_ref().map(|text| text.reveal().to_owned());
        marks.extend(text(&self.email).and_then(|text| Mark::email(email, &text)));
        marks.extend(text(&self.phone).and_then(|text| Mark::phone(phone, &text)));
        marks
    }
}

/// A request as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PrivacyRequest {
    /// What is asked.
    pub topic: PrivacyTopic,
    /// About whom; nobody where it is about the whole store.
    pub person: Person,
}

/// Where a request is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PrivacyState {
    /// Not met yet.
    Open,
    /// Met.
    Done,
    /// Not met because what it asks for would be wrong now; the note says why.
    Held,
}

impl PrivacyState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Done, Self::Held];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Held => "held",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Rows by table.
pub type Counts = BTreeMap<String, u64>;

/// A request and what became of it: ids and numbers, nothing of the person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRequest {
    /// The delivery that brought it.
    pub id: DeliveryId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// What was asked.
    pub topic: PrivacyTopic,
    /// Where it is.
    pub state: PrivacyState,
    /// The orders that it was found to be about, by the store's ids.
    pub orders: Vec<ExternalId>,
    /// Rows that were changed or removed, by table.
    pub counts: Counts,
    /// Why it is held.
    pub note: Option<String>,
    /// When it came.
    pub requested_at: Timestamp,
    /// Until when it is to be met.
    pub due_at: Timestamp,
    /// When it was met.
    pub completed_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_an_id_is_looked_for_by_their_address_among_guests_only() {
        let mut person = Person { email: Some(Personal::new("a@b.c")), ..Person::default() };
        let kinds = |person: &Person| person.marks().iter().map(|m| m.kind).collect::<Vec<_>>();
        assert_eq!(kinds(&person), [MarkKind::Email]);
        person.customer_id = Some(ExternalId(7));
        assert_eq!(kinds(&person), [MarkKind::Customer, MarkKind::GuestEmail]);
        assert!(Person::default().is_nobody());
    }
}
