//! The GraphQL documents that we send, each with the variables it takes and the data it gives.
//!
//! A document is a file under `operation/documents/`; fragments stand in files of their own and are appended to the
//! documents that use them. A test checks every document against the Admin schema, and another one that none asks for
//! more than one request may cost.

mod head;
mod inventory;
mod listing;
mod order;
mod page;
mod product;
mod shop;
mod subscription;

pub use head::{HEADS_PER_PAGE, Head, HeadVariables, OrderHeads, ProductHeads};
pub use inventory::{
    AVAILABLE, CORRECTION, InventoryItem, InventoryLevels, InventoryLevelsVariables,
    InventorySetQuantities, InventorySetQuantitiesInput, InventorySetQuantitiesVariables,
    PrimaryLocation, QUANTITIES_MAX, QuantityError, QuantityInput,
};
pub use listing::{
    InventoryItemInput, ProductSet, ProductSetVariables, ProductVariantsBulkUpdate,
    ProductVariantsBulkUpdateVariables, PublicationInput, Publications, PublishablePublish,
    PublishablePublishVariables, VARIANT_UPDATES_MAX, VariantUpdateInput,
};
pub use order::{
    FulfillmentLines, LINES_MAX, ORDERS_PER_PAGE, OrderById, OrderCount, OrderLines, OrderPage,
    OrderPageVariables, PARTS_PER_PAGE, RefundLines,
};
pub use page::{
    Connection, Count, CountVariables, IdVariables, ListVariables, PageInfo, PartVariables,
    UserError,
};
pub use product::{
    PRODUCTS_PER_PAGE, ProductById, ProductCount, ProductPage, ProductPageVariables,
    ProductVariants,
};
pub use shop::{AccessScopes, Location, Locations, ShopInfo, ShopInfoData};
pub use subscription::{
    Subscription, SubscriptionCreate, SubscriptionDelete, SubscriptionDeleteVariables,
    SubscriptionInput, SubscriptionPage, SubscriptionVariables,
};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A GraphQL operation.
pub trait Operation {
    /// The operation's name in its document.
    const NAME: &'static str;
    /// The document, fragments included.
    const DOCUMENT: &'static str;
    /// Whether sending it twice does no more than sending it once, so that it may be repeated after an answer was lost.
    const REPEATABLE: bool;
    /// What it takes.
    type Variables: Serialize + Send + Sync;
    /// What it gives.
    type Data: DeserializeOwned + Send;
}

/// What the tests of documents and the simulator need to know of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Described {
    /// The operation's name.
    pub name: &'static str,
    /// The document, fragments included.
    pub document: &'static str,
    /// The largest page sizes that are ever sent with it, by variable.
    pub sizes: &'static [(&'static str, u32)],
}

/// Every operation there is.
pub const ALL: &[Described] = &[
    described::<OrderPage>(&[
        ("first", ORDERS_PER_PAGE),
        ("lines", order::LINES_PER_ORDER),
        ("parts", PARTS_PER_PAGE),
    ]),
    described::<OrderById>(&[("lines", LINES_MAX), ("parts", LINES_MAX)]),
    described::<OrderLines>(&[("first", LINES_MAX)]),
    described::<RefundLines>(&[("first", LINES_MAX)]),
    described::<FulfillmentLines>(&[("first", LINES_MAX)]),
    described::<OrderCount>(&[]),
    described::<OrderHeads>(&[("first", HEADS_PER_PAGE)]),
    described::<ProductPage>(&[
        ("first", PRODUCTS_PER_PAGE),
        ("variants", product::VARIANTS_PER_PRODUCT),
    ]),
    described::<ProductById>(&[("variants", LINES_MAX)]),
    described::<ProductVariants>(&[("first", LINES_MAX)]),
    described::<ProductCount>(&[]),
    described::<ProductHeads>(&[("first", HEADS_PER_PAGE)]),
    described::<AccessScopes>(&[]),
    described::<ShopInfo>(&[]),
    described::<Locations>(&[("first", LINES_MAX)]),
    described::<PrimaryLocation>(&[]),
    described::<InventoryLevels>(&[]),
    described::<InventorySetQuantities>(&[]),
    described::<ProductSet>(&[]),
    described::<ProductVariantsBulkUpdate>(&[]),
    described::<Publications>(&[]),
    described::<PublishablePublish>(&[]),
    described::<SubscriptionCreate>(&[]),
    described::<SubscriptionPage>(&[("first", LINES_MAX)]),
    described::<SubscriptionDelete>(&[]),
];

const fn described<O: Operation>(sizes: &'static [(&'static str, u32)]) -> Described {
    Described { name: O::NAME, document: O::DOCUMENT, sizes }
}

/// Declares an operation: a type without values that carries its document.
macro_rules! operation {
    (
        $(#[$doc:meta])*
        $name:ident($variables:ty) -> $data:ty, repeatable: $repeatable:literal,
        [$($file:literal),+ $(,)?]
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}

        impl $crate::operation::Operation for $name {
            const NAME: &'static str = stringify!($name);
            const DOCUMENT: &'static str =
                concat!($(include_str!(concat!("documents/", $file, ".graphql")), "\n"),+);
            const REPEATABLE: bool = $repeatable;
            type Variables = $variables;
            type Data = $data;
        }
    };
}
use operation;
