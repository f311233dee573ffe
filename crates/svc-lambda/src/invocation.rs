//! One execution: admitted, given to a warm environment or a new one, measured, logged.

use crate::environments::memory::Room;
use crate::environments::pool::{Lease, Warm};
use crate::environments::snapshots::{NotTaken, Taken};
use crate::environments::start::{self, Initialization, Preparation};
use crate::environments::starts::{StartPermit, Turn, hold};
use crate::metering::{record, record_environment, record_restored};
use crate::model::name::LATEST;
use crate::model::report::{Report, Status};
use crate::resolve::Target;
use crate::response_stream::ResponseSender;
use crate::{Lambda, errors, limits, recursion};
use base::{RequestId, Time};
use bytes::Bytes;
use engine::{
    ExitStatus, ExtensionFailure, InitError, Invocation, Outcome, ResponseSink, Settled, Snapshot,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// An event for a function.
#[derive(Clone, Debug)]
pub struct Event {
    /// The invocation's id; retries of asynchronous events keep it.
    pub request_id: RequestId,
    /// As the caller named the function.
    pub invoked_function_arn: String,
    /// A JSON document.
    pub payload: Bytes,
    /// JSON, where the caller sent one.
    pub client_context: Option<String>,
    /// The trace header; None begins a new trace.
    pub trace: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The version that ran.
    pub version: String,
    /// What the function answered, or the error document.
    pub payload: Bytes,
    /// The type of the error, if the payload is an error document.
    pub error_type: Option<String>,
    /// Whether the platform ended the execution, rather than the runtime: a timeout, a crash, an answer too large.
    pub broken: bool,
    /// The end of the log.
    pub log_tail: String,
}

/// What the runtime answered, or what the platform answers in its place.
#[derive(Clone)]
struct Answer {
    payload: Bytes,
    status: Status,
    /// What stands in the log in plain text, if the platform answers.
    line: Option<String>,
}

/// An environment that did not come up, as far as the second try.
struct InitFailure {
    answer: Answer,
    duration: Duration,
    memory_peak_bytes: u64,
}

enum Started {
    Warm(Began),
    Failed(InitFailure),
}

/// Runs `event` on `target` to its end, whether or not the caller stays.
///
/// Errors: `TooManyRequestsException`, a version that is not ready, or a failure of this host. What the function itself
/// does wrong is an [`Execution`] that failed.
pub async fn execute(
    lambda: &Arc<Lambda>,
    target: Arc<Target>,
    event: Event,
) -> Result<Execution, wire::Error> {
    begin(lambda, target, event, None)?.await.map_err(errors::internal)?
}

/// As [`execute`]; a streamed answer goes to `response` piece by piece, and the execution that is received ends it.
pub fn begin(
    lambda: &Arc<Lambda>,
    target: Arc<Target>,
    event: Event,
    response: Option<Arc<ResponseSender>>,
) -> Result<oneshot::Receiver<Result<Execution, wire::Error>>, wire::Error> {
    target.record.check_invocable()?;
    if target.record.configuration.tenant_isolation && target.tenant.is_none() {
        // Whoever else invokes functions has no tenant to name.
        return Err(errors::tenant_id_required());
    }
    if target.record.configuration.managed.is_some() {
        return begin_managed(lambda, target, event, response);
    }
    let provisioned = lambda.pool.take_provisioned(&target, lambda.deps.clock.now());
    let permit = match lambda.concurrency.admit(
        &target,
        provisioned.is_some(),
        lambda.deps.clock.monotonic(),
    ) {
        Ok(permit) => permit,
        Err(refused) => {
            if let Some(lease) = provisioned {
                lease.give_back(0, lambda.deps.clock.now());
            }
            return Err(refused);
        }
    };
    let (sender, receiver) = oneshot::channel();
    let running = lambda.clone();
    lambda.deps.tasks.spawn("lambda.invocation", async move {
        let mut reply = Reply { sender: Some(sender), response: response.clone() };
        let result = run(&running, &target, provisioned, event, response, &mut reply).await;
        drop(permit);
        reply.send(result);
    });
    Ok(receiver)
}

/// As [`begin`], where environments take several invocations at once.
fn begin_managed(
    lambda: &Arc<Lambda>,
    target: Arc<Target>,
    event: Event,
    response: Option<Arc<ResponseSender>>,
) -> Result<oneshot::Receiver<Result<Execution, wire::Error>>, wire::Error> {
    let permit = lambda.concurrency.admit(&target, false, lambda.deps.clock.monotonic())?;
    let (sender, receiver) = oneshot::channel();
    let running = lambda.clone();
    lambda.deps.tasks.spawn("lambda.invocation", async move {
        let mut reply = Reply { sender: Some(sender), response: response.clone() };
        let result = run_managed(&running, &target, event, response).await;
        drop(permit);
        reply.send(result);
    });
    Ok(receiver)
}

async fn run_managed(
    lambda: &Arc<Lambda>,
    target: &Target,
    event: Event,
    response: Option<Arc<ResponseSender>>,
) -> Result<Execution, wire::Error> {
    let place = lambda.managed.place(target, &lambda.deps.clock).await?;
    let warm = &place.warm;
    let (report, answer, _) =
        invoke(lambda, target, warm, &event, Began::default(), response.clone()).await;
    let streamed_bytes = response.map_or(0, |response| response.bytes());
    if warm.environment.has_listeners() {
        warm.environment.tell("platform.runtimeDone", &report.runtime_done_record().to_string());
        warm.environment.tell("platform.report", &report.record().to_string());
    }
    end_log(lambda, &warm.log, &report, &answer);
    record(lambda, target, &report, false, streamed_bytes);
    // The end of the log is that of all invocations, which is nobody's.
    Ok(execution(target, answer, String::new()))
}

/// Who waits for an execution; answered once, and perhaps gone.
struct Reply {
    sender: Option<oneshot::Sender<Result<Execution, wire::Error>>>,
    response: Option<Arc<ResponseSender>>,
}

impl Reply {
    fn send(&mut self, result: Result<Execution, wire::Error>) {
        let Some(sender) = self.sender.take() else { return };
        if let Some(response) = &self.response {
            response.close();
        }
        drop(sender.send(result));
    }
}

async fn run(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    provisioned: Option<Lease>,
    event: Event,
    response: Option<Arc<ResponseSender>>,
    reply: &mut Reply,
) -> Result<Execution, wire::Error> {
    let on_demand = || lambda.pool.take(target, lambda.deps.clock.now());
    let mut lease = provisioned.unwrap_or_else(on_demand);
    let mut cold = Started::Warm(Began::default());
    let permit = match lease.warm {
        Some(_) => None,
        None => place(lambda, target, &mut lease).await?,
    };
    if let Some(permit) = permit {
        let snapshot = snapshot(lambda, target).await?;
        // Also where this host takes no snapshot: the function's hooks around it are called then too.
        let snap_start = target.record.configuration.snap_start && target.version != LATEST;
        let initialization =
            if snap_start { Initialization::SnapStart } else { Initialization::OnDemand };
        let preparation = start::prepare(lambda, target, initialization).await?;
        cold = match snapshot {
            Some(from) => {
                restore(lambda, target, &preparation, permit, &mut lease, &event, from).await?
            }
            None => {
                start(lambda, target, &preparation, permit, &mut lease, event.request_id).await?
            }
        };
        if let Started::Failed(failure) = cold {
            preparation.log.begin(event.request_id);
            return Ok(finish_without_environment(lambda, target, &preparation, &event, failure));
        }
    }
    let Started::Warm(began) = cold else { unreachable!("failures have returned") };
    let Some(warm) = lease.warm.clone() else { unreachable!("it is warm or was started") };
    let (mut report, mut answer, extensions_work) =
        invoke(lambda, target, &warm, &event, began, response.clone()).await;
    let streamed_bytes = response.map_or(0, |response| response.bytes());
    let listens = warm.environment.has_listeners();
    if listens {
        // Extensions may wait for this before they are done.
        let record = report.runtime_done_record().to_string();
        warm.environment.tell("platform.runtimeDone", &record);
    }
    if extensions_work {
        // As on AWS the caller does not wait for extensions; the environment does. The end that the caller sees is told as it
        // is now: the log's own has the extensions' time too.
        let end = warm.log.platform.end(lambda.deps.clock.now(), &report, answer.line.as_deref());
        reply.send(Ok(execution(target, answer.clone(), warm.log.tail_with(&end))));
        settle(lambda, target, &warm, &mut report, &mut answer).await;
    }
    if listens {
        warm.environment.tell("platform.report", &report.record().to_string());
    }
    end_log(lambda, &warm.log, &report, &answer);
    record(lambda, target, &report, warm.provisioned, streamed_bytes);
    let log_tail = warm.log.tail();
    match answer.status {
        // The environment is dead; dropping the lease makes sure.
        Status::Timeout | Status::Failure(_) if !warm.environment.is_alive() => drop(lease),
        _ => lease.give_back(report.memory_peak_bytes, lambda.deps.clock.now()),
    }
    Ok(execution(target, answer, log_tail))
}

/// Waits until an environment may be started, or until one comes back and is put into `lease`.
///
/// Errors: the function scales too fast, or this host is full.
async fn place(
    lambda: &Lambda,
    target: &Target,
    lease: &mut Lease,
) -> Result<Option<Permit>, wire::Error> {
    let turn = lambda.starts.ask(&target.function);
    let permit = match turn.ok_or_else(|| errors::host_full("place"))? {
        Turn::Now(permit) => permit,
        Turn::Later(turn) => {
            let mut back = lambda.pool.wait(target, lambda.deps.clock.now());
            let permit = tokio::select! {
                biased;
                Ok(warm) = &mut back => {
                    lease.warm = Some(warm);
                    lease.reused = true;
                    return Ok(None);
                }
                turn = turn => turn.map_err(errors::internal)?,
            };
            back.close();
            if let Ok(warm) = back.try_recv() {
                lease.warm = Some(warm);
                lease.reused = true;
                return Ok(None);
            }
            permit
        }
    };
    lambda.concurrency.scale(target, lambda.deps.clock.monotonic())?;
    let room = lambda.memory.room(&*lambda.deps.engine, &lambda.pool, target);
    let room = room.ok_or_else(|| errors::host_full("memory"))?;
    Ok(Some(Permit { start: permit, room }))
}

/// What an environment that is being started holds.
struct Permit {
    start: StartPermit,
    room: Room,
}

/// Starts an environment; after a failure once more, as part of the invocation, as Lambda does.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors>
async fn start(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    preparation: &Preparation,
    permit: Permit,
    lease: &mut Lease,
    request_id: RequestId,
) -> Result<Started, wire::Error> {
    let log = &preparation.log;
    log.put(log.platform.init_start(lambda.deps.clock.now()));
    let timeout = timeout(target);
    let Permit { start, room: _room } = permit;
    let mut place = Some(start);
    for phase in ["init", "invoke"] {
        let mut spec = preparation.spec.clone();
        if phase == "invoke" {
            spec.init_timeout = timeout;
        }
        let begun = lambda.deps.clock.monotonic();
        let starting = lambda.deps.engine.start(spec);
        let started = match place.take() {
            Some(place) => hold(place, &*lambda.deps.clock, starting).await,
            None => starting.await,
        };
        let error = match started {
            Ok(environment) => {
                record_environment(lambda, target);
                let duration = environment.initialized().duration;
                let id = lambda.pool.next_id();
                let warm = Warm {
                    environment: environment.clone(),
                    log: log.clone(),
                    credentials_end_at: preparation.credentials_end_at,
                    id,
                    provisioned: false,
                };
                lease.warm = Some(Arc::new(warm));
                watch(lambda, target, environment, id);
                return Ok(if phase == "init" {
                    Started::Warm(Began { init: Some(duration), ..Began::default() })
                } else {
                    Started::Warm(Began { spent: duration, ..Began::default() })
                });
            }
            Err(InitError::Unavailable(reason)) => {
                return Err(errors::not_invocable(&reason.reason));
            }
            Err(InitError::Sandbox(cause)) => return Err(errors::internal(cause)),
            Err(error) => error,
        };
        let elapsed = lambda.deps.clock.monotonic().saturating_sub(begun);
        let failure = init_failure(error, request_id, timeout, elapsed);
        let (now, status) = (lambda.deps.clock.now(), &failure.answer.status);
        log.put(log.platform.init_failed(now, phase, failure.duration, status));
        if phase == "invoke" {
            return Ok(Started::Failed(failure));
        }
    }
    unreachable!("the second phase returns")
}

/// Where environments of `target` start from, if it has SnapStart and this host can do it. When the snapshot cannot be
/// taken any more, the version starts as others do, and that tells why.
async fn snapshot(
    lambda: &Lambda,
    target: &Target,
) -> Result<Option<(Arc<dyn Snapshot>, Time)>, wire::Error> {
    if !target.record.configuration.snap_start || target.version == LATEST {
        return Ok(None);
    }
    match lambda.snapshots.get(lambda, target).await {
        Ok(Taken::Snapshot(snapshot, until)) => Ok(Some((snapshot, until))),
        Ok(Taken::Unsupported) | Err(NotTaken::Init(_)) => Ok(None),
        Err(NotTaken::Other(error)) => Err(error),
    }
}

/// Restores an environment.
async fn restore(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    preparation: &Preparation,
    permit: Permit,
    lease: &mut Lease,
    event: &Event,
    (snapshot, until): (Arc<dyn Snapshot>, Time),
) -> Result<Started, wire::Error> {
    let log = &preparation.log;
    log.put(log.platform.restore_start(lambda.deps.clock.now()));
    let begun = lambda.deps.clock.monotonic();
    let error = match snapshot.restore(preparation.spec.clone()).await {
        Ok(environment) => {
            record_restored(lambda, target);
            let duration = environment.initialized().duration;
            let now = lambda.deps.clock.now();
            log.put(log.platform.restore_report(now, duration, &Status::Success));
            let id = lambda.pool.next_id();
            let warm = Warm {
                environment: environment.clone(),
                log: log.clone(),
                credentials_end_at: preparation.credentials_end_at.min(until),
                id,
                provisioned: false,
            };
            lease.warm = Some(Arc::new(warm));
            watch(lambda, target, environment, id);
            return Ok(Started::Warm(Began { restore: Some(duration), ..Began::default() }));
        }
        Err(InitError::Unavailable(_) | InitError::Sandbox(_)) => {
            return start(lambda, target, preparation, permit, lease, event.request_id).await;
        }
        Err(error) => error,
    };
    let elapsed = lambda.deps.clock.monotonic().saturating_sub(begun);
    let failure = init_failure(error, event.request_id, timeout(target), elapsed);
    let (now, status) = (lambda.deps.clock.now(), &failure.answer.status);
    log.put(log.platform.restore_report(now, failure.duration, status));
    Ok(Started::Failed(failure))
}

fn init_failure(
    error: InitError,
    request_id: RequestId,
    timeout: Duration,
    elapsed: Duration,
) -> InitFailure {
    match error {
        InitError::Reported { error_type, body, duration, memory_peak_bytes } => {
            let status = Status::Failure(error_type);
            let answer = Answer { payload: body, status, line: None };
            InitFailure { answer, duration, memory_peak_bytes }
        }
        InitError::Exited { status, duration, memory_peak_bytes } => {
            InitFailure { answer: exited(request_id, status), duration, memory_peak_bytes }
        }
        InitError::Extension { failure, duration, memory_peak_bytes } => {
            let answer = extension_failed(request_id, &failure);
            InitFailure { answer, duration, memory_peak_bytes }
        }
        InitError::TimedOut { memory_peak_bytes } => {
            let answer = Answer { line: None, ..timed_out(request_id, timeout, Time::default()) };
            InitFailure { answer, duration: elapsed, memory_peak_bytes }
        }
        InitError::Unavailable(_) | InitError::Sandbox(_) => {
            unreachable!("not the function's fault and answered by the caller")
        }
    }
}

/// Takes an environment out of the pool when it dies idle.
pub(crate) fn watch(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    environment: Arc<dyn engine::Environment>,
    id: u64,
) {
    let (pool, target) = (lambda.pool.clone(), target.clone());
    lambda.deps.tasks.spawn("lambda.environment_watch", async move {
        environment.died().await;
        pool.forget(&target.record.configuration_revision, id);
    });
}

/// What happened before the environment got the event.
#[derive(Default)]
struct Began {
    /// Of the initialization, where it took place for this event.
    init: Option<Duration>,
    /// Of the restoration, likewise.
    restore: Option<Duration>,
    /// What is gone of the timeout.
    spent: Duration,
}

async fn invoke(
    lambda: &Lambda,
    target: &Target,
    warm: &Warm,
    event: &Event,
    Began { init, restore, spent }: Began,
    response: Option<Arc<ResponseSender>>,
) -> (Report, Answer, bool) {
    warm.log.begin(event.request_id);
    let (now, timeout) = (lambda.deps.clock.now(), timeout(target));
    let new_trace = || recursion::enter(lambda, None, &target.function).header;
    let trace = event.trace.clone().unwrap_or_else(new_trace);
    if warm.environment.has_listeners() {
        let record = warm.log.platform.start_record(event.request_id, &trace);
        warm.environment.tell("platform.start", &record.to_string());
    }
    let invocation = Invocation {
        request_id: event.request_id,
        deadline: now + timeout.saturating_sub(spent),
        invoked_function_arn: event.invoked_function_arn.clone(),
        trace_id: Some(trace),
        client_context: event.client_context.clone(),
        cognito_identity: None,
        tenant_id: target.tenant.clone(),
        payload: event.payload.clone(),
        response: response.map(|sender| sender as Arc<dyn ResponseSink>),
    };
    let done = warm.environment.invoke(invocation).await;
    let answer = match done.outcome {
        Outcome::Response(payload) => Answer { payload, status: Status::Success, line: None },
        Outcome::Error { error_type, body } => {
            Answer { payload: body, status: Status::Error(error_type), line: None }
        }
        Outcome::Streamed { error: None } => {
            Answer { payload: Bytes::new(), status: Status::Success, line: None }
        }
        Outcome::Streamed { error: Some(error) } => {
            Answer { payload: error.body, status: Status::Error(error.error_type), line: None }
        }
        Outcome::ResponseTooLarge { bytes } => response_too_large(bytes),
        ended => ended_early(lambda, target, event.request_id, ended),
    };
    let duration = match answer.status {
        // Recorded: exactly the timeout.
        Status::Timeout => timeout,
        _ => done.duration + spent,
    };
    let report = Report {
        request_id: event.request_id,
        duration,
        init,
        restore,
        memory_mib: target.record.configuration.memory_mib,
        memory_peak_bytes: done.memory_peak_bytes,
        status: answer.status.clone(),
    };
    (report, answer, done.extensions_work)
}

/// Waits for the extensions. What becomes of them is told in the log and the bill, not to the caller, who has his
/// answer. <https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html#using-extensions-billing>
async fn settle(
    lambda: &Lambda,
    target: &Target,
    warm: &Warm,
    report: &mut Report,
    answer: &mut Answer,
) {
    match warm.environment.settled().await {
        Settled::Done { extension_overhead } => report.duration += extension_overhead,
        Settled::Ended(outcome) => {
            // The first failure counts.
            if matches!(answer.status, Status::Success | Status::Error(_)) {
                *answer = ended_early(lambda, target, report.request_id, outcome);
            }
            if answer.status == Status::Timeout {
                report.duration = timeout(target);
            }
            report.status = answer.status.clone();
        }
    }
}

/// What is answered for an environment that ended.
fn ended_early(lambda: &Lambda, target: &Target, id: RequestId, outcome: Outcome) -> Answer {
    match outcome {
        Outcome::TimedOut => timed_out(id, timeout(target), lambda.deps.clock.now()),
        Outcome::Exited(status) => exited(id, status),
        Outcome::ExtensionFailed(failure) => extension_failed(id, &failure),
        Outcome::Response(_)
        | Outcome::Error { .. }
        | Outcome::ResponseTooLarge { .. }
        | Outcome::Streamed { .. } => {
            unreachable!("answers of a runtime that lives")
        }
    }
}

fn end_log(
    lambda: &Lambda,
    log: &Arc<crate::environments::log::FunctionLog>,
    report: &Report,
    answer: &Answer,
) {
    let now = lambda.deps.clock.now();
    for line in log.platform.end(now, report, answer.line.as_deref()) {
        log.put(Some(line));
    }
}

fn finish_without_environment(
    lambda: &Lambda,
    target: &Target,
    preparation: &Preparation,
    event: &Event,
    failure: InitFailure,
) -> Execution {
    let InitFailure { answer, duration, memory_peak_bytes } = failure;
    let report = Report {
        request_id: event.request_id,
        duration,
        init: None,
        restore: None,
        memory_mib: target.record.configuration.memory_mib,
        memory_peak_bytes,
        status: answer.status.clone(),
    };
    end_log(lambda, &preparation.log, &report, &answer);
    record(lambda, target, &report, false, 0);
    let log_tail = preparation.log.tail();
    execution(target, answer, log_tail)
}

fn timeout(target: &Target) -> Duration {
    Duration::from_secs(target.record.configuration.timeout_s.into())
}

fn execution(target: &Target, answer: Answer, log_tail: String) -> Execution {
    Execution {
        version: target.version.clone(),
        payload: answer.payload,
        error_type: error_type(&answer.status),
        broken: matches!(answer.status, Status::Failure(_) | Status::Timeout),
        log_tail,
    }
}

fn error_type(status: &Status) -> Option<String> {
    match status {
        Status::Success => None,
        Status::Error(kind) | Status::Failure(kind) => Some(kind.clone()),
        Status::Timeout => Some(TIMED_OUT.to_string()),
    }
}

fn error_document(error_type: &str, message: &str) -> Bytes {
    json!({ "errorType": error_type, "errorMessage": message }).to_string().into()
}

/// Recorded.
const TIMED_OUT: &str = "Sandbox.Timedout";

/// Recorded.
fn timed_out(request_id: RequestId, timeout: Duration, now: Time) -> Answer {
    let what = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
    let message = format!("RequestId: {request_id} Error: {what}");
    Answer {
        payload: error_document(TIMED_OUT, &message),
        status: Status::Timeout,
        line: Some(format!("{now} {request_id} {what}\n\n")),
    }
}

/// Recorded, but for the text of signals and the type of memory exhaustion, which are from the documentation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html>
fn exited(request_id: RequestId, status: ExitStatus) -> Answer {
    let what = match status {
        ExitStatus { signal: Some(signal), .. } => {
            format!("Runtime exited with error: signal: {}", signal_name(signal))
        }
        ExitStatus { code: Some(code), .. } if code != 0 => {
            format!("Runtime exited with error: exit status {code}")
        }
        _ => "Runtime exited without providing a reason".to_string(),
    };
    let kind = if status.out_of_memory { "Runtime.OutOfMemory" } else { "Runtime.ExitError" };
    let message = format!("RequestId: {request_id} Error: {what}");
    Answer {
        payload: error_document(kind, &message),
        status: Status::Failure(kind.to_string()),
        line: Some(format!("{message}\nRuntime.ExitError\n")),
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-extensions-api-error>
fn extension_failed(request_id: RequestId, failure: &ExtensionFailure) -> Answer {
    let ExtensionFailure { error_type, cause } = failure;
    let message = format!("RequestId: {request_id} Error: {cause}");
    Answer {
        payload: error_document(error_type, &message),
        status: Status::Failure(error_type.clone()),
        line: Some(format!("{message}\n{error_type}\n")),
    }
}

/// As Go prints signals, in which Lambda's own supervisor is written.
fn signal_name(signal: i32) -> String {
    match signal {
        1 => "hangup".to_string(),
        2 => "interrupt".to_string(),
        3 => "quit".to_string(),
        4 => "illegal instruction".to_string(),
        6 => "aborted".to_string(),
        7 => "bus error".to_string(),
        8 => "floating point exception".to_string(),
        9 => "killed".to_string(),
        11 => "segmentation fault".to_string(),
        13 => "broken pipe".to_string(),
        15 => "terminated".to_string(),
        other => format!("signal {other}"),
    }
}

/// Recorded, but for the limit of streamed answers.
fn response_too_large(bytes: u64) -> Answer {
    let streamed = bytes > limits::STREAMED_BYTES_MAX;
    let max =
        if streamed { limits::STREAMED_BYTES_MAX } else { limits::RESPONSE_BYTES_MAX_TOLD as u64 };
    let message =
        format!("Response payload size exceeded maximum allowed payload size ({max} bytes).");
    let kind = "Function.ResponseSizeTooLarge";
    Answer {
        payload: error_document(kind, &message),
        status: Status::Failure(kind.to_string()),
        line: None,
    }
}
