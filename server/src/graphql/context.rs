//! What resolvers take from a request: who asks, for which business, and the ids in the arguments.

use std::str::FromStr;

use async_graphql::{Context, ID};
use domain::access::{Caller, Role};
use domain::code::Code;

use crate::app::App;
use crate::error::Problem;
use crate::reads::Reader;

/// What everything may use. Its absence is a mistake in the wiring.
pub(crate) fn app<'a>(ctx: &Context<'a>) -> Result<&'a App, Problem> {
    ctx.data_opt::<App>().ok_or_else(|| Problem::new(Code::Internal, "Internal server error"))
}

/// Who asks.
pub(crate) fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller, Problem> {
    ctx.data_opt::<Caller>()
        .ok_or_else(|| Problem::new(Code::Unauthenticated, "a bearer token is needed"))
}

/// The right to read the business of the argument `businessId`, if the caller has it.
pub(crate) fn reader(ctx: &Context<'_>, business_id: &ID) -> Result<Reader, Problem> {
    let caller = caller(ctx)?;
    Reader::open(app(ctx)?, caller, read_id("businessId", business_id)?)
}

/// The same for whoever has at least `role` there.
pub(crate) fn reader_as(
    ctx: &Context<'_>,
    business_id: &ID,
    role: Role,
) -> Result<Reader, Problem> {
    let caller = caller(ctx)?;
    Reader::open_as(app(ctx)?, caller, read_id("businessId", business_id)?, role)
}

/// The id that the argument `name` holds.
pub(crate) fn read_id<T: FromStr>(name: &str, id: &ID) -> Result<T, Problem> {
    id.parse().map_err(|_| Problem::input(name, "is not a valid id"))
}
