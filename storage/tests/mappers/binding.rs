//! The binding moves from revision to revision, and its history says how.

use domain::activity::ActivityKind;
use domain::mapper::{
    Binding, BindingChange, Bound, Canary, Grounds, Known, MapperChangeKind, MapperVersionState,
    Refused, WorkState, decide,
};
use domain::page::{Direction, PageRequest};
use futures_util::future::join_all;
use storage::StoreError;

use crate::mapping::{V1, activate, change, plugin, rejected, shadow};
use crate::on_each_database;
use crate::world::at;

fn newest(limit: u32) -> PageRequest {
    PageRequest { limit, direction: Direction::Forward, cursor: None }
}

on_each_database! {
    async fn a_binding_is_read_back_with_its_history(world: World) {
        let tenant = &world.mine;
        assert_eq!(tenant.binding().await.unwrap(), Binding::default());
        let v2 = Bound { version: 2, config: 1 };
        for (name, digest) in [("one", 1), ("two", 2)] {
            tenant.add_mapper_version(plugin(name, digest), at(5)).await.unwrap();
        }
        tenant.add_mapper_config("{}".into(), [1; 32], "me".into(), at(5)).await.unwrap();
        let grounds = Grounds::Override("try".into());
        let steps = [
            activate(V1),
            BindingChange::Canary { bound: v2, percent: 10, grounds },
            BindingChange::Rollback { reason: "slow".into() },
            BindingChange::Rollback { reason: "wrong".into() },
            BindingChange::Retire { version: 2, reason: None },
        ];
        let mut written = Vec::new();
        for step in steps {
            let (after, entry) = change(tenant, step).await.unwrap();
            assert_eq!(tenant.binding().await.unwrap(), after);
            written.push(entry);
        }
        written.reverse();
        let history = tenant.mapper_changes(&newest(10)).await.unwrap().rows;
        assert_eq!(history.into_iter().map(|row| row.1).collect::<Vec<_>>(), written);
        let expected = Binding { revision: 5, active: Bound::STANDARD, ..Binding::default() };
        assert_eq!(tenant.binding().await.unwrap(), expected);
        assert_eq!(written[3].kind, MapperChangeKind::Canaried);
        assert_eq!(written[3].percent, Some(10));
        let retired = tenant.mapper_version(2).await.unwrap().unwrap();
        assert_eq!(retired.state, MapperVersionState::Retired);
        let kept = tenant.mapper_version(1).await.unwrap().unwrap();
        assert_eq!(kept.state, MapperVersionState::Validated);

        let feed = tenant.activity_after(0, 10).await.unwrap();
        assert_eq!(feed.len(), 5);
        assert!(feed.iter().all(|event| event.event.kind == ActivityKind::MapperChanged));
        assert_eq!(world.other.binding().await.unwrap(), Binding::default());
        assert!(world.other.mapper_changes(&newest(10)).await.unwrap().rows.is_empty());
        world
    }
}

on_each_database! {
    async fn of_changes_decided_on_the_same_revision_one_is_written(world: World) {
        let tenant = &world.mine;
        for expected in 0..3 {
            let before = tenant.binding().await.unwrap();
            let attempts = (1..=4).map(|version| {
                // With a config of the round's own, so that each is a change.
                let bound = Bound { version: 0, config: u32::try_from(expected).unwrap() * 4 + version };
                let known = Known { newest_config: 99, ..Known::default() };
                let (after, entry) =
                    decide(&before, &known, activate(bound), None, at(9)).unwrap();
                tenant.change_binding(before.revision, after, entry)
            });
            let results = join_all(attempts).await;
            assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
            let lost = |result: &&Result<(), StoreError>| matches!(result, Err(StoreError::Conflict(_)));
            assert_eq!(results.iter().filter(lost).count(), 3, "{results:?}");
            assert_eq!(tenant.binding().await.unwrap().revision, expected + 1);
        }
        assert_eq!(tenant.mapper_changes(&newest(10)).await.unwrap().rows.len(), 3);
        assert_eq!(tenant.last_activity().await.unwrap(), 3, "what was not written told nobody");
        world
    }
}

on_each_database! {
    async fn a_change_leads_to_the_next_revision_only(world: World) {
        let tenant = &world.mine;
        let known = Known { newest_config: 1, ..Known::default() };
        let bound = Bound { version: 0, config: 1 };
        let (after, entry) =
            decide(&Binding::default(), &known, activate(bound), None, at(9)).unwrap();
        let skipping = Binding { revision: 2, ..after };
        for (expected, binding) in [(1, after), (0, skipping), (-1, after)] {
            let result = tenant.change_binding(expected, binding, entry.clone()).await;
            assert!(matches!(result, Err(StoreError::Conflict(_))), "{result:?}");
        }
        assert_eq!(tenant.binding().await.unwrap(), Binding::default());
        tenant.change_binding(0, after, entry).await.unwrap();
        world
    }
}

on_each_database! {
    async fn what_a_change_must_know_is_read(world: World) {
        let tenant = &world.mine;
        tenant.add_mapper_version(plugin("one", 1), at(5)).await.unwrap();
        tenant.add_mapper_version(rejected("two", 2), at(5)).await.unwrap();
        tenant.add_mapper_config("{}".into(), [1; 32], "me".into(), at(5)).await.unwrap();
        let mut report = shadow(6);
        tenant.begin_shadow_run(report.clone(), at(9)).await.unwrap();
        report.state = WorkState::Done;
        report.finished_at = Some(at(7));
        tenant.end_shadow_run(report.clone()).await.unwrap();

        let by_report = |version| {
            let grounds = Grounds::Report(report.id);
            BindingChange::Activate { bound: Bound { version, config: 0 }, grounds }
        };
        let known = tenant.mapper_known(&by_report(1)).await.unwrap();
        assert_eq!(known.newest_config, 1);
        assert_eq!(known.report.as_ref(), Some(&report));
        assert_eq!(known.versions[&1], MapperVersionState::Validated);
        assert_eq!(change(tenant, by_report(1)).await.unwrap().1.report, Some(report.id));

        let refused = async |tenant: &storage::Tenant, wanted: BindingChange| {
            let known = tenant.mapper_known(&wanted).await.unwrap();
            decide(&tenant.binding().await.unwrap(), &known, wanted, None, at(9)).unwrap_err()
        };
        let state = MapperVersionState::Rejected;
        assert_eq!(refused(tenant, by_report(2)).await, Refused::NotValidated { version: 2, state });
        assert_eq!(refused(&world.other, by_report(1)).await, Refused::NoVersion(1));
        assert_eq!(refused(&world.other, by_report(0)).await, Refused::Serves(Bound::STANDARD));
        let configure = BindingChange::Configure { config: 1, grounds: Grounds::Report(report.id) };
        assert_eq!(refused(tenant, configure.clone()).await, Refused::ReportOfOther(V1));
        assert_eq!(refused(&world.other, configure).await, Refused::NoConfig(1));
        world
    }
}

on_each_database! {
    async fn a_canary_survives_the_way_to_the_disk(world: World) {
        let tenant = &world.mine;
        let binding = Binding {
            revision: 1,
            active: V1,
            canary: Some(Canary { bound: Bound { version: 3, config: 4 }, percent: 99 }),
            previous: Some(Bound { version: 7, config: 8 }),
        };
        let known = Known { newest_config: 1, ..Known::default() };
        let wanted = activate(Bound { version: 0, config: 1 });
        let (_, entry) = decide(&Binding::default(), &known, wanted, None, at(9)).unwrap();
        tenant.change_binding(0, binding, entry).await.unwrap();
        assert_eq!(tenant.binding().await.unwrap(), binding);
        world
    }
}
