//! Which mapper serves: activating, canaries, taking back, retiring. Each is one decision of
//! [`domain::mapper::decide`], written against the revision that it was decided on.

use domain::access::{Caller, Role};
use domain::code::Code;
use domain::id::{BusinessId, ShadowReportId};
use domain::mapper::{
    Binding, BindingChange, Bound, Grounds, MapperChange, Refused, ShadowReport, decide,
};
use storage::{StoreError, Tenant};

use super::shadow::ShadowBody;
use crate::app::App;
use crate::error::Problem;
use crate::mapping::Mapper;

/// How often a change is decided anew because another one came between.
const TRIES_MAX: u32 = 5;

/// On what grounds a caller wants something new to serve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wanted {
    /// A shadow run showed what would change.
    Report(ShadowReportId),
    /// The caller answers for it, with a reason that stands in the history.
    Override(String),
}

/// The binding as it is after a change, with the change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Changed {
    pub(crate) binding: Binding,
    pub(crate) change: MapperChange,
}

/// Lets a version with a config serve all orders. Needs a finished shadow run of exactly that against what serves now,
/// or an override with a reason (F1).
pub(crate) async fn activate(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    bound: Bound,
    wanted: Wanted,
) -> Result<Changed, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let grounds = admit(app, &tenant, bound, wanted).await?;
    apply_to(app, caller, &tenant, |before| activation(before, bound, grounds.clone())).await
}

/// The version that is active already only gets another config.
fn activation(before: &Binding, bound: Bound, grounds: Grounds) -> BindingChange {
    if before.active.version == bound.version {
        BindingChange::Configure { config: bound.config, grounds }
    } else {
        BindingChange::Activate { bound, grounds }
    }
}

/// Lets a version with a config serve a share of the orders, the same ones as long as the share stands (F4).
pub(crate) async fn canary(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    bound: Bound,
    percent: u8,
    wanted: Wanted,
) -> Result<Changed, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    let grounds = admit(app, &tenant, bound, wanted).await?;
    apply(app, caller, &tenant, BindingChange::Canary { bound, percent, grounds }).await
}

/// Ends the canary: what is active serves all orders.
pub(crate) async fn end_canary(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    reason: Option<String>,
) -> Result<Changed, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    apply(app, caller, &tenant, BindingChange::EndCanary { reason }).await
}

/// Takes the last step back: the canary ends, or, without one, what served before serves again. It holds for the very
/// next order, on every instance (F4).
pub(crate) async fn rollback(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    reason: String,
) -> Result<Changed, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    apply(app, caller, &tenant, BindingChange::Rollback { reason }).await
}

/// Takes a version back that does not serve. It can be validated anew.
pub(crate) async fn retire(
    app: &App,
    caller: &Caller,
    business: BusinessId,
    version: u32,
    reason: Option<String>,
) -> Result<Changed, Problem> {
    let tenant = app.tenant(caller, business, Role::Admin)?;
    apply(app, caller, &tenant, BindingChange::Retire { version, reason }).await
}

/// Whether something may serve at all: it is loaded here, before any order waits for it, and its settings fit its
/// schema, for they may have been made for another version. What serves afterwards is decided by [`decide`].
async fn admit(
    app: &App,
    tenant: &Tenant,
    bound: Bound,
    wanted: Wanted,
) -> Result<Grounds, Problem> {
    let mapper = Mapper::load(app, tenant, bound).await?;
    mapper.check_own_settings(app, tenant, "input.config").await?;
    match wanted {
        Wanted::Override(reason) => Ok(Grounds::Override(reason)),
        Wanted::Report(id) => {
            let report = tenant.shadow_report(id, app.now()).await?;
            if let Some(ShadowReport { body: Some(body), .. }) = report {
                check_whole(&body)?;
            }
            Ok(Grounds::Report(id))
        }
    }
}

/// A shadow run that was cut short says too little; somebody has to answer for what it did not see.
fn check_whole(body: &str) -> Result<(), Problem> {
    match serde_json::from_str::<ShadowBody>(body) {
        Ok(ShadowBody { cut_short: Some(why), .. }) => {
            let message = format!("names a shadow run that was cut short: {why}");
            Err(Problem { code: Code::Conflict, ..Problem::input("input.shadowReportId", message) })
        }
        _ => Ok(()),
    }
}

/// A change that is the same whatever serves now.
async fn apply(
    app: &App,
    caller: &Caller,
    tenant: &Tenant,
    change: BindingChange,
) -> Result<Changed, Problem> {
    apply_to(app, caller, tenant, |_| change.clone()).await
}

/// Decides and writes; where somebody else changed the binding meanwhile, chooses and decides anew, unless only the
/// caller can.
async fn apply_to(
    app: &App,
    caller: &Caller,
    tenant: &Tenant,
    choose: impl Fn(&Binding) -> BindingChange,
) -> Result<Changed, Problem> {
    let mut tries = 1;
    loop {
        let before = tenant.binding().await?;
        let change = choose(&before);
        let known = tenant.mapper_known(&change).await?;
        let actor = Some(caller.subject.clone());
        let decided = decide(&before, &known, change.clone(), actor, app.now());
        let (binding, entry) = decided.map_err(|refused| refusal(&change, refused))?;
        match tenant.change_binding(before.revision, binding, entry.clone()).await {
            Ok(()) => {
                tracing::info!(
                    business = %tenant.business_id(),
                    revision = binding.revision,
                    kind = entry.kind.as_str(),
                    subject = caller.subject,
                    "mapper changed"
                );
                return Ok(Changed { binding, change: entry });
            }
            Err(StoreError::Conflict(_)) if is_relative(&change) => {
                let message = "somebody else changed the mapper meanwhile: look at what serves now";
                return Err(Problem::new(Code::Conflict, message));
            }
            Err(StoreError::Conflict(_)) if tries < TRIES_MAX => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether a change does not name what is to serve, but depends on what the caller saw serving: after another change it
/// would undo one that the caller does not know of.
fn is_relative(change: &BindingChange) -> bool {
    matches!(change, BindingChange::Rollback { .. } | BindingChange::EndCanary { .. })
}

/// A refused change, blamed on the argument that it is about.
fn refusal(change: &BindingChange, refused: Refused) -> Problem {
    let field = match refused {
        Refused::NoVersion(_) | Refused::NotValidated { .. } | Refused::Standard => "version",
        Refused::NoConfig(_) => "config",
        Refused::Percent(_) => "percent",
        Refused::Reason => match change {
            BindingChange::Activate { .. }
            | BindingChange::Configure { .. }
            | BindingChange::Canary { .. } => "overrideReason",
            _ => "reason",
        },
        Refused::NoReport | Refused::ReportOfOther(_) | Refused::ReportNotDone(_) => {
            "shadowReportId"
        }
        _ => return Problem::new(refused.code(), refused.to_string()),
    };
    let field = Some(vec!["input".to_owned(), field.to_owned()]);
    Problem { code: refused.code(), message: refused.to_string(), field }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grounds() -> Grounds {
        Grounds::Override("it is urgent".to_owned())
    }

    #[test]
    fn only_the_active_version_gets_another_config() {
        let before = Binding { active: Bound { version: 2, config: 1 }, ..Binding::default() };
        let same = activation(&before, Bound { version: 2, config: 3 }, grounds());
        assert_eq!(same, BindingChange::Configure { config: 3, grounds: grounds() });
        let bound = Bound { version: 4, config: 1 };
        let other = activation(&before, bound, grounds());
        assert_eq!(other, BindingChange::Activate { bound, grounds: grounds() });
    }

    #[test]
    fn a_step_back_is_not_taken_from_what_nobody_looked_at() {
        assert!(is_relative(&BindingChange::Rollback { reason: "wrong totals".to_owned() }));
        assert!(is_relative(&BindingChange::EndCanary { reason: None }));
        let bound = Bound { version: 2, config: 1 };
        assert!(!is_relative(&BindingChange::Activate { bound, grounds: grounds() }));
        assert!(!is_relative(&BindingChange::Retire { version: 2, reason: None }));
    }
}
