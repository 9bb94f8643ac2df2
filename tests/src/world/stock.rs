//! Stock on its way to the store.

use domain::page::{Direction, PAGE_SIZE_MAX, PageRequest};
use domain::push::PushState;
use serde_json::{Value, json};
use server::demo::pos_product_id;
use storage::PushFilter;

use super::{SHOP, STEP_MILLIS_MAX, TestWorld};

impl TestWorld {
    /// Has the POS own the business's stock, with these settings besides, and waits until what is linked was compared.
    pub async fn own_stock(&self, settings: Value) {
        let mut input = json!({ "ownership": "POS" });
        for (name, value) in settings.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let policy = "inventoryPolicy { ownership }";
        self.admin.mutate("setInventoryPolicy", input, policy).await.unwrap();
        self.eventually("stock is put up", async || {
            let log = self.admin.all("syncLog", "kind status").await.unwrap();
            let mut syncs = log.iter().filter(|entry| entry["kind"] == "STOCK_SYNC");
            syncs.next().is_some_and(|entry| entry["status"] != "RUNNING")
        })
        .await;
        self.pushed().await;
    }

    /// Notes that so many pieces of a variant's POS product were counted at a place.
    pub async fn count(&self, variant: i64, location: &str, quantity: i64) {
        let product = pos_product_id(variant);
        let input = json!({
            "posProductId": product, "location": location, "quantity": quantity,
        });
        self.admin.mutate("setStock", input, "stockLevel { quantity }").await.unwrap();
    }

    /// Waits until everything is processed and pushed, moving the clock to what is due later.
    pub async fn pushed(&self) {
        self.settle().await;
        self.eventually("stock is pushed", async || {
            let request =
                PageRequest { limit: PAGE_SIZE_MAX, direction: Direction::Forward, cursor: None };
            let page = self.tenant().stock_pushes(&request, &PushFilter::default()).await.unwrap();
            let now = self.app().now();
            let (mut open, mut soonest) = (false, None);
            for (_, push) in page.rows {
                match push.state {
                    PushState::Running => return false,
                    PushState::Waiting(_) => {
                        open = true;
                        soonest = soonest.into_iter().chain([push.due_at]).min();
                    }
                    _ => {}
                }
            }
            if let Some(due) = soonest.filter(|due| *due > now) {
                let ahead = i64::try_from(now.until(due).as_millis()).unwrap();
                self.clock.advance(ahead.min(STEP_MILLIS_MAX));
            }
            !open
        })
        .await;
        self.settle().await;
    }

    /// Pieces of a variant that buyers can buy at the shop's primary location, by the shop's own books.
    pub fn available(&self, variant: i64) -> i64 {
        let read = self.simulator.read(SHOP, |store| {
            let (_, variant) = store.variant(variant)?;
            store.levels.get(&(variant.inventory_item_id, store.locations[0].id)).copied()
        });
        read.flatten().unwrap()
    }

    /// The push of a variant's POS product, as operators see it.
    pub async fn push_of(&self, variant: i64) -> Value {
        let fields = "posProductId state hold failureCode attempts level buffer target storeQuantity \
            drift sent sentAt";
        let all = self.admin.all("stockPushes", fields).await.unwrap();
        let product = pos_product_id(variant);
        all.into_iter().find(|push| push["posProductId"] == product).unwrap_or(Value::Null)
    }
}
