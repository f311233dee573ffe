//! How often each table has changed, for caches and for loops that sleep until there is work.

use crate::limits::TABLES_MAX;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// One counter per table slot.
pub(crate) struct Generations(Vec<Generation>);

#[derive(Default)]
struct Generation {
    count: AtomicU64,
    advanced: Notify,
}

impl Generations {
    pub(crate) fn new() -> Self {
        Generations((0..TABLES_MAX).map(|_| Generation::default()).collect())
    }

    pub(crate) fn get(&self, slot: usize) -> u64 {
        self.0[slot].count.load(Ordering::Acquire)
    }

    /// Called once the changes are visible, so a reader that takes the count first and the rows second never has
    /// rows that are older than the count.
    pub(crate) fn advance(&self, mut slots: Vec<usize>) {
        slots.sort_unstable();
        slots.dedup();
        slots.into_iter().for_each(|slot| self.0[slot].advance());
    }

    pub(crate) fn advance_all(&self) {
        self.0.iter().for_each(Generation::advance);
    }

    pub(crate) async fn changed(&self, slot: usize, seen: u64) -> u64 {
        loop {
            // Before the count is read: a `Notified` sees what comes after its creation.
            let advanced = self.0[slot].advanced.notified();
            let count = self.get(slot);
            if count != seen {
                return count;
            }
            advanced.await;
        }
    }
}

impl Generation {
    fn advance(&self) {
        self.count.fetch_add(1, Ordering::Release);
        self.advanced.notify_waiters();
    }
}
