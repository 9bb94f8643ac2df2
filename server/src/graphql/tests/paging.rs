//! Pages from end to end.

use domain::access::{Caller, Role};
use serde_json::Value;

use super::world::{World, codes, json_of};

/// A catalogue of seven products, `p0` to `p6`.
async fn world_with_catalogue() -> World {
    let world = World::open().await;
    let products: Vec<String> = (0..7)
        .map(|n| format!("{{id: \"p{n}\", name: \"P{n}\", price: \"1.50\", currency: \"CAD\"}}"))
        .collect();
    let products = products.join(", ");
    for business in [world.ours, world.theirs] {
        let input = format!("businessId: \"{business}\", products: [{products}]");
        let document = format!(
            "mutation {{ upsertPosProducts(input: {{{input}}}) {{ products {{ id }} userErrors {{ message }} }} }}"
        );
        let data = world.data(&document).await;
        assert_eq!(data["upsertPosProducts"]["products"].as_array().unwrap().len(), 7);
    }
    world
}

fn page(world: &World, arguments: &str) -> String {
    format!(
        "{{ posProducts(businessId: \"{}\", {arguments}) {{ edges {{ cursor node {{ id }} }} nodes {{ id }}
           pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
        world.ours
    )
}

fn ids(page: &Value) -> String {
    let nodes = page["nodes"].as_array().unwrap();
    let ids: Vec<&str> = nodes.iter().map(|node| node["id"].as_str().unwrap()).collect();
    ids.join(" ")
}

#[tokio::test]
async fn pages_follow_each_other_in_both_directions() {
    let world = world_with_catalogue().await;
    let forward = ["p0 p1 p2", "p3 p4 p5", "p6"];
    let backward = ["p4 p5 p6", "p1 p2 p3", "p0"];
    let directions = [
        ("first", "after", "endCursor", "hasNextPage", forward),
        ("last", "before", "startCursor", "hasPreviousPage", backward),
    ];
    for (size, edge, end, more, expected) in directions {
        let mut arguments = format!("{size}: 3");
        for (index, expected) in expected.into_iter().enumerate() {
            let mut data = world.data(&page(&world, &arguments)).await;
            let page = data["posProducts"].take();
            assert_eq!(ids(&page), expected);
            assert_eq!(page["pageInfo"][more], index < 2, "{size} {expected}");
            assert_eq!(page["edges"][0]["cursor"], page["pageInfo"]["startCursor"]);
            let cursor = page["pageInfo"][end].as_str().unwrap();
            arguments = format!("{size}: 3, {edge}: \"{cursor}\"");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_business_or_list_is_refused() {
    let world = world_with_catalogue().await;
    let data = world.data(&page(&world, "first: 1")).await;
    let cursor = data["posProducts"]["pageInfo"]["endCursor"].as_str().unwrap();
    let both =
        Caller { businesses: [world.ours, world.theirs].into(), ..world.caller(Role::Viewer) };
    let cases = [
        (world.ours, "posProducts", None),
        (world.theirs, "posProducts", Some("BAD_USER_INPUT")),
        (world.ours, "orders", Some("BAD_USER_INPUT")),
    ];
    for (business, list, code) in cases {
        let document = format!(
            "{{ {list}(businessId: \"{business}\", after: \"{cursor}\") {{ nodes {{ id }} }} }}"
        );
        let answer = json_of(&world.respond(Some(both.clone()), &document).await);
        assert_eq!(codes(&answer), code.into_iter().collect::<Vec<_>>(), "{list}: {answer}");
        if code.is_some() {
            assert_eq!(answer["errors"][0]["extensions"]["field"], serde_json::json!(["after"]));
        }
    }
}

#[tokio::test]
async fn page_sizes_out_of_bounds_are_refused_by_name() {
    let world = World::open().await;
    for (arguments, field) in
        [("first: 0", "first"), ("first: 101", "first"), ("first: 1, last: 1", "last")]
    {
        let answer = world.ask(Role::Viewer, &page(&world, arguments)).await;
        assert_eq!(codes(&answer), ["BAD_USER_INPUT"], "{arguments}");
        assert_eq!(answer["errors"][0]["extensions"]["field"], serde_json::json!([field]));
    }
}
