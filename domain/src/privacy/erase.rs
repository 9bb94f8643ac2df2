//! What remains of a mapped order when a person is taken out of it.

use std::collections::BTreeSet;

use crate::personal::Personal;
use crate::pos::{PosCharge, PosLine, PosOrder, PosTender};
use crate::refined::Address;

/// What stands where something of a person stood in a text that must not be empty.
pub const ERASED: &str = "[erased]";

/// The shortest text that tells of a person wherever it stands.
const LENGTH_MIN: usize = 6;

/// What tells of a person wherever it stands: their addresses, phone numbers, full names, streets. A first name alone
/// does not, since teas are called Rose.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Telltales(BTreeSet<String>);

impl std::fmt::Debug for Telltales {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Telltales({})", self.0.len())
    }
}

impl Telltales {
    /// Adds a text, unless it is too short to tell.
    pub fn add(&mut self, text: &Personal) {
        self.add_text(text.reveal());
    }

    /// Adds a full name. A first name alone tells nothing.
    pub fn add_name(&mut self, first: &Personal, last: &Personal) {
        self.add_text(&format!("{} {}", first.reveal().trim(), last.reveal().trim()));
    }

    fn add_text(&mut self, text: &str) {
        let text = text.trim().to_lowercase();
        self.0.extend(Some(text).filter(|text| text.chars().count() >= LENGTH_MIN));
    }

    /// Adds what others tell.
    pub fn join(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Whether the text tells of the person.
    pub fn tell(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let text = text.to_lowercase();
        self.0.iter().any(|telltale| text.contains(telltale.as_str()))
    }

    fn scrub(&self, text: &mut String) {
        if self.tell(text) {
            ERASED.clone_into(text);
        }
    }
}

impl PosOrder {
    /// The same sale without its buyer: who they are, where they live and what they wrote is gone. Of the address the
    /// country and the province stay, which taxes are told by; goods and money are untouched. What the plugin worded
    /// itself stays unless it tells of the person.
    #[must_use]
    pub fn without_person(mut self, telltales: &Telltales) -> Self {
        self.customer = None;
        self.ship_to = self.ship_to.map(|address| Address {
            province_code: address.province_code,
            country_code: address.country_code,
            ..Address::default()
        });
        self.notes.clear();
        self.attributes.clear();
        telltales.scrub(&mut self.number);
        telltales.scrub(&mut self.channel);
        for PosLine { sku, title, .. } in &mut self.lines {
            telltales.scrub(title);
            if let Some(sku) = sku {
                telltales.scrub(sku);
            }
        }
        for PosCharge { title, .. } in &mut self.charges {
            telltales.scrub(title);
        }
        for PosTender { name, .. } in &mut self.tenders {
            telltales.scrub(name);
        }
        self
    }

    /// Whether it says anything of a buyer.
    pub fn names_person(&self) -> bool {
        let placed = |address: &Address| Address {
            province_code: address.province_code.clone(),
            country_code: address.country_code.clone(),
            ..Address::default()
        };
        let lives = self.ship_to.as_ref().is_some_and(|address| placed(address) != *address);
        let wrote = !self.notes.is_empty() || !self.attributes.is_empty();
        self.customer.is_some() || lives || wrote
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::sample::{line, order, pos_of};
    use crate::pos::PosCustomer;

    #[test]
    fn the_sale_stays_and_the_buyer_goes() {
        let plain = pos_of(&order(vec![line(1, 2, 3)]));
        let mut pos = plain.clone();
        pos.customer = Some(PosCustomer {
            external_id: None,
            name: Some(Personal::new("Jane Doe")),
            email: None,
            phone: None,
        });
        pos.ship_to = Some(Address {
            address1: Some(Personal::new("1 Elm Street")),
            city: Some("Ottawa".to_owned()),
            country_code: Some("CA".to_owned()),
            ..Address::default()
        });
        pos.notes.push(Personal::new("ring twice"));
        pos.attributes.push(("gift".to_owned(), Personal::new("for Jim")));
        pos.lines[0].title = "Tea for jane@example.com".to_owned();
        assert!(pos.names_person());

        let mut telltales = Telltales::default();
        telltales.add(&Personal::new("Jane@example.com"));
        let erased = pos.without_person(&telltales);
        assert!(!erased.names_person());
        assert_eq!(erased.lines[0].title, ERASED);
        let mut expected = plain;
        expected.lines[0].title = ERASED.to_owned();
        let country = Address { country_code: Some("CA".to_owned()), ..Address::default() };
        expected.ship_to = Some(country);
        assert_eq!(erased, expected);
    }

    #[test]
    fn a_short_word_tells_nothing() {
        let mut telltales = Telltales::default();
        telltales.add(&Personal::new("Rose"));
        assert!(!telltales.tell("Rose tea"));
        telltales.add_name(&Personal::new("Rose"), &Personal::new("Lee"));
        assert!(telltales.tell("for ROSE LEE"));
    }
}
