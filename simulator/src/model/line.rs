//! What an order charges: lines, shipping, and the discounts and taxes on them.

use rust_decimal::Decimal;

use super::money::Money;

/// A line of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineItem {
    /// Its id.
    pub id: i64,
    /// The product; none for a custom line and for a tip. It may have been deleted since.
    pub product_id: Option<i64>,
    /// The variant; none for a custom line and for a tip. It may have been deleted since.
    pub variant_id: Option<i64>,
    /// The inventory item that the line takes from, where stock of it is counted.
    pub inventory_item_id: Option<i64>,
    /// The location whose stock the line takes.
    pub stock_location_id: i64,
    /// The product's name when it was bought.
    pub title: String,
    /// The variant's name when it was bought; none where the product has one variant only.
    pub variant_title: Option<String>,
    /// The seller's own number.
    pub sku: Option<String>,
    /// Who makes it.
    pub vendor: Option<String>,
    /// Pieces ever sold on this line.
    pub quantity: i64,
    /// Pieces that edits took off without a refund telling so.
    pub removed: i64,
    /// Price of one piece before discounts.
    pub price: Money,
    /// Weight of one piece in grams.
    pub grams: i64,
    /// Whether taxes apply.
    pub taxable: bool,
    /// Whether it is sent.
    pub requires_shipping: bool,
    /// Whether it sells a gift card.
    pub gift_card: bool,
    /// The gateway through which a tip was paid, for a line that is a tip and not goods.
    pub tip_gateway: Option<String>,
    /// Discounts on the whole line, order-wide ones included.
    pub allocations: Vec<Allocation>,
    /// Taxes on the whole line.
    pub taxes: Vec<TaxLine>,
    /// Import duties on the whole line.
    pub duty: Option<Money>,
    /// What the buyer chose or wrote for the line.
    pub properties: Vec<(String, String)>,
}

impl LineItem {
    /// Whether the line is a tip and not goods.
    pub const fn is_tip(&self) -> bool {
        self.tip_gateway.is_some()
    }

    /// All pieces before discounts.
    pub fn gross(&self) -> Money {
        self.price * self.quantity
    }

    /// All discounts.
    pub fn discount(&self) -> Money {
        self.allocations.iter().map(|part| part.amount).sum()
    }

    /// All pieces after discounts.
    pub fn net(&self) -> Money {
        self.gross() - self.discount()
    }

    /// All taxes.
    pub fn tax(&self) -> Money {
        self.taxes.iter().map(|tax| tax.price).sum()
    }
}

/// The part of a discount that falls on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allocation {
    /// How much.
    pub amount: Money,
    /// Which of the order's discounts, by place.
    pub application: usize,
}

/// Where a discount comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApplicationKind {
    /// A code that the buyer entered.
    Code,
    /// Applied by the store.
    Automatic,
    /// Given by a member of staff.
    Manual,
}

/// What a discount takes off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DiscountValue {
    /// A percentage, for instance 15.
    Percentage(Decimal),
    /// An amount.
    Fixed(Money),
}

/// What a discount is taken off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// All lines together; the amount is divided among them.
    Order,
    /// Some lines, each by itself.
    Lines,
    /// Shipping.
    Shipping,
}

/// A discount of an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Where it comes from.
    pub kind: ApplicationKind,
    /// The name shown to the buyer, or the code.
    pub title: String,
    /// What it takes off.
    pub value: DiscountValue,
    /// What it is taken off.
    pub target: Target,
}

/// A tax.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaxLine {
    /// Its name.
    pub title: String,
    /// Its rate as a fraction, for instance 0.13.
    pub rate: Decimal,
    /// How much.
    pub price: Money,
}

/// A way of shipping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShippingLine {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub title: String,
    /// The carrier's code.
    pub code: Option<String>,
    /// Before discounts.
    pub price: Money,
    /// Discounts.
    pub allocations: Vec<Allocation>,
    /// Taxes.
    pub taxes: Vec<TaxLine>,
    /// Whether an edit took it off the order.
    pub removed: bool,
}

impl ShippingLine {
    /// All discounts.
    pub fn discount(&self) -> Money {
        self.allocations.iter().map(|part| part.amount).sum()
    }

    /// After discounts.
    pub fn net(&self) -> Money {
        self.price - self.discount()
    }

    /// All taxes.
    pub fn tax(&self) -> Money {
        self.taxes.iter().map(|tax| tax.price).sum()
    }
}
