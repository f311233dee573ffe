//! Whose environment is started next.
//!
//! Starting costs CPU that all functions share, so only some starts run at once, and the functions that wait take turns: a
//! storm on one of them delays another by one start, not by the storm. A start that takes long waits for something else
//! than CPU, perhaps for another function's start; it goes on without holding its place.

use crate::limits::{START_HOLD_MAX, STARTS_MAX, STARTS_WAITING_MAX};
use crate::model::name::FunctionKey;
use base::Clock;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The starts that run and those that wait.
#[derive(Default)]
pub struct Starts {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: usize,
    waiting: usize,
    queues: HashMap<FunctionKey, VecDeque<oneshot::Sender<StartPermit>>>,
    /// Functions that wait, each once, in the order of their turns.
    turns: VecDeque<FunctionKey>,
}

/// A place among the starts that run; given back when dropped.
pub struct StartPermit {
    /// None once the place was given to another.
    starts: Option<Arc<Starts>>,
}

/// A place, or the wait for one.
pub enum Turn {
    /// It may start.
    Now(StartPermit),
    /// It may start when this completes.
    Later(oneshot::Receiver<StartPermit>),
}

impl Starts {
    /// Asks for a place for `function`. None: too many wait.
    pub fn ask(self: &Arc<Self>, function: &FunctionKey) -> Option<Turn> {
        let mut state = self.state.lock();
        if state.running < STARTS_MAX {
            state.running += 1;
            return Some(Turn::Now(StartPermit { starts: Some(self.clone()) }));
        }
        if state.waiting >= STARTS_WAITING_MAX {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting += 1;
        let State { queues, turns, .. } = &mut *state;
        let queue = queues.entry(function.clone()).or_insert_with(|| {
            turns.push_back(function.clone());
            VecDeque::new()
        });
        queue.push_back(sender);
        Some(Turn::Later(receiver))
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.state.lock().waiting
    }
}

impl State {
    /// The next one whose turn it is.
    fn next(&mut self) -> Option<oneshot::Sender<StartPermit>> {
        let function = self.turns.pop_front()?;
        let queue = self.queues.get_mut(&function)?;
        let sender = queue.pop_front();
        if queue.is_empty() {
            self.queues.remove(&function);
        } else {
            self.turns.push_back(function);
        }
        self.waiting -= 1;
        sender
    }
}

impl Drop for StartPermit {
    fn drop(&mut self) {
        while let Some(starts) = self.starts.take() {
            let mut state = starts.state.lock();
            let Some(next) = state.next() else {
                state.running -= 1;
                return;
            };
            drop(state);
            if let Err(mut unwanted) = next.send(StartPermit { starts: Some(starts) }) {
                // It found another environment meanwhile. The place is this one's to give again.
                self.starts = unwanted.starts.take();
            }
        }
    }
}

/// Runs `start`, holding the place no longer than [`START_HOLD_MAX`].
pub async fn hold<T>(permit: StartPermit, clock: &dyn Clock, start: impl Future<Output = T>) -> T {
    let mut start = std::pin::pin!(start);
    tokio::select! {
        result = &mut start => return result,
        () = clock.sleep(START_HOLD_MAX) => {}
    }
    drop(permit);
    start.await
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Region};

    fn function(name: &str) -> FunctionKey {
        (AccountId::DEFAULT, Region::default(), name.to_string())
    }

    fn later(starts: &Arc<Starts>, name: &str) -> oneshot::Receiver<StartPermit> {
        match starts.ask(&function(name)) {
            Some(Turn::Later(receiver)) => receiver,
            _ => panic!("{name} does not wait"),
        }
    }

    /// A storm of one function stands before one event of another; the other's turn is the second.
    #[test]
    fn functions_take_turns() {
        let starts = Arc::new(Starts::default());
        let running: Vec<_> = (0..STARTS_MAX).map(|_| starts.ask(&function("storm"))).collect();
        let mut storm: Vec<_> = (0..50).map(|_| later(&starts, "storm")).collect();
        let mut other = later(&starts, "other");
        assert_eq!(starts.waiting(), 51);
        let mut running = running.into_iter();
        drop(running.next());
        let first = storm[0].try_recv().expect("the storm's turn");
        assert!(other.try_recv().is_err());
        drop(running.next());
        let second = other.try_recv().expect("the other's turn");
        assert!(storm[1].try_recv().is_err());
        drop((first, second));
        assert!(storm[1].try_recv().is_ok() && storm[2].try_recv().is_ok());
    }

    #[test]
    fn who_does_not_wait_any_more_is_passed_over() {
        let starts = Arc::new(Starts::default());
        let mut running: Vec<_> = (0..STARTS_MAX).map(|_| starts.ask(&function("f"))).collect();
        drop(later(&starts, "gone"));
        let mut waits = later(&starts, "waits");
        running.pop();
        let permit = waits.try_recv().expect("the place goes on to who waits");
        drop((permit, running));
        assert_eq!(starts.state.lock().running, 0);
        assert!(starts.state.lock().queues.is_empty());
    }

    #[test]
    fn the_queue_has_a_bound() {
        let starts = Arc::new(Starts::default());
        let all: Vec<_> = (0..STARTS_MAX + STARTS_WAITING_MAX)
            .map(|_| starts.ask(&function("f")).expect("room"))
            .collect();
        assert!(starts.ask(&function("f")).is_none());
        drop(all);
        assert_eq!((starts.waiting(), starts.state.lock().running), (0, 0));
    }

    #[tokio::test]
    async fn a_long_start_gives_its_place_away() {
        let clock = base::SimClock::new(base::Time::from_unix_s(1));
        let starts = Arc::new(Starts::default());
        let mut all: Vec<_> = (0..STARTS_MAX).map(|_| starts.ask(&function("a"))).collect();
        let Some(Some(Turn::Now(permit))) = all.pop() else { panic!("there was room") };
        let mut waits = later(&starts, "b");
        let (ended, end) = oneshot::channel::<()>();
        let mut long = std::pin::pin!(hold(permit, &clock, end));
        assert!(futures_util::poll!(&mut long).is_pending());
        assert!(waits.try_recv().is_err());
        clock.advance(START_HOLD_MAX);
        assert!(futures_util::poll!(&mut long).is_pending());
        assert!(waits.try_recv().is_ok());
        ended.send(()).unwrap();
        assert!(long.await.is_ok());
    }
}
