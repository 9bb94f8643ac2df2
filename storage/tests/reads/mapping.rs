//! Mappers to store.

use domain::code::Code;
use domain::delivery::Failure;
use domain::flow::{Run, RunOutcome};
use domain::id::{DeliveryId, ExternalId, MapperRepairId, RunId, ShadowReportId};
use domain::mapper::{
    Binding, BindingChange, Bound, Capabilities, Capability, Grounds, Known, MapperChange,
    MapperRepair, MapperVersionState, ShadowReport, WorkState, decide,
};
use domain::personal::Personal;
use storage::{NewMapperVersion, StoreError, Tenant};

use crate::world::{at, entropy};

/// A mapper of a business's own, without settings.
pub(crate) const V1: Bound = Bound { version: 1, config: 0 };

/// A plugin of a kilobyte that says `name`.
pub(crate) fn plugin(name: &str, digest: u8) -> NewMapperVersion {
    NewMapperVersion {
        digest: [digest; 32],
        component: name.bytes().cycle().take(1_000).collect(),
        contract: "1.0".into(),
        name: name.into(),
        plugin_version: "0.1.0".into(),
        summary: "maps".into(),
        settings_schema: "{}".into(),
        capabilities: [Capability::MapOrder, Capability::PublishProduct].into_iter().collect(),
        state: MapperVersionState::Validated,
        failure: None,
        golden_count: 3,
        uploaded_by: "somebody".into(),
    }
}

/// A plugin that was refused.
pub(crate) fn rejected(name: &str, digest: u8) -> NewMapperVersion {
    NewMapperVersion {
        state: MapperVersionState::Rejected,
        failure: Some(Failure::new(Code::BadUserInput, "a golden test fails")),
        capabilities: Capabilities::default(),
        ..plugin(name, digest)
    }
}

/// A shadow run of version 1 in the place of the standard mapper.
pub(crate) fn shadow(started_at: i64) -> ShadowReport {
    ShadowReport {
        id: ShadowReportId::new(at(started_at), &entropy()),
        candidate: V1,
        active: Bound::STANDARD,
        state: WorkState::Running,
        body: None,
        created_by: "somebody".into(),
        created_at: at(started_at),
        finished_at: None,
    }
}

/// A repair of what version 1 did.
pub(crate) fn repair(started_at: i64) -> MapperRepair {
    MapperRepair {
        id: MapperRepairId::new(at(started_at), &entropy()),
        mapper: V1,
        state: WorkState::Running,
        found: None,
        detail: None,
        created_by: "somebody".into(),
        created_at: at(started_at),
        finished_at: None,
    }
}

/// A run of version 1 over an order.
pub(crate) fn run(order: i64, at_millis: i64) -> Run {
    Run {
        id: RunId::new(at(at_millis), &entropy()),
        delivery_id: DeliveryId::new(at(at_millis), &entropy()),
        capability: Capability::MapOrder,
        external_id: ExternalId(order),
        mapper: V1,
        contract: "1.0".into(),
        host: "tillgate 0.1.0, wasmtime 48.0.1".into(),
        plugin_digest: [1; 32],
        config_digest: [2; 32],
        input_digest: [3; 32],
        output_digest: Some([4; 32]),
        outcome: RunOutcome::Mapped,
        failure: None,
        log: Some(Personal::new("info: hello\nwarn: é")),
        fuel: 123_456,
        duration_us: 42,
    }
}

/// The change that lets `bound` serve everything.
pub(crate) fn activate(bound: Bound) -> BindingChange {
    BindingChange::Activate { bound, grounds: Grounds::Override("because".into()) }
}

/// Decides on a change as of now and writes it, as an action does.
pub(crate) async fn change(
    tenant: &Tenant,
    change: BindingChange,
) -> Result<(Binding, MapperChange), StoreError> {
    let before = tenant.binding().await?;
    let known: Known = tenant.mapper_known(&change).await?;
    let (after, entry) = decide(&before, &known, change, Some("me".into()), at(9)).unwrap();
    tenant.change_binding(before.revision, after, entry.clone()).await?;
    Ok((after, entry))
}
