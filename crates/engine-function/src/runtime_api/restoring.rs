//! Runtimes that have been initialized for a snapshot: they ask for their restoration, and go on with what they are told.
//!
//! Until then the conversation is `Starting`, and afterwards again: what a runtime may say then is the same.

use bytes::Bytes;
use tokio::sync::oneshot;

use super::conversation::{Conversation, InitOutcome, Phase};
use super::refusal::{Refusal, RuntimeState};

/// What becomes of a runtime that has been initialized and asks for its restoration: `GET /runtime/restore/next`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Restores {
    /// It goes on at once: nothing stands between its initialization and its first invocation.
    #[default]
    AtOnce,
    /// It never goes on; what is forked from it does, and has a Runtime API of its own.
    InForks,
    /// It goes on when the environment is wanted: [`Conversation::restore`].
    WhenWanted,
}

impl Conversation {
    /// `GET /runtime/restore/next`: the initialization is over; what the runtime is told when it goes on.
    pub(crate) async fn await_restore(&self) -> Result<Bytes, Refusal> {
        {
            let mut state = self.state.lock();
            if state.phase != Phase::Starting || state.awaits_restore {
                return state.phase.refuse(RuntimeState::Ready);
            }
            if self.restores == Restores::AtOnce {
                return Ok(Bytes::from_static(b"{}"));
            }
            state.awaits_restore = true;
            if let Some(init) = state.init.take() {
                let _ = init.send(InitOutcome::Ready);
            }
        }
        loop {
            let woken = self.deliverable.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            {
                let mut state = self.state.lock();
                if let Some(told) = state.restored.take() {
                    return Ok(told);
                }
            }
            woken.await;
        }
    }

    /// Whether the runtime waits for [`Self::restore`].
    pub(crate) fn awaits_restore(&self) -> bool {
        self.state.lock().awaits_restore
    }

    /// Lets a runtime that waits for it go on; the receiver learns how that went.
    pub(crate) fn restore(&self, told: Bytes) -> oneshot::Receiver<InitOutcome> {
        let (init, outcome) = oneshot::channel();
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Ended(_)) {
            state.init = Some(init);
            state.restored = Some(told);
        }
        drop(state);
        self.deliverable.notify_one();
        outcome
    }
}
