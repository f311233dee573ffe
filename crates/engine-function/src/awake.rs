//! Keeps the host's processors from sleeping while an environment starts, and while invocations come in quick succession.
//!
//! Both are chains of short steps in several processes. On an idle host each step would wait for a processor to come back
//! from its sleep, which takes a virtual machine some 50 µs; and the kernel would rather put a step behind the one before
//! it than on a processor that its hypervisor may have taken away. So for a moment idle processors poll instead. To wake
//! them costs as much as one such wait, so a single invocation does not.
//! <https://docs.kernel.org/power/pm_qos_interface.html>

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::Clock;
use parking_lot::Mutex;

use crate::task::Task;

/// Where a process says how many microseconds a processor may take to wake up, as an `i32`; the kernel forgets it when the
/// file is closed.
const DEVICE: &str = "/dev/cpu_dma_latency";

/// None at all, so that idle processors poll.
const POLLING: i32 = 0;

/// As if nothing had been said.
const UNSAID: i32 = -1;

/// How long one start keeps them awake: most environments of a small function answer within it.
const AWAKE_FOR: Duration = Duration::from_millis(10);

/// Invocations that begin so soon after each other are a succession.
const SUCCESSION: Duration = Duration::from_millis(1);

/// The host's processors.
pub(crate) struct Awake {
    /// None where this process may not say so: then they sleep as ever.
    device: Option<File>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// When the last invocation began, in microseconds on the monotonic clock.
    invoked_us: AtomicU64,
}

#[derive(Default)]
struct State {
    /// On the monotonic clock; None while they may sleep.
    until: Option<Duration>,
    /// Lets them sleep again.
    end: Option<Task>,
}

impl Awake {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Self::by(Path::new(DEVICE), clock)
    }

    fn by(device: &Path, clock: Arc<dyn Clock>) -> Arc<Self> {
        let device = File::options().write(true).open(device).ok();
        Arc::new(Self { device, clock, state: Mutex::default(), invoked_us: AtomicU64::new(0) })
    }

    /// Keeps them awake for [`AWAKE_FOR`] from now on.
    pub(crate) fn stay(self: &Arc<Self>) {
        if self.device.is_none() {
            return;
        }
        let mut state = self.state.lock();
        let until = self.clock.monotonic() + AWAKE_FOR;
        if state.until.replace(until).is_none() {
            self.say(POLLING);
            state.end = Some(Task::spawn(Arc::clone(self).let_sleep()));
        }
    }

    /// Keeps them awake if the last invocation began just before this one, which begins `now`, on the monotonic clock.
    pub(crate) fn invoked(self: &Arc<Self>, now: Duration) {
        let now_us = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let last_us = self.invoked_us.swap(now_us, Ordering::Relaxed);
        if now_us.saturating_sub(last_us) < SUCCESSION.as_micros() as u64 {
            self.stay();
        }
    }

    async fn let_sleep(self: Arc<Self>) {
        loop {
            self.clock.sleep(AWAKE_FOR).await;
            let mut state = self.state.lock();
            if state.until.is_none_or(|until| until <= self.clock.monotonic()) {
                state.until = None;
                return self.say(UNSAID);
            }
        }
    }

    fn say(&self, latency_us: i32) {
        if let Some(mut device) = self.device.as_ref()
            && let Err(error) = device.write_all(&latency_us.to_ne_bytes())
        {
            tracing::debug!(latency_us, %error, "the kernel was not told how fast processors must wake up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn for_a_moment() {
        let device = tempfile::NamedTempFile::new().unwrap();
        let clock = Arc::new(base::SimClock::new(base::Time::default()));
        let awake = Awake::by(device.path(), clock.clone());
        let said = || std::fs::read(device.path()).unwrap();
        let pass = async |milliseconds| {
            clock.advance(Duration::from_millis(milliseconds));
            tokio::task::yield_now().await;
        };
        for n in 1..3 {
            let told = [[0; 4], [0xff; 4]].concat().repeat(n);
            awake.stay();
            pass(0).await;
            pass(9).await;
            awake.stay();
            pass(1).await;
            assert_eq!(said(), told[..told.len() - 4]);
            pass(10).await;
            assert_eq!(said(), told);
        }
        awake.invoked(Duration::from_millis(100));
        awake.invoked(Duration::from_millis(102));
        assert_eq!(said().len(), 16);
        awake.invoked(Duration::from_micros(102_900));
        assert_eq!(said().len(), 20);
        Awake::by(Path::new("/nowhere"), clock).stay();
    }
}
