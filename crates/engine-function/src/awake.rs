//! Keeps the host's processors from sleeping while an environment starts.
//!
//! A start is a chain of short steps in several processes. On an idle host each of them would wait for a processor to come
//! back from its sleep, which takes a virtual machine some 50 µs; and the kernel would rather put a step behind the one
//! before it than on a processor that its hypervisor may have taken away. So for a moment idle processors poll instead.
//! <https://docs.kernel.org/power/pm_qos_interface.html>

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
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

/// The host's processors.
pub(crate) struct Awake {
    /// None where this process may not say so: then they sleep as ever.
    device: Option<File>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
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
        Arc::new(Self { device, clock, state: Mutex::default() })
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
        Awake::by(Path::new("/nowhere"), clock).stay();
    }
}
