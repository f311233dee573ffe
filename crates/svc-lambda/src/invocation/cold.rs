//! How an execution without a warm environment gets one: a start, or a restoration.

use super::answer::{Answer, exited, extension_failed, not_executed, timed_out};
use super::{Event, timeout};
use crate::environments::memory::Room;
use crate::environments::pool::{Lease, Warm};
use crate::environments::snapshots::{NotTaken, Taken};
use crate::environments::start::Preparation;
use crate::environments::starts::{StartPermit, Turn, hold};
use crate::metering::{record_environment, record_restored};
use crate::model::name::LATEST;
use crate::model::report::Status;
use crate::resolve::Target;
use crate::{Lambda, errors};
use base::{RequestId, Time};
use engine::{InitError, Snapshot};
use std::sync::Arc;
use std::time::Duration;

/// An environment that did not come up, as far as the second try.
pub(super) struct InitFailure {
    pub(super) answer: Answer,
    pub(super) duration: Duration,
    pub(super) memory_peak_bytes: u64,
}

/// What came of it.
pub(super) enum Started {
    Warm(Began),
    Failed(InitFailure),
}

/// What happened before the environment got the event.
#[derive(Default)]
pub(super) struct Began {
    /// Of the initialization, where it took place for this event.
    pub(super) init: Option<Duration>,
    /// Of the restoration, likewise.
    pub(super) restore: Option<Duration>,
    /// What is gone of the timeout.
    pub(super) spent: Duration,
}

impl Began {
    /// Whether the environment was started or restored for this event.
    pub(super) fn is_cold(&self) -> bool {
        self.init.is_some() || self.restore.is_some() || !self.spent.is_zero()
    }
}

/// Waits until an environment may be started, or until one comes back and is put into `lease`.
///
/// Errors: the function scales too fast, or this host is full.
pub(super) async fn place(
    lambda: &Lambda,
    target: &Target,
    lease: &mut Lease,
) -> Result<Option<Permit>, wire::Error> {
    lambda.deps.engine.expect_start();
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
    let room = lambda.memory.room(lambda, target);
    let room = room.ok_or_else(|| errors::host_full("memory"))?;
    Ok(Some(Permit { start: permit, room }))
}

/// What an environment that is being started holds.
pub(super) struct Permit {
    start: StartPermit,
    room: Room,
}

/// Starts an environment; after a failure once more, as part of the invocation, as Lambda does.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke-with-errors>
pub(super) async fn start(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    preparation: &Preparation,
    permit: Permit,
    lease: &mut Lease,
    request_id: RequestId,
) -> Result<Started, wire::Error> {
    let log = &preparation.log;
    log.open(log.platform.init_start(lambda.deps.clock.now()));
    let timeout = timeout(target);
    let Permit { start, room: _room } = permit;
    let mut place = Some(start);
    for phase in ["init", "invoke"] {
        let mut spec = preparation.spec.clone();
        if phase == "invoke" {
            spec.init_timeout = timeout;
        }
        let init_timeout = spec.init_timeout;
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
        // What it took to end it is nobody's bill.
        let elapsed = lambda.deps.clock.monotonic().saturating_sub(begun).min(init_timeout);
        let now = lambda.deps.clock.now();
        let failure = init_failure(error, request_id, timeout, elapsed, now);
        let status = &failure.answer.status;
        log.put(log.platform.init_failed(now, phase, failure.duration, status));
        if phase == "invoke" {
            return Ok(Started::Failed(failure));
        }
    }
    unreachable!("the second phase returns")
}

/// Where environments of `target` start from, if it has SnapStart and this host can do it. When the snapshot cannot be
/// taken any more, the version starts as others do, and that tells why; so it does when all that was initialized ahead is
/// taken.
pub(super) async fn snapshot(
    lambda: &Lambda,
    target: &Target,
) -> Result<Option<(Arc<dyn Snapshot>, Time)>, wire::Error> {
    if !target.record.configuration.snap_start || target.version == LATEST {
        return Ok(None);
    }
    match lambda.snapshots.get(lambda, target).await {
        Ok(Taken::Snapshot(snapshot, until)) if snapshot.is_ready() => Ok(Some((snapshot, until))),
        Ok(Taken::Snapshot(..) | Taken::Unsupported) | Err(NotTaken::Init(_)) => Ok(None),
        Err(NotTaken::Other(error)) => Err(error),
    }
}

/// Restores an environment.
pub(super) async fn restore(
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
    let now = lambda.deps.clock.now();
    let failure = init_failure(error, event.request_id, timeout(target), elapsed, now);
    let status = &failure.answer.status;
    log.put(log.platform.restore_report(now, failure.duration, status));
    Ok(Started::Failed(failure))
}

fn init_failure(
    error: InitError,
    request_id: RequestId,
    timeout: Duration,
    elapsed: Duration,
    now: Time,
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
        InitError::Entrypoint { cause, duration, memory_peak_bytes } => {
            InitFailure { answer: not_executed(request_id, &cause), duration, memory_peak_bytes }
        }
        InitError::Extension { failure, duration, memory_peak_bytes } => {
            let answer = extension_failed(request_id, &failure);
            InitFailure { answer, duration, memory_peak_bytes }
        }
        InitError::TimedOut { memory_peak_bytes } => {
            let answer = timed_out(request_id, timeout, now);
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
