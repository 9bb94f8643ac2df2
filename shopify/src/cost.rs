//! What a request costs: the store's rule, and what it says about our budget.

mod budget;

pub(crate) use budget::Budgets;

use std::time::Duration;

use serde::Deserialize;

/// What one request may ask for, whatever the shop's plan.
pub const REQUESTED_COST_MAX: u32 = 1_000;
/// What a mutation costs, whatever it selects.
pub const MUTATION_COST: u32 = 10;
/// What a connection costs beside its nodes.
pub const CONNECTION_COST: u32 = 2;
/// The largest page that a connection gives.
pub const PAGE_SIZE_MAX: u32 = 250;

/// Types without an identity of their own; selecting them is free.
pub const FREE_TYPES: [&str; 3] = ["MoneyBag", "MoneyV2", "PageInfo"];

/// By how much the cost of a node is multiplied in a connection of `first` nodes. Logarithmic: 10 nodes count as 4, 250
/// as 11. (Found in published costs of other clients' documents, which it reproduces to the point.)
pub fn connection_factor(first: u32) -> u32 {
    /// Where the integer part of twice the natural logarithm reaches the next number.
    const STEPS: [(u32, u32); 11] = [
        (245, 11),
        (149, 10),
        (91, 9),
        (55, 8),
        (34, 7),
        (21, 6),
        (13, 5),
        (8, 4),
        (5, 3),
        (3, 2),
        (1, 1),
    ];
    let first = first.min(PAGE_SIZE_MAX);
    STEPS.iter().find(|(from, _)| first >= *from).map_or(0, |(_, factor)| *factor)
}

/// The cost of a request, as the store tells it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cost {
    /// What was set aside before it ran.
    #[serde(default)]
    pub requested_query_cost: Option<f64>,
    /// What it came to; none where it did not run.
    #[serde(default)]
    pub actual_query_cost: Option<f64>,
    /// The budget after it.
    #[serde(default)]
    pub throttle_status: Option<ThrottleStatus>,
}

/// The budget of this app in this shop.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThrottleStatus {
    /// Points when full; differs by the shop's plan.
    pub maximum_available: f64,
    /// Points left.
    pub currently_available: f64,
    /// Points that come back each second.
    pub restore_rate: f64,
}

/// The wait where the store does not tell enough to compute one.
const WAIT_UNKNOWN: Duration = Duration::from_secs(2);

impl Cost {
    /// How long until the request could run.
    pub fn wait(&self) -> Duration {
        match (self.requested_query_cost, self.throttle_status) {
            (Some(requested), Some(status)) => status.wait_for(requested),
            _ => WAIT_UNKNOWN,
        }
    }
}

impl ThrottleStatus {
    /// How long until `points` are there.
    pub fn wait_for(&self, points: f64) -> Duration {
        let lacking = (points - self.currently_available).max(0.0);
        Duration::try_from_secs_f64(lacking / self.restore_rate).unwrap_or(WAIT_UNKNOWN)
    }
}
