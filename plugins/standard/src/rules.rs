//! The rules that a tenant can set, each with how it is read and how it is obeyed.

mod condition;
mod filter;
mod link;
mod location;
mod price;
mod rounding;
mod tax;
mod tender;

pub(crate) use filter::Filter;
pub(crate) use link::Links;
pub(crate) use location::Route;
pub(crate) use price::{PriceList, price_list};
pub(crate) use rounding::{Rounding, round_cash};
pub(crate) use tax::Taxes;
pub(crate) use tender::Tenders;
