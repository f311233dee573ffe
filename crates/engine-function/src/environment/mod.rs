//! The life of one execution environment: from a sandbox and a function to its end.
//!
//! # Invariants
//! - CPU is not limited during initialization, and the sandbox is frozen between invocations, unless it takes several at
//!   once.
//! - When an environment has ended, everything in its sandbox is dead; dropping it ends it.

mod ending;
pub(crate) mod lines;
pub(crate) mod output;
mod telling;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::{BoxFut, Clock, RequestId};
use engine::{
    Environment, EnvironmentSpec, ExitStatus, InitError, Initialized, Invocation, InvocationReport,
    Outcome, Settled,
};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};

use crate::awake::Awake;
use crate::runtime_api::{
    Answer, Answered, Category, Conversation, Dial, Ended, Extensions, Freezer, FunctionIdentity,
    InitOutcome, Inside, Published, Restores, RuntimeApi, ShutdownReason, Telemetry,
};
use crate::runtimes::Plan;
use crate::sandbox::Binding;
use crate::task::Task;
use crate::{Sandbox, SandboxHandle};
use ending::Supervisor;
use output::Output;

/// Serves the cloud's own endpoint within a sandbox: accepts on the (non-blocking) listener until the future completes.
pub type ServeEndpoint = Arc<dyn Fn(std::net::TcpListener, BoxFut<'static, ()>) + Send + Sync>;

/// What environments need beside their sandboxes.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) awake: Arc<Awake>,
    pub(crate) serve_endpoint: ServeEndpoint,
}

/// An execution environment that has been initialized.
pub(crate) struct FunctionEnvironment {
    handle: Arc<SandboxHandle>,
    conversation: Arc<Conversation>,
    output: Arc<Output>,
    clock: Arc<dyn Clock>,
    awake: Arc<Awake>,
    /// How long that took, or the restoration since.
    initialized: Mutex<Duration>,
    memory: Memory,
    /// Asks the supervisor for an orderly end.
    stop: watch::Sender<Option<ShutdownReason>>,
    ended: watch::Receiver<bool>,
    _supervisor: Task,
}

/// The most memory that was in use; the control group that knows it goes with the sandbox.
#[derive(Clone)]
struct Memory {
    peak_bytes: Arc<AtomicU64>,
    limit_bytes: u64,
}

impl Memory {
    fn measure(&self, handle: &SandboxHandle) -> u64 {
        // Files count too, for which the kernel makes room beyond the limit; no function uses more than it has.
        let now = handle.usage().memory_peak_bytes.min(self.limit_bytes);
        self.peak_bytes.fetch_max(now, Ordering::Relaxed).max(now)
    }

    fn exhausted(&self) {
        self.peak_bytes.fetch_max(self.limit_bytes, Ordering::Relaxed);
    }
}

impl Freezer for SandboxHandle {
    fn set_frozen(&self, frozen: bool) {
        let done = if frozen { self.freeze() } else { self.thaw() };
        if let Err(error) = done {
            // A sandbox that has just ended cannot be frozen; anything else shows in the next invocation.
            tracing::debug!(frozen, %error, "freezing or thawing failed");
        }
    }
}

impl FunctionEnvironment {
    /// Binds `sandbox` to the function, if nobody has begun to, and waits until its runtime asks for work. `began` is when
    /// the sandbox was asked for, on the monotonic clock.
    pub(crate) async fn start(
        sandbox: Sandbox,
        binding: Option<Binding>,
        plan: Plan,
        spec: &EnvironmentSpec,
        around: &Surroundings,
        began: Duration,
    ) -> Result<Self, InitError> {
        let clock = Arc::clone(&around.clock);
        let broken = |what: &str, error: &dyn std::fmt::Display| {
            InitError::Sandbox(format!("{what}: {error}"))
        };
        let Sandbox { runtime_api, endpoint, output, handle } = sandbox;
        let binding = match binding {
            Some(binding) => Ok(binding),
            None => handle.bind(&plan.assignment).await,
        };
        let binding = binding.map_err(|error| broken("assigning", &error))?;
        let handed = handle.hand_over(&plan.assignment).await;
        handed.map_err(|error| broken("assigning", &error))?;
        let has_extensions = !plan.assignment.extensions.is_empty();
        if !has_extensions {
            // What it asks for and what it prints waits in the kernel until somebody looks.
            handle.release();
        }
        let handle = Arc::new(handle);
        let dial = Arc::new(Dialer(Arc::downgrade(&handle)));
        let telemetry = Telemetry::new(Arc::clone(&clock), dial, Arc::clone(&spec.output));
        let standstill = plan.standstill;
        let inside = Inside {
            restores: standstill,
            extensions: Extensions::launched(&extension_names(&plan)),
            function: identity(spec),
            telemetry: Some(Arc::clone(&telemetry)),
            max_concurrency: spec.max_concurrency,
        };
        let told = telling::Init::begin(&telemetry, spec, plan.restores);
        let published = |category| -> Arc<dyn engine::OutputSink> {
            let (to, telemetry) = (Arc::clone(&spec.output), Arc::clone(&telemetry));
            Arc::new(Published { to, telemetry, category })
        };
        let (conversation, init) = Conversation::new(Arc::clone(&clock), handle.clone(), inside);
        let api = RuntimeApi::serve(runtime_api, Arc::clone(&conversation))
            .map_err(|error| broken("serving the Runtime API", &error))?;
        let (output, reader) =
            Output::follow(output, published(Category::Function), Arc::clone(&clock))
                .map_err(|error| broken("following the output", &error))?;
        let memory = Memory {
            peak_bytes: Arc::default(),
            limit_bytes: u64::from(spec.memory_mib) * base::MIB,
        };
        let (ending, ended) = watch::channel(false);
        (around.serve_endpoint)(endpoint, Box::pin(until_true(ended.clone())));
        let (stop, stopped) = watch::channel(None);
        let extension_output = binding.whole().await;
        let extension_output = extension_output.map_err(|error| broken("assigning", &error))?;
        let extension_output = extension_output
            .map(|pipe| Output::follow(pipe, published(Category::Extension), Arc::clone(&clock)))
            .transpose()
            .map_err(|error| broken("following the extensions' output", &error))?;
        let supervisor = Supervisor {
            has_extensions,
            extension_output,
            stopped,
            handle: Arc::clone(&handle),
            conversation: Arc::clone(&conversation),
            output: Arc::clone(&output),
            clock: Arc::clone(&clock),
            memory: memory.clone(),
            ending,
            api,
            _reader: reader,
        };
        let supervisor = Task::spawn(supervisor.run());
        let timeout = clock.sleep(spec.init_timeout);
        let initialized = async {
            if has_extensions {
                // Extensions come first: the runtime's initialization may rely on them.
                conversation.externals_registered().await;
                handle.release();
            }
            init.await
        };
        let outcome = tokio::select! {
            outcome = initialized => Some(outcome.ok()),
            () = timeout => None,
        };
        let environment = Self {
            handle,
            conversation,
            output,
            clock,
            awake: Arc::clone(&around.awake),
            initialized: Mutex::default(),
            memory,
            stop,
            ended,
            _supervisor: supervisor,
        };
        environment.conclude(told, outcome, began).await?;
        telemetry.close();
        if standstill != Restores::WhenWanted {
            environment.limit_cpu().await?;
        }
        Ok(environment)
    }

    /// Lets a runtime that has been initialized and waits for that go on, with these variables, and waits until it asks for
    /// work. `began` is when the environment was asked for, on the monotonic clock.
    pub(crate) async fn go_on(
        &self,
        spec: &EnvironmentSpec,
        variables: &BTreeMap<String, String>,
        began: Duration,
    ) -> Result<(), InitError> {
        let telemetry = self.conversation.telemetry.as_ref();
        let telemetry =
            telemetry.ok_or_else(|| InitError::Sandbox("it has no telemetry".to_owned()))?;
        let told = telling::Init::begin(telemetry, spec, true);
        let assignment = serde_json::json!({ "environment": variables }).to_string();
        let restored = self.conversation.restore(assignment.into());
        self.handle.set_frozen(false);
        let outcome = tokio::select! {
            outcome = restored => Some(outcome.ok()),
            () = self.clock.sleep(spec.init_timeout) => None,
        };
        self.conclude(told, outcome, began).await?;
        self.limit_cpu().await
    }

    /// Ends the environment unless its runtime is ready. `outcome`: what that said, if it said anything, and None for a
    /// timeout.
    async fn conclude(
        &self,
        told: telling::Init<'_>,
        outcome: Option<Option<InitOutcome>>,
        began: Duration,
    ) -> Result<(), InitError> {
        let duration = self.clock.monotonic().saturating_sub(began);
        let memory_peak_bytes = self.memory.measure(&self.handle);
        told.end(outcome.as_ref().map(|outcome| outcome.as_ref()), duration, &self.conversation);
        if outcome == Some(Some(InitOutcome::Ready)) {
            *self.initialized.lock() = duration;
            self.output.flush();
            return Ok(());
        }
        let reason =
            if outcome.is_none() { ShutdownReason::Timeout } else { ShutdownReason::Failure };
        self.stop.send_replace(Some(reason));
        until_true(self.ended.clone()).await;
        match outcome {
            Some(Some(InitOutcome::Reported { error_type, body })) => {
                Err(InitError::Reported { error_type, body, duration, memory_peak_bytes })
            }
            Some(_) => {
                let memory_peak_bytes = self.memory.measure(&self.handle);
                if let Some(cause) = self.output.not_executed() {
                    return Err(InitError::Entrypoint { cause, duration, memory_peak_bytes });
                }
                let status = match self.conversation.ended() {
                    Some(Ended::Exited(status)) => status,
                    Some(Ended::Extension(fault)) => {
                        let failure = fault.into();
                        return Err(InitError::Extension { failure, duration, memory_peak_bytes });
                    }
                    _ => ExitStatus { code: None, signal: None, out_of_memory: false },
                };
                Err(InitError::Exited { status, duration, memory_peak_bytes })
            }
            None => Err(InitError::TimedOut { memory_peak_bytes }),
        }
    }

    /// The initialization is over: from now on the function has the CPU that its memory buys.
    async fn limit_cpu(&self) -> Result<(), InitError> {
        let limited = self.handle.end_init().await;
        limited.map_err(|error| InitError::Sandbox(format!("ending the initialization: {error}")))
    }

    /// Whether it has been initialized and waits for [`Self::go_on`].
    pub(crate) fn awaits_restore(&self) -> bool {
        self.conversation.awaits_restore()
    }

    /// Most memory that has been in use at once, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.memory.measure(&self.handle)
    }

    /// What its sandbox's program is forked with.
    pub(crate) fn handle(&self) -> &Arc<SandboxHandle> {
        &self.handle
    }

    /// As [`Environment::invoke`], where others may be under way.
    async fn invoke_worker(&self, invocation: Invocation) -> InvocationReport {
        let (request_id, deadline) = (invocation.request_id, invocation.deadline);
        self.output.renew();
        let began = self.clock.monotonic();
        self.awake.invoked(began);
        let answer = match self.conversation.invoke(invocation) {
            Ok(answer) => {
                // Dropped at the deadline, too, and when the invoker goes away. Harmless after the answer.
                let _ended = GivenUp(&self.conversation, request_id);
                tokio::select! {
                    answer = answer => answer.ok(),
                    () = self.clock.sleep_until(deadline) => Some(Answer::Ended(Ended::TimedOut).into()),
                }
            }
            Err(ended) => Some(Answer::Ended(ended).into()),
        };
        self.output.pass_on();
        self.report(answer, began)
    }

    /// Waits for `done` with this invocation. The environment ends when nobody waits any more.
    async fn settle(&self, done: impl Future<Output = Result<Duration, Ended>>) -> Settled {
        let abandoned = Abandoned(&self.conversation);
        let done = done.await;
        std::mem::forget(abandoned);
        self.output.flush();
        match done {
            Ok(overhead) => Settled::Done { overhead },
            Err(ended) => Settled::Ended(outcome_of(ended)),
        }
    }

    fn report(&self, answer: Option<Answered>, began: Duration) -> InvocationReport {
        let duration = self.clock.monotonic().saturating_sub(began);
        let answered = answer.as_ref().and_then(|answer| answer.began);
        let latency = answered.map(|answered| answered.saturating_sub(began));
        let outcome = outcome_of_answer(answer.map(|answer| answer.answer));
        let memory_peak_bytes = self.memory.measure(&self.handle);
        let busy = self.conversation.busy();
        InvocationReport { outcome, duration, latency, memory_peak_bytes, busy }
    }
}

/// Connects into the sandbox's network for telemetry; the sandbox does not outlive its environment for it.
struct Dialer(std::sync::Weak<SandboxHandle>);

impl Dial for Dialer {
    fn dial(&self) -> BoxFut<'_, Option<std::os::fd::OwnedFd>> {
        Box::pin(async move { self.0.upgrade()?.socket().await.ok() })
    }
}

async fn until_true(mut flag: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it what it speaks of.
    let _ = flag.wait_for(|flag| *flag).await;
}

impl Environment for FunctionEnvironment {
    fn initialized(&self) -> Initialized {
        Initialized { duration: *self.initialized.lock() }
    }

    fn workers(&self) -> Option<Arc<Semaphore>> {
        self.conversation.free_workers()
    }

    fn cpu_time(&self) -> Option<Duration> {
        let used = self.handle.usage().cpu_us;
        (used > 0).then(|| Duration::from_micros(used))
    }

    fn invoke(&self, invocation: Invocation) -> BoxFut<'_, InvocationReport> {
        Box::pin(async move {
            if self.conversation.has_workers() {
                return self.invoke_worker(invocation).await;
            }
            self.output.begin(invocation.request_id);
            let began = self.clock.monotonic();
            self.awake.invoked(began);
            let answer = match self.conversation.invoke(invocation) {
                Ok(answer) => {
                    let abandoned = Abandoned(&self.conversation);
                    let answer = answer.await.ok();
                    std::mem::forget(abandoned);
                    answer
                }
                Err(ended) => Some(Answer::Ended(ended).into()),
            };
            let report = self.report(answer, began);
            self.output.flush();
            report
        })
    }

    fn runtime_done(&self) -> BoxFut<'_, Settled> {
        Box::pin(self.settle(self.conversation.runtime_done()))
    }

    fn settled(&self) -> BoxFut<'_, Settled> {
        Box::pin(self.settle(self.conversation.settled()))
    }

    fn has_listeners(&self) -> bool {
        let telemetry = &self.conversation.telemetry;
        telemetry.as_ref().is_some_and(|telemetry| telemetry.is_wanted())
    }

    fn tell(&self, kind: &str, record: &str) {
        let telemetry = &self.conversation.telemetry;
        if let (Some(telemetry), Ok(record)) = (telemetry, serde_json::from_str(record)) {
            telemetry.platform(kind, record);
        }
    }

    fn is_alive(&self) -> bool {
        self.conversation.ended().is_none() && !self.handle.has_ended()
    }

    fn died(&self) -> BoxFut<'_, ()> {
        Box::pin(until_true(self.ended.clone()))
    }

    fn shut_down(&self) -> BoxFut<'_, ()> {
        Box::pin(async move {
            self.stop.send_if_modified(|stop| {
                stop.is_none() && {
                    *stop = Some(ShutdownReason::Spindown);
                    true
                }
            });
            until_true(self.ended.clone()).await;
        })
    }
}

fn outcome_of_answer(answer: Option<Answer>) -> Outcome {
    match answer {
        Some(Answer::Response(body)) => Outcome::Response(body),
        Some(Answer::Streamed { error }) => Outcome::Streamed { error },
        Some(Answer::Error { error_type, body }) => Outcome::Error { error_type, body },
        Some(Answer::TooLarge { bytes }) => Outcome::ResponseTooLarge { bytes },
        Some(Answer::Ended(ended)) => outcome_of(ended),
        None => Outcome::Exited(KILLED),
    }
}

fn outcome_of(ended: Ended) -> Outcome {
    match ended {
        Ended::TimedOut => Outcome::TimedOut,
        Ended::Exited(status) => Outcome::Exited(status),
        Ended::Extension(fault) => Outcome::ExtensionFailed(fault.into()),
    }
}

/// The names of the extensions that the sandbox launches: those of their files.
fn extension_names(plan: &Plan) -> Vec<String> {
    let name = |argv: &Vec<String>| {
        let path = argv.first().map(String::as_str).unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default().to_owned()
    };
    plan.assignment.extensions.iter().map(name).collect()
}

/// What the function is called, from the variables that it is given.
fn identity(spec: &EnvironmentSpec) -> FunctionIdentity {
    let variable = |wanted: &str| {
        let found = spec.environment.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    FunctionIdentity {
        name: variable("AWS_LAMBDA_FUNCTION_NAME"),
        version: variable("AWS_LAMBDA_FUNCTION_VERSION"),
        handler: spec.handler.clone(),
        account_id: spec.account_id.clone(),
    }
}

/// Says so when the caller of an invocation goes away before the answer.
struct Abandoned<'a>(&'a Conversation);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Ends an invocation of a worker for its invoker.
struct GivenUp<'a>(&'a Conversation, RequestId);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.give_up(self.1);
    }
}

/// What is said of an environment whose own end was not seen: it was dropped.
const KILLED: ExitStatus =
    ExitStatus { code: None, signal: Some(libc::SIGKILL), out_of_memory: false };

/// What is said of a function that has no program to start.
pub(crate) fn no_bootstrap(duration: Duration) -> InitError {
    let cause = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]".to_owned();
    InitError::Entrypoint { cause, duration, memory_peak_bytes: 0 }
}
