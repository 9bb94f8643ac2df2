//! What an order comes to.

use rust_decimal::Decimal;

use super::line::{LineItem, ShippingLine, TaxLine};
use super::money::Money;
use super::order::{Order, TransactionKind, TransactionStatus};

impl Order {
    /// Lines that are goods and not tips.
    pub fn goods(&self) -> impl Iterator<Item = &LineItem> {
        self.lines.iter().filter(|line| !line.is_tip())
    }

    /// Ways of shipping that edits did not take off.
    pub fn live_shipping(&self) -> impl Iterator<Item = &ShippingLine> {
        self.shipping.iter().filter(|line| !line.removed)
    }

    /// Goods before discounts.
    pub fn total_line_items(&self) -> Money {
        self.goods().map(LineItem::gross).sum()
    }

    /// Goods after discounts.
    pub fn subtotal(&self) -> Money {
        self.goods().map(LineItem::net).sum()
    }

    /// All discounts, those on shipping included.
    pub fn total_discounts(&self) -> Money {
        let lines: Money = self.lines.iter().map(LineItem::discount).sum();
        lines + self.live_shipping().map(ShippingLine::discount).sum()
    }

    /// Shipping before discounts.
    pub fn total_shipping(&self) -> Money {
        self.live_shipping().map(|line| line.price).sum()
    }

    /// All taxes, whether prices contain them or not.
    pub fn total_tax(&self) -> Money {
        let lines: Money = self.lines.iter().map(LineItem::tax).sum();
        lines + self.live_shipping().map(ShippingLine::tax).sum()
    }

    /// The taxes of the whole order, by name and rate.
    pub fn tax_lines(&self) -> Vec<TaxLine> {
        let lines = self.lines.iter().flat_map(|line| &line.taxes);
        let shipping = self.live_shipping().flat_map(|line| &line.taxes);
        let mut sums: Vec<TaxLine> = Vec::new();
        for tax in lines.chain(shipping) {
            let same = |sum: &&mut TaxLine| sum.title == tax.title && sum.rate == tax.rate;
            match sums.iter_mut().find(same) {
                Some(sum) => sum.price += tax.price,
                None => sums.push(tax.clone()),
            }
        }
        sums
    }

    /// All import duties.
    pub fn total_duties(&self) -> Money {
        self.lines.iter().filter_map(|line| line.duty).sum()
    }

    /// All tips, those that stand as lines included.
    pub fn total_tip(&self) -> Money {
        let lines = self.lines.iter().filter(|line| line.is_tip());
        self.tip + lines.map(LineItem::net).sum()
    }

    /// What the buyer owed before returns.
    pub fn total(&self) -> Money {
        let shipping: Money = self.live_shipping().map(ShippingLine::net).sum();
        let added_tax = if self.taxes_included { Money::ZERO } else { self.total_tax() };
        self.subtotal() + shipping + added_tax + self.total_duties() + self.fees + self.total_tip()
    }

    /// What the pieces of a line that are no longer wanted were worth: without taxes on top, and the taxes.
    pub fn gone(&self, line: &LineItem) -> (Money, Money) {
        let pieces = line.quantity - self.current_quantity(line);
        self.worth_of_first(line, pieces)
    }

    /// What the first `pieces` of a line are worth: without taxes on top, and the taxes.
    pub(crate) fn worth_of_first(&self, line: &LineItem, pieces: i64) -> (Money, Money) {
        let scales = self.scales();
        let share = |of| scales.share(of, pieces, line.quantity);
        (share(line.net()), line.taxes.iter().map(|tax| share(tax.price)).sum())
    }

    /// Goods after discounts, edits and refunds.
    pub fn current_subtotal(&self) -> Money {
        self.goods().map(|line| line.net() - self.gone(line).0).sum()
    }

    /// Discounts on what is left after edits and refunds.
    pub fn current_discounts(&self) -> Money {
        let scales = self.scales();
        let lines: Money = self
            .lines
            .iter()
            .map(|line| {
                let gone = line.quantity - self.current_quantity(line);
                line.discount()
                    - (line.price * gone - scales.share(line.net(), gone, line.quantity))
            })
            .sum();
        lines + self.live_shipping().map(ShippingLine::discount).sum()
    }

    /// Taxes on what is left after edits and refunds.
    pub fn current_tax(&self) -> Money {
        let gone: Money = self.lines.iter().map(|line| self.gone(line).1).sum();
        let shipping = self.refunds.iter().flat_map(|refund| &refund.shipping);
        self.total_tax() - gone - shipping.map(|line| line.tax).sum()
    }

    /// What remains after edits and refunds; nothing for a cancelled order.
    pub fn current_total(&self) -> Money {
        if self.cancelled_at.is_some() {
            return Money::ZERO;
        }
        let gone: Money = self
            .lines
            .iter()
            .map(|line| {
                let (net, tax) = self.gone(line);
                self.with_tax(net, tax)
            })
            .sum();
        let shipping = self.refunds.iter().flat_map(|refund| &refund.shipping);
        let shipping: Money = shipping.map(|line| line.subtotal + line.tax).sum();
        self.total() - gone - shipping
    }

    /// What is owed for an amount whose taxes are known.
    pub(crate) fn with_tax(&self, net: Money, tax: Money) -> Money {
        if self.taxes_included { net } else { net + tax }
    }

    /// The money that came in, before refunds.
    pub fn received(&self) -> Money {
        self.moved(&[TransactionKind::Sale, TransactionKind::Capture])
    }

    /// The money that went back.
    pub fn refunded(&self) -> Money {
        self.moved(&[TransactionKind::Refund])
    }

    fn moved(&self, kinds: &[TransactionKind]) -> Money {
        self.transactions
            .iter()
            .filter(|moved| moved.status == TransactionStatus::Success)
            .filter(|moved| kinds.contains(&moved.kind))
            .map(|moved| moved.amount)
            .sum()
    }

    /// What is still to be paid.
    pub fn outstanding(&self) -> Money {
        if self.cancelled_at.is_some() {
            return Money::ZERO;
        }
        // Money that went back for goods was owed and paid before; it does not count as unpaid.
        let given_back: Money = self
            .refunds
            .iter()
            .filter(|refund| !refund.transactions.is_empty())
            .map(|refund| refund.worth(self.taxes_included))
            .sum();
        (self.current_total() + given_back + self.cash_rounding - self.received()).or_nothing()
    }

    /// The state of payment, in the store's word as REST bodies have it; GraphQL has it in capitals.
    pub fn financial_status(&self) -> &'static str {
        let (received, refunded) = (self.received(), self.refunded());
        if refunded.is_positive() {
            let all = refunded.shop >= received.shop;
            return if all { "refunded" } else { "partially_refunded" };
        }
        if received.shop > Decimal::ZERO {
            let owes = self.outstanding().shop > Decimal::ZERO;
            return if owes { "partially_paid" } else { "paid" };
        }
        if self.cancelled_at.is_some() {
            return "voided";
        }
        let promised = |moved: &super::Transaction| moved.kind == TransactionKind::Authorization;
        if self.total().is_zero() {
            "paid"
        } else if self.transactions.iter().any(promised) {
            "authorized"
        } else {
            "pending"
        }
    }

    /// The state of delivery, in the store's word as REST bodies have it; none while nothing was sent.
    pub fn fulfillment_status(&self) -> Option<&'static str> {
        if self.fulfillments.is_empty() {
            return None;
        }
        let open = |line: &LineItem| self.fulfillable_quantity(line) > 0;
        Some(if self.lines.iter().any(open) { "partial" } else { "fulfilled" })
    }
}
