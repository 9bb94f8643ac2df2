//! The people of a POS order. Their data is shown to those who may read the business and never by `Debug`, which these
//! types do not have.

use async_graphql::{ID, SimpleObject};
use domain::personal::Personal;

/// The buyer as the till knows them.
#[derive(SimpleObject)]
pub(crate) struct PosCustomer {
    /// The store's id of the buyer, if they have one.
    id: Option<ID>,
    /// The name to print.
    name: Option<String>,
    /// Email address.
    email: Option<String>,
    /// Phone number.
    phone: Option<String>,
}

impl From<&domain::pos::PosCustomer> for PosCustomer {
    fn from(customer: &domain::pos::PosCustomer) -> Self {
        Self {
            id: customer.external_id.map(Into::into),
            name: reveal(customer.name.as_ref()),
            email: reveal(customer.email.as_ref()),
            phone: reveal(customer.phone.as_ref()),
        }
    }
}

/// A postal address.
#[derive(SimpleObject)]
pub(crate) struct Address {
    /// First name.
    first_name: Option<String>,
    /// Last name.
    last_name: Option<String>,
    /// Company.
    company: Option<String>,
    /// Street and number.
    address1: Option<String>,
    /// Flat, suite, floor.
    address2: Option<String>,
    /// City.
    city: Option<String>,
    /// Province or state, by its code.
    province_code: Option<String>,
    /// Country, by ISO 3166-1 alpha-2.
    country_code: Option<String>,
    /// Postal code.
    zip: Option<String>,
    /// Phone number.
    phone: Option<String>,
}

impl From<&domain::refined::Address> for Address {
    fn from(address: &domain::refined::Address) -> Self {
        Self {
            first_name: reveal(address.first_name.as_ref()),
            last_name: reveal(address.last_name.as_ref()),
            company: address.company.clone(),
            address1: reveal(address.address1.as_ref()),
            address2: reveal(address.address2.as_ref()),
            city: address.city.clone(),
            province_code: address.province_code.clone(),
            country_code: address.country_code.clone(),
            zip: reveal(address.zip.as_ref()),
            phone: reveal(address.phone.as_ref()),
        }
    }
}

/// A key with a value.
#[derive(SimpleObject)]
pub(crate) struct Attribute {
    /// The key.
    key: String,
    /// The value.
    value: String,
}

impl From<&(String, Personal)> for Attribute {
    fn from((key, value): &(String, Personal)) -> Self {
        Self { key: key.clone(), value: value.reveal().to_owned() }
    }
}

fn reveal(text: Option<&Personal>) -> Option<String> {
    text.map(|text| text.reveal().to_owned())
}
