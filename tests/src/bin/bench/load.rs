//! Orders for the gateway, and waiting until it is done with them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use server::App;
use storage::StoreError;
use tests::bench::{CLIENT_SECRET, business_id, order_body, shop_domain};

/// How long everything may take to be processed.
const DRAIN_MAX: Duration = Duration::from_mins(2);
/// How often a shop is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Where the ids of the orders begin.
const FIRST_ORDER: u64 = 5_500_000_000_000;

/// Signed requests, one for each order, to the shops in turn, and the pieces that the orders sell.
pub(crate) fn webhooks(address: SocketAddr, shops: u64, orders: u64) -> (Vec<Vec<u8>>, u64) {
    let secret = shopify::Secret::new(CLIENT_SECRET);
    let mut pieces = 0;
    let requests = (0..orders).map(|at| {
        let shop = 1 + at % shops;
        let (body, sold) = order_body(shop, FIRST_ORDER + at);
        pieces += sold;
        let head = format!(
            "POST /ecommerce/webhooks/shopify HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
             x-shopify-topic: orders/create\r\nx-shopify-shop-domain: {}\r\nx-shopify-api-version: 2026-10\r\n\
             x-shopify-webhook-id: bench-{at}\r\nx-shopify-event-id: bench-{at}\r\n\
             x-shopify-hmac-sha256: {}\r\ncontent-length: {}\r\n\r\n",
            shop_domain(shop),
            shopify::webhook::sign(&secret, &body),
            body.len(),
        );
        [head.into_bytes(), body].concat()
    });
    (requests.collect(), pieces)
}

/// Waits until every order is processed, shop by shop. Returns how many POS orders there are and what they moved.
pub(crate) async fn drained(app: &App, shops: u64, orders: u64) -> Result<(u64, i64), StoreError> {
    let begun = Instant::now();
    let (mut posted, mut moved) = (0, 0);
    for shop in 1..=shops {
        let due = orders / shops + u64::from(shop <= orders % shops);
        let totals = loop {
            let totals = app.storage.tenant(business_id(shop)).totals().await?;
            let done = totals.pos_orders >= due && totals.ready == 0;
            if done || begun.elapsed() > DRAIN_MAX {
                break totals;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        };
        posted += totals.pos_orders;
        moved += totals.movement_sum;
    }
    Ok((posted, moved))
}
