//! The GraphQL schema.
//!
//! Resolvers know the words of `domain`, `reads` and `actions`; how a request came and how its answer leaves is the
//! matter of `http`. They find the [`domain::access::Caller`] in the request's data, and without one they refuse. The
//! schema's text stands in `schema.graphql`, so that every change of it is seen.

pub(crate) mod guard;

mod context;
mod error;
mod loader;
mod mutation;
mod page;
mod query;
mod response;
mod scalar;
mod subscription;
#[cfg(test)]
pub(crate) mod tests;
mod r#type;

use async_graphql::{SDLExportOptions, SchemaBuilder};

#[cfg(test)]
pub(crate) use self::scalar::Long;
pub(crate) use self::r#type::hex;

use self::mutation::Mutation;
use self::query::Query;
use self::response::Orderly;
use self::subscription::Subscription;
use crate::app::App;

/// The deepest field; the usual introspection query needs 13.
const DEPTH_MAX: usize = 15;

/// The most that one operation may cost: a field costs one, a list its rows times what one of them costs. A page of a
/// hundred POS orders with all of their documents' fields is within it, and two such pages are not.
const COMPLEXITY_MAX: usize = 40_000;

/// The schema, executable.
pub(crate) type Schema = Orderly<async_graphql::Schema<Query, Mutation, Subscription>>;

/// The schema over `app`. Misspelt names are answered with the names that exist in development only.
pub(crate) fn schema(app: App) -> Schema {
    let mut builder = builder();
    if !app.config.http.dev_mode {
        builder = builder.disable_suggestions();
    }
    Orderly(builder.data(loader::loader()).data(app).finish())
}

/// The schema as text, as it stands in `schema.graphql`; the last line without its end.
pub(crate) fn sdl() -> String {
    let options = SDLExportOptions::new()
        .use_space_ident()
        .include_specified_by()
        .prefer_single_line_descriptions();
    let text = builder().finish().sdl_with_options(options);
    text.trim().to_owned()
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    let builder = async_graphql::Schema::build(Query::default(), Mutation::default(), Subscription);
    page::describe(builder).limit_depth(DEPTH_MAX).limit_complexity(COMPLEXITY_MAX)
}
