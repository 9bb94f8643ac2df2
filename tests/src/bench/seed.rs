//! Businesses with a store each, whose two hundred variants may be linked to POS products.

use std::time::Duration;

use domain::connection::{Business, Connection, ConnectionStatus};
use domain::flow::{Changes, LinkWrite};
use domain::id::{BusinessId, ConnectionId, ExternalId};
use domain::link::LinkOrigin;
use domain::pos::PosProduct;
use domain::secret::Secret;
use domain::time::Timestamp;
use rust_decimal::Decimal;
use server::App;
use storage::{ConnectionSecrets, StoreError};

/// Businesses, each with one shop.
pub const SHOPS: u64 = 10;
/// Variants of each shop.
pub const VARIANTS_PER_SHOP: u64 = 200;

/// A shop's address; shops count from 1.
pub fn shop_domain(shop: u64) -> String {
    format!("bench-shop-{shop:03}.myshopify.com")
}

/// A variant of a shop; variants count from 0.
pub const fn variant_id(shop: u64, variant: u64) -> u64 {
    44_000_000_000_000 + shop * 1_000 + variant
}

/// The business of a shop.
pub fn business_id(shop: u64) -> BusinessId {
    let uuid = uuid::Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 + u128::from(shop));
    BusinessId::from_uuid(uuid)
}

/// Puts everything into an empty database.
pub async fn seed(app: &App) -> Result<(), StoreError> {
    for shop in 1..=SHOPS {
        seed_business(app, shop).await?;
        link(app, shop, app.now()).await?;
    }
    Ok(())
}

/// Puts one business with its store into the database, without any POS product.
pub async fn seed_business(app: &App, shop: u64) -> Result<(), StoreError> {
    let now = app.now();
    let business = Business { id: business_id(shop), name: shop_domain(shop), created_at: now };
    app.storage.system().create_business(business).await?;
    connect(app, shop, now).await
}

async fn connect(app: &App, shop: u64, now: Timestamp) -> Result<(), StoreError> {
    let connection = Connection {
        id: ConnectionId::new(now, &app.entropy()),
        business_id: business_id(shop),
        provider: "shopify".to_owned(),
        shop: shop_domain(shop),
        status: ConnectionStatus::Active,
        granted_scopes: ["read_orders".to_owned(), "read_products".to_owned()].into(),
        connected_at: now,
        ended_at: None,
        cutover_at: Timestamp::EPOCH,
        last_synced_at: Some(now),
        subscriptions: Vec::new(),
    };
    let secrets = ConnectionSecrets {
        access_token: Secret::new("none"),
        access_token_expires_at: Some(now + Duration::from_hours(8760)),
        refresh_token: None,
        refresh_token_expires_at: None,
    };
    app.storage.tenant(business_id(shop)).save_connection(&connection, &secrets, now).await?;
    Ok(())
}

async fn link(app: &App, shop: u64, now: Timestamp) -> Result<(), StoreError> {
    let tenant = app.storage.tenant(business_id(shop));
    let currency = "CAD".parse().unwrap_or_else(|_| unreachable!("CAD is a currency"));
    let products = (0..VARIANTS_PER_SHOP).map(|variant| PosProduct {
        id: pos_product_id(shop, variant),
        sku: Some(format!("SKU-{shop:03}-{variant:04}")),
        name: format!("Product {variant}"),
        price: Decimal::from(10),
        currency,
        active: true,
    });
    let never = Box::new(|_: &[ExternalId], _| unreachable!("no variant is known yet"));
    tenant.upsert_pos_products(products.collect(), now, never).await?;
    let mut changes = Changes::new(business_id(shop), now);
    changes.links = (0..VARIANTS_PER_SHOP)
        .map(|variant| LinkWrite {
            variant_id: ExternalId(i64::try_from(variant_id(shop, variant)).unwrap_or(i64::MAX)),
            pos_product_id: pos_product_id(shop, variant),
            origin: LinkOrigin::Manual,
        })
        .collect();
    tenant.apply(changes).await?;
    Ok(())
}

fn pos_product_id(shop: u64, variant: u64) -> String {
    format!("p{shop}-{variant}")
}
