//! The contract 1.0: the records that differ from the next version's, and how they are made of those.
//!
//! Records are closed: a plugin that was built for one of fifty fields does not take one of fifty-one. Types are
//! compared by structure, so whatever is the same in both contracts is the next one's own. That the records here are
//! those of `wit/1.0` is checked whenever a plugin of 1.0 is loaded.

use wasmtime::component::{ComponentType, Lower};

use crate::since_1_1::types;

pub(crate) use crate::since_1_1::OrderResults;

/// What `map-order` takes.
pub(crate) type OrderParams<'a> = (Order<'a>, &'a [types::Setting<'a>]);

/// Declares a record by its fields, each with its name in the contract, and makes it of a later one that has them all.
macro_rules! record {
    ($(#[$doc:meta])* $name:ident of $later:path { $($field:ident $wit:literal: $type:ty,)+ }) => {
        $(#[$doc])*
        #[derive(ComponentType, Lower)]
        #[component(record)]
        pub(crate) struct $name<'a> {
            $(#[component(name = $wit)] $field: $type,)+
        }

        impl<'a> From<$later> for $name<'a> {
            fn from(later: $later) -> Self {
                Self { $($field: later.$field,)+ }
            }
        }
    };
}

record! {
    /// An order, without what 1.1 added: `confirmation-number`.
    Order of types::Order<'a> {
        id "id": &'a str,
        name "name": &'a str,
        number "number": i64,
        source_name "source-name": Option<&'a str>,
        test "test": bool,
        created_at "created-at": &'a str,
        updated_at "updated-at": &'a str,
        processed_at "processed-at": Option<&'a str>,
        cancelled_at "cancelled-at": Option<&'a str>,
        cancel_reason "cancel-reason": Option<&'a str>,
        closed_at "closed-at": Option<&'a str>,
        currency "currency": &'a str,
        presentment_currency "presentment-currency": &'a str,
        taxes_included "taxes-included": bool,
        subtotal "subtotal": types::MoneyBag<'a>,
        total_discounts "total-discounts": types::MoneyBag<'a>,
        total_tax "total-tax": types::MoneyBag<'a>,
        total_shipping "total-shipping": types::MoneyBag<'a>,
        total_duties "total-duties": types::MoneyBag<'a>,
        total_fees "total-fees": types::MoneyBag<'a>,
        total_tip "total-tip": types::MoneyBag<'a>,
        cash_rounding "cash-rounding": types::MoneyBag<'a>,
        total "total": types::MoneyBag<'a>,
        current_total "current-total": types::MoneyBag<'a>,
        total_outstanding "total-outstanding": types::MoneyBag<'a>,
        financial_status "financial-status": &'a str,
        fulfillment_status "fulfillment-status": Option<&'a str>,
        location_id "location-id": Option<&'a str>,
        user_id "user-id": Option<&'a str>,
        app_id "app-id": Option<&'a str>,
        tags "tags": &'a [&'a str],
        note "note": Option<&'a str>,
        note_attributes "note-attributes": &'a [types::AttributeParam<'a>],
        metafields "metafields": &'a [types::MetafieldParam<'a>],
        customer_locale "customer-locale": Option<&'a str>,
        po_number "po-number": Option<&'a str>,
        customer "customer": Option<types::Customer<'a>>,
        email "email": Option<&'a str>,
        phone "phone": Option<&'a str>,
        billing_address "billing-address": Option<types::AddressParam<'a>>,
        shipping_address "shipping-address": Option<types::AddressParam<'a>>,
        line_items "line-items": &'a [types::LineItem<'a>],
        shipping_lines "shipping-lines": &'a [types::ShippingLine<'a>],
        tax_lines "tax-lines": &'a [types::TaxLine<'a>],
        discount_applications "discount-applications": &'a [types::DiscountApplication<'a>],
        discount_codes "discount-codes": &'a [&'a str],
        payment_gateways "payment-gateways": &'a [&'a str],
        transactions "transactions": &'a [types::Transaction<'a>],
        fulfillments "fulfillments": &'a [types::Fulfillment<'a>],
        refunds "refunds": &'a [types::Refund<'a>],
    }
}
