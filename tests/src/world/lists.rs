//! What the gateway shows, in forms that are easy to compare.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use server::demo::{CallError, Caller};

use super::TestWorld;

/// The row of a list whose field has that value.
pub fn find<'a>(rows: &'a [Value], field: &str, value: &str) -> &'a Value {
    let found = rows.iter().find(|row| row[field] == value);
    found.unwrap_or_else(|| panic!("no row with {field} = {value} in {rows:?}"))
}

/// The catalogue's code of a refusal, of an error and of a user's error alike.
pub fn code_of(error: &CallError) -> String {
    let CallError::Refused(text) = error else { panic!("{error}") };
    let errors: Value = serde_json::from_str(text).unwrap();
    let code =
        [&errors[0]["extensions"]["code"], &errors[0]["code"]].into_iter().find_map(Value::as_str);
    code.unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}

impl TestWorld {
    /// All rows of one of the business's lists.
    pub async fn list(&self, name: &str, selection: &str) -> Vec<Value> {
        self.admin.all(name, selection).await.unwrap()
    }

    /// The POS order of a store order, with the order that it goes back to.
    pub async fn pos_order(&self, order: i64) -> Value {
        let document = "query($businessId: ID!, $id: ID!) { posOrder(businessId: $businessId, orderId: $id) {
            version state number lineCount unlinkedLines total { amount currency } refundedTotal { amount }
            versions { version documentHash deliveryId }
            order { name total { amount } currentTotal { amount } cancelledAt financialStatus removedAt }
        } }";
        let variables = json!({ "id": order.to_string() });
        self.admin.call(document, variables).await.unwrap()["posOrder"].take()
    }

    /// Pieces in the ledger by product and place, counts left out; sums of nothing are left out too.
    pub async fn moved(&self) -> BTreeMap<(String, String), i64> {
        self.moved_for(&self.admin).await
    }

    /// The same for another business.
    pub async fn moved_for(&self, caller: &Caller) -> BTreeMap<(String, String), i64> {
        let rows = caller.all("stockMovements", "posProductId location quantity reason").await;
        let mut sums = BTreeMap::new();
        for row in rows.unwrap().iter().filter(|row| row["reason"] == "ORDER") {
            let text = |field: &str| row[field].as_str().unwrap().to_owned();
            let sum: &mut i64 = sums.entry((text("posProductId"), text("location"))).or_default();
            *sum += whole(&row["quantity"]);
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }

    /// Pieces of one product in the ledger, over all places.
    pub async fn moved_of(&self, product: &str) -> i64 {
        let moved = self.moved().await;
        moved.iter().filter(|((name, _), _)| name == product).map(|(_, sum)| sum).sum()
    }

    /// How many movements stand in the ledger.
    pub async fn movements(&self) -> usize {
        self.list("stockMovements", "id").await.len()
    }

    /// Everything that the order side of the business comes to, as one text: no ids of ours, no times.
    pub async fn picture(&self) -> String {
        let mut lines = Vec::new();
        let selection = "id name total { amount } currentTotal { amount } financialStatus fulfillmentStatus
            cancelledAt lines { id quantity currentQuantity }
            posOrder { number state lineCount unlinkedLines documentHash total { amount } refundedTotal { amount } }";
        for order in self.list("orders", selection).await {
            lines.push(order.to_string());
        }
        lines.sort();
        for ((product, location), sum) in self.moved().await {
            lines.push(format!("{product} at {location}: {sum}"));
        }
        for letter in self.list("deadLetters", "code topic object { kind id }").await {
            lines.push(letter.to_string());
        }
        lines.join("\n")
    }
}

/// A whole number, which may come as text.
fn whole(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap()
}
