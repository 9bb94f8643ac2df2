//! The outbox loop: sends new versions of POS orders to the business's own POS.

use std::collections::HashMap;
use std::time::Duration;

use domain::activity::{ActivityKind, NewActivity};
use domain::delivery::Failure;
use domain::id::BusinessId;
use domain::outbox::{Answer, Verdict, message_id, verdict};
use serde::Serialize;
use storage::{Dispatch, Dispatched, PosOrderHead, PosOrderVersion};
use tokio::sync::watch;
use uuid::Uuid;

use crate::app::App;
use crate::error::Problem;
use crate::outbound::Message;

/// Businesses of one round, and orders of each: one that answers slowly holds up that many of its own.
const ROUND: (u32, u32) = (16, 8);
/// How long a claimed order belongs to its worker: longer than the slowest answer.
const LEASE: Duration = Duration::from_mins(1);
/// The longest sleep between two looks.
const IDLE_MAX: Duration = Duration::from_secs(1);

/// Sends what is due until told to stop.
pub(super) async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    let mut turn = BusinessId::from_uuid(Uuid::nil());
    while !*stopped.borrow() {
        let woken = app.storage.hints().workers_woken();
        match send_due(&app, turn).await {
            Ok((0, _)) => {
                let idle = idle_time(&app).await;
                tokio::select! {
                    () = woken => {}
                    () = tokio::time::sleep(idle) => {}
                    _ = stopped.changed() => {}
                }
            }
            Ok((_, last)) => turn = last,
            Err(failure) => {
                tracing::error!(%failure, "outbox could not be read");
                tokio::time::sleep(IDLE_MAX).await;
            }
        }
    }
}

/// Sends one round. Returns how many orders it held, and whose turn was last.
async fn send_due(app: &App, turn: BusinessId) -> Result<(usize, BusinessId), Failure> {
    let claimed = app.storage.system().claim_dispatches(ROUND, turn, LEASE, app.now()).await;
    let (claimed, last) = claimed.map_err(|error| Failure::from(&error))?;
    let count = claimed.len();
    let mut by_business: HashMap<BusinessId, Vec<Dispatch>> = HashMap::new();
    for dispatch in claimed {
        by_business.entry(dispatch.business_id).or_default().push(dispatch);
    }
    let sending = by_business.into_iter().map(|(business, dispatches)| async move {
        if let Err(problem) = send_all(app, business, dispatches).await {
            // They come back when their lease ends.
            tracing::error!(%business, code = %problem.code, "POS orders could not be sent");
        }
    });
    futures_util::future::join_all(sending).await;
    Ok((count, last))
}

async fn send_all(
    app: &App,
    business: BusinessId,
    dispatches: Vec<Dispatch>,
) -> Result<(), Problem> {
    let tenant = app.storage.tenant(business);
    let (Some(endpoint), Some(secrets)) =
        (tenant.pos_endpoint().await?, tenant.endpoint_secrets().await?)
    else {
        return Ok(());
    };
    let ids: Vec<_> = dispatches.iter().map(|dispatch| dispatch.external_id).collect();
    let heads = tenant.pos_orders_by_id(&ids).await?;
    let documents = tenant.pos_documents(&ids).await?;
    let previous = secrets.previous.as_ref().filter(|(_, until)| *until > app.now());
    let sending = dispatches.iter().map(|dispatch| {
        let order = (heads.get(&dispatch.external_id), documents.get(&dispatch.external_id));
        let (url, secrets) = (endpoint.url.as_str(), &secrets);
        async move {
            let (Some(head), Some(version)) = order else {
                return Ok(());
            };
            let message = Message {
                id: message_id(head.id, version.version),
                at: app.now(),
                body: body(head, version),
                secrets: [Some(&secrets.current), previous.map(|(secret, _)| secret)]
                    .into_iter()
                    .flatten()
                    .collect(),
            };
            let answer = app.outbound.post(url, message).await;
            note(app, dispatch, version.version, &answer).await
        }
    });
    futures_util::future::join_all(sending).await.into_iter().collect()
}

/// What the POS gets.
fn body(head: &PosOrderHead, version: &PosOrderVersion) -> Vec<u8> {
    #[derive(Serialize)]
    struct Body<'a> {
        r#type: &'a str,
        timestamp: domain::time::Timestamp,
        data: Data<'a>,
    }
    #[derive(Serialize)]
    struct Data<'a> {
        pos_order_id: String,
        version: i64,
        order: &'a domain::pos::PosOrder,
    }
    let data = Data {
        pos_order_id: head.id.to_string(),
        version: version.version,
        order: &version.document,
    };
    // The version's own time, so that every attempt has the same bytes.
    let body = Body { r#type: "pos_order.posted", timestamp: version.created_at, data };
    // Of strings, numbers and lists: there is nothing in it that could not be written.
    serde_json::to_vec(&body).unwrap_or_default()
}

async fn note(
    app: &App,
    dispatch: &Dispatch,
    version: i64,
    answer: &Answer,
) -> Result<(), Problem> {
    let jitter = u64::from_le_bytes(app.random_bytes());
    let now = app.now();
    let verdict = verdict(answer, dispatch.attempt, jitter);
    app.metrics.note_dispatch(&verdict);
    let came = match verdict {
        Verdict::Sent => Dispatched::Sent(version),
        Verdict::Again { after, failure, endpoint } => {
            Dispatched::Again { at: now + after, failure, pause: endpoint }
        }
        Verdict::Dead(failure) => Dispatched::Dead(failure),
        Verdict::Gone(failure) => Dispatched::Gone(failure),
    };
    let told = match &came {
        Dispatched::Dead(failure) => Some((
            ActivityKind::DispatchDied,
            Some(("order".to_owned(), dispatch.external_id.to_string())),
            format!("the POS did not take the order; {failure}"),
        )),
        Dispatched::Gone(_) => Some((
            ActivityKind::EndpointGone,
            None,
            "the POS's address says that it is gone; nothing is sent until it is set anew"
                .to_owned(),
        )),
        _ => None,
    };
    app.storage.system().dispatched(dispatch, came, now).await?;
    if let Some((kind, subject, message)) = told {
        let event = NewActivity { kind, subject, message, percent: None, at: now };
        app.storage.tenant(dispatch.business_id).publish(event).await?;
    }
    Ok(())
}

/// How long nothing is due.
async fn idle_time(app: &App) -> Duration {
    match app.storage.system().next_dispatch_at().await {
        Ok(Some(due)) => app.now().until(due).min(IDLE_MAX),
        _ => IDLE_MAX,
    }
}
