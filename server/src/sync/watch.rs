//! The watch over a connection: its subscriptions are made to stand, and silence that is not normal is spoken of, with
//! the link that broke (F6, F14).

use std::time::Duration;

use domain::activity::{ActivityKind, NewActivity};
use domain::connection::{Connection, Seen};
use domain::delivery::Failure;
use domain::health::{first_broken, judge, silence};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::subscriptions;
use crate::app::App;
use crate::reads::health;

/// How often a connection is looked at.
pub(crate) const WATCH_EVERY: Duration = Duration::from_mins(15);

/// What one look leaves to the next.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// Until when each topic was known to be subscribed to.
    #[serde(default)]
    seen: Seen,
    /// The beginning of the silence that was spoken of last.
    #[serde(default)]
    silent_since: Option<Timestamp>,
}

/// Looks at a connection once. A failure to heal is returned beside what the next look needs.
pub(crate) async fn look(
    app: &App,
    connection: &Connection,
    mut watch: Watch,
) -> (Watch, Result<(), Failure>) {
    let healed = match subscriptions::heal(app, connection, &watch.seen).await {
        Ok(seen) => {
            watch.seen = seen;
            Ok(())
        }
        Err(failure) => Err(failure),
    };
    match listen(app, connection, watch.silent_since).await {
        Ok(silent_since) => watch.silent_since = silent_since,
        Err(failure) => {
            tracing::error!(shop = connection.shop, %failure, "silence could not be judged");
        }
    }
    (watch, healed)
}

/// Counts what came in, and tells of a silence once.
async fn listen(
    app: &App,
    connection: &Connection,
    told: Option<Timestamp>,
) -> Result<Option<Timestamp>, Failure> {
    let (tenant, now) = (app.storage.tenant(connection.business_id), app.now());
    let stored = |error| Failure::from(&error);
    tenant.count_deliveries(connection.id, now).await.map_err(stored)?;
    let pulse = tenant.pulse(connection.id, now).await.map_err(stored)?;
    let Some(silence) = silence(&pulse.hours, pulse.last_at, now) else {
        return Ok(None);
    };
    if told == Some(silence.since) {
        return Ok(told);
    }
    let findings =
        health::findings(app, &tenant).await.map_err(|it| Failure::new(it.code, it.message))?;
    let checks = judge(&findings, now);
    let cause = first_broken(&checks).map(|check| format!("{:?}: {}", check.link, check.detail));
    let message = format!(
        "nothing came since {}, while {:.0} deliveries are normal for that time; {}",
        silence.since,
        silence.expected,
        cause.unwrap_or_else(|| "no link is broken".to_owned()),
    );
    tracing::warn!(shop = connection.shop, since = %silence.since, "the store has fallen silent");
    let kind = ActivityKind::StoreSilent;
    let event = NewActivity { kind, subject: None, message, percent: None, at: now };
    tenant.publish(event).await.map_err(stored)?;
    Ok(Some(silence.since))
}
