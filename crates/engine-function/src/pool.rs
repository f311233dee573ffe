//! Sandboxes made ahead of time.
//!
//! A shelf per runtime and form holds empty sandboxes; taking one is followed by a refill in the background.
//!
//! # Invariants
//! - A shelf holds at most what was asked for, and nothing is made for runtimes that nobody expects.
//! - An empty sandbox has no function, so it may go to any; none comes back.
//! - One whose interpreter still warms up does not count, but goes to whoever would have to wait for a new one.

use std::collections::{HashMap, VecDeque};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Weak};
use std::time::Duration;

use base::Clock;
use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;

use crate::runtimes::{Form, Runtime};
use crate::task::Task;
use crate::zygotes::{Wanted, Zygotes};
use crate::{Result, Sandbox};

/// Memory sizes of one runtime that have shelves of their own; functions of others start without a pool.
const MEMORY_SIZES_MAX: usize = 4;

/// How long an interpreter may warm up; it counts as ready then, whatever it says.
const WARM_UP_MAX: Duration = Duration::from_secs(10);

/// What a shelf is for.
type Key = (&'static str, Form);

/// Before a shelf is filled up: the invocation that emptied it is answered meanwhile, undisturbed.
const REFILL_AFTER: Duration = Duration::from_millis(8);

pub(crate) struct Pool {
    zygotes: Arc<Zygotes>,
    clock: Arc<dyn Clock>,
    /// The background tasks run there, whoever asks.
    handle: Handle,
    shelves: Mutex<Option<HashMap<Key, Shelf>>>,
    this: Weak<Self>,
}

struct Shelf {
    runtime: Arc<Runtime>,
    ready: VecDeque<Sandbox>,
    /// The last one made, until its interpreter says that it is ready.
    warming: Option<Sandbox>,
    size: usize,
    /// How often a sandbox was asked for.
    taken: u64,
    /// Fills it.
    filler: Option<Task>,
}

impl Pool {
    /// Call it within a tokio runtime.
    pub(crate) fn new(zygotes: Arc<Zygotes>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let handle = Handle::current();
        Arc::new_cyclic(|this| Self {
            zygotes,
            clock,
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
                warming: None,
                size: 0,
                taken: 0,
                filler: None,
            };
            let shelf = shelves.entry(key).or_insert_with(new);
            shelf.size = shelf.size.max(size);
            // There may be something new about it.
            shelf.runtime = Arc::clone(runtime);
        }
        self.refill(key);
    }

    /// A sandbox that is ready, if there is one. Call [`Self::refill`] when the start it is for has gone through: to do
    /// both at once would slow the start.
    pub(crate) fn take(&self, key: Key) -> Option<Sandbox> {
        let mut shelves = self.shelves.lock();
        let shelf = shelves.as_mut()?.get_mut(&key)?;
        shelf.taken += 1;
        let Shelf { ready, warming, .. } = shelf;
        let any = std::iter::from_fn(|| ready.pop_front().or_else(|| warming.take()));
        any.into_iter().find(|sandbox| !sandbox.has_ended())
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

    /// Puts what the filler made onto its shelf: as warming if it will say when it is ready, in which case the pipe where
    /// it does is returned. None: the filler is to end.
    fn shelve(&self, key: Key, made: Result<Sandbox>, warms: bool) -> Option<Option<OwnedFd>> {
        let mut shelves = self.shelves.lock();
        let shelf = shelves.as_mut()?.get_mut(&key)?;
        let sandbox = match made {
            Ok(sandbox) => sandbox,
            Err(error) => {
                tracing::warn!(runtime = key.0, %error, "an empty sandbox could not be made");
                shelf.filler = None;
                return None;
            }
        };
        let said = if warms { sandbox.output.try_clone().ok() } else { None };
        match said {
            Some(_) => shelf.warming = Some(sandbox),
            None => shelf.ready.push_back(sandbox),
        }
        Some(said)
    }

    /// What was warming is ready, unless somebody has taken it.
    fn warmed(&self, key: Key) {
        let mut shelves = self.shelves.lock();
        if let Some(shelf) = shelves.as_mut().and_then(|shelves| shelves.get_mut(&key)) {
            shelf.ready.extend(shelf.warming.take());
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
        shelves.flat_map(|(_, shelf)| shelf.ready.into_iter().chain(shelf.warming)).collect()
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
    let Some(clock) = pool.upgrade().map(|pool| Arc::clone(&pool.clock)) else { return };
    clock.sleep(REFILL_AFTER).await;
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
        let made = pool.zygotes.sandbox(&runtime, key.1, Wanted::Later).await;
        let Some(said) = pool.shelve(key, made, runtime.says_ready(key.1)) else { return };
        if let Some(said) = said {
            tokio::select! {
                () = readable(said) => {}
                () = pool.clock.sleep(WARM_UP_MAX) => {}
            }
            pool.warmed(key);
        }
    }
}

/// Completes when there is something to read, or never will be. Reads nothing: it belongs to whoever gets the sandbox.
async fn readable(pipe: OwnedFd) {
    // SAFETY: the value owns its descriptor, which stays the same and open until the value is dropped.
    if let Ok(pipe) = unsafe { AsyncFd::register_with_interest(pipe, Interest::READABLE) } {
        let _ = pipe.readable().await;
    }
}
