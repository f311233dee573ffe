//! Where time comes from.

use crate::{BoxFut, Time};
use std::future::poll_fn;
use std::sync::Mutex;
use std::task::{Poll, Waker};
use std::time::Duration;

/// A source of time. Services hold one and never ask the operating system.
pub trait Clock: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Time;

    /// Time since some fixed point, which never goes back: for measuring how long a thing took.
    fn monotonic(&self) -> Duration;

    /// Completes when `now()` has reached `at`.
    fn sleep_until(&self, at: Time) -> BoxFut<'static, ()>;

    /// Completes after `by`.
    fn sleep(&self, by: Duration) -> BoxFut<'static, ()> {
        self.sleep_until(self.now() + by)
    }
}

/// How [`OsClock`] sleeps; given by the owner of the async runtime, so that `base` depends on none.
pub type SleepFn = fn(Duration) -> BoxFut<'static, ()>;

/// The operating system's clock.
pub struct OsClock {
    sleep: SleepFn,
    origin: std::time::Instant,
}

impl OsClock {
    /// A clock that sleeps by `sleep`.
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the clock")]
    pub fn new(sleep: SleepFn) -> Self {
        OsClock { sleep, origin: std::time::Instant::now() }
    }
}

impl Clock for OsClock {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the clock")]
    fn now(&self) -> Time {
        let since_epoch =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Time::default() + since_epoch
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    fn sleep_until(&self, at: Time) -> BoxFut<'static, ()> {
        (self.sleep)(at.since(self.now()))
    }
}

/// A clock that stands still until a test moves it.
pub struct SimClock {
    state: std::sync::Arc<Mutex<SimState>>,
}

struct SimState {
    now: Time,
    sleepers: Vec<(Time, Waker)>,
}

impl SimClock {
    /// Begins at `now`.
    pub fn new(now: Time) -> Self {
        SimClock { state: std::sync::Arc::new(Mutex::new(SimState { now, sleepers: Vec::new() })) }
    }

    /// Moves time forward and wakes whoever slept until then.
    pub fn advance(&self, by: Duration) {
        let due: Vec<Waker> = {
            let mut state = self.state.lock().expect("no user panics while it holds the lock");
            state.now = state.now + by;
            let now = state.now;
            state.sleepers.extract_if(.., |(at, _)| *at <= now).map(|(_, waker)| waker).collect()
        };
        due.into_iter().for_each(Waker::wake);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Time {
        self.state.lock().expect("no user panics while it holds the lock").now
    }

    fn monotonic(&self) -> Duration {
        self.now().since(Time::default())
    }

    fn sleep_until(&self, at: Time) -> BoxFut<'static, ()> {
        let state = self.state.clone();
        Box::pin(poll_fn(move |cx| {
            let mut state = state.lock().expect("no user panics while it holds the lock");
            if state.now >= at {
                return Poll::Ready(());
            }
            state.sleepers.push((at, cx.waker().clone()));
            Poll::Pending
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Context;

    #[test]
    fn simulated_sleep_ends_when_time_arrives() {
        let clock = SimClock::new(Time::from_unix_s(100));
        let mut sleep = clock.sleep(Duration::from_secs(5));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_secs(4));
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
        clock.advance(Duration::from_secs(1));
        assert!(sleep.as_mut().poll(&mut cx).is_ready());
    }
}
