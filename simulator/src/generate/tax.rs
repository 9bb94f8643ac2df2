//! Taxes.

use rust_decimal::Decimal;

use crate::model::{Address, LineItem, Money, Order, TaxLine};

/// A tax by its name and rate.
pub(crate) type Tax = (String, Decimal);

/// The taxes of a buyer's place.
pub(super) fn taxes_of(address: Option<&Address>, currency: &str) -> Vec<Tax> {
    let place = address.map(|address| {
        let province = address.province_code.as_deref().unwrap_or_default();
        (address.country_code.as_str(), province)
    });
    let tax = |title: &str, rate: i64, digits: u32| (title.to_owned(), Decimal::new(rate, digits));
    match (place, currency) {
        (Some(("CA", "QC")), _) => vec![tax("GST", 5, 2), tax("QST", 9_975, 5)],
        (Some(("CA", "AB")), _) => vec![tax("GST", 5, 2)],
        (Some(("CA", _)), _) | (None, "CAD") => vec![tax("HST", 13, 2)],
        (Some(("JP", _)), _) | (None, "JPY") => vec![tax("CT", 10, 2)],
        (Some(("KW", _)), _) | (None, "KWD") => vec![tax("VAT", 5, 2)],
        (Some(("DE", _)), _) => vec![tax("DE MwSt", 19, 2)],
        (Some(("GB", _)), _) => vec![tax("GB VAT", 20, 2)],
        (Some(("US", _)), _) => Vec::new(),
        _ => vec![tax("Tax", 825, 4)],
    }
}

/// The taxes on an amount after discounts.
pub(crate) fn taxes_on(order: &Order, net: Money, taxes: &[Tax]) -> Vec<TaxLine> {
    let all_rates: Decimal = taxes.iter().map(|(_, rate)| *rate).sum();
    let scales = order.scales();
    taxes
        .iter()
        .map(|(title, rate)| TaxLine {
            title: title.clone(),
            rate: *rate,
            price: if order.taxes_included {
                scales.contained(net, *rate, all_rates)
            } else {
                scales.fraction(net, *rate)
            },
        })
        .collect()
}

/// Computes the taxes of a line anew.
pub(crate) fn tax_line(order: &Order, line: &mut LineItem, taxes: &[Tax]) {
    line.taxes = if line.taxable { taxes_on(order, line.net(), taxes) } else { Vec::new() };
}

/// Computes the taxes of the whole order anew.
pub(super) fn tax_order(order: &mut Order, taxes: &[Tax]) {
    let mut lines = std::mem::take(&mut order.lines);
    for line in &mut lines {
        tax_line(order, line, taxes);
    }
    order.lines = lines;
    let mut shipping = std::mem::take(&mut order.shipping);
    for line in &mut shipping {
        line.taxes = taxes_on(order, line.net(), taxes);
    }
    order.shipping = shipping;
}
