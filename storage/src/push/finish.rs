//! Sending and having sent: both are written, so that neither a crash between them nor an echo is a riddle.

use domain::activity::NewActivity;
use domain::delivery::{Failure, LeaseToken};
use domain::push::{ClaimedPush, PushEnd, PushKey};
use domain::time::Timestamp;
use sea_orm::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Column, Rows, int, text, truth, uuid};
use crate::{StoreError as Error, Tenant};

const SENDING: &[Column] = &[
    uuid("business_id").key(),
    uuid("connection_id").key(),
    int("inventory_item_id").key(),
    int("location_id").key(),
    int("lease_token").key(),
    int("sending"),
];

const END: &[Column] = &[
    uuid("business_id"),
    uuid("connection_id"),
    int("inventory_item_id"),
    int("location_id"),
    int("lease_token"),
    int("generation"),
    text("state"),
    int("run_at"),
    int("attempts"),
    text("hold").or_null(),
    text("failure_code").or_null(),
    text("failure_detail").or_null(),
    int("level").or_null(),
    int("buffer").or_null(),
    int("target").or_null(),
    truth("is_known"),
    int("known").or_null(),
    int("known_at").or_null(),
    int("changed_at").or_null(),
    truth("sent"),
    int("now"),
];

/// A push that was raised while it was under way is due again. What was being sent stays noted while nobody knows whether
/// it arrived.
const FINISH: &str = "UPDATE stock_push SET
        state = CASE WHEN generation = batch.column6 THEN batch.column7 ELSE 'ready' END,
        run_at = batch.column8, lease_token = NULL,
        attempts = CASE WHEN generation = batch.column6 THEN batch.column9 ELSE 0 END,
        hold = CASE WHEN generation = batch.column6 THEN batch.column10 END,
        failure_code = batch.column11, failure_detail = batch.column12,
        level = CASE WHEN batch.column7 = 'held' THEN NULL
            ELSE COALESCE(batch.column13, level) END,
        buffer = CASE WHEN batch.column7 = 'held' THEN NULL
            ELSE COALESCE(batch.column14, buffer) END,
        target = CASE WHEN batch.column7 = 'held' THEN NULL
            ELSE COALESCE(batch.column15, target) END,
        is_known = batch.column16,
        known = CASE WHEN batch.column16 THEN batch.column17 ELSE known END,
        known_at = CASE WHEN batch.column16 THEN COALESCE(batch.column18, known_at)
            ELSE known_at END,
        changed_at = CASE WHEN batch.column16 THEN batch.column19 ELSE changed_at END,
        sent = CASE WHEN batch.column20 OR (batch.column7 = 'settled' AND sending = batch.column17)
            THEN batch.column17 ELSE sent END,
        sent_at = CASE WHEN batch.column20 OR (batch.column7 = 'settled' AND sending = batch.column17)
            THEN batch.column21 ELSE sent_at END,
        sending = CASE WHEN batch.column11 IS NULL THEN NULL ELSE sending END,
        updated_at = batch.column21
    FROM (";
const FINISHED: &str = ") AS batch
    WHERE stock_push.business_id = batch.column1 AND stock_push.connection_id = batch.column2
        AND stock_push.inventory_item_id = batch.column3
        AND stock_push.location_id = batch.column4 AND stock_push.lease_token = batch.column5";

impl Tenant {
    /// Notes what is about to be sent, and returns after the commit. Fails with [`StoreError::LostLease`] where somebody
    /// else has one of the pushes; then nothing may be sent.
    pub async fn begin_pushes(
        &self,
        sending: &[(PushKey, LeaseToken, i64)],
    ) -> Result<(), StoreError> {
        let business = self.business_id().uuid();
        let mut sending = sending.to_vec();
        sending.sort_unstable();
        self.write(move |txn| {
            Box::pin(async move {
                let mut rows = Rows::new(SENDING);
                for (key, lease, quantity) in &sending {
                    rows.push(
                        place(business, *key)
                            .into_iter()
                            .chain([(*lease).into(), (*quantity).into()]),
                    );
                }
                let wanted = rows.len() as u64;
                let found = rows.update(txn.conn(), txn.dialect(), "stock_push", "", "").await?;
                if found == wanted { Ok(()) } else { Err(Error::LostLease) }
            })
        })
        .await
    }

    /// Writes what became of pushes, with their events. One that somebody else has by now is left to them.
    pub async fn finish_pushes(
        &self,
        ends: Vec<(ClaimedPush, PushEnd)>,
        events: Vec<NewActivity>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let business = self.business_id();
        let mut ends = ends;
        ends.sort_unstable_by_key(|(claimed, _)| claimed.key);
        self.write(move |txn| {
            Box::pin(async move {
                let mut rows = Rows::new(END);
                for (claimed, end) in &ends {
                    let of = place(business.uuid(), claimed.key).into_iter();
                    let held = [claimed.lease.into(), claimed.generation.into()];
                    rows.push(of.chain(held).chain(values(claimed, end, now)));
                }
                rows.execute(txn.conn(), txn.dialect(), FINISH, FINISHED).await?;
                txn.publish(business, &events).await?;
                Ok(())
            })
        })
        .await
    }
}

fn place(business: Uuid, key: PushKey) -> [Value; 4] {
    [
        business.into(),
        key.connection_id.uuid().into(),
        key.inventory_item_id.0.into(),
        key.location_id.0.into(),
    ]
}

/// The values of [`END`] from `state` on.
fn values(claimed: &ClaimedPush, end: &PushEnd, now: Timestamp) -> [Value; 15] {
    let millis = |at: Option<Timestamp>| -> Value { at.map(Timestamp::millis).into() };
    let none: Option<i64> = None;
    let unknown = [false.into(), none.into(), none.into(), none.into()];
    let undecided = [none.into(), none.into(), none.into()];
    let mut sent = false;
    let (state, run_at, attempts) = match end {
        PushEnd::Settled { .. } => ("settled", now, 0),
        PushEnd::Held(_) => ("held", now, 0),
        PushEnd::Again { at, attempts, .. } => ("ready", *at, *attempts),
        PushEnd::Failed(_) => ("failed", now, claimed.attempt),
    };
    let (hold, failure) = match end {
        PushEnd::Settled { .. } => (None, None),
        PushEnd::Held(hold) => (Some(hold.as_str().to_owned()), None),
        PushEnd::Again { failure, .. } => (None, failure.clone()),
        PushEnd::Failed(failure) => (None, Some(failure.clone())),
    };
    let (decided, known) = match end {
        PushEnd::Settled { level, buffer, quantity, at, sent: by_us } => {
            sent = *by_us;
            let decided = [*level, i64::from(*buffer), *quantity].map(Into::into);
            // Whatever the store did by itself before, it has our quantity now.
            let known = [true.into(), (*quantity).into(), millis(*at), none.into()];
            (decided, known)
        }
        PushEnd::Again { known: Some(known), .. } => {
            let times = [millis(known.at), millis(known.changed_at)];
            let [at, changed_at] = times;
            (undecided, [true.into(), known.quantity.into(), at, changed_at])
        }
        PushEnd::Again { .. } | PushEnd::Held(_) | PushEnd::Failed(_) => (undecided, unknown),
    };
    let (code, detail) = split(failure);
    let [level, buffer, target] = decided;
    let [is_known, quantity, known_at, changed_at] = known;
    [
        state.into(),
        run_at.millis().into(),
        i64::from(attempts).into(),
        hold.into(),
        code,
        detail,
        level,
        buffer,
        target,
        is_known,
        quantity,
        known_at,
        changed_at,
        sent.into(),
        now.millis().into(),
    ]
}

fn split(failure: Option<Failure>) -> (Value, Value) {
    let (code, detail) =
        failure.map(|failure| (failure.code.as_str().to_owned(), failure.detail)).unzip();
    (code.into(), detail.into())
}
