//! The POS's catalogue and its links to the store's.

use domain::access::{Caller, Role};
use domain::activity::{ActivityKind, NewActivity};
use domain::id::{BusinessId, ExternalId};
use domain::pos::PosProduct;
use storage::Relinked;

use crate::app::App;
use crate::error::Problem;
use crate::internal;

/// Products that one call may write.
const PRODUCTS_MAX: usize = 250;
/// Bytes that a product's SKU or name may have.
const TEXT_BYTES_MAX: usize = 255;

/// A link, and how many orders are posted again because of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Linked {
    pub variant_id: ExternalId,
    pub pos_product_id: String,
    pub reposted_orders: u64,
}

/// Writes products of the POS's catalogue. Store variants with the same SKU that are not linked yet are linked, and
/// orders that waited for it are posted (S0.41).
pub(crate) async fn upsert_pos_products(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    products: Vec<PosProduct>,
) -> Result<Vec<PosProduct>, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    check_products(&products)?;
    tenant.upsert_pos_products(products.clone(), app.now(), telling(app, business)).await?;
    app.storage.hints().wake_workers();
    Ok(products)
}

/// Links a store variant with a POS product, in place of another one if need be. What earlier orders should have moved
/// since the cut-over is posted now; what they moved on the old product is undone.
pub(crate) async fn link_product(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    variant_id: ExternalId,
    pos_product_id: String,
) -> Result<Linked, Problem> {
    let tenant = app.tenant(caller, business, Role::Operator)?;
    let now = app.now();
    let linked = tenant.link(variant_id, &pos_product_id, now, telling(app, business)).await?;
    app.storage.hints().wake_workers();
    if !linked.is_empty() {
        let event = NewActivity {
            kind: ActivityKind::ProductLinked,
            subject: Some(("variant".to_owned(), variant_id.to_string())),
            message: format!("variant {variant_id} is now linked to {pos_product_id}"),
            percent: None,
            at: now,
        };
        tenant.publish(event).await?;
    }
    let reposted_orders = tenant.count_orders_with_variants(&linked).await?;
    Ok(Linked { variant_id, pos_product_id, reposted_orders })
}

/// Makes the deliveries that tell of new links.
pub(crate) fn telling(app: &App, business: BusinessId) -> Relinked {
    let app = app.clone();
    Box::new(move |variants, connection| {
        internal::relinked(&app, business, connection, variants, None)
    })
}

fn check_products(products: &[PosProduct]) -> Result<(), Problem> {
    if products.is_empty() || products.len() > PRODUCTS_MAX {
        return Err(Problem::input("input.products", format!("must be 1 to {PRODUCTS_MAX}")));
    }
    for (index, product) in products.iter().enumerate() {
        let field = |name: &str| format!("input.products.{index}.{name}");
        let plain = |text: &str| {
            (1..=TEXT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
        };
        if !PosProduct::is_id(&product.id) {
            let max = PosProduct::ID_CHARACTERS_MAX;
            let problem = format!("must have 1 to {max} printable characters");
            return Err(Problem::input(&field("id"), problem));
        }
        if !plain(&product.name) {
            return Err(Problem::input(&field("name"), "must have 1 to 255 plain characters"));
        }
        if product.sku.as_deref().is_some_and(|sku| !plain(sku)) {
            return Err(Problem::input(&field("sku"), "must have 1 to 255 plain characters"));
        }
        if product.price.is_sign_negative() || !product.currency.is_exact(product.price) {
            return Err(Problem::input(&field("price"), "is not an amount of its currency"));
        }
    }
    Ok(())
}
