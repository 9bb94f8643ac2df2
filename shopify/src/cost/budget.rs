//! Budgets: calls wait here rather than be refused by the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{Cost, ThrottleStatus};
use crate::error::ClientError;
use crate::shop::Shop;

/// Shops whose budgets are remembered; a forgotten one is learned anew from the next answer.
const SHOPS_MAX: usize = 10_000;

/// What is known of the shops' budgets and of the operations' costs.
#[derive(Debug, Default)]
pub(crate) struct Budgets {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    shops: HashMap<Shop, Budget>,
    /// What each operation last asked for.
    costs: HashMap<&'static str, f64>,
}

#[derive(Debug, Clone, Copy)]
struct Budget {
    status: ThrottleStatus,
    at: Instant,
}

impl Budget {
    /// The points that are there at `now`; below nothing where calls under way have set more aside.
    fn available(&self, now: Instant) -> f64 {
        let restored = now.duration_since(self.at).as_secs_f64() * self.status.restore_rate;
        (self.status.currently_available + restored).min(self.status.maximum_available)
    }
}

impl Budgets {
    /// Sets aside what `operation` costs, after waiting for it. Where that would take longer than `wait_max`, nothing is
    /// set aside and the caller learns how long.
    pub(crate) async fn reserve(
        &self,
        shop: &Shop,
        operation: &'static str,
        wait_max: Duration,
    ) -> Result<(), ClientError> {
        let wait = self.take(shop, operation, Instant::now(), wait_max)?;
        if !wait.is_zero() {
            tracing::debug!(%shop, operation, ?wait, "waiting for the shop's budget");
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }

    fn take(
        &self,
        shop: &Shop,
        operation: &'static str,
        now: Instant,
        wait_max: Duration,
    ) -> Result<Duration, ClientError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(cost) = known.costs.get(operation).copied() else {
            return Ok(Duration::ZERO);
        };
        let Some(budget) = known.shops.get_mut(shop) else {
            return Ok(Duration::ZERO);
        };
        let available = budget.available(now);
        let status = ThrottleStatus { currently_available: available, ..budget.status };
        // More than a full budget never becomes available: then the store must decide.
        let wait = status.wait_for(cost.min(status.maximum_available));
        if wait > wait_max {
            return Err(ClientError::Throttled { wait, tries: 0 });
        }
        budget.status.currently_available = available - cost;
        budget.at = now;
        Ok(wait)
    }

    /// Takes the store's word for the budget.
    pub(crate) fn learn(&self, shop: &Shop, operation: &'static str, cost: &Cost) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(requested) = cost.requested_query_cost {
            known.costs.insert(operation, requested);
        }
        let Some(status) = cost.throttle_status else {
            return;
        };
        if status.restore_rate <= 0.0 {
            return;
        }
        if known.shops.len() >= SHOPS_MAX && !known.shops.contains_key(shop) {
            known.shops.clear();
        }
        known.shops.insert(shop.clone(), Budget { status, at: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(requested: f64, available: f64) -> Cost {
        let throttle_status = ThrottleStatus {
            maximum_available: 2_000.0,
            currently_available: available,
            restore_rate: 100.0,
        };
        Cost {
            requested_query_cost: Some(requested),
            actual_query_cost: None,
            throttle_status: Some(throttle_status),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_wait_for_what_they_cost() {
        let (budgets, shop) = (Budgets::default(), Shop::parse("a.myshopify.com").unwrap());
        let take = |wait_max| {
            budgets.take(&shop, "OrderPage", Instant::now(), Duration::from_secs(wait_max))
        };
        assert_eq!(take(30), Ok(Duration::ZERO));
        budgets.learn(&shop, "OrderPage", &cost(800.0, 1_000.0));
        assert_eq!(take(30), Ok(Duration::ZERO));
        // 200 are left; the next caller lacks 600, the one after it 800 more.
        assert_eq!(take(30), Ok(Duration::from_secs(6)));
        assert_eq!(
            take(10),
            Err(ClientError::Throttled { wait: Duration::from_secs(14), tries: 0 })
        );
        tokio::time::advance(Duration::from_secs(14)).await;
        assert_eq!(take(10), Ok(Duration::ZERO));
        let other = Shop::parse("b.myshopify.com").unwrap();
        assert_eq!(
            budgets.take(&other, "OrderPage", Instant::now(), Duration::ZERO),
            Ok(Duration::ZERO)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_dearer_than_the_whole_budget_is_the_stores_to_judge() {
        let (budgets, shop) = (Budgets::default(), Shop::parse("a.myshopify.com").unwrap());
        budgets.learn(&shop, "OrderPage", &cost(5_000.0, 2_000.0));
        let taken = budgets.take(&shop, "OrderPage", Instant::now(), Duration::from_secs(1));
        assert_eq!(taken, Ok(Duration::ZERO));
    }
}
