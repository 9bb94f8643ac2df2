//! Stock is set once for each key, and only where the store has what the app believes.

use serde_json::Value;
use shopify::operation::{
    AVAILABLE, CORRECTION, InventoryLevels, InventoryLevelsVariables, InventorySetQuantities,
    InventorySetQuantitiesInput, InventorySetQuantitiesVariables, PrimaryLocation, QuantityError,
    QuantityInput,
};
use shopify::{Access, Client, ClientError, Secret};
use tillgate_simulator::{Faults, Simulator};

use crate::world::{
    Received, Receiver, SHOP, access, client, settings, settled, shop, simulator, subscribe,
};

/// Access that may write stock.
fn writer(simulator: &Simulator) -> Access {
    let scopes = ["read_products", "write_inventory", "read_locations"];
    let token = simulator.permanent_token(SHOP, &scopes).unwrap();
    Access { shop: shop(), token: Secret::new(token) }
}

/// An item at the store's primary location, and what is available of it there.
fn an_item(simulator: &Simulator) -> (i64, i64, i64) {
    let found = simulator.read(SHOP, |store| {
        let location = store.locations[0].id;
        let level = store.levels.iter().find(|((_, at), _)| *at == location);
        level.map(|((item, _), pieces)| (*item, location, *pieces))
    });
    found.unwrap().unwrap()
}

fn available(simulator: &Simulator, item: i64, location: i64) -> i64 {
    simulator.read(SHOP, |store| store.levels[&(item, location)]).unwrap()
}

fn quantity(item: i64, location: i64, quantity: i64, expected: Option<i64>) -> QuantityInput {
    QuantityInput {
        inventory_item_id: format!("gid://shopify/InventoryItem/{item}"),
        location_id: format!("gid://shopify/Location/{location}"),
        quantity,
        change_from_quantity: expected,
    }
}

fn variables(key: &str, quantities: Vec<QuantityInput>) -> InventorySetQuantitiesVariables {
    InventorySetQuantitiesVariables {
        input: InventorySetQuantitiesInput {
            name: AVAILABLE,
            reason: CORRECTION,
            reference_document_uri: Some(format!("gid://tillgate/StockPush/{key}")),
            quantities,
        },
        key: key.to_owned(),
    }
}

async fn set(
    client: &Client,
    access: &Access,
    key: &str,
    quantities: Vec<QuantityInput>,
) -> Vec<QuantityError> {
    let variables = variables(key, quantities);
    let answer = client.execute::<InventorySetQuantities>(access, &variables).await.unwrap();
    answer.data.inventory_set_quantities.unwrap().user_errors
}

fn code(errors: &[QuantityError]) -> Option<&str> {
    errors.first().and_then(|error| error.code.as_deref())
}

#[tokio::test]
async fn what_is_set_is_read_again_and_told() {
    let simulator = simulator(settings(), 3, 0).await;
    let (client, access) = (client(&simulator), writer(&simulator));
    let (receiver, uri) = Receiver::start().await;
    assert_eq!(subscribe(&client, &access, "INVENTORY_LEVELS_UPDATE", &uri).await, None);
    let (item, location, before) = an_item(&simulator);

    let primary = client.execute::<PrimaryLocation>(&access, &()).await.unwrap().data.location;
    let primary = primary.unwrap();
    assert_eq!(
        (primary.id.clone(), primary.is_active),
        (format!("gid://shopify/Location/{location}"), true)
    );
    let wanted = vec![quantity(item, location, before + 5, Some(before))];
    assert_eq!(set(&client, &access, "one", wanted).await, []);
    assert_eq!(available(&simulator, item, location), before + 5);

    let ids = vec![
        format!("gid://shopify/InventoryItem/{item}"),
        "gid://shopify/InventoryItem/1".to_owned(),
    ];
    let asked = InventoryLevelsVariables { ids, location: primary.id };
    let read = client.execute::<InventoryLevels>(&access, &asked).await.unwrap().data.nodes;
    let level = read[0].as_ref().unwrap().inventory_level.as_ref().unwrap();
    assert_eq!(
        (level.quantities[0].name.as_str(), level.quantities[0].quantity),
        (AVAILABLE, before + 5)
    );
    assert_eq!(read[1], None, "of an item that the store does not have there is nothing");

    settled(&simulator).await;
    let told: Vec<Value> = receiver.received().iter().map(Received::json).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["inventory_item_id"], &told[0]["available"]),
        (&item.into(), &(before + 5).into())
    );
    simulator.shutdown().await;
}

#[tokio::test]
async fn a_key_is_good_for_one_thing_once() {
    let simulator = simulator(settings(), 3, 0).await;
    let (client, access) = (client(&simulator), writer(&simulator));
    let (item, location, before) = an_item(&simulator);
    let wanted = || vec![quantity(item, location, before + 5, Some(before))];
    assert_eq!(set(&client, &access, "one", wanted()).await, []);
    simulator.change(SHOP, |store, _, now| Some(store.set_available(&[(item, location, 3)], now)));
    assert_eq!(set(&client, &access, "one", wanted()).await, [], "the first answer again");
    assert_eq!(available(&simulator, item, location), 3, "and nothing done again");
    let other = vec![quantity(item, location, 9, Some(3))];
    let errors = set(&client, &access, "one", other.clone()).await;
    assert_eq!(code(&errors), Some("IDEMPOTENCY_KEY_PARAMETER_MISMATCH"));

    let errors = set(&client, &access, "two", wanted()).await;
    assert_eq!(code(&errors), Some("CHANGE_FROM_QUANTITY_STALE"));
    assert_eq!(errors[0].place(), Some(0));
    let errors = set(&client, &access, "two", wanted()).await;
    assert_eq!(code(&errors), Some("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"));
    assert_eq!(set(&client, &access, "three", other).await, []);
    assert_eq!(available(&simulator, item, location), 9);
    simulator.shutdown().await;
}

#[tokio::test]
async fn all_quantities_of_a_call_are_set_or_none() {
    let simulator = simulator(settings(), 3, 0).await;
    let (client, access) = (client(&simulator), writer(&simulator));
    let (item, location, before) = an_item(&simulator);
    let good = || quantity(item, location, before + 1, None);
    let cases = [
        (quantity(1, location, 2, None), "INVALID_INVENTORY_ITEM"),
        (quantity(item, 1, 2, None), "INVALID_LOCATION"),
        (good(), "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR"),
    ];
    for (bad, expected) in cases {
        let errors = set(&client, &access, expected, vec![good(), bad]).await;
        assert_eq!((code(&errors), errors[0].place()), (Some(expected), Some(1)));
    }
    let negative = vec![quantity(item, location, -1, None)];
    let errors = set(&client, &access, "negative", negative).await;
    assert_eq!(code(&errors), Some("INVALID_QUANTITY_NEGATIVE"));
    assert_eq!(available(&simulator, item, location), before);
    assert_eq!(set(&client, &access, "good", vec![good()]).await, []);
    assert_eq!(
        available(&simulator, item, location),
        before + 1,
        "null overwrites whatever is there"
    );
    simulator.shutdown().await;
}

#[tokio::test]
async fn stock_is_written_by_those_who_may_and_with_a_key() {
    let simulator = simulator(settings(), 3, 0).await;
    let (client, reader) = (client(&simulator), access(&simulator));
    let (item, location, before) = an_item(&simulator);
    let wanted = variables("one", vec![quantity(item, location, 1, None)]);
    let refused = client.execute::<InventorySetQuantities>(&reader, &wanted).await;
    assert!(matches!(refused, Err(ClientError::NoAccess { .. })), "{refused:?}");
    let blank = variables(" ", wanted.input.quantities.clone());
    let refused = client.execute::<InventorySetQuantities>(&writer(&simulator), &blank).await;
    assert!(refused.is_err(), "{refused:?}");
    assert_eq!(available(&simulator, item, location), before);
    simulator.shutdown().await;
}

/// An answer that breaks off leaves the client in doubt; the key takes the doubt away.
#[tokio::test]
async fn an_answer_that_was_lost_is_asked_for_again() {
    let simulator = simulator(settings(), 3, 0).await;
    let (client, access) = (client(&simulator), writer(&simulator));
    let (item, location, mut before) = an_item(&simulator);
    simulator.set_faults(Faults { truncated: 500, ..Faults::default() });
    for round in 0..20 {
        let wanted = vec![quantity(item, location, before + 1, Some(before))];
        let variables = variables(&format!("round {round}"), wanted);
        let answer = client.execute::<InventorySetQuantities>(&access, &variables).await;
        if let Ok(answer) = answer {
            assert_eq!(answer.data.inventory_set_quantities.unwrap().user_errors, []);
        }
        assert_eq!(available(&simulator, item, location), before + 1);
        before += 1;
    }
    simulator.shutdown().await;
}
