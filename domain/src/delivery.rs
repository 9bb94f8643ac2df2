//! Deliveries: the inbox rows that are the queue.
//!
//! Whatever tells us something about a store becomes a delivery: a webhook, a polled or imported object, an object read
//! again. The row carries its own state, attempts, lease and due time; there is no second place to enqueue to.

use std::time::Duration;

use crate::code::Code;
use crate::id::{BusinessId, ConnectionId, DeliveryId, ExternalId};
use crate::refined::{Authority, ObjectType};
use crate::time::Timestamp;

/// Attempts before a delivery becomes a dead letter: about a day with [`backoff`].
pub const ATTEMPTS_MAX: u32 = 12;

/// The longest wait before each further attempt; the real one is drawn from nothing to this (full jitter).
const BACKOFF_SECONDS_MAX: [u64; (ATTEMPTS_MAX - 1) as usize] =
    [5, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 36_000];

/// Where a delivery came from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// The store sent it.
    Webhook,
    /// Found by the regular poll.
    Poll,
    /// Read by the first import.
    Import,
    /// Read because another delivery told too little to act on.
    Reread,
    /// Made by the gateway itself, about something that it holds.
    Internal,
    /// Read because a reconciliation found that it was missing or old here.
    Reconcile,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 6] =
        [Self::Webhook, Self::Poll, Self::Import, Self::Reread, Self::Internal, Self::Reconcile];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Poll => "poll",
            Self::Import => "import",
            Self::Reread => "reread",
            Self::Internal => "internal",
            Self::Reconcile => "reconcile",
        }
    }

    /// The source of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == text)
    }

    /// How much its word weighs.
    pub const fn authority(self) -> Authority {
        match self {
            Self::Webhook | Self::Internal => Authority::Delivery,
            Self::Poll | Self::Import | Self::Reread | Self::Reconcile => Authority::Read,
        }
    }
}

/// A delivery on its way into the inbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose it is.
    pub business_id: BusinessId,
    /// The connection that it came by.
    pub connection_id: ConnectionId,
    /// Where it came from.
    pub source: Source,
    /// What it is about, in the store's words, for instance `orders/create`.
    pub topic: String,
    /// The sender's id of this delivery, the same in each repetition; unique in the business.
    pub webhook_id: String,
    /// The sender's id of the event behind it, shared by all deliveries of that event.
    pub event_id: Option<String>,
    /// The version that shaped the body.
    pub api_version: Option<String>,
    /// When the store sent it first; not signed, so a hint only.
    pub triggered_at: Option<Timestamp>,
    /// When we got it.
    pub received_at: Timestamp,
    /// SHA-256 of `body`; unique in the business and topic.
    pub body_hash: [u8; 32],
    /// The bytes as they came.
    pub body: Vec<u8>,
}

/// Proof that a worker holds a delivery: whoever claims it next gets another one, and then this one no longer counts.
pub type LeaseToken = i64;

/// A delivery that a worker holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    /// What came in.
    pub delivery: NewDelivery,
    /// Attempts so far, this one included.
    pub attempt: u32,
    /// The proof.
    pub lease: LeaseToken,
    /// Whether the business has erased persons, so that what comes has to be looked through for them.
    pub erased: bool,
}

/// What a processed delivery came to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// It changed what we know.
    Applied,
    /// It is the version that we have.
    Unchanged,
    /// We have a newer version.
    Stale,
    /// It told too little; the object was read from the store, and that reading is a delivery of its own.
    Reread,
    /// Its topic has no table; the body is kept.
    Kept,
    /// Its topic is unknown to the provider; the body is kept.
    Unsupported,
    /// It belongs to a connection that has ended.
    Ignored,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Unchanged,
        Self::Stale,
        Self::Reread,
        Self::Kept,
        Self::Unsupported,
        Self::Ignored,
    ];

    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Stale => "stale",
            Self::Reread => "reread",
            Self::Kept => "kept",
            Self::Unsupported => "unsupported",
            Self::Ignored => "ignored",
        }
    }

    /// The outcome of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// A reason to fail: a code for machines and a sentence for people, without personal data as far as the gateway words
/// it; see [`Failure::told`].
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Failure {
    /// The catalogue's name of it.
    pub code: Code,
    /// What exactly; at most [`Failure::DETAIL_BYTES_MAX`] bytes.
    pub detail: String,
}

impl Failure {
    /// The longest detail that is kept.
    pub const DETAIL_BYTES_MAX: usize = 2_000;

    /// A failure with its detail cut to length.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut detail = detail.into();
        if detail.len() > Self::DETAIL_BYTES_MAX {
            let end = (0..=Self::DETAIL_BYTES_MAX).rev().find(|&at| detail.is_char_boundary(at));
            detail.truncate(end.unwrap_or(0));
        }
        Self { code, detail }
    }

    /// What feeds and logs tell of it: everything, but of what a plugin worded itself the code alone. Such words are for
    /// those who look at the run or the dead letter, since they may hold anything that the order does.
    pub fn told(&self) -> String {
        match self.code {
            Code::MappingRefused => self.code.to_string(),
            _ => self.to_string(),
        }
    }
}

/// What becomes of a claimed delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Final.
    Done(Outcome),
    /// Tried again at that time.
    Retry {
        /// When.
        at: Timestamp,
        /// Why.
        failure: Failure,
    },
    /// Final until somebody replays it: a dead letter.
    Dead(Failure),
}

impl Fate {
    /// Another attempt after a back-off, or a dead letter where `attempt` was the last. `jitter` is a random number.
    pub fn after(failure: Failure, attempt: u32, now: Timestamp, jitter: u64) -> Self {
        match backoff(attempt, jitter) {
            Some(wait) => Self::Retry { at: now + wait, failure },
            None => Self::Dead(Failure::new(
                Code::AttemptsExhausted,
                format!("gave up after {attempt} attempts; the last failed with {failure}"),
            )),
        }
    }
}

/// How long to wait after the failed `attempt` (counted from 1); none after the last one.
pub fn backoff(attempt: u32, jitter: u64) -> Option<Duration> {
    let index = usize::try_from(attempt.max(1) - 1).ok()?;
    let millis_max = BACKOFF_SECONDS_MAX.get(index)? * 1_000;
    Some(Duration::from_millis(jitter % (millis_max + 1)))
}

/// The state of an inbox row, as operators see it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeliveryState {
    /// Waits for a worker.
    Ready,
    /// A worker holds it.
    Running,
    /// Finished.
    Done,
    /// A dead letter.
    Dead,
}

impl DeliveryState {
    /// The name in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ready, Self::Running, Self::Done, Self::Dead]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// A dead letter, without its body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadLetter {
    /// The delivery.
    pub id: DeliveryId,
    /// Where it came from.
    pub source: Source,
    /// What it was about.
    pub topic: String,
    /// The sender's id.
    pub webhook_id: String,
    /// When we got it.
    pub received_at: Timestamp,
    /// Attempts made.
    pub attempts: u32,
    /// Why it died.
    pub failure: Failure,
    /// The object that it was about, where that could be told.
    pub object: Option<(ObjectType, ExternalId)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let longest = |attempt| backoff(attempt, u64::MAX - 1);
        assert!((1..ATTEMPTS_MAX).all(|attempt| longest(attempt).is_some()));
        assert_eq!(backoff(ATTEMPTS_MAX, 7), None);
        assert_eq!(backoff(1, 5_001 * 9), Some(Duration::ZERO));
        assert!(backoff(3, 119_999).unwrap() <= Duration::from_mins(2));
    }

    #[test]
    fn the_last_attempt_makes_a_dead_letter() {
        let failure = Failure::new(Code::UpstreamUnavailable, "no answer");
        let fate = Fate::after(failure.clone(), ATTEMPTS_MAX, Timestamp::EPOCH, 0);
        let Fate::Dead(dead) = fate else { panic!("not dead: {fate:?}") };
        assert_eq!(dead.code, Code::AttemptsExhausted);
        assert!(matches!(Fate::after(failure, 1, Timestamp::EPOCH, 0), Fate::Retry { .. }));
    }

    #[test]
    fn what_a_plugin_worded_is_not_told() {
        let said = |code| Failure::new(code, "jane@example.com is unknown").told();
        assert_eq!(said(Code::MappingRefused), "MAPPING_REFUSED");
        assert_eq!(said(Code::InvalidMapping), "INVALID_MAPPING: jane@example.com is unknown");
    }

    #[test]
    fn a_long_detail_is_cut_between_characters() {
        let failure = Failure::new(Code::Internal, "é".repeat(Failure::DETAIL_BYTES_MAX));
        assert!(failure.detail.len() <= Failure::DETAIL_BYTES_MAX);
    }
}
