//! Businesses whose work is under way: a store that is slow keeps nobody's work but its own.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::id::BusinessId;

/// The businesses whose work is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<Mutex<BTreeSet<BusinessId>>>);

impl Busy {
    pub(super) fn all(&self) -> Vec<BusinessId> {
        self.locked().iter().copied().collect()
    }

    pub(super) fn begin(&self, business: BusinessId) -> Turn {
        self.locked().insert(business);
        Turn { busy: self.clone(), business }
    }

    // No code that could panic runs under the lock, so a poisoned one is as good as any.
    fn locked(&self) -> MutexGuard<'_, BTreeSet<BusinessId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A business's turn; it ends when this is dropped, also by a panic.
#[derive(Debug)]
pub(super) struct Turn {
    busy: Busy,
    pub(super) business: BusinessId,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.busy.locked().remove(&self.business);
    }
}
