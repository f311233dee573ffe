//! Sandboxes made ahead of time.
//!
//! A shelf per runtime and form holds empty sandboxes; taking one is followed by a refill in the background.
//!
//! # Invariants
//! - A shelf holds at most what was asked for, and nothing is made for runtimes that nobody expects.
//! - An empty sandbox has no function, so it may go to any; none comes back.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Weak};

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use crate::Sandbox;
use crate::runtimes::{Form, Runtime};
use crate::task::Task;
use crate::zygotes::Zygotes;

/// Memory sizes of one runtime that have shelves of their own; functions of others start without a pool.
const MEMORY_SIZES_MAX: usize = 4;

/// What a shelf is for.
type Key = (&'static str, Form);

pub(crate) struct Pool {
    zygotes: Arc<Zygotes>,
    /// The background tasks run there, whoever asks.
    handle: Handle,
    shelves: Mutex<Option<HashMap<Key, Shelf>>>,
    this: Weak<Self>,
}

struct Shelf {
    runtime: Arc<Runtime>,
    ready: VecDeque<Sandbox>,
    size: usize,
    /// How often a sandbox was asked for.
    taken: u64,
    /// Fills it.
    filler: Option<Task>,
}

impl Pool {
    /// Call it within a tokio runtime.
    pub(crate) fn new(zygotes: Arc<Zygotes>) -> Arc<Self> {
        let handle = Handle::current();
        Arc::new_cyclic(|this| Self {
            zygotes,
            handle,
            shelves: Mutex::new(Some(HashMap::new())),
            this: this.clone(),
        })
    }

    /// Keeps `size` sandboxes of this runtime and form from now on.
    pub(crate) fn expect(&self, runtime: &Arc<Runtime>, form: Form, size: usize) {
        let key = (runtime.name, form);
        if let Some(shelves) = &mut *self.shelves.lock() {
            if !shelves.contains_key(&key) {
                make_room(shelves, key);
            }
            let new = || Shelf {
                runtime: Arc::clone(runtime),
                ready: VecDeque::new(),
                size: 0,
                taken: 0,
                filler: None,
            };
            let shelf = shelves.entry(key).or_insert_with(new);
            shelf.size = shelf.size.max(size);
        }
        self.refill(key);
    }

    /// A sandbox that is ready, if there is one. Call [`Self::refill`] when the start it is for has gone through: to do
    /// both at once would slow the start.
    pub(crate) fn take(&self, key: Key) -> Option<Sandbox> {
        let mut shelves = self.shelves.lock();
        let shelf = shelves.as_mut()?.get_mut(&key)?;
        shelf.taken += 1;
        let ready = &mut shelf.ready;
        std::iter::from_fn(|| ready.pop_front()).find(|sandbox| !sandbox.has_ended())
    }

    /// Makes what the shelf lacks, in the background.
    pub(crate) fn refill(&self, key: Key) {
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.as_mut().and_then(|shelves| shelves.get_mut(&key)) else {
            return;
        };
        if shelf.filler.is_none() && shelf.ready.len() < shelf.size {
            let _entered = self.handle.enter();
            shelf.filler = Some(Task::spawn(fill(self.this.clone(), key)));
        }
    }

    /// Where background work runs.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// How many are ready, and how many there shall be.
    pub(crate) fn fill_level(&self) -> (usize, usize) {
        let shelves = self.shelves.lock();
        let shelves = shelves.iter().flat_map(HashMap::values);
        shelves
            .fold((0, 0), |(ready, wanted), shelf| (ready + shelf.ready.len(), wanted + shelf.size))
    }

    /// Empties and forgets every shelf.
    pub(crate) fn clear(&self) -> Vec<Sandbox> {
        let mut shelves = self.shelves.lock();
        let shelves = shelves.iter_mut().flat_map(HashMap::drain);
        shelves.flat_map(|(_, shelf)| shelf.ready).collect()
    }

    /// Ends every sandbox in it and makes no more.
    pub(crate) async fn shut_down(&self) {
        let rest = self.clear();
        *self.shelves.lock() = None;
        join_all(rest.iter().map(|sandbox| sandbox.kill())).await;
    }
}

/// Gives up the shelf of another memory size, where `key` would be one too many of a runtime whose sandboxes are for one
/// size each.
fn make_room(shelves: &mut HashMap<Key, Shelf>, key: Key) {
    let sized = |(name, form): &Key| *name == key.0 && matches!(form, Form::BootedFor { .. });
    let sizes = shelves.keys().filter(|other| sized(other)).count();
    if !sized(&key) || sizes < MEMORY_SIZES_MAX {
        return;
    }
    let fewest =
        shelves.iter().filter(|(other, _)| sized(other)).min_by_key(|(_, shelf)| shelf.taken);
    if let Some(other) = fewest.map(|(other, _)| *other) {
        shelves.remove(&other);
    }
}

/// Makes sandboxes one after the other until the shelf is full.
async fn fill(pool: Weak<Pool>, key: Key) {
    loop {
        let Some(pool) = pool.upgrade() else { return };
        let runtime = {
            let mut shelves = pool.shelves.lock();
            let Some(shelf) = shelves.as_mut().and_then(|shelves| shelves.get_mut(&key)) else {
                return;
            };
            shelf.ready.retain(|sandbox| !sandbox.has_ended());
            if shelf.ready.len() >= shelf.size {
                // Under the lock, so that a refill asked for from now on starts anew.
                shelf.filler = None;
                return;
            }
            Arc::clone(&shelf.runtime)
        };
        pool.zygotes.prepare(&runtime, key.1).await;
        let made = pool.zygotes.sandbox(&runtime, key.1).await;
        let mut shelves = pool.shelves.lock();
        let Some(shelf) = shelves.as_mut().and_then(|shelves| shelves.get_mut(&key)) else {
            return;
        };
        match made {
            Ok(sandbox) => shelf.ready.push_back(sandbox),
            Err(error) => {
                tracing::warn!(runtime = key.0, %error, "an empty sandbox could not be made");
                shelf.filler = None;
                return;
            }
        }
    }
}
