//! Amounts of an order in both currencies, also where the source tells them in one.

use domain::delivery::Failure;
use domain::money::{Currency, MoneyBag};
use rust_decimal::Decimal;
use shopify::wire::{Amount, node, rest};

use super::super::place::Place;

/// The currencies of an order, and its total in both: the rate for amounts that are told in one of them only.
#[derive(Clone, Copy)]
pub(super) struct Currencies {
    pub(super) shop: Currency,
    pub(super) presentment: Currency,
    pub(super) total: MoneyBag,
}

impl Currencies {
    /// An amount that is told in the shop's currency only.
    pub(super) fn of_shop(&self, amount: Decimal) -> MoneyBag {
        let presentment =
            self.convert(amount, self.total.shop, self.total.presentment, self.presentment);
        MoneyBag { shop: amount, presentment }
    }

    /// An amount that is told in the buyer's currency only.
    pub(super) fn of_presentment(&self, amount: Decimal) -> MoneyBag {
        let shop = self.convert(amount, self.total.presentment, self.total.shop, self.shop);
        MoneyBag { shop, presentment: amount }
    }

    fn convert(&self, amount: Decimal, from: Decimal, to: Decimal, into: Currency) -> Decimal {
        if self.shop == self.presentment {
            return amount;
        }
        // An order of nothing tells no rate.
        let product = amount.checked_mul(to).and_then(|product| product.checked_div(from));
        product.map_or(amount, |converted| converted.round_dp(into.exponent()))
    }

    /// An amount as deliveries write it: as a set of two, or plainly in the shop's currency.
    pub(super) fn rest(
        &self,
        place: &Place<'_>,
        set: Option<rest::MoneySet>,
        plain: Option<Amount>,
    ) -> Result<Option<MoneyBag>, Failure> {
        let (shop, presentment) = set.map_or((None, None), |set| {
            let amount = |money: Option<rest::Money>| money.and_then(|money| money.amount);
            (amount(set.shop_money), amount(set.presentment_money))
        });
        self.bag(place, shop.or(plain), presentment)
    }

    /// An amount as the API writes it.
    pub(super) fn node(
        &self,
        place: &Place<'_>,
        bag: Option<node::MoneyBag>,
    ) -> Result<Option<MoneyBag>, Failure> {
        let (shop, presentment) = bag.map_or((None, None), |bag| {
            let amount = |money: Option<node::Money>| money.and_then(|money| money.amount);
            (amount(bag.shop_money), amount(bag.presentment_money))
        });
        self.bag(place, shop, presentment)
    }

    /// The same, nothing where it is missing.
    pub(super) fn node_or_zero(
        &self,
        place: &Place<'_>,
        bag: Option<node::MoneyBag>,
    ) -> Result<MoneyBag, Failure> {
        self.node(place, bag).map(Option::unwrap_or_default)
    }

    fn bag(
        &self,
        place: &Place<'_>,
        shop: Option<Amount>,
        presentment: Option<Amount>,
    ) -> Result<Option<MoneyBag>, Failure> {
        Ok(match (place.amount(shop)?, place.amount(presentment)?) {
            (Some(shop), Some(presentment)) => Some(MoneyBag { shop, presentment }),
            (Some(shop), None) => Some(self.of_shop(shop)),
            (None, Some(presentment)) => Some(self.of_presentment(presentment)),
            (None, None) => None,
        })
    }
}

/// The sum. Every amount is bounded at the door, so that it cannot overflow.
pub(super) fn plus(a: MoneyBag, b: MoneyBag) -> MoneyBag {
    MoneyBag { shop: a.shop + b.shop, presentment: a.presentment + b.presentment }
}

/// The difference.
pub(super) fn minus(a: MoneyBag, b: MoneyBag) -> MoneyBag {
    MoneyBag { shop: a.shop - b.shop, presentment: a.presentment - b.presentment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_side_gives_the_other_at_the_orders_own_rate() {
        let yen = Currencies {
            shop: "CAD".parse().unwrap(),
            presentment: "JPY".parse().unwrap(),
            total: MoneyBag { shop: Decimal::from(100), presentment: Decimal::from(10_900) },
        };
        assert_eq!(yen.of_shop(Decimal::new(105, 2)).presentment, Decimal::from(114));
        assert_eq!(yen.of_presentment(Decimal::from(109)).shop, Decimal::ONE);
        let free = Currencies { total: MoneyBag::default(), ..yen };
        assert_eq!(free.of_shop(Decimal::ONE).presentment, Decimal::ONE);
        let same = Currencies { presentment: yen.shop, ..yen };
        assert_eq!(same.of_shop(Decimal::ONE), MoneyBag::same(Decimal::ONE));
    }
}
