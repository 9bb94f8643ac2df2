//! Customers and addresses. All of them are invented.

use std::fmt;

use chrono::{DateTime, Utc};

/// A customer.
#[derive(Clone, PartialEq, Eq)]
pub struct Customer {
    /// The id.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Email address; none for some who only ever bought in a shop.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Whether taxes are not charged.
    pub tax_exempt: bool,
    /// Labels.
    pub tags: Vec<String>,
    /// When the customer was first known.
    pub created_at: DateTime<Utc>,
    /// When the customer's record last changed.
    pub updated_at: DateTime<Utc>,
    /// Where the customer lives.
    pub address: Address,
}

impl fmt::Debug for Customer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Customer").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A postal address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Company.
    pub company: Option<String>,
    /// Street and number.
    pub address1: String,
    /// Flat, suite, floor.
    pub address2: Option<String>,
    /// City.
    pub city: String,
    /// Province or state, by name.
    pub province: Option<String>,
    /// Province or state, by its code.
    pub province_code: Option<String>,
    /// Country, by name.
    pub country: String,
    /// Country, by ISO 3166-1 alpha-2.
    pub country_code: String,
    /// Postal code.
    pub zip: String,
    /// Phone number.
    pub phone: Option<String>,
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Address")
            .field("country_code", &self.country_code)
            .finish_non_exhaustive()
    }
}
