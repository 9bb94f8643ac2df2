//! What users do with mappers: trying, uploading, comparing, activating, taking back, repairing.

mod behind;
pub(crate) mod bind;
pub(crate) mod config;
pub(crate) mod preview;
pub(crate) mod repair;
pub(crate) mod replay;
pub(crate) mod shadow;
pub(crate) mod upload;

use std::sync::Arc;

use domain::activity::{ActivityKind, NewActivity};
use domain::code::Code;
use storage::Tenant;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::error::Problem;

/// Tells the feed of something that happened to a mapper.
async fn tell(
    app: &App,
    tenant: &Tenant,
    kind: ActivityKind,
    subject: (&str, String),
    message: String,
) -> Result<(), Problem> {
    let subject = Some((subject.0.to_owned(), subject.1));
    let event = NewActivity { kind, subject, message, percent: None, at: app.now() };
    tenant.publish(event).await?;
    Ok(())
}

/// Tells the feed how far something is that goes on behind.
async fn tell_progress(
    app: &App,
    tenant: &Tenant,
    subject: (&str, String),
    message: String,
    percent: u64,
) -> Result<(), Problem> {
    let subject = Some((subject.0.to_owned(), subject.1));
    let percent = u8::try_from(percent.min(100)).ok();
    let kind = ActivityKind::MapperProgress;
    tenant.publish(NewActivity { kind, subject, message, percent, at: app.now() }).await?;
    Ok(())
}

/// A place among the work over many objects that goes on behind; what goes on there is called `what`.
fn place(places: &Arc<Semaphore>, what: &str) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(places).try_acquire_owned().map_err(|_| {
        let text = format!("other {what} are under way; try again when one has ended");
        Problem::new(Code::Throttled, text)
    })
}

/// A task that did not come to its end is a fault of ours.
fn ended_early() -> Problem {
    Problem::new(Code::Internal, "Internal server error")
}
