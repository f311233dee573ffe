//! Execution environments of functions.

use base::{BoxFut, RequestId, Time};
use bytes::Bytes;
use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Makes execution environments.
pub trait FunctionEngine: Send + Sync {
    /// Every runtime name that this engine knows and whether it can run here.
    fn runtimes(&self) -> Vec<RuntimeStatus>;

    /// Ok if functions of `runtime` can run here. Cheap: the answer is cached until a runtime is installed.
    fn check_runtime(&self, runtime: &str) -> Result<(), RuntimeUnavailable>;

    /// Tells the engine that functions of `runtime` with this memory exist, so that it keeps booted, empty sandboxes for
    /// them.
    fn expect_runtime(&self, runtime: &str, memory_mib: u32);

    /// Tells the engine that an event waits for an environment that is about to be started.
    fn expect_start(&self) {}

    /// Begins to bind a sandbox that stands ready to a function's files, while the rest of its environment is made ready:
    /// [`EnvironmentSpec::reservation`] then goes on from there, and dropping it ends the sandbox. None: there is nothing
    /// to begin with.
    fn reserve(&self, ground: Ground) -> BoxFut<'_, Option<Reservation>> {
        let _ = ground;
        Box::pin(std::future::ready(None))
    }

    /// Starts a sandbox, binds it to the function's code and waits until the runtime asks for its first invocation.
    fn start(&self, spec: EnvironmentSpec) -> BoxFut<'_, Result<Arc<dyn Environment>, InitError>>;

    /// Memory that this host could still give to sandboxes without taking it from others, in bytes.
    fn memory_available_bytes(&self) -> u64;

    /// Processors of this host.
    fn processors(&self) -> usize {
        1
    }

    /// Initializes `spec` without an invocation and keeps what came of it, so that environments start from there. Takes as
    /// long as an initialization.
    fn snapshot(
        &self,
        spec: EnvironmentSpec,
    ) -> BoxFut<'_, Result<Arc<dyn Snapshot>, SnapshotError>> {
        let reason = format!("this engine makes no snapshots of {}", spec.runtime);
        Box::pin(std::future::ready(Err(SnapshotError::Unsupported(reason))))
    }

    /// Plain sentences about what this host lacks and what that means; empty if nothing.
    fn limitations(&self) -> Vec<String>;

    /// Kills every sandbox and waits until they are gone.
    fn shut_down(&self) -> BoxFut<'_, ()>;
}

/// A runtime on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeStatus {
    /// As in `CreateFunction`, such as `python3.12`.
    pub name: String,
    /// Where the interpreter was found; or why none can be used.
    pub state: Result<String, RuntimeUnavailable>,
}

/// A runtime cannot be used on this host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeUnavailable {
    /// A sentence with the command that mends it.
    pub reason: String,
}

/// How a function writes its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines as they come.
    #[default]
    Text,
    /// One JSON object per event.
    Json,
}

/// All that an execution environment is made of.
#[derive(Clone)]
pub struct EnvironmentSpec {
    /// As in `CreateFunction`, such as `python3.12`.
    pub runtime: String,
    /// Which version of the runtime it is said to have, such as `python:3.12.v9`, and that version's ARN.
    pub runtime_version: String,
    /// See `runtime_version`.
    pub runtime_version_arn: String,
    /// The handler, in the runtime's notation.
    pub handler: String,
    /// The package, unpacked: a directory that never changes, mounted read-only at `/var/task`.
    pub code: PathBuf,
    /// The layers, unpacked, in the order in which they are laid over each other at `/opt`.
    pub layers: Vec<PathBuf>,
    /// 128 to 10,240.
    pub memory_mib: u32,
    /// CPU once it is initialized; None: what the memory buys, 1,769 MiB a vCPU.
    pub vcpus: Option<f64>,
    /// Invocations that it takes at once, each by a worker of its runtime, without ever being frozen; None: one after the
    /// other, frozen between them. See [`Environment::workers`].
    pub max_concurrency: Option<u32>,
    /// Size of `/tmp`, 512 to 10,240.
    pub ephemeral_storage_mib: u32,
    /// How long initialization may take before it is stopped and tried once more within the first invocation, as
    /// Lambda does after 10 s.
    pub init_timeout: Duration,
    /// Every environment variable of the function and of Lambda (credentials, region, names, `_HANDLER`, endpoint).
    /// The engine adds `AWS_LAMBDA_RUNTIME_API`, `LAMBDA_TASK_ROOT`, `LAMBDA_RUNTIME_DIR`, `PATH`, `LD_LIBRARY_PATH` and
    /// the like.
    pub environment: Vec<(String, String)>,
    /// The account of the function, for extensions that ask for it.
    pub account_id: String,
    /// How the interface client formats what the handler logs.
    pub log_format: LogFormat,
    /// Where lines of output go, from initialization on.
    pub output: Arc<dyn OutputSink>,
    /// The sandbox to use, if one was reserved; another is taken where it turns out not to fit.
    pub reservation: Option<Reservation>,
}

impl EnvironmentSpec {
    /// What of it does not depend on its variables.
    pub fn ground(&self) -> Ground {
        Ground {
            runtime: self.runtime.clone(),
            code: self.code.clone(),
            layers: self.layers.clone(),
            memory_mib: self.memory_mib,
            vcpus: self.vcpus,
            ephemeral_storage_mib: self.ephemeral_storage_mib,
        }
    }
}

/// What of an [`EnvironmentSpec`] is known before its variables are. The fields are those of the same names there.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "described there")]
pub struct Ground {
    pub runtime: String,
    pub code: PathBuf,
    pub layers: Vec<PathBuf>,
    pub memory_mib: u32,
    pub vcpus: Option<f64>,
    pub ephemeral_storage_mib: u32,
}

/// A sandbox that is being bound to a function's files; see [`FunctionEngine::reserve`]. Clones share it, and it is used
/// once.
#[derive(Clone)]
pub struct Reservation(Arc<dyn Any + Send + Sync>);

impl Reservation {
    /// One that the engine knows by its type.
    pub fn new<T: Any + Send + Sync>(reserved: T) -> Self {
        Reservation(Arc::new(reserved))
    }

    /// What the engine put into it.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reservation")
    }
}

/// One line (or one framed event of several lines) that a function wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputLine {
    /// When it was read.
    pub timestamp: Time,
    /// The invocation during which it was read; None during initialization.
    pub request_id: Option<RequestId>,
    /// Its text without the line break; invalid UTF-8 is replaced; at most 256 KiB, longer ones are split.
    pub text: String,
}

/// Receives a function's output in order. Must not block.
pub trait OutputSink: Send + Sync {
    /// Called for each line.
    fn line(&self, line: OutputLine);

    /// Called for what the platform has to tell of the environment itself, beside what is told of invocations: a type such
    /// as `platform.initRuntimeDone` and its record, a JSON object.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
    fn platform(&self, _time: Time, _kind: &str, _record: &str) {}
}

/// A running execution environment.
pub trait Environment: Send + Sync {
    /// How the initialization went.
    fn initialized(&self) -> Initialized;

    /// Where it takes several invocations at once ([`EnvironmentSpec::max_concurrency`]): as many permits as workers of its
    /// runtime wait for an invocation. Take one and forget it before each [`Environment::invoke`]. Closed when it is dead.
    fn workers(&self) -> Option<Arc<Semaphore>> {
        None
    }

    /// Processor time that everything in it has used since it began; None: this host does not count it.
    fn cpu_time(&self) -> Option<Duration> {
        None
    }

    /// Hands the invocation to the runtime and waits for its answer; thaws before and freezes after. Output lines that
    /// were written before the answer have reached the sink when this returns. One at a time, unless it has
    /// [`Environment::workers`]: then output belongs to no invocation, and a deadline ends the wait but not the worker.
    fn invoke(&self, invocation: Invocation) -> BoxFut<'_, InvocationReport>;

    /// Waits until the runtime has asked for the next invocation: until then the one before lasts, and there must be no
    /// other. Call it after [`Environment::invoke`] where [`Busy::runtime`] says so.
    fn runtime_done(&self) -> BoxFut<'_, Settled> {
        Box::pin(async { Settled::Done { overhead: Duration::ZERO } })
    }

    /// Waits until every extension has asked for the next invocation, too. Call it after [`Environment::runtime_done`]
    /// where [`Busy::extensions`] says so. Without extensions nothing is left to wait for.
    fn settled(&self) -> BoxFut<'_, Settled> {
        Box::pin(async { Settled::Done { overhead: Duration::ZERO } })
    }

    /// Whether anybody in it listens to what [`Environment::tell`] says.
    fn has_listeners(&self) -> bool {
        false
    }

    /// Tells extensions that have subscribed to it of an event of the platform: its type, such as `platform.report`, and
    /// its record, a JSON object. <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html>
    fn tell(&self, _kind: &str, _record: &str) {}

    /// Whether it can still take invocations. An idle environment may die at any time.
    fn is_alive(&self) -> bool;

    /// Completes when the environment is dead.
    fn died(&self) -> BoxFut<'_, ()>;

    /// Ends it: with extensions they are told and have up to 2 s (the runtime gets `SIGTERM` and its part of that), then
    /// `SIGKILL` to everything inside. Idempotent.
    fn shut_down(&self) -> BoxFut<'_, ()>;
}

/// A function that has been initialized, of which any number of environments can be made. Dropping it ends it, when the
/// last environment made of it has ended.
pub trait Snapshot: Send + Sync {
    /// How the initialization went.
    fn initialized(&self) -> Initialized;

    /// An environment that goes on where the snapshot was taken, with `spec`'s variables and output; the rest of `spec`
    /// must be what the snapshot was made of. [`Environment::initialized`] tells how long the restoration took, with the
    /// function's own hooks.
    fn restore(&self, spec: EnvironmentSpec)
    -> BoxFut<'_, Result<Arc<dyn Environment>, InitError>>;

    /// As [`FunctionEngine::reserve`], for an environment that is restored from here.
    fn reserve(&self, ground: Ground) -> BoxFut<'_, Option<Reservation>> {
        let _ = ground;
        Box::pin(std::future::ready(None))
    }

    /// Whether [`Snapshot::restore`] would have something to go on from now; it may have to be made again first.
    fn is_ready(&self) -> bool {
        true
    }

    /// Memory that it keeps in use, in bytes, as far as that is known.
    fn memory_bytes(&self) -> u64 {
        0
    }

    /// Whether it can still be restored.
    fn is_alive(&self) -> bool;
}

/// There is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotError {
    /// This function cannot be restored here, though it may well run: the reason, for its log.
    Unsupported(String),
    /// Its initialization failed.
    Failed(InitError),
}

/// How an initialization went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Initialized {
    /// From the request for the sandbox to the runtime's first `GET …/next`.
    pub duration: Duration,
}

/// An environment did not come up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InitError {
    /// The runtime cannot be used on this host.
    Unavailable(RuntimeUnavailable),
    /// The interface client reported an error with `POST …/init/error`: handlers that cannot be imported end here.
    Reported {
        /// The header `Lambda-Runtime-Function-Error-Type`, such as `Runtime.ImportModuleError`.
        error_type: String,
        /// The JSON document that the client sent: `errorMessage`, `errorType`, `stackTrace`, ….
        body: Bytes,
        /// How long initialization took until then.
        duration: Duration,
        /// Most memory in use at once.
        memory_peak_bytes: u64,
    },
    /// The process ended before it asked for an invocation.
    Exited {
        /// How.
        status: ExitStatus,
        /// How long initialization took until then.
        duration: Duration,
        /// Most memory in use at once.
        memory_peak_bytes: u64,
    },
    /// There is no program to execute, or it cannot be executed.
    Entrypoint {
        /// Why, such as `fork/exec /var/task/bootstrap: exec format error`.
        cause: String,
        /// How long initialization took until then.
        duration: Duration,
        /// Most memory in use at once.
        memory_peak_bytes: u64,
    },
    /// An extension failed, see [`ExtensionFailure`].
    Extension {
        /// What and how.
        failure: ExtensionFailure,
        /// How long initialization took until then.
        duration: Duration,
        /// Most memory in use at once.
        memory_peak_bytes: u64,
    },
    /// `init_timeout` passed.
    TimedOut {
        /// Most memory in use at once.
        memory_peak_bytes: u64,
    },
    /// The sandbox itself could not be made: a fault of this host, with the cause for the log.
    Sandbox(String),
}

/// Receives an answer that the runtime streams.
pub trait ResponseSink: Send + Sync {
    /// The runtime begins to stream; `content_type` is what it says of the whole.
    fn begin(&self, content_type: Option<&str>);

    /// Takes the next piece, at most 256 KiB. Completes when there is room for another one, at once if nobody reads any
    /// more: until then the runtime can not go on writing.
    fn write(&self, piece: Bytes) -> BoxFut<'_, ()>;
}

/// One event for a function.
#[derive(Clone)]
pub struct Invocation {
    /// `Lambda-Runtime-Aws-Request-Id`.
    pub request_id: RequestId,
    /// `Lambda-Runtime-Deadline-Ms`; when it passes, the environment is killed.
    pub deadline: Time,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub invoked_function_arn: String,
    /// `Lambda-Runtime-Trace-Id`, where there is one.
    pub trace_id: Option<String>,
    /// `Lambda-Runtime-Client-Context`: JSON, where the caller sent one.
    pub client_context: Option<String>,
    /// `Lambda-Runtime-Cognito-Identity`: JSON, where the caller sent one.
    pub cognito_identity: Option<String>,
    /// `Lambda-Runtime-Aws-Tenant-Id`, where the function keeps tenants apart.
    pub tenant_id: Option<String>,
    /// The event: a JSON document of at most 6 MiB.
    pub payload: Bytes,
    /// Where a streamed answer goes. None collects it, so that it ends like any other answer.
    pub response: Option<Arc<dyn ResponseSink>>,
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

/// What came of an invocation.
#[derive(Clone, Debug)]
pub struct InvocationReport {
    /// What the function answered, or how it failed.
    pub outcome: Outcome,
    /// From handing over the event to the answer.
    pub duration: Duration,
    /// From handing over the event until the runtime began to answer; None if it did not, or broke its answer off.
    pub latency: Option<Duration>,
    /// Most memory in use at once since the environment began.
    pub memory_peak_bytes: u64,
    /// Who is still busy with it.
    pub busy: Busy,
}

/// Who is still busy with an invocation that has been answered, so that it is not over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Busy {
    /// The runtime, until [`Environment::runtime_done`].
    pub runtime: bool,
    /// Extensions, until [`Environment::settled`].
    pub extensions: bool,
}

/// How an invocation went on after its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The runtime, or every extension, is done.
    Done {
        /// By how much the runtime outlasted its answer, or the extensions the runtime.
        overhead: Duration,
    },
    /// The environment ended meanwhile, as this outcome says.
    Ended(Outcome),
}

/// An extension made its environment fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionFailure {
    /// `Extension.Crash`, `Extension.InitError`, `Extension.ExitError` or `Extension.LaunchError`.
    pub error_type: String,
    /// How it ended, such as `exit status 1`.
    pub cause: String,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `POST …/response`.
    Response(Bytes),
    /// `POST …/error`: the handler raised; the environment lives.
    Error {
        /// The header `Lambda-Runtime-Function-Error-Type`, where it was sent.
        error_type: String,
        /// The JSON document that the client sent.
        body: Bytes,
    },
    /// The runtime streamed its answer to the sink; the environment lives.
    Streamed {
        /// What went wrong after the beginning.
        error: Option<StreamError>,
    },
    /// The answer is larger than 6 MiB or, if streamed, 200 MiB; the environment lives.
    ResponseTooLarge {
        /// Bytes of the answer as far as they were counted.
        bytes: u64,
    },
    /// The deadline passed; the environment is dead, unless it has [`Environment::workers`].
    TimedOut,
    /// The process ended without an answer; the environment is dead.
    Exited(ExitStatus),
    /// An extension ended or reported that it must; the environment is dead.
    ExtensionFailed(ExtensionFailure),
}

/// What a runtime says of an answer that it could not finish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    /// `Lambda-Runtime-Function-Error-Type`.
    pub error_type: String,
    /// `Lambda-Runtime-Function-Error-Body`, decoded; empty if there was none.
    pub body: Bytes,
}

/// How a runtime's process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus {
    /// The exit code, where it ended by itself.
    pub code: Option<i32>,
    /// The signal, where one killed it.
    pub signal: Option<i32>,
    /// Whether the kernel killed it because the function's memory was used up.
    pub out_of_memory: bool,
}
