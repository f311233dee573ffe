//! One execution: admitted, given to a warm environment or a new one, measured, logged.

mod answer;
mod cold;

pub(crate) use answer::INVALID_ENTRYPOINT;
pub(crate) use cold::watch;

use crate::environments::pool::{Lease, Warm};
use crate::environments::start::{Initialization, Preparation, prepare};
use crate::metering::record;
use crate::model::name::LATEST;
use crate::model::report::{Report, Response, Status};
use crate::resolve::Target;
use crate::response_stream::ResponseSender;
use crate::{Lambda, errors, recursion};
use answer::{Answer, ended_early, execution, response_too_large};
use base::RequestId;
use bytes::Bytes;
use cold::{Began, InitFailure, Started};
use engine::{Busy, Invocation, Outcome, ResponseSink, Settled};
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
        tell_end(warm, &report, &answer);
    }
    end_log(lambda, &warm.log, &report, &answer);
    record(lambda, target, &report, false, streamed_bytes);
    // The end of the log is that of all invocations, which is nobody's.
    Ok(execution(target, answer, String::new()))
}

/// How long the caller waits for a runtime that has answered to ask for more: it usually does at once, and whoever calls
/// again then should find the environment free. In tens of milliseconds so do those whose client is a shell script.
const RUNTIME_DONE_WAIT: Duration = Duration::from_millis(100);

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
        None => cold::place(lambda, target, &mut lease).await?,
    };
    if let Some(permit) = permit {
        let snapshot = cold::snapshot(lambda, target).await?;
        // Also where this host takes no snapshot: the function's hooks around it are called then too.
        let snap_start = target.record.configuration.snap_start && target.version != LATEST;
        let initialization =
            if snap_start { Initialization::SnapStart } else { Initialization::OnDemand };
        let from = snapshot.as_ref().map(|(snapshot, _)| &**snapshot);
        let preparation = prepare(lambda, target, initialization, from).await?;
        cold = match snapshot {
            Some(from) => {
                cold::restore(lambda, target, &preparation, permit, &mut lease, &event, from)
                    .await?
            }
            None => {
                cold::start(lambda, target, &preparation, permit, &mut lease, event.request_id)
                    .await?
            }
        };
        if let Started::Failed(failure) = cold {
            preparation.log.begin(event.request_id, true);
            return Ok(finish_without_environment(lambda, target, &preparation, &event, failure));
        }
    }
    let Started::Warm(began) = cold else { unreachable!("failures have returned") };
    let Some(warm) = lease.warm.clone() else { unreachable!("it is warm or was started") };
    let (mut report, mut answer, busy) =
        invoke(lambda, target, &warm, &event, began, response.clone()).await;
    let streamed_bytes = response.map_or(0, |response| response.bytes());
    // As on AWS the caller does not wait for what goes on behind the answer; the environment does. The end that the caller
    // sees is told as it is now: the log's own has all of the time.
    let mut reply_early = |report: &Report, answer: &Answer| {
        let end = warm.log.platform.end(lambda.deps.clock.now(), report, answer.line.as_deref());
        reply.send(Ok(execution(target, answer.clone(), warm.log.tail_with(&end))));
    };
    if busy.runtime {
        let mut done = warm.environment.runtime_done();
        let done = tokio::select! {
            done = &mut done => done,
            () = lambda.deps.clock.sleep(RUNTIME_DONE_WAIT) => {
                reply_early(&report, &answer);
                done.await
            }
        };
        settle(lambda, target, done, &mut report, &mut answer);
    }
    let listens = warm.environment.has_listeners();
    if listens {
        // Extensions may wait for this before they are done.
        let record = report.runtime_done_record().to_string();
        warm.environment.tell("platform.runtimeDone", &record);
    }
    if busy.extensions {
        reply_early(&report, &answer);
        let done = warm.environment.settled().await;
        settle(lambda, target, done, &mut report, &mut answer);
    }
    if listens {
        tell_end(&warm, &report, &answer);
    }
    end_log(lambda, &warm.log, &report, &answer);
    record(lambda, target, &report, warm.provisioned, streamed_bytes);
    let log_tail = warm.log.tail();
    match report.status {
        // The environment is dead; dropping the lease makes sure.
        Status::Timeout | Status::Failure(_) if !warm.environment.is_alive() => drop(lease),
        _ => lease.give_back(report.memory_peak_bytes, lambda.deps.clock.now()),
    }
    Ok(execution(target, answer, log_tail))
}

async fn invoke(
    lambda: &Lambda,
    target: &Target,
    warm: &Warm,
    event: &Event,
    began: Began,
    response: Option<Arc<ResponseSender>>,
) -> (Report, Answer, Busy) {
    warm.log.begin(event.request_id, began.is_cold());
    let Began { init, restore, spent } = began;
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
        response: response.clone().map(|sender| sender as Arc<dyn ResponseSink>),
    };
    let done = warm.environment.invoke(invocation).await;
    let streamed = matches!(done.outcome, Outcome::Streamed { .. });
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
    let bytes = match (&response, streamed) {
        (Some(response), true) => response.bytes(),
        _ => answer.payload.len() as u64,
    };
    let response = done.latency.map(|latency| Response {
        invoked_at: now,
        latency,
        duration: done.duration.saturating_sub(latency),
        bytes,
    });
    let report = Report {
        request_id: event.request_id,
        duration,
        init,
        restore,
        memory_mib: target.record.configuration.memory_mib,
        memory_peak_bytes: done.memory_peak_bytes,
        status: answer.status.clone(),
        response,
    };
    (report, answer, done.busy)
}

/// What became of the runtime or the extensions behind the answer is told in the log and the bill; what was answered stays.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html#using-extensions-billing>
fn settle(
    lambda: &Lambda,
    target: &Target,
    done: Settled,
    report: &mut Report,
    answer: &mut Answer,
) {
    match done {
        Settled::Done { overhead } => report.duration += overhead,
        Settled::Ended(outcome) => {
            // The first failure counts.
            if matches!(report.status, Status::Success | Status::Error(_)) {
                let ended = ended_early(lambda, target, report.request_id, outcome);
                (report.status, answer.line) = (ended.status, ended.line);
            }
            if report.status == Status::Timeout {
                report.duration = timeout(target);
            }
        }
    }
}

/// Tells extensions that an invocation is over.
fn tell_end(warm: &Warm, report: &Report, answer: &Answer) {
    if let Some(line) = &answer.line {
        warm.environment.tell("platform.fault", &json!(line.trim_end()).to_string());
    }
    let end = json!({ "requestId": report.request_id.to_string() });
    warm.environment.tell("platform.end", &end.to_string());
    warm.environment.tell("platform.report", &report.record().to_string());
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
        response: None,
    };
    end_log(lambda, &preparation.log, &report, &answer);
    record(lambda, target, &report, false, 0);
    let log_tail = preparation.log.tail();
    execution(target, answer, log_tail)
}

fn timeout(target: &Target) -> Duration {
    Duration::from_secs(target.record.configuration.timeout_s.into())
}
