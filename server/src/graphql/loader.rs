//! Loaders: what the rows of a list need beside themselves is read for all of them at once.
//!
//! Every key carries the right to read its business. Requests of several businesses may meet in one batch; each
//! business's part is a query of its own.

#![expect(
    clippy::mutable_key_type,
    reason = "a reader's hash is its business's, which does not change"
)]

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::Context;
use async_graphql::dataloader::{DataLoader, Loader};
use domain::code::Code;
use domain::id::ExternalId;
use domain::pos::PosProduct;

use crate::error::Problem;
use crate::reads::Reader;
use crate::reads::orders::{self, StoredLine, StoredOrder};
use crate::reads::pos_orders::{self, PosOrderHead, PosOrderVersion};
use crate::reads::products::{self, StoredLink, StoredVariant};

/// Reads in batches.
pub(crate) struct Loads;

/// The schema's loader. It remembers nothing from one batch to the next.
pub(crate) fn loader() -> DataLoader<Loads> {
    DataLoader::new(Loads, tokio::spawn)
}

/// What stands behind `key`; none where there is nothing.
pub(crate) async fn load<K>(
    ctx: &Context<'_>,
    key: K,
) -> Result<Option<<Loads as Loader<K>>::Value>, Problem>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Loads: Loader<K, Error = Problem>,
{
    let loader = ctx
        .data_opt::<DataLoader<Loads>>()
        .ok_or_else(|| Problem::new(Code::Internal, "Internal server error"))?;
    loader.load_one(key).await
}

macro_rules! loads {
    ($($(#[$doc:meta])* $key:ident($id:ty) -> $value:ty = $read:path;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, PartialEq, Eq, Hash, Debug)]
            pub(crate) struct $key(pub(crate) Reader, pub(crate) $id);

            impl Loader<$key> for Loads {
                type Value = $value;
                type Error = Problem;

                async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, $value>, Problem> {
                    let mut found = HashMap::with_capacity(keys.len());
                    let pairs = keys.iter().map(|$key(reader, id)| (reader, id));
                    for (reader, ids) in by_business(pairs) {
                        let values = $read(&reader, &ids).await?;
                        let keyed = values
                            .into_iter()
                            .map(|(id, value)| ($key(reader.clone(), id), value));
                        found.extend(keyed);
                    }
                    Ok(found)
                }
            }
        )+
    };
}

loads! {
    /// The lines of an order.
    LinesOf(ExternalId) -> Vec<StoredLine> = orders::lines;
    /// An order.
    OrderOf(ExternalId) -> StoredOrder = orders::by_id;
    /// The variants of a product.
    VariantsOf(ExternalId) -> Vec<StoredVariant> = products::variants;
    /// The link of a variant.
    LinkOf(ExternalId) -> StoredLink = products::links;
    /// A product of the POS's catalogue.
    PosProductOf(String) -> PosProduct = products::pos_by_id;
    /// The POS order of a store order.
    PosOrderOf(ExternalId) -> PosOrderHead = pos_orders::by_order;
    /// The newest version of a store order's POS order, with its document.
    DocumentOf(ExternalId) -> Arc<PosOrderVersion> = pos_orders::documents;
}

/// The ids of each business, in the order in which they came.
fn by_business<'a, I: Clone + 'a>(
    keys: impl Iterator<Item = (&'a Reader, &'a I)>,
) -> HashMap<Reader, Vec<I>> {
    let mut ids: HashMap<Reader, Vec<I>> = HashMap::new();
    for (reader, id) in keys {
        ids.entry(reader.clone()).or_default().push(id.clone());
    }
    ids
}
