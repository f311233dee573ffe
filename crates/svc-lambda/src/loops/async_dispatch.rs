//! Runs functions for asynchronous events.
//!
//! Events are rows in the order in which they are due. A row stays until its event was handled or given up; so after a
//! crash it runs again. A retry moves the row to the time when it is due next.

use crate::durable::start;
use crate::invocation::{Event, Execution, execute};
use crate::limits::ASYNC_CONCURRENCY_MAX;
use crate::model::event::{Condition, Next, Schedule};
use crate::model::name::FunctionName;
use crate::model::trace::Trace;
use crate::ops::invoke::ready_target;
use crate::ops::put_function_event_invoke_config;
use crate::outcome::{Ended, Told};
use crate::tables::{
    ASYNC_EVENTS, AsyncEventRecord, CONCURRENCY, DELIVERIES, EVENT_INVOKE_CONFIGS,
};
use crate::{Failure, Lambda, Result, bodies, errors, recursion};
use base::{AccountId, Region, RequestId, Time};
use parking_lot::Mutex;
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
    let payload = bodies::load(lambda, row.1, &record.payload).await?;
    let config_row = put_function_event_invoke_config::key(&name);
    let config =
        lambda.deps.store.get(&EVENT_INVOKE_CONFIGS, &config_row).map_err(Failure::from)?;
    let schedule = Schedule::of(config.as_ref());
    let age = |now: Time| now.since(Time::from_unix_ms(record.accepted_ms));
    let reserved = lambda.deps.store.get(&CONCURRENCY, &name.key()).map_err(Failure::from)?;
    let stopped = match &record.trace {
        Some(trace) => {
            recursion::is_stopped(lambda, &Trace::of(trace, &name.function_arn()), &name.key())?
        }
        None => false,
    };
    let outcome = if stopped {
        Outcome::Ended(Condition::RecursiveInvocation, None)
    } else if reserved.is_some_and(|record| record.reserved == 0) {
        Outcome::Ended(Condition::ZeroReservedConcurrency, None)
    } else if !schedule.admits(age(lambda.deps.clock.now())) {
        Outcome::Ended(Condition::EventAgeExceeded, None)
    } else {
        let event = Event {
            trace: record.trace.clone(),
            request_id: row.1,
            invoked_function_arn: name.arn(),
            payload: payload.clone(),
            client_context: record.client_context.clone(),
        };
        if let Some(started) = start_durable(lambda, &name, &event, record.hops).await {
            started?;
            return remove(lambda, row, &record, Told::default()).await;
        }
        let result = run(lambda, &name, event).await;
        let age = age(lambda.deps.clock.now());
        judge(&schedule, &mut record, age, result)
    };
    match outcome {
        Outcome::Gone => remove(lambda, row, &record, Told::default()).await,
        Outcome::Again(delay) => postpone(lambda, row, record, delay).await,
        Outcome::Ended(condition, execution) => {
            let ended = Ended {
                name: &name,
                request_id: row.1,
                record: &record,
                payload: &payload,
                condition,
                execution,
            };
            let told = ended.told(lambda, config.as_ref()).await;
            remove(lambda, row, &record, told).await
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

/// Where the function is durable: its execution begins, and looks after itself from then on. The event's id is its name,
/// so that after a crash it does not begin again.
async fn start_durable(
    lambda: &Lambda,
    name: &FunctionName,
    event: &Event,
    hops: u8,
) -> Option<Result<()>> {
    let target = lambda.resolver.resolve(name).await.ok()?.choose(&*lambda.deps.entropy).ok()?;
    target.record.configuration.durable.as_ref()?;
    if name.qualifier.is_none() {
        tracing::warn!(function = name.name, "a durable function needs a qualifier to be invoked");
        return Some(Ok(()));
    }
    let start = start::Start {
        function: name,
        target: &target,
        name: Some(event.request_id.to_string()),
        input: event.payload.clone(),
        client_context: event.client_context.clone(),
        hops,
        parent: None,
    };
    let new = match start::prepare(lambda, start).await {
        Ok(new) => new,
        Err(error) => return Some(Err(error)),
    };
    Some(start::store(lambda, new).await.map(|_| ()))
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

/// Removes the event, and in the same transaction adds what is to be told of it.
async fn remove(lambda: &Lambda, row: Row, record: &AsyncEventRecord, told: Told) -> Result<()> {
    let added = told.event.is_some();
    let remove = move |tx: &mut store::Tx<'_>| {
        tx.delete(&ASYNC_EVENTS, &row)?;
        if let Some((row, record)) = &told.event {
            tx.put(&ASYNC_EVENTS, row, record)?;
        }
        for (row, record) in &told.deliveries {
            tx.put(&DELIVERIES, row, record)?;
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(remove).await?;
    if !added {
        let less = |waiting: u64| Some(waiting.saturating_sub(1));
        // Always succeeds, since `less` always gives a number.
        let _ = lambda.async_waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
    bodies::forget(lambda, &record.payload).await
}
