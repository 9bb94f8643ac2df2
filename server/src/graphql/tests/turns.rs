//! Whoever tries, compares and repairs mappers leaves room: for the orders that come in, for other businesses, for one
//! another.

use std::sync::Arc;

use domain::access::Role;
use domain::id::BusinessId;
use domain::mapper::{Capability, MapperVersionState};
use serde_json::{Value, json};
use storage::NewMapperVersion;
use tokio::sync::Semaphore;

use super::world::{World, codes};

/// A component that is compiled already.
const STANDARD: &[u8] = include_bytes!("../../../../plugins/standard/standard.wasm");

/// Tries the standard mapper on a body that holds nothing, for somebody who may do so in every business.
async fn preview(world: &World, business: BusinessId) -> Value {
    let input = format!("{{businessId: \"{business}\", body: \"{{}}\"}}");
    let document = format!("{{ previewMapping(input: {input}) {{ outcome }} }}");
    world.ask(Role::Platform, &document).await
}

/// The codes and messages of what a mutation of our business was refused for: what the caller can mend stands in the
/// payload, what they have to wait for among the errors.
async fn mutate(world: &World, name: &str, input: &str) -> Value {
    let input = format!("{{businessId: \"{}\", {input}}}", world.ours);
    let payload = "userErrors { code message }";
    let document = format!("mutation {{ {name}(input: {input}) {{ {payload} }} }}");
    let answer = world.ask(Role::Platform, &document).await;
    let Some(errors) = answer["errors"].as_array() else {
        return answer["data"][name]["userErrors"].clone();
    };
    let refusal =
        |error: &Value| json!({ "code": error["extensions"]["code"], "message": error["message"] });
    errors.iter().map(refusal).collect()
}

/// Keeps the standard mapper as a version of our business. Returns its number.
async fn keep_version(world: &World) -> u32 {
    let new = NewMapperVersion {
        digest: world.app.mappers.standard().digest(),
        component: STANDARD.to_vec(),
        contract: "1.1".to_owned(),
        name: "mapper".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        summary: String::new(),
        settings_schema: "{}".to_owned(),
        capabilities: [Capability::MapOrder].into_iter().collect(),
        state: MapperVersionState::Validated,
        failure: None,
        golden_count: 0,
        uploaded_by: "a test".to_owned(),
    };
    world.tenant(world.ours).add_mapper_version(new, world.app.now()).await.unwrap().number
}

#[tokio::test]
async fn a_business_tries_two_mappers_at_a_time_and_leaves_turns_to_others() {
    let world = World::open().await;
    let version = keep_version(&world).await;
    let validation = format!("version: {version}");
    let turn = || world.app.trying.take(world.ours);
    let _first = turn().await.unwrap();
    let second = turn().await.unwrap();

    let (ours, validated, theirs) = tokio::join!(
        preview(&world, world.ours),
        mutate(&world, "validateMapper", &validation),
        preview(&world, world.theirs),
    );
    let text = "this business is trying 2 mappers at this moment; try again when one has ended";
    assert_eq!((codes(&ours), &ours["errors"][0]["message"]), (vec!["THROTTLED"], &json!(text)));
    assert_eq!(validated, json!([{ "code": "THROTTLED", "message": text }]));
    assert_eq!(codes(&theirs), ["MALFORMED_BODY"], "{theirs}");

    drop(second);
    let ours = preview(&world, world.ours).await;
    assert_eq!(codes(&ours), ["MALFORMED_BODY"], "{ours}");
    assert_eq!(mutate(&world, "validateMapper", &validation).await, json!([]));
}

#[tokio::test]
async fn a_validation_brings_nothing_back_that_was_retired_meanwhile() {
    let world = World::open().await;
    let version = format!("version: {}", keep_version(&world).await);
    let turns = [(); 2].map(|()| world.app.trying.take(world.ours));
    let turns = futures_util::future::join_all(turns).await;
    let retiring = async {
        while world.app.trying.claimed(world.ours) <= turns.len() {
            tokio::task::yield_now().await;
        }
        let retired = mutate(&world, "retireMapper", &version).await;
        drop(turns);
        retired
    };
    let (validated, retired) = tokio::join!(mutate(&world, "validateMapper", &version), retiring);
    assert_eq!(retired, json!([]));
    let text = "the version was retired or validated meanwhile: look at its state";
    assert_eq!(validated, json!([{ "code": "CONFLICT", "message": text }]));
    let states = "mapperVersions(businessId: \"OURS\") { edges { node { state } } }";
    let data =
        world.data(&format!("{{ {} }}", states.replace("OURS", &world.ours.to_string()))).await;
    assert_eq!(data["mapperVersions"]["edges"], json!([{ "node": { "state": "RETIRED" } }]));
}

#[tokio::test]
async fn who_finds_all_turns_taken_by_others_is_told() {
    let world = World::open().await;
    let others = [3, 4].map(|number| BusinessId::new(world.app.now(), &[number; 10]));
    let mut taken = Vec::new();
    for other in others.iter().chain(&others) {
        taken.push(world.app.trying.take(*other).await.unwrap());
    }
    assert_eq!(codes(&preview(&world, world.ours).await), ["THROTTLED"]);
    drop(taken);
    assert_eq!(codes(&preview(&world, world.ours).await), ["MALFORMED_BODY"]);
}

#[tokio::test]
async fn repairs_do_not_wait_for_shadow_runs() {
    let world = World::open().await;
    let all_of = async |places: &Arc<Semaphore>| {
        let places = Arc::clone(places);
        let all = u32::try_from(places.available_permits()).unwrap();
        places.acquire_many_owned(all).await.unwrap()
    };
    let _shadows = all_of(&world.app.shadowing).await;
    let refused = mutate(&world, "shadowMapper", "version: 0").await;
    let text = "other shadow runs are under way; try again when one has ended";
    assert_eq!(refused, json!([{ "code": "THROTTLED", "message": text }]));
    let unused = "version: 0, config: 1";
    assert_eq!(mutate(&world, "repairMapper", unused).await, json!([]));
    world.app.tasks.close();
    world.app.tasks.wait().await;

    let _repairs = all_of(&world.app.repairing).await;
    let refused = mutate(&world, "repairMapper", unused).await;
    let text = "other repairs are under way; try again when one has ended";
    assert_eq!(refused, json!([{ "code": "THROTTLED", "message": text }]));
}
