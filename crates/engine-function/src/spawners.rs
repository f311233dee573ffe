//! The spawner that there is: when its process ends by itself, another takes its place.
//!
//! # Invariants
//! - There is at most one at a time, and the next begins when the one before is gone: it sweeps what that one left.
//! - Sandboxes belong to the spawner that made them and have ended with it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::task::Task;
use crate::{Error, HostCapabilities, Result, Spawner, SpawnerConfig};

/// How long whoever needs a sandbox waits for the next spawner.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// Before the next try, after a spawner that could not start or ended within this time.
const PAUSE: Duration = Duration::from_secs(1);

/// Gives out the spawner.
pub(crate) struct Spawners {
    current: watch::Receiver<Spawner>,
    clock: Arc<dyn Clock>,
    /// Starts the next one.
    keeper: Mutex<Option<Task>>,
}

impl Spawners {
    /// Starts the first. Call it within a tokio runtime.
    pub(crate) async fn start(
        executable: PathBuf,
        config: SpawnerConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let first = Spawner::start(&executable, config.clone()).await?;
        let (sender, current) = watch::channel(first);
        let keeper = Task::spawn(keep(sender, executable, config, Arc::clone(&clock)));
        Ok(Self { current, clock, keeper: Mutex::new(Some(keeper)) })
    }

    /// The spawner. After the end of one: the next, as soon as it stands. Errors when there is none in time.
    pub(crate) async fn living(&self) -> Result<Spawner> {
        let mut current = self.current.clone();
        tokio::select! {
            living = current.wait_for(|spawner| !spawner.has_ended()) => {
                living.map(|spawner| spawner.clone()).map_err(|_| Error::SpawnerEnded)
            }
            () = self.clock.sleep(WAIT_MAX) => Err(Error::SpawnerEnded),
        }
    }

    /// What this host offers and lacks.
    pub(crate) fn capabilities(&self) -> Arc<HostCapabilities> {
        self.current.borrow().capabilities_shared()
    }

    /// Ends the spawner with every sandbox; no other follows.
    pub(crate) async fn shut_down(&self) {
        drop(self.keeper.lock().take());
        let last = self.current.borrow().clone();
        last.shut_down().await;
    }
}

/// Starts a spawner after each that ends.
async fn keep(
    current: watch::Sender<Spawner>,
    executable: PathBuf,
    config: SpawnerConfig,
    clock: Arc<dyn Clock>,
) {
    loop {
        let spawner = current.borrow().clone();
        let began = clock.monotonic();
        spawner.ended().await;
        drop(spawner);
        tracing::error!("the spawner has ended, and every function that ran with it");
        if clock.monotonic().saturating_sub(began) < PAUSE {
            clock.sleep(PAUSE).await;
        }
        let next = loop {
            match Spawner::start(&executable, config.clone()).await {
                Ok(next) => break next,
                Err(error) => tracing::error!(%error, "no other spawner could be started"),
            }
            clock.sleep(PAUSE).await;
        };
        tracing::info!(process_id = next.process_id(), "another spawner has taken its place");
        current.send_replace(next);
    }
}
