//! Subscriptions: whoever comes back misses nothing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Executor as _, Request, Response};
use domain::access::Role;
use domain::activity::ActivityKind;
use futures_util::future::join_all;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::Value;
use tokio::time::timeout;

use super::world::{World, codes, json_of};

/// By when an event has to be there that nothing holds up.
const SOON: Duration = Duration::from_secs(10);

fn subscribe(world: &World, field: &str) -> BoxStream<'static, Response> {
    let document = format!("subscription {{ {field} {{ sequence kind message }} }}");
    let request = Request::new(document).data(world.caller(Role::Viewer));
    world.schema.execute_stream(request, None)
}

fn activity(world: &World, after: &str) -> BoxStream<'static, Response> {
    subscribe(world, &format!("activity(businessId: \"{}\"{after})", world.ours))
}

async fn next(events: &mut BoxStream<'static, Response>, field: &str) -> Value {
    let response = timeout(SOON, events.next()).await.unwrap().unwrap();
    let mut answer = json_of(&response);
    assert_eq!(answer.get("errors"), None);
    answer["data"][field].take()
}

async fn sequences(events: &mut BoxStream<'static, Response>, count: i64) -> Vec<i64> {
    let mut seen = Vec::new();
    for _ in 0..count {
        seen.push(next(events, "activity").await["sequence"].as_i64().unwrap());
    }
    seen
}

#[tokio::test]
async fn a_follower_sees_every_event_once_and_in_order() {
    let world = Arc::new(World::open().await);
    let kind = ActivityKind::ProductChanged;
    let past: Vec<String> = (0..250).map(|n| format!("before {n}")).collect();
    join_all(past.iter().map(|message| world.publish(world.ours, kind, message))).await;
    let mut resumed = activity(&world, ", after: 130");
    let mut whole = activity(&world, ", after: 0");
    assert_eq!(sequences(&mut resumed, 30).await, (131..=160).collect::<Vec<_>>());

    // While both read the past, several write; a neighbour's events do not show.
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                for n in 0..50 {
                    world.publish(world.ours, kind, &format!("{writer} {n}")).await;
                    world.publish(world.theirs, kind, "theirs").await;
                }
            })
        })
        .collect();
    assert_eq!(sequences(&mut resumed, 290).await, (161..=450).collect::<Vec<_>>());
    assert_eq!(sequences(&mut whole, 450).await, (1..=450).collect::<Vec<_>>());
    for writer in writers {
        writer.await.unwrap();
    }

    world.publish(world.ours, kind, "last").await;
    assert_eq!(next(&mut resumed, "activity").await["message"], "last");
    assert!(resumed.next().now_or_never().is_none(), "there is nothing more");
}

#[tokio::test]
async fn without_a_place_the_feed_begins_now() {
    let world = World::open().await;
    let kind = ActivityKind::Connected;
    world.publish(world.ours, kind, "past").await;
    let mut events = activity(&world, "");
    let first = tokio::spawn(async move { next(&mut events, "activity").await });
    while !first.is_finished() {
        world.publish(world.ours, kind, "present").await;
    }
    assert_eq!(first.await.unwrap()["message"], "present");
}

#[tokio::test]
async fn a_place_that_the_feed_never_had_is_refused() {
    let world = World::open().await;
    world.publish(world.ours, ActivityKind::Connected, "one").await;
    for after in ["2", "-1"] {
        let mut events = activity(&world, &format!(", after: {after}"));
        let answer = json_of(&timeout(SOON, events.next()).await.unwrap().unwrap());
        assert_eq!(codes(&answer), ["BAD_USER_INPUT"], "{answer}");
    }
}

#[tokio::test]
async fn progress_is_told_without_the_rest() {
    let world = World::open().await;
    let cases = [
        ("syncProgress", ["\"SYNC_FINISHED\"", "\"SYNC_PROGRESS\""]),
        ("mapperProgress", ["\"MAPPER_FINISHED\"", "\"MAPPER_PROGRESS\""]),
    ];
    for (name, expected) in cases {
        let field = format!("{name}(businessId: \"{}\")", world.ours);
        let mut events = subscribe(&world, &field);
        let seen = tokio::spawn(async move {
            let mut kinds = BTreeSet::new();
            for _ in 0..10 {
                kinds.insert(next(&mut events, name).await["kind"].to_string());
            }
            kinds
        });
        while !seen.is_finished() {
            for kind in ActivityKind::ALL {
                world.publish(world.ours, *kind, "m").await;
            }
        }
        assert_eq!(seen.await.unwrap(), BTreeSet::from(expected.map(str::to_owned)));
    }
}
