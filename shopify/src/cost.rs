//! What a request costs: the store's rule, and what it says about our budget.

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
    STEPS
        .iter()
        .find(|(from, _)| first >= *from)
        .map_or(0, |(_, factor)| *factor)
}
