//! Certificates: proof that every object which a store made in a period is accounted for (F7).
//!
//! An object is accounted for where it is held in the store's version, together with the bytes that it was refined from, or
//! where it was refused with a reason. Bytes that a person was taken out of on request have the hash of what came. The sets of ids on both sides have digests, so that two certificates can be compared
//! without their lists.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::compare::{Head, Held};
use super::drift::{Cause, Trace, cause};
use super::run::RunState;
use super::window::IN_FLIGHT;
use crate::delivery::{DeliveryState, Failure};
use crate::id::{CertificateId, ConnectionId, DeliveryId, ExternalId};
use crate::refined::ObjectType;
use crate::time::Timestamp;
use crate::words::words;

/// The longest period of one certificate.
pub const PERIOD_MAX: Duration = Duration::from_hours(24 * 366);
/// Objects that a certificate lists of those that are not simply there; all of them are counted.
pub const LISTED_MAX: usize = 100;

words! {
    /// How an object is accounted for.
    Account {
        /// Held in the store's version, with the bytes that it was refined from.
        Stored = "stored",
        /// Held in the store's version; a person was taken out of the bytes that it was refined from, as the law has it.
        Erased = "erased",
        /// Refused, with a reason.
        Refused = "refused",
        /// The store has it, and nothing that was received accounts for it.
        Missing = "missing",
        /// Held in an older version than the store's.
        Stale = "stale",
        /// A delivery of it waits.
        Waiting = "waiting",
        /// Held, but the delivery that it was refined from is not there any more.
        BytesMissing = "bytes_missing",
        /// Held, but the delivery that it was refined from holds other bytes than came.
        BytesAltered = "bytes_altered",
        /// Held, and not in the store's list.
        Surplus = "surplus",
    }
}

impl Account {
    /// Whether nothing is left to ask about an object of which this is said.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Stored | Self::Erased | Self::Refused)
    }
}

words! {
    /// What a certificate says.
    Verdict {
        /// Every object is accounted for.
        Complete = "complete",
        /// Some are not.
        Incomplete = "incomplete",
    }
}

/// The bytes that an object was refined from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bytes {
    /// They are as they came.
    Whole,
    /// A person was taken out of them; the hash of what came still stands with them.
    Erased,
    /// Their delivery is not there.
    Absent,
    /// They are not what came.
    Altered,
}

/// An object that a certificate lists.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The object.
    pub object_id: ExternalId,
    /// How it is accounted for.
    pub account: String,
    /// The delivery that was refused, that waits, or whose bytes are not as they came.
    pub delivery_id: Option<DeliveryId>,
    /// Why it was refused.
    pub code: Option<String>,
}

/// How many objects are accounted for in each way.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Accounts {
    /// Objects that the store listed.
    pub listed: u64,
    /// [`Account::Stored`].
    pub stored: u64,
    /// [`Account::Erased`].
    pub erased: u64,
    /// [`Account::Refused`].
    pub refused: u64,
    /// [`Account::Missing`].
    pub missing: u64,
    /// [`Account::Stale`].
    pub stale: u64,
    /// [`Account::Waiting`].
    pub waiting: u64,
    /// [`Account::BytesMissing`].
    pub bytes_missing: u64,
    /// [`Account::BytesAltered`].
    pub bytes_altered: u64,
    /// [`Account::Surplus`].
    pub surplus: u64,
}

impl Accounts {
    /// Counts an object.
    pub fn count(&mut self, account: Account) {
        *match account {
            Account::Stored => &mut self.stored,
            Account::Erased => &mut self.erased,
            Account::Refused => &mut self.refused,
            Account::Missing => &mut self.missing,
            Account::Stale => &mut self.stale,
            Account::Waiting => &mut self.waiting,
            Account::BytesMissing => &mut self.bytes_missing,
            Account::BytesAltered => &mut self.bytes_altered,
            Account::Surplus => &mut self.surplus,
        } += 1;
    }

    /// What they come to.
    pub fn verdict(&self) -> Verdict {
        let settled = self.stored + self.erased + self.refused;
        let open = self.missing + self.stale + self.waiting;
        let wrong = self.bytes_missing + self.bytes_altered + self.surplus;
        if settled == self.listed && open + wrong == 0 {
            Verdict::Complete
        } else {
            Verdict::Incomplete
        }
    }
}

/// How an object of the store's list is accounted for, and by which delivery. `traces` are its deliveries that are not
/// finished well, `bytes` what it was refined from.
pub fn account(
    listed: &Head,
    held: Option<(&Held, Bytes)>,
    traces: &[Trace],
    now: Timestamp,
) -> (Account, Cause) {
    let of_held = held.map(|(held, _)| held.delivery_id);
    let why = cause(traces, of_held, false);
    let Some((held, bytes)) = held else {
        let account = match why {
            Cause::Refused { .. } => Account::Refused,
            Cause::InQueue { .. } => Account::Waiting,
            Cause::NeverReceived | Cause::Unknown => Account::Missing,
        };
        return (account, why);
    };
    let named = Cause::InQueue { delivery_id: held.delivery_id };
    match bytes {
        Bytes::Absent => return (Account::BytesMissing, named),
        Bytes::Altered => return (Account::BytesAltered, named),
        Bytes::Whole | Bytes::Erased => {}
    }
    let is_old = held.updated_at < listed.updated_at && listed.updated_at < now - IN_FLIGHT;
    if is_old {
        let account = match why {
            Cause::Refused { .. } => Account::Refused,
            Cause::InQueue { .. } => Account::Waiting,
            Cause::NeverReceived | Cause::Unknown => Account::Stale,
        };
        return (account, why);
    }
    // Held, but what was made of it was refused.
    let dead = |trace: &&Trace| {
        trace.state == DeliveryState::Dead && trace.delivery_id == held.delivery_id
    };
    match traces.iter().find(dead).and_then(|trace| trace.code) {
        Some(code) => (Account::Refused, Cause::Refused { delivery_id: held.delivery_id, code }),
        None if bytes == Bytes::Erased => (Account::Erased, named),
        None => (Account::Stored, Cause::NeverReceived),
    }
}

/// The entry of an object in a certificate's list; none for one that is simply there.
pub fn entry(object_id: ExternalId, account: Account, cause: &Cause) -> Option<Entry> {
    let (delivery_id, code) = match cause {
        Cause::Refused { delivery_id, code } => (Some(*delivery_id), Some(code.to_string())),
        Cause::InQueue { delivery_id } => (Some(*delivery_id), None),
        Cause::NeverReceived | Cause::Unknown => (None, None),
    };
    let account = Some(account).filter(|account| *account != Account::Stored)?;
    Some(Entry { object_id, account: account.as_str().to_owned(), delivery_id, code })
}

/// A certificate about the objects of a kind that a store made in a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Of which store.
    pub connection_id: ConnectionId,
    /// About what.
    pub kind: ObjectType,
    /// The beginning of the period.
    pub from: Timestamp,
    /// Its end, which is not in it.
    pub until: Timestamp,
    /// Whether it is still being made: running, done or failed.
    pub state: RunState,
    /// The last id that was accounted for.
    pub after: Option<ExternalId>,
    /// What was found.
    pub accounts: Accounts,
    /// The first objects that are not simply there.
    pub entries: Vec<Entry>,
    /// The digest of the ids in the store's list so far.
    pub store_digest: [u8; 32],
    /// The digest of the ids that are accounted for here so far.
    pub held_digest: [u8; 32],
    /// Failures in a row.
    pub attempts: u32,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// How often it was written.
    pub revision: i64,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

impl Certificate {
    /// One that is to be made.
    pub fn begin(
        id: CertificateId,
        (connection_id, kind): (ConnectionId, ObjectType),
        (from, until): (Timestamp, Timestamp),
        created_by: String,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            connection_id,
            kind,
            from,
            until,
            state: RunState::Running,
            after: None,
            accounts: Accounts::default(),
            entries: Vec::new(),
            store_digest: [0; 32],
            held_digest: [0; 32],
            attempts: 0,
            failure: None,
            revision: 0,
            created_by,
            created_at: now,
            finished_at: None,
        }
    }

    /// What it says, once it is finished.
    pub fn verdict(&self) -> Option<Verdict> {
        let verdict = || match self.accounts.verdict() {
            Verdict::Complete if self.store_digest == self.held_digest => Verdict::Complete,
            _ => Verdict::Incomplete,
        };
        (self.state == RunState::Done).then(verdict)
    }

    /// Takes up how an object is accounted for.
    pub fn take(&mut self, object_id: ExternalId, account: Account, cause: &Cause) {
        self.accounts.count(account);
        if self.entries.len() < LISTED_MAX {
            self.entries.extend(entry(object_id, account, cause));
        }
    }
}

/// What is wrong with a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidPeriod {
    /// It ends before it begins.
    #[error("must be before the end")]
    Empty,
    /// It is longer than [`PERIOD_MAX`].
    #[error("must be at most 366 days before the end")]
    Long,
    /// It ends in the future, or so lately that objects of it may be on their way.
    #[error("must be at least ten minutes ago")]
    Open,
}

/// Whether a period can be certified at `now`.
pub fn check_period(
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<(), InvalidPeriod> {
    if from >= until {
        Err(InvalidPeriod::Empty)
    } else if from.until(until) > PERIOD_MAX {
        Err(InvalidPeriod::Long)
    } else if until > now - IN_FLIGHT {
        Err(InvalidPeriod::Open)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1_000)
    }

    fn delivery(second: i64) -> DeliveryId {
        DeliveryId::new(at(second), &[0; 10])
    }

    const NOW: Timestamp = Timestamp::from_millis(10_000_000);

    #[test]
    fn every_object_is_accounted_for_in_one_way() {
        let object = Head { id: ExternalId(1), created_at: at(1), updated_at: at(20) };
        let held = |updated| Held {
            id: ExternalId(1),
            created_at: Some(at(1)),
            updated_at: at(updated),
            delivery_id: delivery(updated),
            removed: false,
        };
        let trace = |second, state| {
            vec![Trace { delivery_id: delivery(second), state, code: Some(Code::MalformedBody) }]
        };
        let dead = |second| trace(second, DeliveryState::Dead);
        let cases = [
            (None, vec![], Account::Missing),
            (None, dead(3), Account::Refused),
            (None, trace(3, DeliveryState::Ready), Account::Waiting),
            (Some((held(20), Bytes::Whole)), vec![], Account::Stored),
            (Some((held(20), Bytes::Whole)), dead(19), Account::Stored),
            (Some((held(20), Bytes::Whole)), dead(20), Account::Refused),
            (Some((held(20), Bytes::Absent)), vec![], Account::BytesMissing),
            (Some((held(20), Bytes::Altered)), dead(20), Account::BytesAltered),
            (Some((held(20), Bytes::Erased)), vec![], Account::Erased),
            (Some((held(20), Bytes::Erased)), dead(20), Account::Refused),
            (Some((held(19), Bytes::Erased)), vec![], Account::Stale),
            (Some((held(19), Bytes::Whole)), vec![], Account::Stale),
            (Some((held(19), Bytes::Whole)), dead(20), Account::Refused),
        ];
        for (held, traces, expected) in cases {
            let of = held.as_ref().map(|(held, bytes)| (held, *bytes));
            assert_eq!(account(&object, of, &traces, NOW).0, expected, "{held:?} {traces:?}");
        }
        let late = Head { updated_at: NOW - Duration::from_mins(1), ..object };
        let here = held(20);
        assert_eq!(account(&late, Some((&here, Bytes::Whole)), &[], NOW).0, Account::Stored);
    }

    #[test]
    fn one_object_that_is_not_accounted_for_makes_it_incomplete() {
        for account in Account::ALL {
            let mut accounts = Accounts { listed: 2, stored: 1, ..Accounts::default() };
            accounts.count(*account);
            let complete = accounts.verdict() == Verdict::Complete;
            assert_eq!(complete, account.is_settled(), "{account:?}");
        }
        let unlisted = Accounts { listed: 1, stored: 2, ..Accounts::default() };
        assert_eq!(unlisted.verdict(), Verdict::Incomplete);
    }

    #[test]
    fn a_period_is_over_and_bounded() {
        let check = |from, until| check_period((from, until), NOW);
        let end = NOW - IN_FLIGHT;
        assert_eq!(check(at(1), end), Ok(()));
        assert_eq!(check(end, end), Err(InvalidPeriod::Empty));
        assert_eq!(check(at(1), NOW), Err(InvalidPeriod::Open));
        assert_eq!(check(end - PERIOD_MAX - Duration::from_secs(1), end), Err(InvalidPeriod::Long));
    }
}
