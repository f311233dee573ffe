//! Several invocations at once: what is different of a [`Conversation`] whose runtime has workers.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>
//!
//! Each worker asks for an invocation of its own, answers it by its id, and asks again. The environment is `Idle` all the
//! time. A deadline ends an invocation for its invoker alone: its worker goes on, and learns of it when it answers.
//!
//! Invariant: permits of `free` + promised workers = requests for an invocation that wait + `owed`. Promised are workers
//! whose permit was taken, and those for which an invocation is queued.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use base::RequestId;
use engine::{Invocation, ResponseSink};
use tokio::sync::{Semaphore, oneshot};

use super::conversation::{
    Answer, Answered, Conversation, Ended, Pending, Phase, State, Turn, truncated,
};
use super::refusal::{Refusal, RuntimeState};

/// The workers of a runtime, as far as they have shown themselves.
pub(super) struct Workers {
    max: usize,
    free: Arc<Semaphore>,
    /// Requests for an invocation that wait.
    asking: usize,
    /// Promised workers that have gone: the next ones that ask take their place.
    owed: usize,
    queue: VecDeque<Arc<Pending>>,
    /// Invocations under way, queued ones too.
    running: HashMap<String, Running>,
    /// Those whose deadline has passed while a worker had them; the latest at the end, at most `max`.
    late: VecDeque<String>,
}

struct Running {
    stage: Stage,
    response: Option<Arc<dyn ResponseSink>>,
    answer: Option<oneshot::Sender<Answered>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Queued,
    Given,
    Answering,
    /// A streamed answer ended in the middle.
    Broken,
}

impl Workers {
    /// At most `max` of them.
    pub(super) fn new(max: u32) -> Self {
        Workers {
            max: usize::try_from(max).unwrap_or(usize::MAX).max(1),
            free: Arc::new(Semaphore::new(0)),
            asking: 0,
            owed: 0,
            queue: VecDeque::new(),
            running: HashMap::new(),
            late: VecDeque::new(),
        }
    }

    /// A worker asks.
    fn ask(&mut self) {
        self.asking += 1;
        self.set_free();
    }

    fn set_free(&mut self) {
        match self.owed.checked_sub(1) {
            Some(owed) => self.owed = owed,
            None => self.free.add_permits(1),
        }
    }

    /// A worker that asked has gone.
    fn leave(&mut self) {
        self.asking -= 1;
        if self.free.forget_permits(1) == 0 {
            self.owed += 1;
        }
    }

    fn push(&mut self, pending: Arc<Pending>, answer: oneshot::Sender<Answered>) {
        let response = pending.invocation.response.clone();
        let running = Running { stage: Stage::Queued, response, answer: Some(answer) };
        self.running.insert(pending.id.clone(), running);
        self.queue.push_back(pending);
    }

    fn take(&mut self) -> Option<Arc<Pending>> {
        let pending = self.queue.pop_front()?;
        self.asking -= 1;
        if let Some(running) = self.running.get_mut(&pending.id) {
            running.stage = Stage::Given;
        }
        Some(pending)
    }

    /// Nobody waits for the answer of `id` any more.
    fn give_up(&mut self, id: &str) {
        match self.running.remove(id).map(|running| running.stage) {
            Some(Stage::Queued) => {
                self.queue.retain(|pending| pending.id != id);
                self.set_free();
            }
            Some(_) => {
                if self.late.len() >= self.max {
                    self.late.pop_front();
                }
                self.late.push_back(id.to_owned());
            }
            None => {}
        }
    }

    fn begin_answer(&mut self, id: &str, error: bool) -> Result<(), Refusal> {
        if let Some(place) = self.late.iter().position(|late| late == id) {
            self.late.remove(place);
            return Err(Refusal::InvokeTimeout);
        }
        let running = self.running.get_mut(id).ok_or(Refusal::InvalidRequestId)?;
        match running.stage {
            Stage::Given => {}
            Stage::Broken if error => {}
            _ => return Err(Refusal::InvalidRequestId),
        }
        running.stage = Stage::Answering;
        Ok(())
    }

    fn finish(&mut self, id: &str, answer: Answered) {
        if let Some(sender) = self.running.remove(id).and_then(|running| running.answer) {
            // An error means that nobody waits.
            let _ = sender.send(answer);
        }
    }

    /// An answer that was begun ended in the middle.
    fn break_off(&mut self, id: &str, streaming: bool) {
        let Some(running) = self.running.get_mut(id) else { return };
        running.stage = if streaming { Stage::Broken } else { Stage::Given };
        if streaming {
            // Workers are strangers to each other, so none will come to tell what became of it.
            self.finish(id, Answer::Streamed { error: Some(truncated()) }.into());
        }
    }

    /// Everybody who waits learns why it ended.
    pub(super) fn end(&mut self, ended: &Ended) {
        self.free.close();
        self.queue.clear();
        for (_, running) in self.running.drain() {
            if let Some(answer) = running.answer {
                let _ = answer.send(Answer::Ended(ended.clone()).into());
            }
        }
    }
}

/// A worker's request that waits.
struct Asking<'a> {
    conversation: &'a Conversation,
    served: bool,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        if !self.served
            && let Some(workers) = &mut self.conversation.state.lock().workers
        {
            workers.leave();
        }
    }
}

impl Conversation {
    /// Whether it takes several invocations at once.
    pub(crate) fn has_workers(&self) -> bool {
        self.state.lock().workers.is_some()
    }

    /// See [`engine::Environment::workers`].
    pub(crate) fn free_workers(&self) -> Option<Arc<Semaphore>> {
        self.state.lock().workers.as_ref().map(|workers| Arc::clone(&workers.free))
    }

    /// A worker's `GET /runtime/invocation/next`.
    pub(super) async fn next_of_worker(&self) -> Result<Arc<Pending>, Refusal> {
        self.ask_as_worker()?;
        let mut asking = Asking { conversation: self, served: false };
        loop {
            let woken = self.deliverable.notified();
            tokio::pin!(woken);
            // Every worker that waits is to be woken by an invocation of its own.
            woken.as_mut().enable();
            {
                let mut state = self.state.lock();
                if let Some(pending) = state.workers.as_mut().and_then(Workers::take) {
                    asking.served = true;
                    return Ok(pending);
                }
            }
            woken.await;
        }
    }

    fn ask_as_worker(&self) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        match &state.phase {
            Phase::Starting => {
                state.extensions.close_registration();
                state.phase = Phase::Idle;
            }
            Phase::Idle => {}
            other => return other.refuse(RuntimeState::Ready),
        }
        let Some(workers) = &mut state.workers else {
            return state.phase.refuse(RuntimeState::Ready);
        };
        if workers.asking >= workers.max {
            return state.phase.refuse(RuntimeState::Ready);
        }
        workers.ask();
        self.settle_if_done(&mut state);
        Ok(())
    }

    /// Gives an invocation to a worker whose permit was taken.
    pub(super) fn invoke_worker(
        state: &mut State,
        invocation: Invocation,
    ) -> Result<oneshot::Receiver<Answered>, Ended> {
        let pending = Arc::new(Pending { id: invocation.request_id.to_string(), invocation });
        let (sender, receiver) = oneshot::channel();
        if let Phase::Ended(ended) = &state.phase {
            return Err(ended.clone());
        }
        if let Some(workers) = &mut state.workers {
            workers.push(pending, sender);
        }
        Ok(receiver)
    }

    /// Ends an invocation whose deadline has passed, or whose invoker has gone, for its invoker alone.
    pub(crate) fn give_up(&self, request_id: RequestId) {
        if let Some(workers) = &mut self.state.lock().workers {
            workers.give_up(&request_id.to_string());
        }
    }

    /// As [`Conversation::answer`], where there are workers.
    pub(super) fn answer_of_worker(
        &self,
        state: &mut State,
        id: &str,
        error: bool,
    ) -> Result<Turn<'_>, Refusal> {
        if let Phase::Ended(_) = state.phase {
            return Err(Refusal::InvalidRequestId);
        }
        let workers = state.workers.as_mut().ok_or(Refusal::InvalidRequestId)?;
        workers.begin_answer(id, error)?;
        let response = workers.running.get(id).and_then(|running| running.response.clone());
        Ok(self.turn(response, Some(id.to_owned())))
    }

    /// The end of a worker's turn: its answer, or None if it was broken off.
    pub(super) fn end_turn_of_worker(&self, id: &str, answer: Option<Answered>, streaming: bool) {
        let mut state = self.state.lock();
        let Some(workers) = &mut state.workers else { return };
        match answer {
            Some(answer) => workers.finish(id, answer),
            None => workers.break_off(id, streaming),
        }
    }
}
