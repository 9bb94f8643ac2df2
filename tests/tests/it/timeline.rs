//! Looking back: the life of one order, and whether recorded runs give the same once more.

use sea_orm::{ConnectionTrait, Database};
use serde_json::{Value, json};
use tests::world::{Place, TestWorld, find};

use super::lifecycle::{configure, override_with, repair};
use crate::scenarios;

async fn timeline(world: &TestWorld, order: i64) -> Value {
    let document = "query($businessId: ID!, $id: ID!) { orderTimeline(businessId: $businessId, orderId: $id) {
        orderId
        order { deliveryId updatedAt name total { amount } currentTotal { amount } financialStatus }
        posOrder { version documentHash }
        deliveries { id source topic state outcome code attempts receivedAt finishedAt bodyHash
            refined { updatedAt name total { amount } currentTotal { amount } financialStatus document } }
        runs { id deliveryId outcome outputDigest mapper { version config } pluginDigest host fuel code detail }
        posVersions { version runId documentHash deliveryId document { total { amount } } }
        movements { quantity location deliveryId }
        mapperChanges { kind actor reason to { version config } }
    } }";
    let variables = json!({ "id": order.to_string() });
    world.admin.call(document, variables).await.unwrap()["orderTimeline"].take()
}

fn rows<'a>(timeline: &'a Value, list: &str) -> &'a [Value] {
    timeline[list].as_array().unwrap()
}

async fn replay(world: &TestWorld, run: &Value) -> Value {
    let selection = "replay { verdict differences detail recordedDigest replayedDigest }";
    let (payload, _) =
        world.admin.mutate("replayRun", json!({ "runId": run }), selection).await.unwrap();
    payload["replay"].clone()
}

scenarios! {
    async fn an_order_tells_how_it_came_to_be_what_it_is(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let id = world.sell(&[(world.variants()[0], 5)]);
        world.settle().await;
        let config = configure(&world.admin, 0, json!({ "location": "7" })).await;
        override_with(&world.admin, 0, config).await;
        world.change(|store, _, now| store.cancel_order(id, true, now));
        world.settle().await;

        let told = timeline(&world, id).await;
        let deliveries = rows(&told, "deliveries");
        assert!(deliveries.iter().all(|one| one["state"] == "DONE" && one["finishedAt"].is_string()), "{told}");
        // The row can be made again of the delivery that it names, and of no other.
        let row = &told["order"];
        let source = deliveries.iter().find(|one| one["id"] == row["deliveryId"]).unwrap();
        for field in ["updatedAt", "name", "total", "currentTotal", "financialStatus"] {
            assert_eq!(source["refined"][field], row[field], "{field}");
        }
        assert_eq!(source["refined"]["document"]["id"], json!(id));
        let first = &deliveries[0]["refined"];
        assert_ne!(first["currentTotal"], row["currentTotal"], "the first version is another one: {told}");

        // Each version of the POS order is the answer of the run that it names, and the newest is what stands.
        let (runs, versions) = (rows(&told, "runs"), rows(&told, "posVersions"));
        assert!(versions.len() >= 2, "{told}");
        for version in versions {
            let run = runs.iter().find(|run| run["id"] == version["runId"]).unwrap();
            assert_eq!((&run["outputDigest"], &run["deliveryId"]), (&version["documentHash"], &version["deliveryId"]));
        }
        let newest = versions.last().unwrap();
        assert_eq!((&newest["version"], &newest["documentHash"]), (&told["posOrder"]["version"], &told["posOrder"]["documentHash"]));
        assert_eq!(runs[0]["mapper"], json!({ "version": 0, "config": 0 }));
        assert_eq!(runs.last().unwrap()["mapper"], json!({ "version": 0, "config": config }));

        let movements = rows(&told, "movements");
        assert_eq!(movements[0]["quantity"], -5, "{told}");
        assert_eq!(movements.iter().map(|one| one["quantity"].as_i64().unwrap()).sum::<i64>(), 0, "it was cancelled");
        let changes = rows(&told, "mapperChanges");
        assert_eq!((changes.len(), &changes[0]["actor"], &changes[0]["reason"]), (1, &json!("admin"), &json!("it is Friday")));
        assert_eq!(timeline(&world, 1).await, Value::Null);
        world.finish().await;
    }

    async fn a_recorded_run_gives_the_same_bytes_or_an_alarm(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let id = world.sell(&[(world.variants()[0], 2)]);
        let other = world.sell(&[(world.variants()[1], 3)]);
        world.settle().await;
        // One that asks for an order to be mapped again has no body of its own.
        let config = configure(&world.admin, 0, json!({ "location": "7" })).await;
        override_with(&world.admin, 0, config).await;
        repair(&world, 0, 0).await;
        let told = "id objectId deliveryId outcome outputDigest mapper { config }";
        let runs = world.list("mappingRuns", told).await;
        assert!(runs.iter().any(|run| run["mapper"]["config"] == config), "{runs:?}");
        for run in &runs {
            let again = replay(&world, &run["id"]).await;
            assert_eq!(again["verdict"], "SAME", "{run}: {again}");
            assert_eq!(again["replayedDigest"], run["outputDigest"]);
        }

        // Somebody changes what was recorded: what one run answered, and what the other was given.
        let [tampered, bodiless] =
            [id, other].map(|order| find(&runs, "objectId", &order.to_string())["id"].clone());
        let database = Database::connect(world.database_url()).await.unwrap();
        let zeros = if world.is_postgres() { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
        for (table, column, order) in [("mapper_run", "output_digest", id), ("mapper_run", "input_digest", other)] {
            let object = format!("external_id = {order}");
            let sql = format!("UPDATE {table} SET {column} = {zeros} WHERE {object}");
            database.execute_unprepared(&sql).await.unwrap();
        }
        let again = replay(&world, &tampered).await;
        assert_eq!(again["verdict"], "DIFFERS", "{again}");
        assert!(again["differences"][0].as_str().unwrap().starts_with("document"), "{again}");
        let again = replay(&world, &bodiless).await;
        assert_eq!((&again["verdict"], &again["detail"]), (&json!("IMPOSSIBLE"), &json!("its input is no longer kept")));
        // The settings and the bodies that the runs had.
        database.execute_unprepared("UPDATE mapper_config SET settings = '{\"location\":\"8\"}'").await.unwrap();
        let set = runs.iter().find(|run| run["mapper"]["config"] == config).unwrap();
        let again = replay(&world, &set["id"]).await;
        assert_eq!(again["differences"], json!(["settings: not those that were recorded"]), "{again}");
        let first = runs.iter().rfind(|run| run["mapper"]["config"] == 0).unwrap();
        let delivery = first["deliveryId"].as_str().unwrap();
        let key = if world.is_postgres() { format!("'{delivery}'") } else { format!("x'{}'", delivery.replace('-', "")) };
        let sql = format!("UPDATE delivery SET body_hash = {zeros} WHERE delivery_id = {key}");
        database.execute_unprepared(&sql).await.unwrap();
        let again = replay(&world, &first["id"]).await;
        let expected = format!("body: delivery {delivery} holds other bytes than came");
        assert_eq!(again["differences"], json!([expected]), "{again}");
        let alarms = world.list("activity", "kind message subject { kind id }").await;
        let alarms: Vec<&Value> = alarms.iter().rev().filter(|event| event["kind"] == "REPLAY_DIFFERED").collect();
        assert_eq!(alarms.len(), 3, "{alarms:?}");
        assert_eq!(alarms[0]["subject"], json!({ "kind": "run", "id": tampered }));
        world.finish().await;
    }
}
