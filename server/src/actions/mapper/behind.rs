//! What goes on behind, for long: it has a place in the process, and is held for as long as it goes on, so that everybody
//! sees where it was interrupted.

use std::time::Duration;

use domain::code::Code;
use domain::mapper::Work;
use domain::time::Timestamp;
use storage::{StoreError, Tenant};

use crate::app::App;
use crate::error::Problem;

/// For how long work is held at a time: a database that is away for a minute interrupts nothing.
const LEASE: Duration = Duration::from_mins(2);
/// How often that is renewed.
const RENEW_EVERY: Duration = Duration::from_secs(20);

/// Until when work that is begun or renewed now is held.
pub(super) fn held_until(app: &App) -> Timestamp {
    app.now() + LEASE
}

/// Does work and holds it meanwhile. What is held no more is given up: by then it counts as interrupted, and somebody else
/// may have begun it anew.
pub(super) async fn hold<T>(
    app: &App,
    tenant: &Tenant,
    work: Work,
    doing: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    tokio::select! {
        done = doing => done,
        lost = renew(app, tenant, work, RENEW_EVERY) => Err(lost),
    }
}

/// Renews for as long as that is possible; why it is not any more.
async fn renew(app: &App, tenant: &Tenant, work: Work, every: Duration) -> Problem {
    loop {
        tokio::time::sleep(every).await;
        match tenant.renew_work(work, app.now(), held_until(app)).await {
            Ok(()) => {}
            Err(StoreError::LostLease) => {
                return Problem::new(Code::Conflict, "it was not held any more");
            }
            // The next time may go better, and what is held lasts for several.
            Err(error) => {
                tracing::warn!(business = %tenant.business_id(), ?work, %error, "not renewed");
            }
        }
    }
}

#[cfg(test)]
mod tests;
