//! Runs functions for asynchronous events.
//!
//! Events are rows in the order in which they are due. A row stays until its event was handled or given up; so after a
//! crash it runs again. A retry moves the row to the time when it is due next.

use crate::environments::start::SERVICE_PRINCIPAL;
use crate::invocation::{Event, Execution, execute};
use crate::limits::ASYNC_CONCURRENCY_MAX;
use crate::model::event::{Condition, Next, Schedule};
use crate::model::name::FunctionName;
use crate::ops::invoke::{AcceptedEvent, prepare, ready_target};
use crate::ops::put_function_event_invoke_config;
use crate::tables::{
    ASYNC_EVENTS, AsyncEventRecord, CONCURRENCY, EVENT_INVOKE_CONFIGS, EventInvokeConfigRecord,
    PayloadRecord,
};
use crate::{Failure, Lambda, Result, errors, parse_digest};
use base::{AccountId, Arn, Region, RequestId, Time};
use bytes::Bytes;
use parking_lot::Mutex;
use seams::{AccessRequest, CallCx};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::Prefix;
use store::limits::SCAN_ROWS_MAX;
use tokio::sync::Notify;

type Row = (Time, RequestId);

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Knows which events run.
pub(crate) struct Dispatcher {
    lambda: Arc<Lambda>,
    running: Mutex<HashSet<Row>>,
    /// Told when one has ended.
    ended: Notify,
    /// Whether the events of an earlier process have been counted.
    counted: AtomicBool,
}

impl Dispatcher {
    pub(crate) fn new(lambda: Arc<Lambda>) -> Self {
        let counted = AtomicBool::new(false);
        Dispatcher { lambda, running: Mutex::default(), ended: Notify::new(), counted }
    }

    /// Adds the events that an earlier process left to those that wait. Ones that were accepted meanwhile count twice:
    /// the bound is for hosts in trouble, not exact.
    async fn count_once(&self) -> std::result::Result<(), store::Error> {
        if self.counted.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (mut left, mut last) = (0, None);
        loop {
            let range = match &last {
                Some(last) => Prefix::all().after(last),
                None => Prefix::all(),
            };
            let store = &self.lambda.deps.store;
            let scan = store.view(|view| view.scan_keys(&ASYNC_EVENTS, range, SCAN_ROWS_MAX)).await;
            let page: Vec<Row> = scan.map_err(|error: store::Error| error)?;
            left += page.len() as u64;
            if page.len() < SCAN_ROWS_MAX {
                break;
            }
            last = page.into_iter().next_back();
        }
        self.lambda.async_waiting.fetch_add(left, Ordering::Relaxed);
        self.counted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Starts every event that is due, as far as there is room; then sleeps until there may be more.
    pub(crate) async fn activate(self: Arc<Self>) {
        let store = &self.lambda.deps.store;
        if let Err(error) = self.count_once().await {
            tracing::error!(%error, "asynchronous events could not be counted");
            return self.lambda.deps.clock.sleep(RETRY).await;
        }
        let seen = store.generation(&ASYNC_EVENTS);
        let now = self.lambda.deps.clock.now();
        let running = self.running.lock().clone();
        // Rows that run are among the first; behind them stand as many as may begin, and the next that is not due.
        let limit = ASYNC_CONCURRENCY_MAX + 1;
        let first = store.view(|view| view.scan_keys(&ASYNC_EVENTS, Prefix::all(), limit)).await;
        let first = match first {
            Ok(first) => first,
            Err(error) => {
                let error: store::Error = error;
                tracing::error!(%error, "asynchronous events could not be read");
                return self.lambda.deps.clock.sleep(RETRY).await;
            }
        };
        let mut next_due = None;
        let mut room = ASYNC_CONCURRENCY_MAX.saturating_sub(running.len());
        for row in first.into_iter().filter(|row| !running.contains(row)) {
            if row.0 > now {
                next_due = Some(row.0);
                break;
            }
            if room == 0 {
                break;
            }
            room -= 1;
            self.begin(row);
        }
        let sleep = next_due.unwrap_or(now + SLEEP_MAX);
        tokio::select! {
            _ = store.changed(&ASYNC_EVENTS, seen) => {}
            () = self.ended.notified() => {}
            () = self.lambda.deps.clock.sleep_until(sleep) => {}
        }
    }

    fn begin(self: &Arc<Self>, row: Row) {
        self.running.lock().insert(row);
        let guard = Running { dispatcher: self.clone(), row };
        self.lambda.deps.tasks.spawn("lambda.async_event", async move {
            let dispatcher = guard.dispatcher.clone();
            if let Err(error) = handle(&dispatcher.lambda, row).await {
                tracing::error!(?error, request_id = %row.1, "an asynchronous event could not be handled");
                dispatcher.lambda.deps.clock.sleep(RETRY).await;
            }
            drop(guard);
        });
    }
}

/// An event that runs; ends when dropped, also by a panic.
struct Running {
    dispatcher: Arc<Dispatcher>,
    row: Row,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.dispatcher.running.lock().remove(&self.row);
        self.dispatcher.ended.notify_one();
    }
}

/// Runs the function for the event under `row` and stores what comes next.
async fn handle(lambda: &Arc<Lambda>, row: Row) -> Result<()> {
    let record = lambda.deps.store.get(&ASYNC_EVENTS, &row).map_err(Failure::from)?;
    // Gone since the rows were listed.
    let Some(mut record) = record else { return Ok(()) };
    let name = function_name(&record)?;
    let payload = payload(lambda, &record, row.1).await?;
    let config_row = put_function_event_invoke_config::key(&name);
    let config =
        lambda.deps.store.get(&EVENT_INVOKE_CONFIGS, &config_row).map_err(Failure::from)?;
    let schedule = Schedule::of(config.as_ref());
    let age = |now: Time| now.since(Time::from_unix_ms(record.accepted_ms));
    let reserved = lambda.deps.store.get(&CONCURRENCY, &name.key()).map_err(Failure::from)?;
    let outcome = if reserved.is_some_and(|record| record.reserved == 0) {
        Outcome::Ended(Condition::ZeroReservedConcurrency, None)
    } else if !schedule.admits(age(lambda.deps.clock.now())) {
        Outcome::Ended(Condition::EventAgeExceeded, None)
    } else {
        let event = Event {
            request_id: row.1,
            invoked_function_arn: name.arn(),
            payload: payload.clone(),
            client_context: record.client_context.clone(),
        };
        let result = run(lambda, &name, event).await;
        let age = age(lambda.deps.clock.now());
        judge(&schedule, &mut record, age, result)
    };
    match outcome {
        Outcome::Gone => remove(lambda, row, &record, None).await,
        Outcome::Again(delay) => postpone(lambda, row, record, delay).await,
        Outcome::Ended(condition, execution) => {
            let told = tell(lambda, &config, &name, row.1, &record, &payload, condition, execution);
            remove(lambda, row, &record, told.await).await
        }
    }
}

enum Outcome {
    /// Handled or given up.
    Ended(Condition, Option<Execution>),
    /// Once more, later.
    Again(Duration),
    /// There is no such function any more.
    Gone,
}

async fn run(lambda: &Arc<Lambda>, name: &FunctionName, event: Event) -> Result<Execution> {
    let target = ready_target(lambda, name).await?;
    let execution = execute(lambda, target, event).await;
    // Before the event's row goes: after a crash either the log tells of the run, or it runs again.
    lambda.log_writer.flush().await;
    execution
}

fn judge(
    schedule: &Schedule,
    record: &mut AsyncEventRecord,
    age: Duration,
    result: Result<Execution>,
) -> Outcome {
    let (next, execution) = match result {
        Ok(execution) if execution.error_type.is_none() => {
            record.attempts += 1;
            return Outcome::Ended(Condition::Success, Some(execution));
        }
        Ok(execution) => {
            record.attempts += 1;
            record.throttles = 0;
            (schedule.after_function_error(record.attempts, age), Some(execution))
        }
        Err(error) if error.is("ResourceNotFoundException") => return Outcome::Gone,
        Err(error) => {
            tracing::debug!(%error, function = record.function, "an asynchronous event waits");
            record.throttles += 1;
            (schedule.after_throttle(record.throttles, age), None)
        }
    };
    match next {
        Next::After(delay) => Outcome::Again(delay),
        Next::Discard(condition) => Outcome::Ended(condition, execution),
    }
}

fn function_name(record: &AsyncEventRecord) -> Result<FunctionName> {
    let bad = || errors::internal("an asynchronous event has a malformed row");
    Ok(FunctionName {
        account: AccountId::parse(&record.account).ok_or_else(bad)?,
        region: Region::parse(&record.region).ok_or_else(bad)?,
        name: record.function.clone(),
        qualifier: record.qualifier.clone(),
    })
}

async fn payload(lambda: &Lambda, record: &AsyncEventRecord, id: RequestId) -> Result<Bytes> {
    match &record.payload {
        PayloadRecord::Inline(text) => Ok(Bytes::from(text.clone())),
        PayloadRecord::Blob(digest) => {
            let body = lambda.deps.blobs.get(parse_digest(digest)?).await;
            let body = body.map_err(errors::internal)?;
            let body = body.ok_or_else(|| errors::internal("an event's body is missing"))?;
            Ok(body.slice(id.to_string().len().min(body.len())..))
        }
    }
}

async fn postpone(
    lambda: &Lambda,
    row: Row,
    record: AsyncEventRecord,
    delay: Duration,
) -> Result<()> {
    let due = lambda.deps.clock.now() + delay;
    let postpone = move |tx: &mut store::Tx<'_>| {
        tx.delete(&ASYNC_EVENTS, &row)?;
        Ok::<_, Failure>(tx.put(&ASYNC_EVENTS, &(due, row.1), &record)?)
    };
    Ok(lambda.deps.store.transact(postpone).await?)
}

/// Removes the event, and in the same transaction adds the event for its destination.
async fn remove(
    lambda: &Lambda,
    row: Row,
    record: &AsyncEventRecord,
    told: Option<(Row, AsyncEventRecord)>,
) -> Result<()> {
    let added = told.is_some();
    let remove = move |tx: &mut store::Tx<'_>| {
        tx.delete(&ASYNC_EVENTS, &row)?;
        if let Some((row, record)) = &told {
            tx.put(&ASYNC_EVENTS, row, record)?;
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(remove).await?;
    if !added {
        let less = |waiting: u64| Some(waiting.saturating_sub(1));
        // Always succeeds, since `less` always gives a number.
        let _ = lambda.async_waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
    if let PayloadRecord::Blob(digest) = &record.payload {
        let removed = lambda.deps.blobs.remove(parse_digest(digest)?).await;
        removed.map_err(errors::internal)?;
    }
    Ok(())
}

/// The event that tells the destination, if there is one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
#[expect(clippy::too_many_arguments, reason = "all that a record tells, used once")]
async fn tell(
    lambda: &Lambda,
    config: &Option<EventInvokeConfigRecord>,
    name: &FunctionName,
    request_id: RequestId,
    record: &AsyncEventRecord,
    payload: &[u8],
    condition: Condition,
    execution: Option<Execution>,
) -> Option<(Row, AsyncEventRecord)> {
    let config = config.as_ref()?;
    let destination = match condition {
        Condition::Success => config.on_success.as_deref()?,
        _ => config.on_failure.as_deref()?,
    };
    let mut told = json!({
        "version": "1.0",
        "timestamp": lambda.deps.clock.now().to_string(),
        "requestContext": {
            "requestId": request_id.to_string(),
            "functionArn": name.qualified_arn(name.qualifier_or_latest()),
            "condition": condition.as_str(),
            "approximateInvokeCount": record.attempts,
        },
        "requestPayload": serde_json::from_slice::<Value>(payload).unwrap_or(Value::Null),
    });
    if let Some(execution) = execution {
        let mut context = json!({ "statusCode": 200, "executedVersion": execution.version });
        if execution.error_type.is_some() {
            context["functionError"] = json!("Unhandled");
        }
        told["responseContext"] = context;
        told["responsePayload"] =
            serde_json::from_slice::<Value>(&execution.payload).unwrap_or(Value::Null);
    }
    let target = destination_name(destination)?;
    if let Err(error) = check_role_may_invoke(lambda, name, &target).await {
        tracing::warn!(%error, function = name.name, destination, "a destination may not be invoked");
        return None;
    }
    let event = AcceptedEvent {
        payload: told.to_string().into(),
        client_context: None,
        hops: record.hops.saturating_add(1),
    };
    let id = RequestId::new(&*lambda.deps.entropy);
    match prepare(lambda, &target, id, event).await {
        Ok(told) => Some(told),
        Err(error) => {
            tracing::warn!(%error, function = name.name, destination, "a destination was not told");
            None
        }
    }
}

/// Ok if the function's execution role may invoke `target`, which must be as for anybody else.
async fn check_role_may_invoke(
    lambda: &Lambda,
    function: &FunctionName,
    target: &FunctionName,
) -> Result<()> {
    let deps = &lambda.deps;
    let source = lambda.resolver.resolve(function).await?.choose(&*deps.entropy)?;
    let role = &source.record.configuration.role;
    let duration = Duration::from_secs(900);
    let session = deps
        .roles
        .assume_for_service(function.account, role, SERVICE_PRINCIPAL, &function.name, duration)
        .await
        .map_err(crate::from_seam)?;
    let (now, id) = (deps.clock.now(), RequestId::new(&*deps.entropy));
    let source_arn = Arn::parse(&function.function_arn());
    let cx = CallCx::internal(session.caller, target.region.clone(), id, now, source_arn);
    let request = AccessRequest {
        resource_policy: lambda.resolver.policy(target)?,
        ..AccessRequest::new("lambda:InvokeFunction", target.arn())
    };
    deps.authorizer.authorize(&cx, &request).await.map_err(crate::from_seam)
}

fn destination_name(arn: &str) -> Option<FunctionName> {
    let arn = Arn::parse(arn)?;
    let resource = arn.resource().strip_prefix("function:")?;
    let (name, qualifier) = match resource.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier.to_string())),
        None => (resource, None),
    };
    Some(FunctionName {
        account: arn.account_id()?,
        region: Region::parse(arn.region())?,
        name: name.to_string(),
        qualifier,
    })
}
