//! Whether a business's way from its store to its POS is whole, and which link of it broke first (S0.43 to S0.48).
//!
//! The links are looked at in the order in which a delivery depends on them: what comes after a broken one may fail only
//! because of it.

mod silence;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::code::Code;
use crate::connection::{Connection, ConnectionStatus, Inspection, ScopeRequirement};
use crate::delivery::Failure;
use crate::time::Timestamp;

pub use silence::{EXPECTED_MIN, HourCount, LEARNED_DAYS, SILENCE_MIN, Silence, hour_of, silence};

/// How long a delivery may wait before the queue counts as stuck.
pub const QUEUE_AGE_MAX: Duration = Duration::from_mins(5);

/// A link of the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Link {
    /// The business has a live connection.
    Connection,
    /// Our key opens the stored token.
    TokenDecrypts,
    /// The store takes the token.
    TokenWorks,
    /// The merchant granted what is needed.
    Scopes,
    /// The store delivers to us.
    Subscriptions,
    /// Deliveries come as often as is normal.
    Deliveries,
    /// The store was asked for changes lately.
    Poll,
    /// What came in is processed.
    Queue,
    /// Nothing was given up.
    DeadLetters,
    /// The business's mapper serves.
    Mapper,
}

/// What a look at a link came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Holds.
    Good,
    /// Holds, but somebody should look.
    Warning,
    /// Does not hold.
    Broken,
    /// Cannot be told while an earlier one is broken.
    Unknown,
}

/// What an operator can do about a link, as a mutation of the API where there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Remedy {
    /// Connect the store, or connect it again: grants, tokens and subscriptions are made anew.
    ConnectStore,
    /// Have the subscriptions looked at now.
    HealSubscriptions,
    /// Ask the store for changes now.
    PollNow,
    /// See to it that a worker runs.
    StartWorker,
    /// Mend the cause and replay what was given up.
    ReplayDelivery,
    /// Choose a mapper that works.
    ChooseMapper,
    /// The key that sealed the token has to be given back.
    RestoreKey,
}

/// A link and what was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Which link.
    pub link: Link,
    /// How it is.
    pub verdict: Verdict,
    /// One sentence for people; without secrets and personal data.
    pub detail: String,
    /// What to do, where something is to be done.
    pub remedy: Option<Remedy>,
}

/// What the store answered when it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreAnswer {
    /// What the merchant grants now.
    pub granted: BTreeSet<String>,
    /// What of it is missing although it is needed.
    pub missing: Vec<ScopeRequirement>,
    /// The subscriptions that stand; none where our address cannot be told.
    pub subscriptions: Option<Inspection>,
}

/// All that is known about a business's way.
#[derive(Clone, PartialEq, Debug)]
pub struct Findings {
    /// The connection.
    pub connection: Option<Connection>,
    /// Whether the stored token could be opened.
    pub token: Result<(), Failure>,
    /// What the store answered, where it was asked.
    pub store: Result<StoreAnswer, Failure>,
    /// When the last delivery of any topic came.
    pub last_delivery_at: Option<Timestamp>,
    /// A silence that is not normal.
    pub silence: Option<Silence>,
    /// How often the store is polled.
    pub poll_every: Duration,
    /// Since when the oldest delivery that could be processed waits.
    pub waiting_since: Option<Timestamp>,
    /// Dead letters, counted up to a bound.
    pub dead_letters: u64,
    /// Why the chosen mapper does not serve, where it does not.
    pub mapper: Option<String>,
}

/// Judges each link, in order.
pub fn judge(findings: &Findings, now: Timestamp) -> Vec<Check> {
    let mut checks = Vec::new();
    let store_is_known = of_store(findings, &mut checks);
    checks.push(deliveries(findings, store_is_known));
    checks.push(poll(findings, now));
    checks.push(queue(findings, now));
    checks.push(dead_letters(findings));
    checks.push(mapper(findings));
    checks
}

/// The first link that is broken.
pub fn first_broken(checks: &[Check]) -> Option<&Check> {
    checks.iter().find(|check| check.verdict == Verdict::Broken)
}

fn good(link: Link, detail: impl Into<String>) -> Check {
    Check { link, verdict: Verdict::Good, detail: detail.into(), remedy: None }
}

fn broken(link: Link, detail: impl Into<String>, remedy: Remedy) -> Check {
    Check { link, verdict: Verdict::Broken, detail: detail.into(), remedy: Some(remedy) }
}

fn warning(link: Link, detail: impl Into<String>, remedy: Remedy) -> Check {
    Check { verdict: Verdict::Warning, ..broken(link, detail, remedy) }
}

fn unknown(link: Link, broken: Link) -> Check {
    let detail = format!("cannot be told before {broken:?} is mended");
    Check { link, verdict: Verdict::Unknown, detail, remedy: None }
}

/// The links up to the subscriptions. Each needs the one before. Returns whether all could be looked at.
fn of_store(findings: &Findings, checks: &mut Vec<Check>) -> bool {
    let links = [Link::Connection, Link::TokenDecrypts, Link::TokenWorks];
    for (at, link) in links.into_iter().enumerate() {
        let check = match link {
            Link::Connection => connection(findings),
            Link::TokenDecrypts => token_decrypts(findings),
            _ => token_works(findings),
        };
        let is_broken = check.verdict == Verdict::Broken;
        checks.push(check);
        if is_broken {
            let rest = links[at + 1..].iter().chain(&[Link::Scopes, Link::Subscriptions]);
            checks.extend(rest.map(|later| unknown(*later, link)));
            return false;
        }
    }
    if let Ok(answer) = &findings.store {
        checks.push(scopes(answer));
        checks.push(subscriptions(answer));
    }
    true
}

fn connection(findings: &Findings) -> Check {
    let link = Link::Connection;
    match &findings.connection {
        None => broken(link, "the business has no store", Remedy::ConnectStore),
        Some(it) if !it.status.is_live() => {
            broken(link, format!("{} was disconnected", it.shop), Remedy::ConnectStore)
        }
        Some(it) => good(link, format!("connected to {}", it.shop)),
    }
}

fn token_decrypts(findings: &Findings) -> Check {
    let link = Link::TokenDecrypts;
    match &findings.token {
        Ok(()) => good(link, "the stored token can be opened"),
        Err(failure) if failure.code == Code::ReauthRequired => {
            broken(link, failure.to_string(), Remedy::ConnectStore)
        }
        Err(failure) => broken(link, failure.to_string(), Remedy::RestoreKey),
    }
}

fn token_works(findings: &Findings) -> Check {
    let link = Link::TokenWorks;
    let reauth = |it: &Connection| it.status == ConnectionStatus::ReauthRequired;
    if findings.connection.as_ref().is_some_and(reauth) {
        return broken(link, "the store no longer takes the token", Remedy::ConnectStore);
    }
    match &findings.store {
        Ok(_) => good(link, "the store takes the token"),
        Err(failure) if failure.code == Code::ReauthRequired => {
            broken(link, failure.to_string(), Remedy::ConnectStore)
        }
        Err(failure) => broken(link, failure.to_string(), Remedy::PollNow),
    }
}

fn scopes(answer: &StoreAnswer) -> Check {
    let link = Link::Scopes;
    let name = |it: &ScopeRequirement| format!("{} ({})", it.scope, it.feature);
    let required: Vec<_> = answer.missing.iter().filter(|it| it.required).map(name).collect();
    let optional: Vec<_> = answer.missing.iter().filter(|it| !it.required).map(name).collect();
    if !required.is_empty() {
        let detail = format!("not granted: {}", required.join(", "));
        return broken(link, detail, Remedy::ConnectStore);
    }
    if !optional.is_empty() {
        let detail = format!("not granted: {}", optional.join(", "));
        return warning(link, detail, Remedy::ConnectStore);
    }
    good(link, "all that is needed is granted")
}

fn subscriptions(answer: &StoreAnswer) -> Check {
    let link = Link::Subscriptions;
    match &answer.subscriptions {
        None => broken(link, "the key of the webhooks' address is gone", Remedy::ConnectStore),
        Some(found) if !found.missing.is_empty() => {
            let detail = format!("not subscribed to {}", found.missing.join(", "));
            broken(link, detail, Remedy::HealSubscriptions)
        }
        Some(found) => good(link, format!("{} topics are subscribed to", found.standing.len())),
    }
}

fn deliveries(findings: &Findings, store_is_known: bool) -> Check {
    let link = Link::Deliveries;
    match (&findings.silence, findings.last_delivery_at) {
        (Some(silence), _) => {
            let detail = format!(
                "none came since {}, while {:.0} are normal for that time",
                silence.since, silence.expected
            );
            // With all links before it whole, the store or the way to us is to blame; reading closes the gap.
            let remedy = if store_is_known { Remedy::PollNow } else { Remedy::ConnectStore };
            broken(link, detail, remedy)
        }
        (None, Some(at)) => good(link, format!("the last one came at {at}")),
        (None, None) => good(link, "none came yet"),
    }
}

fn poll(findings: &Findings, now: Timestamp) -> Check {
    let link = Link::Poll;
    let Some(connection) = findings.connection.as_ref().filter(|it| it.status.is_live()) else {
        return unknown(link, Link::Connection);
    };
    // One missed tick may be a busy store; two are none.
    let late = findings.poll_every * 3;
    match connection.last_synced_at {
        Some(at) if at.until(now) <= late => good(link, format!("the store was read at {at}")),
        Some(at) => broken(link, format!("the store was not read since {at}"), Remedy::PollNow),
        None if connection.connected_at.until(now) <= late => good(link, "the import runs"),
        None => warning(link, "the import has not ended yet", Remedy::PollNow),
    }
}

fn queue(findings: &Findings, now: Timestamp) -> Check {
    let link = Link::Queue;
    match findings.waiting_since {
        Some(since) if since.until(now) > QUEUE_AGE_MAX => {
            let detail = format!("a delivery waits since {since}: no worker takes it");
            broken(link, detail, Remedy::StartWorker)
        }
        _ => good(link, "nothing waits for long"),
    }
}

fn dead_letters(findings: &Findings) -> Check {
    let link = Link::DeadLetters;
    match findings.dead_letters {
        0 => good(link, "nothing was given up"),
        count => {
            let detail = format!("{count} deliveries were given up");
            warning(link, detail, Remedy::ReplayDelivery)
        }
    }
}

fn mapper(findings: &Findings) -> Check {
    let link = Link::Mapper;
    match &findings.mapper {
        Some(why) => broken(link, why.clone(), Remedy::ChooseMapper),
        None => good(link, "the chosen mapper serves"),
    }
}

#[cfg(test)]
mod tests;
