//! Where rows live: the trait that engines implement.
//!
//! A backend is an ordered map of bytes with snapshots and atomic durable batches, used by one writer thread and any
//! number of readers. An engine on the local disk fits below this trait. A database on another host would not keep
//! transactions serializable below it, because other hosts write too: it belongs at the level of [`crate::Store`],
//! behind the same `transact`, `view`, tables and limits.

use crate::Error;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::ops::Bound;

/// What one durable write changes: `None` deletes.
pub type Batch = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// An ordered map of bytes.
pub trait Backend: Send + Sync + 'static {
    /// The state after the last applied batch or, until it is first read, a later one. Threads may hold several.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error>;

    /// Applies all of `batch` or none. Snapshots show it only once it is durable, at the latest when this returns.
    ///
    /// Called by one thread at a time, which holds no snapshot. After an error nothing of `batch` is there, and the
    /// next call may succeed.
    fn apply(&self, batch: Batch) -> Result<(), Error>;

    /// Deletes everything, durably. Called as `apply` is.
    fn clear(&self) -> Result<(), Error>;
}

/// A state that stands still.
pub trait Snapshot {
    /// The value under `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error>;

    /// Shows the rows of `range` in its order to `visit`, until that says `false` or fails.
    fn scan(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error>;
}

/// Takes a key and its value; says whether to go on.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> Result<bool, Error> + 'v;

/// Encoded keys from `lower` on and before `upper`, with `lower <= upper`.
#[derive(Clone, Debug)]
pub struct KeyRange {
    /// The first key that belongs.
    pub lower: Vec<u8>,
    /// The first key above that does not.
    pub upper: Vec<u8>,
    /// From the last to the first.
    pub reverse: bool,
}

impl KeyRange {
    /// In the form that ordered maps take.
    pub fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (Bound::Included(&self.lower), Bound::Excluded(&self.upper))
    }
}

/// Rows in memory, gone with the process.
///
/// A snapshot is a read lock: short views and one writer share it without copying anything.
#[derive(Default)]
pub struct Memory {
    rows: RwLock<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl Backend for Memory {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        // Recursive, because a thread with a snapshot may ask for another while the writer waits.
        Ok(Box::new(self.rows.read_recursive()))
    }

    fn apply(&self, batch: Batch) -> Result<(), Error> {
        let mut rows = self.rows.write();
        for (key, value) in batch {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), Error> {
        let old = std::mem::take(&mut *self.rows.write());
        // Freed without the lock, since a million rows take longer than readers should wait.
        drop(old);
        Ok(())
    }
}

impl Snapshot for parking_lot::RwLockReadGuard<'_, BTreeMap<Vec<u8>, Vec<u8>>> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        Ok(BTreeMap::get(self, key).cloned())
    }

    fn scan(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        let mut rows = self.range::<[u8], _>(range.bounds());
        while let Some((key, value)) = if range.reverse { rows.next_back() } else { rows.next() } {
            if !visit(key, value)? {
                break;
            }
        }
        Ok(())
    }
}
