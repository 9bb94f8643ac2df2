//! Shadow runs and repairs begin, are held, end once, and are interrupted where nobody holds them any more.

use domain::mapper::{Repaired, Work, WorkState};
use domain::page::{Direction, PageRequest};
use futures_util::future::join_all;
use storage::StoreError;

use crate::mapping::{repair, shadow};
use crate::on_each_database;
use crate::world::at;

const NEWEST: PageRequest = PageRequest { limit: 10, direction: Direction::Forward, cursor: None };

on_each_database! {
    async fn a_shadow_run_ends_once(world: World) {
        let tenant = &world.mine;
        let mut report = shadow(5);
        tenant.begin_shadow_run(report.clone(), at(8)).await.unwrap();
        assert_eq!(tenant.shadow_report(report.id, at(8)).await.unwrap(), Some(report.clone()));
        (report.state, report.finished_at) = (WorkState::Done, Some(at(7)));
        report.body = Some(r#"{"differences":[]}"#.into());
        tenant.end_shadow_run(report.clone()).await.unwrap();
        assert_eq!(tenant.shadow_report(report.id, at(99)).await.unwrap(), Some(report.clone()));

        let mut again = report.clone();
        again.state = WorkState::Failed;
        for late in [
            tenant.end_shadow_run(again.clone()).await,
            world.other.end_shadow_run(again).await,
            tenant.end_shadow_run(shadow(6)).await,
            tenant.renew_work(Work::Shadow(report.id), at(7), at(9)).await,
        ] {
            assert!(matches!(late, Err(StoreError::LostLease)), "{late:?}");
        }
        let same = tenant.begin_shadow_run(report.clone(), at(9)).await;
        assert!(matches!(same, Err(StoreError::Conflict(_))), "{same:?}");
        assert_eq!(tenant.shadow_report(report.id, at(9)).await.unwrap(), Some(report.clone()));
        assert_eq!(world.other.shadow_report(report.id, at(9)).await.unwrap(), None);
        tenant.begin_shadow_run(shadow(9), at(10)).await.unwrap();
        world
    }
}

on_each_database! {
    async fn what_nobody_holds_any_more_is_interrupted_for_good(world: World) {
        let tenant = &world.mine;
        let mut first = repair(5);
        tenant.begin_repair(first.clone(), at(8)).await.unwrap();
        tenant.renew_work(Work::Repair(first.id), at(7), at(10)).await.unwrap();
        assert_eq!(tenant.mapper_repair(first.id, at(10)).await.unwrap(), Some(first.clone()));
        let early = tenant.begin_repair(repair(10), at(12)).await;
        assert!(matches!(early, Err(StoreError::Conflict(_))), "{early:?}");
        // Of another kind, and of another business, one is under way beside it.
        tenant.begin_shadow_run(shadow(10), at(20)).await.unwrap();
        world.other.begin_repair(repair(10), at(20)).await.unwrap();

        let interrupted = tenant.mapper_repair(first.id, at(11)).await.unwrap().unwrap();
        assert_eq!((interrupted.state, interrupted.finished_at), (WorkState::Interrupted, None));
        let second = repair(11);
        tenant.begin_repair(second.clone(), at(14)).await.unwrap();
        // The first one's process was only slow: it comes too late.
        (first.state, first.finished_at) = (WorkState::Done, Some(at(11)));
        first.found = Some(Repaired { orders: 1, dead_letters: 0 });
        for late in [
            tenant.renew_work(Work::Repair(first.id), at(11), at(20)).await,
            tenant.end_repair(first.clone()).await,
        ] {
            assert!(matches!(late, Err(StoreError::LostLease)), "{late:?}");
        }
        let listed = tenant.mapper_repairs(&NEWEST, at(12)).await.unwrap().rows;
        let states: Vec<_> = listed.iter().map(|(_, repair)| (repair.id, repair.state)).collect();
        assert_eq!(states, [(second.id, WorkState::Running), (first.id, WorkState::Interrupted)]);
        let found = Some(Repaired { orders: 2, dead_letters: 3 });
        let ended = domain::mapper::MapperRepair {
            state: WorkState::Done, found, finished_at: Some(at(13)), ..second
        };
        tenant.end_repair(ended.clone()).await.unwrap();
        assert_eq!(tenant.mapper_repair(ended.id, at(99)).await.unwrap(), Some(ended));
        world
    }
}

on_each_database! {
    async fn of_repairs_begun_at_once_one_is_under_way(world: World) {
        let begun = (0..6).map(|_| world.mine.begin_repair(repair(5), at(9)));
        let begun = join_all(begun).await;
        assert_eq!(begun.iter().filter(|result| result.is_ok()).count(), 1, "{begun:?}");
        assert_eq!(world.mine.mapper_repairs(&NEWEST, at(6)).await.unwrap().rows.len(), 1);
        world
    }
}
