//! What goes on behind with mappers when the process that does it goes away: everybody sees it, and it can be begun anew.

use std::time::Duration;

use domain::id::{MapperRepairId, ShadowReportId};
use domain::mapper::{Bound, MapperRepair, ShadowReport, WorkState};
use serde_json::{Value, json};
use tests::world::{Place, TestWorld, code_of};

use crate::lifecycle::{configure, override_with, repair};
use crate::scenarios;

/// As long as nobody who lives lets work lie.
const ABANDONED_MILLIS: i64 = 3 * 60 * 1_000;
/// For how long the work was held when its process went away.
const HELD: Duration = Duration::from_mins(2);

/// Leaves a shadow run and a repair behind as a process does that is killed right after they were begun.
async fn leave_behind(world: &TestWorld, candidate: Bound) {
    let (app, tenant) = (world.app(), world.tenant());
    let now = app.now();
    let by = "a gateway that was killed";
    let report = ShadowReport {
        id: ShadowReportId::new(now, &app.entropy()),
        candidate,
        active: Bound::STANDARD,
        state: WorkState::Running,
        body: None,
        created_by: by.to_owned(),
        created_at: now,
        finished_at: None,
    };
    let repair = MapperRepair {
        id: MapperRepairId::new(now, &app.entropy()),
        mapper: candidate,
        state: WorkState::Running,
        found: None,
        detail: None,
        created_by: by.to_owned(),
        created_at: now,
        finished_at: None,
    };
    tenant.begin_shadow_run(report, now + HELD).await.unwrap();
    tenant.begin_repair(repair, now + HELD).await.unwrap();
}

/// The states of all shadow runs and of all repairs, the newest first.
async fn states(world: &TestWorld) -> [Vec<Value>; 2] {
    let mut both = [Vec::new(), Vec::new()];
    for (list, states) in ["shadowReports", "mapperRepairs"].into_iter().zip(&mut both) {
        let rows = world.list(list, "state finishedAt").await;
        states.extend(rows.into_iter().map(|mut row| row["state"].take()));
    }
    both
}

scenarios! {
    async fn what_a_process_left_behind_is_seen_and_begun_anew(place: Place) {
        let world = TestWorld::connected(&place).await;
        world.put_catalogue().await;
        let order = world.sell(&[(world.variants()[0], 2)]);
        world.settle().await;
        let config = configure(&world.admin, 0, json!({ "location": "7" })).await;
        override_with(&world.admin, 0, config).await;
        leave_behind(&world, Bound::STANDARD).await;
        let wanted = json!({ "version": 0, "config": 0 });
        assert_eq!(states(&world).await, [[json!("RUNNING")], [json!("RUNNING")]]);
        for (mutation, selection) in [("repairMapper", "repair { id }"), ("shadowMapper", "shadowReport { id }")] {
            let refused = world.admin.mutate(mutation, wanted.clone(), selection).await.unwrap_err();
            assert_eq!(code_of(&refused), "CONFLICT", "{mutation}: one at a time");
        }

        world.clock.advance(ABANDONED_MILLIS);
        assert_eq!(states(&world).await, [[json!("INTERRUPTED")], [json!("INTERRUPTED")]]);
        repair(&world, 0, 0).await;
        assert_eq!(world.pos_order(order).await["version"], 2);
        world.admin.mutate("shadowMapper", wanted, "shadowReport { id }").await.unwrap();
        world.eventually("the shadow run ends", async || states(&world).await[0][0] != "RUNNING").await;
        assert_eq!(states(&world).await, [["DONE", "INTERRUPTED"], ["DONE", "INTERRUPTED"]].map(|both| both.map(Value::from).to_vec()));
        world.finish().await;
    }
}
