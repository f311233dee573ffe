//! What has been said between an environment and its runtime: a state machine without I/O.
//!
//! States: `Starting -> Idle <-> Running -> Answering -> Answered -> Idle`; `Starting -> InitError`; any `-> Ended`.
//! `Answering -> Broken` when the connection of a streamed answer breaks: what comes next tells what became of it.
//! With workers ([`Inside::max_concurrency`]) it stays `Idle` while they work: `workers.rs`.
//! Invariant: a sandbox is frozen only in `Idle` and while no extension works, and thawed before an invocation leaves
//! it.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, RequestId, Time};
use bytes::Bytes;
use engine::{Busy, ExitStatus, Invocation, ResponseSink, StreamError};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::extension_http::FunctionIdentity;
use super::extensions::{Event, ExtensionState, Extensions, ShutdownReason};
use super::refusal::{Refusal, RuntimeState};
use super::restoring::Restores;
use super::telemetry::Telemetry;
use super::workers::Workers;

/// How long a runtime stays idle before it is frozen. Freezing and thawing cost as much as a short invocation, so
/// a function under load is left alone.
const FREEZE_AFTER: Duration = Duration::from_millis(2);

/// Stops and continues the processes of a sandbox.
pub(crate) trait Freezer: Send + Sync {
    /// Takes microseconds; a sandbox that has ended ignores it.
    fn set_frozen(&self, frozen: bool);
}

/// How the initialization went, as far as the runtime says it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InitOutcome {
    /// It asked for its first invocation.
    Ready,
    /// It reported an error.
    Reported { error_type: String, body: Bytes },
}

/// What became of an invocation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Response(Bytes),
    Streamed { error: Option<StreamError> },
    Error { error_type: String, body: Bytes },
    TooLarge { bytes: u64 },
    Ended(Ended),
}

/// Why an environment ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Its deadline passed.
    TimedOut,
    /// Its process ended.
    Exited(ExitStatus),
    /// An extension failed.
    Extension(ExtensionFault),
}

/// How an extension made its environment fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExtensionFault {
    /// `Extension.Crash` and the like.
    pub(crate) error_type: &'static str,
    /// As AWS's supervisor writes it, such as `exit status 1`.
    pub(crate) cause: String,
}

/// What whoever invoked is told.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) answer: Answer,
    /// When the runtime began to give it, on the monotonic clock; None if the answer is not the runtime's own.
    pub(crate) began: Option<Duration>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, began: None }
    }
}

/// An invocation that a runtime may fetch.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) invocation: Invocation,
    /// The request id as it stands in paths.
    pub(crate) id: String,
}

/// What the supervisor of an environment has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Supervision {
    /// Look again when something changed, or at this time at the latest.
    Wait(Option<Time>),
    /// The deadline has passed.
    Kill,
}

/// What an environment consists of besides its runtime.
#[derive(Default)]
pub(crate) struct Inside {
    pub(crate) restores: Restores,
    /// Those that the sandbox launches.
    pub(crate) extensions: Extensions,
    /// For those that register.
    pub(crate) function: FunctionIdentity,
    /// Where it can be subscribed to.
    pub(crate) telemetry: Option<Arc<Telemetry>>,
    /// Invocations that it takes at once, each by a worker of its runtime; None: one after the other.
    pub(crate) max_concurrency: Option<u32>,
}

pub(crate) struct Conversation {
    pub(crate) function: FunctionIdentity,
    pub(crate) telemetry: Option<Arc<Telemetry>>,
    /// As in [`Inside`]; 0: none.
    pub(super) max_concurrency: u32,
    pub(super) restores: Restores,
    clock: Arc<dyn Clock>,
    freezer: Arc<dyn Freezer>,
    pub(super) state: Mutex<State>,
    /// Wakes a runtime that waits for an invocation.
    pub(super) deliverable: Notify,
    /// Wakes the supervisor.
    changed: Notify,
    /// Wakes extensions that wait for an event, and whoever waits for them.
    extensions_changed: Notify,
}

pub(super) struct State {
    pub(super) phase: Phase,
    pub(super) extensions: Extensions,
    /// Where several invocations are under way at once, they are here, and `current` is none.
    pub(super) workers: Option<Workers>,
    /// What an extension reported of its failure before it ended: the first counts.
    fault: Option<&'static str>,
    /// When the runtime had answered, on the monotonic clock.
    answered: Duration,
    /// When it asked for more.
    runtime_done: Duration,
    current: Option<Arc<Pending>>,
    answer: Option<oneshot::Sender<Answered>>,
    pub(super) init: Option<oneshot::Sender<InitOutcome>>,
    /// The runtime has asked for its restoration.
    pub(super) awaits_restore: bool,
    /// What it is told then, until it is.
    pub(super) restored: Option<Bytes>,
    /// When the runtime became idle.
    idle_since: Time,
    frozen: bool,
    /// Nobody waits for the answer any more.
    abandoned: bool,
    /// When the supervisor will look again by itself; None: when told only.
    supervisor_wakes: Option<Time>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Starting,
    InitError,
    Idle,
    Running,
    Answering {
        error: bool,
    },
    /// A streamed answer ended in the middle: the invoker has had its beginning.
    Broken,
    Answered,
    Ended(Ended),
}

impl Phase {
    fn name(&self) -> RuntimeState {
        match *self {
            Self::Starting => RuntimeState::Started,
            Self::InitError => RuntimeState::InitError,
            Self::Idle | Self::Running => RuntimeState::Ready,
            Self::Answering { error: false } | Self::Broken => RuntimeState::InvocationResponse,
            Self::Answering { error: true } => RuntimeState::InvocationErrorResponse,
            Self::Answered | Self::Ended(_) => RuntimeState::ResponseSent,
        }
    }

    pub(super) fn refuse<T>(&self, to: RuntimeState) -> Result<T, Refusal> {
        Err(Refusal::InvalidStateTransition { from: self.name(), to })
    }
}

impl Conversation {
    /// Before the runtime has said anything; the receiver learns how its initialization went.
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        freezer: Arc<dyn Freezer>,
        inside: Inside,
    ) -> (Arc<Self>, oneshot::Receiver<InitOutcome>) {
        let (init, outcome) = oneshot::channel();
        let Inside { restores, extensions, function, telemetry, max_concurrency } = inside;
        let state = State {
            phase: Phase::Starting,
            extensions,
            workers: max_concurrency.map(Workers::new),
            fault: None,
            answered: Duration::ZERO,
            runtime_done: Duration::ZERO,
            current: None,
            answer: None,
            init: Some(init),
            awaits_restore: false,
            restored: None,
            idle_since: clock.now(),
            frozen: false,
            abandoned: false,
            supervisor_wakes: None,
        };
        let (deliverable, changed, extensions_changed) = Default::default();
        let state = Mutex::new(state);
        let conversation = Self {
            function,
            telemetry,
            max_concurrency: max_concurrency.unwrap_or_default(),
            restores,
            clock,
            freezer,
            state,
            deliverable,
            changed,
            extensions_changed,
        };
        (Arc::new(conversation), outcome)
    }

    /// `GET /runtime/invocation/next`: waits for an invocation. Asked again while one is under way it is the same one,
    /// so a client that lost its connection can go on.
    pub(crate) async fn next(&self) -> Result<Arc<Pending>, Refusal> {
        if self.has_workers() {
            return self.next_of_worker().await;
        }
        self.ask()?;
        loop {
            let woken = self.deliverable.notified();
            {
                let state = self.state.lock();
                if let (Phase::Running, Some(pending)) = (&state.phase, &state.current) {
                    return Ok(Arc::clone(pending));
                }
            }
            woken.await;
        }
    }

    fn ask(&self) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        state.phase = match &state.phase {
            Phase::Starting | Phase::Answered => {
                state.extensions.close_registration();
                state.runtime_done = self.clock.monotonic();
                Phase::Idle
            }
            Phase::Broken => {
                if let Some(answer) = state.answer.take() {
                    let _ = answer.send(Answer::Streamed { error: Some(truncated()) }.into());
                }
                state.runtime_done = self.clock.monotonic();
                Phase::Idle
            }
            Phase::Idle => return Ok(()),
            Phase::Running => return Ok(()),
            other => return other.refuse(RuntimeState::Ready),
        };
        self.settle_if_done(&mut state);
        drop(state);
        self.extensions_changed.notify_waiters();
        Ok(())
    }

    /// Ends the initialization or the invocation when neither the runtime nor an extension has anything left to do.
    pub(super) fn settle_if_done(&self, state: &mut State) {
        if state.phase != Phase::Idle || !state.extensions.all_ready() {
            return;
        }
        state.idle_since = self.clock.now();
        if let Some(init) = state.init.take() {
            let _ = init.send(InitOutcome::Ready);
        }
        let freeze_at = state.idle_since + FREEZE_AFTER;
        self.wake_supervisor_by(state, freeze_at);
        if !state.extensions.all().is_empty() {
            self.extensions_changed.notify_waiters();
        }
    }

    /// Begins `POST /runtime/invocation/{id}/response` or `/error`. The guard gives the turn back when it is dropped
    /// without an answer, so that the client may try again.
    pub(crate) fn answer(&self, id: &str, error: bool) -> Result<Turn<'_>, Refusal> {
        let mut state = self.state.lock();
        if state.workers.is_some() {
            return self.answer_of_worker(&mut state, id, error);
        }
        // AWS looks at the id before the state.
        if state.current.as_ref().is_none_or(|current| current.id != id) {
            return Err(Refusal::InvalidRequestId);
        }
        let may_fail = error && state.phase == Phase::Broken;
        if state.phase != Phase::Running && !may_fail {
            let to = if error {
                RuntimeState::InvocationErrorResponse
            } else {
                RuntimeState::InvocationResponse
            };
            return state.phase.refuse(to);
        }
        state.phase = Phase::Answering { error };
        let response =
            state.current.as_ref().and_then(|current| current.invocation.response.clone());
        Ok(self.turn(response, None))
    }

    pub(super) fn turn(
        &self,
        response: Option<Arc<dyn ResponseSink>>,
        of_worker: Option<String>,
    ) -> Turn<'_> {
        let began = self.clock.monotonic();
        Turn { conversation: self, response, of_worker, began, streaming: false, over: false }
    }

    /// `POST /runtime/init/error`, or `/runtime/restore/error`: to whoever waits they are the same.
    pub(crate) fn begin_init_error(&self) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        if state.phase != Phase::Starting {
            return state.phase.refuse(RuntimeState::InitError);
        }
        state.phase = Phase::InitError;
        Ok(())
    }

    /// The rest of `POST /runtime/init/error`, when its body has been read.
    pub(crate) fn report_init_error(&self, error_type: String, body: Bytes) {
        if let Some(init) = self.state.lock().init.take() {
            let _ = init.send(InitOutcome::Reported { error_type, body });
        }
    }

    /// Gives the runtime an invocation. The receiver fails if the environment ends unsaid.
    pub(crate) fn invoke(
        &self,
        invocation: Invocation,
    ) -> Result<oneshot::Receiver<Answered>, Ended> {
        let mut state = self.state.lock();
        if state.workers.is_some() {
            let receiver = Self::invoke_worker(&mut state, invocation)?;
            drop(state);
            self.deliverable.notify_one();
            return Ok(receiver);
        }
        let pending = Arc::new(Pending { id: invocation.request_id.to_string(), invocation });
        let deadline = pending.invocation.deadline;
        let (sender, receiver) = oneshot::channel();
        state.phase = match &state.phase {
            Phase::Ended(ended) => return Err(ended.clone()),
            Phase::Idle => Phase::Running,
            // The one before is not over, or was abandoned, so the end is near.
            _ => return Err(Ended::TimedOut),
        };
        if std::mem::take(&mut state.frozen) {
            self.freezer.set_frozen(false);
        }
        state.extensions.invoke(|| Event::Invoke {
            request_id: pending.id.clone(),
            deadline,
            invoked_function_arn: pending.invocation.invoked_function_arn.clone(),
            trace_id: pending.invocation.trace_id.clone(),
        });
        let has_extensions = !state.extensions.all().is_empty();
        state.current = Some(pending);
        state.answer = Some(sender);
        self.wake_supervisor_by(&state, deadline);
        drop(state);
        self.deliverable.notify_one();
        if has_extensions {
            self.extensions_changed.notify_waiters();
        }
        Ok(receiver)
    }

    /// Changes or reads the extensions; then whoever waits looks again.
    pub(crate) fn with_extensions<T>(&self, act: impl FnOnce(&mut Extensions) -> T) -> T {
        let mut state = self.state.lock();
        let result = act(&mut state.extensions);
        self.settle_if_done(&mut state);
        drop(state);
        self.extensions_changed.notify_waiters();
        result
    }

    /// `GET /extension/event/next`: waits for an event.
    pub(crate) async fn next_event(&self, id: RequestId) -> Result<Event, Refusal> {
        self.with_extensions(|extensions| extensions.ask(id))?;
        loop {
            let woken = self.extensions_changed.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let event = self.state.lock().extensions.take(id)?;
            if let Some(event) = event {
                return Ok(event);
            }
            woken.await;
        }
    }

    /// `POST /extension/init/error` and `/exit/error`: what the environment's end will be called.
    pub(crate) fn report_extension(
        &self,
        id: RequestId,
        to: ExtensionState,
        error_type: String,
    ) -> Result<(), Refusal> {
        let mut state = self.state.lock();
        state.extensions.report(id, to, error_type)?;
        let fault = match to {
            ExtensionState::InitError => "Extension.InitError",
            _ => "Extension.ExitError",
        };
        state.fault.get_or_insert(fault);
        Ok(())
    }

    /// What an extension reported before the environment failed.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        self.state.lock().fault
    }

    /// Completes when every external extension has registered, or the environment has ended.
    pub(crate) async fn externals_registered(&self) {
        self.extensions_until(|state| state.extensions.externals_registered()).await;
    }

    /// Who is busy with an invocation that has been answered.
    pub(crate) fn busy(&self) -> Busy {
        let state = self.state.lock();
        let lives = !matches!(state.phase, Phase::Ended(_));
        Busy {
            runtime: state.phase == Phase::Answered,
            extensions: lives && state.extensions.follow_invocations(),
        }
    }

    /// Completes when the runtime waits for the next invocation, or the environment has ended. The time by which it
    /// outlasted its answer.
    pub(crate) async fn runtime_done(&self) -> Result<Duration, Ended> {
        self.extensions_until(|state| state.phase == Phase::Idle).await;
        let state = self.state.lock();
        match &state.phase {
            Phase::Ended(ended) => Err(ended.clone()),
            _ => Ok(state.runtime_done.saturating_sub(state.answered)),
        }
    }

    /// Completes when every extension waits for the next invocation, too, or the environment has ended. The time by which
    /// extensions outlasted the runtime.
    pub(crate) async fn settled(&self) -> Result<Duration, Ended> {
        self.extensions_until(|state| state.phase == Phase::Idle && state.extensions.all_ready())
            .await;
        let state = self.state.lock();
        match &state.phase {
            Phase::Ended(ended) => Err(ended.clone()),
            _ => Ok(self.clock.monotonic().saturating_sub(state.runtime_done)),
        }
    }

    async fn extensions_until(&self, done: impl Fn(&State) -> bool) {
        loop {
            let woken = self.extensions_changed.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            {
                let state = self.state.lock();
                if done(&state) || matches!(state.phase, Phase::Ended(_)) {
                    return;
                }
            }
            woken.await;
        }
    }

    /// Tells external extensions that the environment ends: how many want to know.
    pub(crate) fn shut_down_extensions(&self, reason: ShutdownReason, deadline: Time) -> usize {
        self.with_extensions(|extensions| extensions.shut_down(reason, deadline))
    }

    /// Whoever invoked went away. Lambda knows no cancellation and neither do its runtimes, so the environment ends.
    pub(crate) fn abandon(&self) {
        self.state.lock().abandoned = true;
        self.changed.notify_one();
    }

    /// Ends the conversation: whoever waits for an answer learns why. The first reason stays. A runtime that waits for an
    /// invocation is left waiting: it is told by a signal, and one that was answered would not live to see that.
    pub(crate) fn end(&self, ended: Ended) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Ended(_)) {
            state.phase = Phase::Ended(ended.clone());
        }
        let answer = state.answer.take();
        if let Some(workers) = &mut state.workers {
            workers.end(&ended);
        }
        state.init = None;
        drop(state);
        if let Some(answer) = answer {
            let _ = answer.send(Answer::Ended(ended).into());
        }
        self.extensions_changed.notify_waiters();
        self.changed.notify_one();
    }

    /// Why it ended, if it has.
    pub(crate) fn ended(&self) -> Option<Ended> {
        match &self.state.lock().phase {
            Phase::Ended(ended) => Some(ended.clone()),
            _ => None,
        }
    }

    /// Freezes a sandbox that has been idle for long enough and says what comes next. Call it after
    /// [`Conversation::changed`] and at the time it named.
    pub(crate) fn supervise(&self) -> Supervision {
        let now = self.clock.now();
        let mut state = self.state.lock();
        if state.abandoned && !matches!(state.phase, Phase::Ended(_)) {
            return Supervision::Kill;
        }
        let deadline = state.current.as_ref().map(|current| current.invocation.deadline);
        let extensions_work = state.phase == Phase::Idle && !state.extensions.all_ready();
        let look_at = match state.phase {
            // Extensions that outlast the runtime are stopped by the same deadline.
            Phase::Idle if extensions_work => {
                if deadline.is_some_and(|deadline| deadline <= now) {
                    return Supervision::Kill;
                }
                deadline
            }
            // Its workers may be busy, and an idle one is not frozen either.
            Phase::Idle if state.frozen || state.workers.is_some() => None,
            Phase::Idle if state.idle_since + FREEZE_AFTER <= now => {
                state.frozen = true;
                self.freezer.set_frozen(true);
                None
            }
            Phase::Idle => Some(state.idle_since + FREEZE_AFTER),
            // A runtime that has answered and does not come back for more is stopped by the same deadline.
            Phase::Running | Phase::Answering { .. } | Phase::Broken | Phase::Answered => {
                if deadline.is_some_and(|deadline| deadline <= now) {
                    return Supervision::Kill;
                }
                deadline
            }
            Phase::Starting | Phase::InitError | Phase::Ended(_) => None,
        };
        state.supervisor_wakes = look_at;
        Supervision::Wait(look_at)
    }

    /// Completes when the supervisor should look again.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Under load the supervisor is awake soon enough by itself; telling it costs a wake-up on the way of an invocation.
    fn wake_supervisor_by(&self, state: &State, at: Time) {
        if state.supervisor_wakes.is_none_or(|wakes| at < wakes) {
            self.changed.notify_one();
        }
    }

    fn give_turn_back(&self, phase: Phase, answer: Option<Answered>) {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Answering { .. }) {
            return;
        }
        state.phase = phase;
        state.answered = self.clock.monotonic();
        if let Some(answer) = answer
            && let Some(sender) = state.answer.take()
        {
            let _ = sender.send(answer);
        }
    }
}

/// The right to answer the invocation under way.
pub(crate) struct Turn<'a> {
    conversation: &'a Conversation,
    /// Where a streamed answer goes, if the invoker takes one.
    response: Option<Arc<dyn ResponseSink>>,
    /// The invocation, where others may be under way too.
    of_worker: Option<String>,
    /// When the runtime began to answer, on the monotonic clock.
    began: Duration,
    /// Whether it has begun to stream.
    streaming: bool,
    over: bool,
}

/// seen: AWS's runtime interface emulator
pub(super) fn truncated() -> StreamError {
    let error_type = "Runtime.TruncatedResponse".to_owned();
    let body = format!(
        "{{\"errorType\":\"{error_type}\",\"errorMessage\":\"The response ended before it was complete.\"}}"
    );
    StreamError { error_type, body: body.into() }
}

impl Turn<'_> {
    /// Where the answer is streamed to; None if the invoker wants it whole. From then on the turn is not given back.
    pub(crate) fn stream_to(&mut self) -> Option<Arc<dyn ResponseSink>> {
        self.streaming = self.response.is_some();
        self.response.clone()
    }

    /// Hands the answer to whoever invoked.
    pub(crate) fn finish(mut self, answer: Answer) {
        self.over = true;
        let answer = Some(Answered { answer, began: Some(self.began) });
        if let Some(id) = &self.of_worker {
            return self.conversation.end_turn_of_worker(id, answer, self.streaming);
        }
        self.conversation.give_turn_back(Phase::Answered, answer);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // A turn that is over must not touch what comes after.
        if !self.over
            && let Some(id) = &self.of_worker
        {
            self.conversation.end_turn_of_worker(id, None, self.streaming);
        } else if !self.over {
            let phase = if self.streaming { Phase::Broken } else { Phase::Running };
            self.conversation.give_turn_back(phase, None);
        }
    }
}
