//! Runs functions for asynchronous events.
//!
//! Events are rows of their function in the order in which they are due; functions take turns ([`EventQueues`]). A row
//! stays until its event was handled or given up; so after a crash it runs again. A retry moves the row to the time when
//! it is due next. No more of a function's events begin than it has free concurrency for: a backlog waits in its rows and
//! not in retries, whose waits grow.

use crate::durable::start;
use crate::invocation::{self, Event, Execution};
use crate::limits::{ASYNC_CONCURRENCY_MAX, ASYNC_ROOM_PERIOD};
use crate::metering::record_large_event;
use crate::model::event::{Condition, Next, Schedule};
use crate::model::event_queues::EventQueues;
use crate::model::name::{FunctionKey, FunctionName};
use crate::model::trace::Trace;
use crate::ops::invoke::ready_target;
use crate::ops::put_function_event_invoke_config;
use crate::outcome::{Ended, Told};
use crate::tables::{
    ASYNC_EVENTS, AsyncEventRecord, AsyncEventRow, CONCURRENCY, DELIVERIES, EVENT_INVOKE_CONFIGS,
    EventInvokeConfigRecord,
};
use crate::{Failure, Lambda, Result, bodies, errors, recursion};
use base::Time;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Store};
use tokio::sync::Notify;

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// Knows which events run and which functions have more.
pub(crate) struct Events {
    queues: Mutex<EventQueues>,
    /// Told when there may be something to begin.
    changed: Notify,
    /// Whether the events of an earlier process have been found.
    found: AtomicBool,
}

impl Events {
    pub(crate) fn new() -> Self {
        Events {
            queues: Mutex::new(EventQueues::new(ASYNC_CONCURRENCY_MAX)),
            changed: Notify::new(),
            found: AtomicBool::new(false),
        }
    }

    /// The row of an event of `function` was committed that is due at `due`.
    pub(crate) fn add(&self, function: &FunctionKey, due: Time, now: Time) {
        self.queues.lock().add(function, due, now);
        self.changed.notify_one();
    }

    /// Finds the events that an earlier process left; how many. Ones that were accepted meanwhile count twice: the bound
    /// is for hosts in trouble, not exact.
    fn find(&self, store: &Store, now: Time) -> std::result::Result<u64, store::Error> {
        let (mut left, mut last) = (0, None);
        loop {
            let range = match &last {
                Some(last) => Prefix::all().after(last),
                None => Prefix::all(),
            };
            let page: std::result::Result<Vec<AsyncEventRow>, store::Error> =
                store.read(|view| view.scan_keys(&ASYNC_EVENTS, range, SCAN_PAGE));
            let page = page?;
            left += page.len() as u64;
            for (account, region, function, due, _) in &page {
                let key = (*account, region.clone(), function.clone());
                self.queues.lock().add(&key, *due, now);
            }
            if page.len() < SCAN_PAGE {
                self.found.store(true, Ordering::Relaxed);
                return Ok(left);
            }
            last = page.into_iter().next_back();
        }
    }
}

/// Keys that are read at once; a scan of keys passes over the rows, which may be large.
const SCAN_PAGE: usize = 300;

/// Starts every event that is due, as far as there is room; then sleeps until there may be more.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let (store, clock) = (&lambda.deps.store, &lambda.deps.clock);
    if !lambda.events.found.load(Ordering::Relaxed) {
        match lambda.events.find(store, clock.now()) {
            Ok(left) => drop(lambda.async_waiting.fetch_add(left, Ordering::Relaxed)),
            Err(error) => {
                tracing::error!(%error, "asynchronous events could not be counted");
                return clock.sleep(RETRY).await;
            }
        }
    }
    let now = clock.now();
    // One turn each, so that a function which has more events than it may begin comes behind the others.
    let turns = lambda.events.queues.lock().turns(now);
    for _ in 0..turns {
        let next = lambda.events.queues.lock().next(now);
        let Some((function, places)) = next else { break };
        if let Err(error) = begin_some(&lambda, &function, places, now) {
            tracing::error!(%error, function = function.2, "asynchronous events could not be read");
            lambda.events.queues.lock().add(&function, now + RETRY, now);
        }
    }
    let (waiting, next_due) = {
        let mut queues = lambda.events.queues.lock();
        (queues.turns(now), queues.next_due())
    };
    // Nobody tells when other executions of a function end.
    let again = if waiting > 0 { ASYNC_ROOM_PERIOD } else { SLEEP_MAX };
    tokio::select! {
        () = lambda.events.changed.notified() => {}
        () = clock.sleep_until(next_due.unwrap_or(now + again).min(now + again)) => {}
    }
}

/// Begins events of `function` that are due: as many as it has concurrency for, `places` at most, and those that are too
/// old to run. Notes when the next one is due.
fn begin_some(
    lambda: &Arc<Lambda>,
    function: &FunctionKey,
    places: usize,
    now: Time,
) -> Result<()> {
    let mut room = room(lambda, function)?.min(places);
    // Rows that run are among the first; behind them stand as many as may begin, and the next.
    let limit = lambda.events.queues.lock().running_of(function) + room + 1;
    let range = Prefix::of(function.clone());
    let first: std::result::Result<Vec<AsyncEventRow>, Failure> = lambda
        .deps
        .store
        .read(|view| Ok(view.scan_keys(&ASYNC_EVENTS, range, limit.min(SCAN_ROWS_MAX))?));
    let first = first?;
    let more = first.len() == limit;
    for row in first {
        let event = (row.3, row.4);
        if lambda.events.queues.lock().is_running(function, &event) {
            continue;
        }
        if row.3 > now || (room == 0 && !is_too_old(lambda, &row, now)?) {
            lambda.events.queues.lock().add(function, row.3, now);
            return Ok(());
        }
        room = room.saturating_sub(1);
        lambda.events.queues.lock().begin(function, event);
        begin(lambda, row);
    }
    if more {
        lambda.events.queues.lock().add(function, now, now);
    }
    Ok(())
}

/// How many more events of the function can run now.
fn room(lambda: &Lambda, function: &FunctionKey) -> Result<usize> {
    let reserved = lambda.deps.store.get(&CONCURRENCY, function).map_err(Failure::from)?;
    let reserved = reserved.map(|record| record.reserved);
    if reserved == Some(0) {
        // None runs: all are given up.
        return Ok(usize::MAX);
    }
    let free = lambda.concurrency.free(function, reserved, lambda.deps.clock.monotonic())?;
    let (own, beside) = lambda.events.queues.lock().pending(function);
    let pending = if reserved.is_some() { own } else { beside };
    Ok((free as usize).saturating_sub(pending))
}

/// Whether the event has waited for as long as it may.
fn is_too_old(lambda: &Lambda, row: &AsyncEventRow, now: Time) -> Result<bool> {
    let record = lambda.deps.store.get(&ASYNC_EVENTS, row).map_err(Failure::from)?;
    let Some(record) = record else { return Ok(false) };
    let schedule = Schedule::of(config(lambda, &name(row, &record))?.as_ref());
    Ok(!schedule.admits(age(&record, now)))
}

/// How long the event has waited.
fn age(record: &AsyncEventRecord, now: Time) -> Duration {
    now.since(Time::from_unix_ms(record.accepted_ms))
}

/// The function as the caller named it.
fn name(row: &AsyncEventRow, record: &AsyncEventRecord) -> FunctionName {
    let (account, region, name) = function(row);
    FunctionName { account, region, name, qualifier: record.qualifier.clone() }
}

fn config(lambda: &Lambda, name: &FunctionName) -> Result<Option<EventInvokeConfigRecord>> {
    let row = put_function_event_invoke_config::key(name);
    Ok(lambda.deps.store.get(&EVENT_INVOKE_CONFIGS, &row).map_err(Failure::from)?)
}

fn begin(lambda: &Arc<Lambda>, row: AsyncEventRow) {
    let mut guard = Running { lambda: lambda.clone(), row, settled: false };
    lambda.deps.tasks.spawn("lambda.async_event", async move {
        match handle(&guard.lambda, guard.row.clone()).await {
            Ok(()) => guard.settled = true,
            Err(error) => {
                tracing::error!(?error, request_id = %guard.row.4, "an asynchronous event could not be handled");
                guard.lambda.deps.clock.sleep(RETRY).await;
            }
        }
        drop(guard);
    });
}

fn function((account, region, function, ..): &AsyncEventRow) -> FunctionKey {
    (*account, region.clone(), function.clone())
}

/// An event that runs; ends when dropped, also by a panic.
struct Running {
    lambda: Arc<Lambda>,
    row: AsyncEventRow,
    /// Whether its row says what becomes of it.
    settled: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let events = &self.lambda.events;
        let (function, now) = (function(&self.row), self.lambda.deps.clock.now());
        let mut queues = events.queues.lock();
        queues.end(&function, &(self.row.3, self.row.4));
        if !self.settled {
            queues.add(&function, now, now);
        }
        drop(queues);
        events.changed.notify_one();
    }
}

/// Runs the function for the event under `row` and stores what comes next.
async fn handle(lambda: &Arc<Lambda>, row: AsyncEventRow) -> Result<()> {
    let record = lambda.deps.store.get(&ASYNC_EVENTS, &row).map_err(Failure::from)?;
    // Gone since the rows were listed.
    let Some(mut record) = record else { return Ok(()) };
    let name = name(&row, &record);
    if lambda.resolver.resolve(&name).await.is_ok_and(|now| now.created_ms > record.accepted_ms) {
        // It was for another function, which had this one's name.
        return remove(lambda, row, &record, Told::default()).await;
    }
    let payload = bodies::load(lambda, row.4, &record.payload).await?;
    let config = config(lambda, &name)?;
    let schedule = Schedule::of(config.as_ref());
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
    } else if !schedule.admits(age(&record, lambda.deps.clock.now())) {
        Outcome::Ended(Condition::EventAgeExceeded, None)
    } else {
        let event = Event {
            trace: record.trace.clone(),
            request_id: row.4,
            invoked_function_arn: name.arn(),
            payload: payload.clone(),
            client_context: None,
        };
        if let Some(started) = start_durable(lambda, &name, &event, &record).await {
            started?;
            return remove(lambda, row, &record, Told::default()).await;
        }
        let first = record.attempts == 0;
        let result = run(lambda, &name, &row, record.tenant.as_deref(), event, first).await;
        let age = age(&record, lambda.deps.clock.now());
        judge(&schedule, &mut record, age, lambda.deps.entropy.next_u64(), result)
    };
    match outcome {
        Outcome::Gone => remove(lambda, row, &record, Told::default()).await,
        Outcome::Again(delay) => postpone(lambda, row, record, delay).await,
        Outcome::Ended(condition, execution) => {
            let ended = Ended {
                name: &name,
                request_id: row.4,
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
    record: &AsyncEventRecord,
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
        client_context: None,
        hops: record.hops,
        tenant: record.tenant.clone(),
        asynchronous: true,
        parent: None,
    };
    let new = match start::prepare(lambda, start).await {
        Ok(new) => new,
        Err(error) => return Some(Err(error)),
    };
    Some(start::store(lambda, new).await.map(|_| ()))
}

async fn run(
    lambda: &Arc<Lambda>,
    name: &FunctionName,
    row: &AsyncEventRow,
    tenant: Option<&str>,
    event: Event,
    first: bool,
) -> Result<Execution> {
    let target = ready_target(lambda, name).await?.of_tenant(tenant)?;
    let bytes = event.payload.len();
    let begun = invocation::begin(lambda, target.clone(), event, None);
    lambda.events.queues.lock().admitted(&target.function, (row.3, row.4));
    let execution = begun?.await.map_err(errors::internal)?;
    if first && execution.is_ok() {
        record_large_event(lambda, &target, bytes);
    }
    // Before the event's row goes: after a crash either the log tells of the run, or it runs again.
    lambda.log_writer.flush().await;
    execution
}

fn judge(
    schedule: &Schedule,
    record: &mut AsyncEventRecord,
    age: Duration,
    chance: u64,
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
            tracing::debug!(%error, "an asynchronous event waits");
            record.throttles += 1;
            (schedule.after_throttle(record.throttles, age, chance), None)
        }
    };
    match next {
        Next::After(delay) => Outcome::Again(delay),
        Next::Discard(condition) => Outcome::Ended(condition, execution),
    }
}

async fn postpone(
    lambda: &Lambda,
    row: AsyncEventRow,
    record: AsyncEventRecord,
    delay: Duration,
) -> Result<()> {
    let now = lambda.deps.clock.now();
    let (key, due) = (function(&row), now + delay);
    let postpone = move |tx: &mut store::Tx<'_>| {
        tx.delete(&ASYNC_EVENTS, &row)?;
        let (account, region, function, _, id) = row.clone();
        Ok::<_, Failure>(tx.put(&ASYNC_EVENTS, &(account, region, function, due, id), &record)?)
    };
    lambda.deps.store.transact(postpone).await?;
    lambda.events.add(&key, due, now);
    Ok(())
}

/// Removes the event, and in the same transaction adds what is to be told of it.
async fn remove(
    lambda: &Lambda,
    row: AsyncEventRow,
    record: &AsyncEventRecord,
    told: Told,
) -> Result<()> {
    let added = told.event.as_ref().map(|(row, _)| (function(row), row.3));
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
    if let Some((function, due)) = added {
        lambda.events.add(&function, due, lambda.deps.clock.now());
    } else {
        let less = |waiting: u64| Some(waiting.saturating_sub(1));
        // Always succeeds, since `less` always gives a number.
        let _ = lambda.async_waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
    bodies::forget(lambda, &record.payload).await
}
