//! The life of one execution environment: from a sandbox and a function to its end.
//!
//! # Invariants
//! - CPU is not limited during initialization, and the sandbox is frozen between invocations.
//! - When an environment has ended, everything in its sandbox is dead; dropping it ends it.

pub(crate) mod lines;
pub(crate) mod output;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base::{BoxFut, Clock};
use bytes::Bytes;
use engine::{
    Environment, EnvironmentSpec, ExitStatus, InitError, Initialized, Invocation, InvocationReport,
    Outcome,
};
use tokio::sync::watch;

use crate::runtime_api::{
    Answer, Conversation, Ended, Freezer, InitOutcome, RuntimeApi, Supervision,
};
use crate::runtimes::Plan;
use crate::task::Task;
use crate::{Sandbox, SandboxHandle};
use output::Output;

/// How long the connections of a dead sandbox may take to hand over what was sent before its death.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Serves the cloud's own endpoint within a sandbox: accepts on the (non-blocking) listener until the future completes.
pub type ServeEndpoint = Arc<dyn Fn(std::net::TcpListener, BoxFut<'static, ()>) + Send + Sync>;

/// What environments need beside their sandboxes.
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) serve_endpoint: ServeEndpoint,
}

/// An execution environment that has been initialized.
pub(crate) struct FunctionEnvironment {
    handle: Arc<SandboxHandle>,
    conversation: Arc<Conversation>,
    output: Arc<Output>,
    clock: Arc<dyn Clock>,
    initialized: Initialized,
    memory: Memory,
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
    /// Binds `sandbox` to the function and waits until its runtime asks for work. `began` is when the sandbox was asked
    /// for, on the monotonic clock.
    pub(crate) async fn start(
        sandbox: Sandbox,
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
        let handle = Arc::new(handle);
        let (conversation, init) = Conversation::new(Arc::clone(&clock), handle.clone());
        let api = RuntimeApi::serve(runtime_api, Arc::clone(&conversation))
            .map_err(|error| broken("serving the Runtime API", &error))?;
        let (output, reader) = Output::follow(output, Arc::clone(&spec.output), Arc::clone(&clock))
            .map_err(|error| broken("following the output", &error))?;
        let memory = Memory {
            peak_bytes: Arc::default(),
            limit_bytes: u64::from(spec.memory_mib) * base::MIB,
        };
        let (ending, ended) = watch::channel(false);
        (around.serve_endpoint)(endpoint, Box::pin(until_true(ended.clone())));
        handle.assign(plan.assignment).await.map_err(|error| broken("assigning", &error))?;
        let supervisor = Supervisor {
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
        let outcome = tokio::select! {
            outcome = init => Some(outcome.ok()),
            () = timeout => None,
        };
        let duration = clock.monotonic().saturating_sub(began);
        let memory_peak_bytes = memory.measure(&handle);
        if outcome != Some(Some(InitOutcome::Ready)) {
            output.flush();
            handle.kill().await;
            until_true(ended.clone()).await;
        }
        match outcome {
            Some(Some(InitOutcome::Ready)) => {}
            Some(Some(InitOutcome::Reported { error_type, body })) => {
                return Err(InitError::Reported { error_type, body, duration, memory_peak_bytes });
            }
            Some(None) => {
                let status = match conversation.ended() {
                    Some(Ended::Exited(status)) => status,
                    _ => ExitStatus { code: None, signal: None, out_of_memory: false },
                };
                let memory_peak_bytes = memory.measure(&handle);
                return Err(InitError::Exited { status, duration, memory_peak_bytes });
            }
            None => return Err(InitError::TimedOut { memory_peak_bytes }),
        }
        handle.end_init().await.map_err(|error| broken("ending the initialization", &error))?;
        output.flush();
        let initialized = Initialized { duration };
        Ok(Self {
            handle,
            conversation,
            output,
            clock,
            initialized,
            memory,
            ended,
            _supervisor: supervisor,
        })
    }

    fn report(&self, outcome: Outcome, began: Duration) -> InvocationReport {
        let duration = self.clock.monotonic().saturating_sub(began);
        let memory_peak_bytes = self.memory.measure(&self.handle);
        InvocationReport { outcome, duration, memory_peak_bytes }
    }
}

async fn until_true(mut flag: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it what it speaks of.
    let _ = flag.wait_for(|flag| *flag).await;
}

impl Environment for FunctionEnvironment {
    fn initialized(&self) -> Initialized {
        self.initialized
    }

    fn invoke(&self, invocation: Invocation) -> BoxFut<'_, InvocationReport> {
        Box::pin(async move {
            self.output.begin(invocation.request_id);
            let began = self.clock.monotonic();
            let answer = match self.conversation.invoke(invocation) {
                Ok(answer) => {
                    let abandoned = Abandoned(&self.conversation);
                    let answer = answer.await.ok();
                    std::mem::forget(abandoned);
                    answer
                }
                Err(ended) => Some(Answer::Ended(ended)),
            };
            let outcome = match answer {
                Some(Answer::Response(body)) => Outcome::Response(body),
                Some(Answer::Streamed { error }) => Outcome::Streamed { error },
                Some(Answer::Error { error_type, body }) => Outcome::Error { error_type, body },
                Some(Answer::TooLarge { bytes }) => Outcome::ResponseTooLarge { bytes },
                Some(Answer::Ended(Ended::TimedOut)) => Outcome::TimedOut,
                Some(Answer::Ended(Ended::Exited(status))) => Outcome::Exited(status),
                None => Outcome::Exited(KILLED),
            };
            let report = self.report(outcome, began);
            self.output.flush();
            report
        })
    }

    fn is_alive(&self) -> bool {
        self.conversation.ended().is_none() && !self.handle.has_ended()
    }

    fn died(&self) -> BoxFut<'_, ()> {
        Box::pin(until_true(self.ended.clone()))
    }

    fn shut_down(&self) -> BoxFut<'_, ()> {
        Box::pin(async move {
            self.handle.kill().await;
            until_true(self.ended.clone()).await;
        })
    }
}

/// Says so when the caller of an invocation goes away before the answer.
struct Abandoned<'a>(&'a Conversation);

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// What is said of an environment whose own end was not seen: it was dropped.
const KILLED: ExitStatus =
    ExitStatus { code: None, signal: Some(libc::SIGKILL), out_of_memory: false };

/// Watches over one environment until its end: deadlines, freezing, the death of its process.
struct Supervisor {
    handle: Arc<SandboxHandle>,
    conversation: Arc<Conversation>,
    output: Arc<Output>,
    clock: Arc<dyn Clock>,
    memory: Memory,
    ending: watch::Sender<bool>,
    api: RuntimeApi,
    _reader: Task,
}

impl Supervisor {
    async fn run(mut self) {
        let ended = self.watch().await;
        self.output.flush();
        self.conversation.end(ended);
        self.ending.send_replace(true);
    }

    async fn watch(&mut self) -> Ended {
        let exited = self.handle.exited();
        tokio::pin!(exited);
        let mut look_at = None;
        loop {
            let alarm = async {
                match look_at {
                    Some(at) => self.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                status = &mut exited => {
                    if status.out_of_memory {
                        self.memory.exhausted();
                    }
                    // The process is dead, but what it said last may not have been read yet.
                    self.api.drain(LAST_WORDS).await;
                    return Ended::Exited(ExitStatus {
                        code: status.code,
                        signal: status.signal,
                        out_of_memory: status.out_of_memory,
                    });
                }
                () = self.conversation.changed() => {}
                () = alarm => {}
            }
            match self.conversation.supervise() {
                Supervision::Wait(at) => look_at = at,
                Supervision::Kill => {
                    self.memory.measure(&self.handle);
                    self.handle.kill().await;
                    return Ended::TimedOut;
                }
            }
        }
    }
}

/// The document of a function that has no program to start.
pub(crate) fn no_bootstrap(duration: Duration) -> InitError {
    let body = Bytes::from_static(
        br#"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"}"#,
    );
    let error_type = "Runtime.InvalidEntrypoint".to_owned();
    InitError::Reported { error_type, body, duration, memory_peak_bytes: 0 }
}
