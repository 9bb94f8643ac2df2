//! Orders that a script asks for.

use chrono::{DateTime, Utc};

use super::payment::CARD;
use crate::change::Change;
use crate::model::{Order, Store};

/// An order without anything left to chance: no discounts, no shipping, the taxes of the store's place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OrderSpec {
    /// Variants and how many pieces of each; variants that the store does not have are left out.
    pub lines: Vec<(i64, i64)>,
    /// The location that sells it (POS orders); none for orders made online.
    pub location_id: Option<i64>,
    /// Whether it is paid at once.
    pub paid: bool,
}

impl Store {
    /// Places an order that a script asks for.
    pub fn create_order_with(&mut self, spec: OrderSpec, now: DateTime<Utc>) -> Change {
        let order = self.order_of(spec, now);
        let effects = self.place(order, now);
        self.tell(effects)
    }

    fn order_of(&mut self, spec: OrderSpec, now: DateTime<Utc>) -> Order {
        let mut order = self.blank_order(now);
        order.location_id = spec.location_id;
        if spec.location_id.is_some() {
            "pos".clone_into(&mut order.source_name);
        }
        for (variant_id, quantity) in spec.lines {
            let line = self.line_of(&order, variant_id, quantity);
            order.lines.extend(line);
        }
        self.add_taxes(&mut order);
        if spec.paid {
            self.pay_rest(&mut order, CARD, now);
        }
        self.name_order(&mut order);
        order
    }
}
