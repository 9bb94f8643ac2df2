//! Runs are kept with all that is needed to repeat them, and found by what they ran and over what.

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::{Run, RunOutcome};
use domain::id::{ExternalId, RunId};
use domain::mapper::{Bound, Capability};
use domain::page::{Direction, PageRequest};
use storage::{RunFilter, Tenant};

use crate::mapping::{V1, run};
use crate::on_each_database;
use crate::sample::changes;
use crate::world::at;

async fn write(tenant: &Tenant, runs: &[Run]) {
    let mut changes = changes(tenant);
    changes.runs = runs.to_vec();
    tenant.apply(changes).await.unwrap();
}

async fn listed(tenant: &Tenant, filter: RunFilter) -> Vec<RunId> {
    let request = PageRequest { limit: 50, direction: Direction::Forward, cursor: None };
    let page = tenant.runs(&request, &filter).await.unwrap();
    page.rows.into_iter().map(|(_, stored)| stored.run.id).collect()
}

on_each_database! {
    async fn a_run_is_read_back_as_it_was(world: World) {
        let tenant = &world.mine;
        let whole = run(1, 10);
        let mut failed = run(1, 11);
        failed.outcome = RunOutcome::Faulted;
        failed.output_digest = None;
        failed.log = None;
        failed.failure = Some(Failure::new(Code::PluginLimit, "memory: over 32 MiB"));
        failed.mapper = Bound { version: 9, config: 3 };
        write(tenant, &[whole.clone(), failed.clone()]).await;
        for expected in [whole, failed] {
            let stored = tenant.run(expected.id).await.unwrap().unwrap();
            assert_eq!((stored.run.log.as_ref().map(domain::personal::Personal::reveal), stored.created_at), (expected.log.as_ref().map(domain::personal::Personal::reveal), at(5_000)));
            assert_eq!(stored.run, expected);
            assert_eq!(world.other.run(expected.id).await.unwrap(), None);
        }
        world
    }
}

on_each_database! {
    async fn runs_are_found_by_mapper_object_and_outcome(world: World) {
        let tenant = &world.mine;
        let standard = Bound::STANDARD;
        let mut runs: Vec<Run> = (0..6).map(|n| run(n % 2 + 1, n)).collect();
        runs[1].mapper = standard;
        runs[2].mapper.config = 1;
        runs[3].outcome = RunOutcome::Refused;
        runs[4].capability = Capability::MapProduct;
        write(tenant, &runs).await;
        let of = |numbers: &[usize]| numbers.iter().map(|n| runs[*n].id).collect::<Vec<_>>();

        let all = RunFilter::default();
        assert_eq!(listed(tenant, all.clone()).await, of(&[5, 4, 3, 2, 1, 0]));
        let by_mapper = |mapper| RunFilter { mapper: Some(mapper), ..RunFilter::default() };
        assert_eq!(listed(tenant, by_mapper(V1)).await, of(&[5, 4, 3, 0]));
        assert_eq!(listed(tenant, by_mapper(standard)).await, of(&[1]));
        assert_eq!(listed(tenant, by_mapper(Bound { version: 1, config: 1 })).await, of(&[2]));
        let object = Some((Capability::MapOrder, ExternalId(1)));
        assert_eq!(listed(tenant, RunFilter { object, ..all.clone() }).await, of(&[2, 0]));
        let outcome = Some(RunOutcome::Refused);
        assert_eq!(listed(tenant, RunFilter { outcome, ..all.clone() }).await, of(&[3]));
        let mapper = Some(V1);
        assert_eq!(listed(tenant, RunFilter { mapper, object, outcome }).await, of(&[]));
        assert!(listed(&world.other, all).await.is_empty());

        let of_order = tenant.runs_of_order(ExternalId(2), None, 9).await.unwrap();
        let ids: Vec<_> = of_order.iter().map(|stored| stored.run.id).collect();
        assert_eq!(ids, of(&[1, 3, 5]));
        assert!(world.other.runs_of_order(ExternalId(2), None, 9).await.unwrap().is_empty());
        world
    }
}

on_each_database! {
    async fn a_walk_over_runs_goes_on_where_it_ended(world: World) {
        let tenant = &world.mine;
        let runs: Vec<Run> = (0..23).map(|n| run(n % 3, n)).collect();
        write(tenant, &runs).await;
        let expected: Vec<_> = runs.iter().map(|run| (run.id, run.external_id, run.delivery_id)).collect();

        let (mut met, mut after) = (Vec::new(), None);
        loop {
            let part = tenant.runs_of_version(V1, after, 5).await.unwrap();
            assert!(part.len() <= 5);
            let Some(last) = part.last() else { break };
            after = Some(last.id);
            met.extend(part.into_iter().map(|run| (run.id, run.external_id, run.delivery_id)));
        }
        assert_eq!(met, expected);

        let (mut met, mut after) = (Vec::new(), None);
        loop {
            let part = tenant.runs_after(after, 4).await.unwrap();
            let Some(last) = part.last() else { break };
            after = Some(last.run.id);
            met.extend(part.into_iter().map(|stored| stored.run));
        }
        assert_eq!(met, runs);
        assert!(world.other.runs_after(None, 4).await.unwrap().is_empty());
        assert!(world.other.runs_of_version(V1, None, 4).await.unwrap().is_empty());
        world
    }
}
