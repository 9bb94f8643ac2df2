//! Whether a business's way from its store to its POS is whole.

use async_graphql::{Enum, SimpleObject};
use domain::health::{Check, first_broken};

use crate::graphql::scalar::DateTime;
use crate::reads::health::Health;

/// Each link of the way from the store to the POS, looked at in the order in which a delivery depends on them.
#[derive(SimpleObject, Debug)]
pub(crate) struct ConnectionHealth {
    /// When it was looked at.
    checked_at: DateTime,
    /// The link that is broken first; null where none is. Mend it before the later ones.
    first_broken: Option<HealthCheck>,
    /// All links, in order.
    checks: Vec<HealthCheck>,
}

impl From<Health> for ConnectionHealth {
    fn from(health: Health) -> Self {
        Self {
            checked_at: health.checked_at.into(),
            first_broken: first_broken(&health.checks).cloned().map(Into::into),
            checks: health.checks.into_iter().map(Into::into).collect(),
        }
    }
}

/// A link and what was found.
#[derive(SimpleObject, Debug)]
pub(crate) struct HealthCheck {
    /// Which link.
    link: HealthLink,
    /// How it is.
    verdict: HealthVerdict,
    /// One sentence for people.
    detail: String,
    /// What to do; null where nothing is to be done.
    remedy: Option<HealthRemedy>,
}

impl From<Check> for HealthCheck {
    fn from(check: Check) -> Self {
        Self {
            link: check.link.into(),
            verdict: check.verdict.into(),
            detail: check.detail,
            remedy: check.remedy.map(Into::into),
        }
    }
}

/// A link of the way from the store to the POS.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::health::Link")]
pub(crate) enum HealthLink {
    /// The business has a live connection.
    Connection,
    /// The gateway's key opens the stored token.
    TokenDecrypts,
    /// The store takes the token.
    TokenWorks,
    /// The merchant granted what is needed.
    Scopes,
    /// The store delivers to the gateway.
    Subscriptions,
    /// Deliveries come as often as is normal for the store.
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
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::health::Verdict")]
pub(crate) enum HealthVerdict {
    /// Holds.
    Good,
    /// Holds, but somebody should look.
    Warning,
    /// Does not hold.
    Broken,
    /// Cannot be told while an earlier one is broken.
    Unknown,
}

/// What an operator can do about a link.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[graphql(remote = "domain::health::Remedy")]
pub(crate) enum HealthRemedy {
    /// `connectShopify`: grants, tokens and subscriptions are made anew.
    ConnectStore,
    /// `healSubscriptions`.
    HealSubscriptions,
    /// `pollNow`.
    PollNow,
    /// Start `tillgate serve` with the role worker or all.
    StartWorker,
    /// `replayDelivery`, once the cause that `deadLetters` names is mended.
    ReplayDelivery,
    /// `activateMapper`, with a version that works.
    ChooseMapper,
    /// Give `SHOPIFY_ENCRYPTION_KEY` back, or connect the store again.
    RestoreKey,
}
