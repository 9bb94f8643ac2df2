//! Orders with all that orders may have.

use chrono::{DateTime, TimeDelta, Utc};
use rand::Rng;
use rand::rngs::SmallRng;
use rust_decimal::Decimal;

use super::lines::add_duties;
use super::payment::{CARD, CASH};
use super::tax::{tax_order, taxes_of};
use super::{chance, discount, pick};
use crate::model::{Money, Order, Store, minor_digits, whole_seconds};

/// The buyers' currencies, with their price of about one US dollar.
const CURRENCIES: [(&str, i64, u32); 6] = [
    ("USD", 1, 0),
    ("CAD", 137, 2),
    ("EUR", 92, 2),
    ("GBP", 79, 2),
    ("JPY", 15_143, 2),
    ("KWD", 3_072, 4),
];
/// Digits of the rates between currencies.
const RATE_DIGITS: u32 = 6;

impl Store {
    /// An order as it may come in, not yet placed.
    pub(crate) fn draft_order(&mut self, rng: &mut SmallRng, now: DateTime<Utc>) -> Order {
        let mut order = self.blank_order(now);
        self.choose_channel(rng, &mut order);
        let abroad = order.location_id.is_none() && chance(rng, 80);
        if abroad {
            self.choose_currency(rng, &mut order);
        }
        self.choose_buyer(rng, &mut order, abroad, now);
        // Stores may show prices with taxes in some countries and without in others.
        order.taxes_included = self.taxes_included ^ (abroad && chance(rng, 500));
        order.lines = self.some_lines(rng, &order);
        discount::some_discounts(rng, &mut order);
        let sent = order.lines.iter().any(|line| line.requires_shipping);
        if order.location_id.is_none() && sent {
            self.add_shipping(rng, &mut order);
        }
        self.add_taxes(&mut order);
        if abroad && chance(rng, 400) {
            add_duties(rng, &mut order);
        }
        self.add_extras(rng, &mut order);
        self.pay_draft(rng, &mut order, now);
        self.name_order(&mut order);
        order
    }

    /// An order of nothing, by nobody, sold online.
    pub(super) fn blank_order(&mut self, now: DateTime<Utc>) -> Order {
        let now = whole_seconds(now);
        Order {
            id: self.take_id(),
            name: String::new(),
            number: 0,
            source_name: "web".to_owned(),
            test: false,
            created_at: now,
            updated_at: now,
            processed_at: now,
            cancelled_at: None,
            cancel_reason: None,
            closed_at: None,
            currency: self.currency.clone(),
            presentment_currency: self.currency.clone(),
            rate: Decimal::ONE,
            taxes_included: self.taxes_included,
            location_id: None,
            user_id: None,
            tags: Vec::new(),
            note: None,
            note_attributes: Vec::new(),
            customer_locale: Some("en".to_owned()),
            po_number: None,
            customer_id: None,
            email: None,
            phone: None,
            billing_address: None,
            shipping_address: None,
            lines: Vec::new(),
            shipping: Vec::new(),
            applications: Vec::new(),
            fees: Money::ZERO,
            tip: Money::ZERO,
            cash_rounding: Money::ZERO,
            transactions: Vec::new(),
            fulfillments: Vec::new(),
            refunds: Vec::new(),
        }
    }

    /// Gives the order its number; numbers follow the order of placing.
    pub(super) fn name_order(&mut self, order: &mut Order) {
        order.number = self.next_order_number;
        order.name = format!("#{}", self.next_order_number);
        self.next_order_number += 1;
    }

    /// Taxes by where the goods go, or by where the store is.
    pub(super) fn add_taxes(&self, order: &mut Order) {
        let exempt = order
            .customer_id
            .and_then(|id| self.customers.get(&id))
            .is_some_and(|customer| customer.tax_exempt);
        if !exempt {
            let taxes = taxes_of(order.shipping_address.as_ref(), &order.currency);
            tax_order(order, &taxes);
        }
    }

    fn choose_channel(&mut self, rng: &mut SmallRng, order: &mut Order) {
        if chance(rng, 200) {
            "pos".clone_into(&mut order.source_name);
            order.location_id = pick(rng, &self.locations).map(|location| location.id);
            order.user_id = Some(self.id + rng.random_range(1..4));
            order.customer_locale = None;
        } else if chance(rng, 30) {
            "shopify_draft_order".clone_into(&mut order.source_name);
            order.po_number = Some(format!("PO-{}", rng.random_range(100..9_999)));
        }
        order.test = chance(rng, 5);
        if chance(rng, 20) {
            // An order that was taken elsewhere and entered later.
            order.processed_at -= TimeDelta::hours(rng.random_range(1..48));
        }
        if chance(rng, 80) {
            order.note = Some("Please ring twice — merci 🙏".to_owned());
        }
        if chance(rng, 60) {
            order.note_attributes = vec![("delivery_date".to_owned(), "2026-11-30".to_owned())];
        }
        if chance(rng, 100) {
            order.tags = vec!["wholesale".to_owned(), "priority".to_owned()];
        }
    }

    fn choose_currency(&self, rng: &mut SmallRng, order: &mut Order) {
        let dollars = |currency: &str| {
            let found = CURRENCIES.iter().find(|(name, ..)| *name == currency);
            found.map_or(Decimal::ONE, |(_, price, digits)| Decimal::new(*price, *digits))
        };
        let Some((buyers, ..)) = pick(rng, &CURRENCIES) else {
            return;
        };
        if *buyers != self.currency && chance(rng, 800) {
            (*buyers).clone_into(&mut order.presentment_currency);
            order.rate = (dollars(buyers) / dollars(&self.currency)).round_dp(RATE_DIGITS);
        }
    }

    fn choose_buyer(
        &mut self,
        rng: &mut SmallRng,
        order: &mut Order,
        abroad: bool,
        now: DateTime<Utc>,
    ) {
        let known = if order.location_id.is_some() { 350 } else { 940 };
        if !chance(rng, known) {
            if order.location_id.is_none() {
                order.email = Some(format!("guest{}@example.com", order.id));
            }
            return;
        }
        let id = self.some_customer(rng, now);
        order.customer_id = Some(id);
        let Some(customer) = self.customers.get(&id) else {
            return;
        };
        order.email.clone_from(&customer.email);
        order.phone.clone_from(&customer.phone);
        if order.location_id.is_some() {
            return;
        }
        order.billing_address = Some(customer.address.clone());
        order.shipping_address = Some(if abroad || chance(rng, 100) {
            self.some_address(rng, &customer.first_name, &customer.last_name, abroad)
        } else {
            customer.address.clone()
        });
    }

    /// Fees and tips.
    fn add_extras(&mut self, rng: &mut SmallRng, order: &mut Order) {
        let digits = minor_digits(&self.currency);
        let small = |rng: &mut SmallRng| Decimal::new(rng.random_range(25..975), digits);
        if chance(rng, 15) {
            order.fees = order.scales().money(small(rng), order.rate);
        }
        if !chance(rng, 60) {
            return;
        }
        let tip = order.scales().money(small(rng), order.rate);
        if chance(rng, 500) {
            let gateway = if order.location_id.is_some() { CASH } else { CARD };
            let line = self.tip_line(order, tip, gateway);
            order.lines.push(line);
        } else {
            order.tip = tip;
        }
    }
}
