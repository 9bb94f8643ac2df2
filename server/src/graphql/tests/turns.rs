//! Whoever tries mappers leaves threads for the orders that come in.

use std::sync::Arc;

use domain::access::Role;

use super::world::{World, codes};

#[tokio::test]
async fn who_finds_all_turns_taken_is_told_and_the_next_one_has_one() {
    let world = World::open().await;
    let document = format!(
        "{{ previewMapping(input: {{businessId: \"{}\", body: \"{{}}\"}}) {{ outcome }} }}",
        world.ours
    );
    let places = u32::try_from(world.app.trying.available_permits()).unwrap();
    let taken = Arc::clone(&world.app.trying).acquire_many_owned(places).await.unwrap();
    let refused = world.ask(Role::Operator, &document).await;
    assert_eq!(codes(&refused), ["THROTTLED"]);
    drop(taken);
    let tried = world.ask(Role::Operator, &document).await;
    assert_eq!(codes(&tried), ["MALFORMED_BODY"], "{tried}");
}
