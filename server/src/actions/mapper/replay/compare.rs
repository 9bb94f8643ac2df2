//! What was recorded of a run beside what its repetition gave.

use domain::flow::{Run, differences};
use domain::pos::PosOrder;
use mappers::{Answer, MapFailure, MapRun};
use storage::Tenant;

use super::Verdict;
use crate::error::Problem;

/// Fields that are named.
const FIELDS_MAX: usize = 10;
/// What the failure of a run begins with that ran out of time. How far a run comes in a time is the machine's matter.
const TIME: &str = "time:";

pub(super) async fn compare(tenant: &Tenant, run: &Run, now: &MapRun) -> Result<Verdict, Problem> {
    let failure = match &now.result {
        Err(failure) => Some(failure.failure()),
        Ok(_) => None,
    };
    if matches!(now.result, Err(MapFailure::Busy(_))) {
        return Ok(Verdict::Impossible("the gateway has no room for it now".to_owned()));
    }
    let timed = |detail: &str| detail.starts_with(TIME);
    let recorded_detail = run.failure.as_ref().map(|failure| failure.detail.as_str());
    if [recorded_detail, failure.map(|failure| failure.detail.as_str())]
        .into_iter()
        .flatten()
        .any(timed)
    {
        return Ok(Verdict::Impossible(
            "it ran out of time, which is the machine's matter".to_owned(),
        ));
    }
    let mut found = Vec::new();
    let (before, after) = (run.outcome.as_str(), now.outcome().as_str());
    if before != after {
        found.push(format!("outcome: {before} → {after}"));
    }
    if run.config_digest != now.config_digest {
        found.push("settings: not those that were recorded".to_owned());
    }
    let code = |code: Option<domain::code::Code>| code.map_or("none", domain::code::Code::as_str);
    let (before, after) = (run.failure.as_ref().map(|f| f.code), failure.map(|f| f.code));
    if after.is_some() && before != after {
        found.push(format!("code: {} → {}", code(before), code(after)));
    }
    if run.output_digest != now.output_digest {
        found.extend(document_differences(tenant, run, now).await?);
    }
    // Another host may count otherwise; the same one does not.
    if found.is_empty() && run.host == now.host && run.fuel != now.fuel {
        found.push(format!("fuel: {} → {}", run.fuel, now.fuel));
    }
    Ok(if found.is_empty() { Verdict::Same } else { Verdict::Differs(found) })
}

/// The fields in which the documents differ, where the recorded one became a version of the POS order.
async fn document_differences(
    tenant: &Tenant,
    run: &Run,
    now: &MapRun,
) -> Result<Vec<String>, Problem> {
    let versions = tenant.pos_order_versions(run.external_id).await?;
    let recorded = versions.into_iter().find(|version| version.run_id == run.id);
    let recorded: Option<PosOrder> = recorded.map(|version| version.document);
    let mut named = vec!["document: other bytes".to_owned()];
    if let (Some(before), Ok(Answer::Mapped(after))) = (recorded, &now.result) {
        let text = |value: Option<String>| value.unwrap_or_else(|| "nothing".to_owned());
        let fields = differences(&before, after).into_iter().take(FIELDS_MAX);
        named.extend(
            fields.map(|one| format!("{}: {} → {}", one.path, text(one.before), text(one.after))),
        );
    }
    Ok(named)
}
