//! Background work: started by name, stopped together.

use futures_util::FutureExt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// Starts tasks and, at the end, waits for them. Clones share the same set.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `work` to its end in the background. A panic in it is logged under `name` and harms nobody else. Work that
    /// never ends by itself must watch [`Tasks::stopping`].
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        self.tracker.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a background task panicked");
            }
        });
    }

    /// Runs `activate` again and again until shutdown; each activation returns a future that completes when there may be
    /// more to do. A panic ends one activation, not the loop; `pause` then keeps it from spinning.
    pub fn spawn_loop<F, Fut>(&self, name: &'static str, pause: Duration, mut activate: F)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        #[expect(
            clippy::disallowed_methods,
            reason = "a pause between failures, not a point in time"
        )]
        self.spawn(name, async move {
            while !stop.is_cancelled() {
                let ended =
                    stop.run_until_cancelled(AssertUnwindSafe(activate()).catch_unwind()).await;
                if let Some(Err(_)) = ended {
                    tracing::error!(task = name, "an activation of a loop panicked");
                    stop.run_until_cancelled(tokio::time::sleep(pause)).await;
                }
            }
        });
    }

    /// Completes when shutdown begins.
    pub fn stopping(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }

    /// Whether shutdown has begun.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Begins shutdown and waits at most `grace` for the tasks to end. False if some had not ended by then.
    pub async fn shut_down(&self, grace: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test(start_paused = true)]
    async fn a_panic_neither_ends_the_loop_nor_the_process() {
        let tasks = Tasks::new();
        let count = Arc::new(AtomicU32::new(0));
        let seen = count.clone();
        tasks.spawn_loop("test.panics", Duration::from_secs(1), move || {
            let seen = seen.clone();
            async move {
                assert!(seen.fetch_add(1, Ordering::Relaxed) >= 3, "the first activations fail");
                std::future::pending::<()>().await;
            }
        });
        tasks.spawn("test.once", async { panic!("on purpose") });
        tokio::time::timeout(Duration::from_secs(60), async {
            while count.load(Ordering::Relaxed) < 4 {
                tokio::task::yield_now().await;
                tokio::time::advance(Duration::from_millis(100)).await;
            }
        })
        .await
        .expect("the loop goes on");
        assert!(tasks.shut_down(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_tells_of_tasks_that_do_not_end() {
        let tasks = Tasks::new();
        tasks.spawn("test.stuck", std::future::pending());
        assert!(!tasks.shut_down(Duration::from_secs(1)).await);
    }
}
