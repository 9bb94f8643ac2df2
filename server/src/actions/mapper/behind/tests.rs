use domain::access::Role;
use domain::id::MapperRepairId;
use domain::mapper::{Bound, MapperRepair, WorkState};

use super::*;
use crate::graphql::tests::world::World;

const OFTEN: Duration = Duration::from_millis(5);

/// A repair that somebody began and holds until `held_until`.
async fn begun(world: &World, held_until: Timestamp) -> (Tenant, MapperRepair) {
    let now = world.app.now();
    let repair = MapperRepair {
        id: MapperRepairId::new(now, &world.app.entropy()),
        mapper: Bound::STANDARD,
        state: WorkState::Running,
        found: None,
        detail: None,
        created_by: Role::Admin.as_str().to_owned(),
        created_at: now,
        finished_at: None,
    };
    let tenant = world.tenant(world.ours);
    tenant.begin_repair(repair.clone(), held_until).await.unwrap();
    (tenant, repair)
}

#[tokio::test]
async fn work_is_held_while_it_goes_on() {
    let world = World::open().await;
    let soon = world.app.now() + Duration::from_secs(30);
    let (tenant, repair) = begun(&world, soon).await;
    let renewed = async {
        let beyond = soon + Duration::from_secs(1);
        while tenant.mapper_repair(repair.id, beyond).await.unwrap() != Some(repair.clone()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = renewed => {}
        lost = renew(&world.app, &tenant, Work::Repair(repair.id), OFTEN) => panic!("{lost}"),
    }
}

#[tokio::test]
async fn work_that_somebody_else_may_have_begun_is_given_up() {
    let world = World::open().await;
    let (tenant, repair) = begun(&world, Timestamp::EPOCH).await;
    let lost = renew(&world.app, &tenant, Work::Repair(repair.id), OFTEN).await;
    assert_eq!(lost.code, Code::Conflict);
    let seen = tenant.mapper_repair(repair.id, world.app.now()).await.unwrap().unwrap();
    assert_eq!(seen.state, WorkState::Interrupted);
}
