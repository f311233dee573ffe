//! One environment of provisioned concurrency: initialized without an event.

use crate::environments::pool::Warm;
use crate::environments::start::{self, Initialization};
use crate::environments::starts::{Turn, hold};
use crate::invocation::{INVALID_ENTRYPOINT, watch};
use crate::metering::record_provisioned_init;
use crate::model::report::Status;
use crate::resolve::Target;
use crate::{Lambda, limits};
use engine::InitError;
use std::sync::Arc;
use std::time::Duration;

/// What AWS tells of a function whose initialization fails (recorded).
const INIT_FAILURE: &str = "FUNCTION_ERROR_INIT_FAILURE";

/// Why there is no environment.
pub enum NotProvisioned {
    /// It would fail again.
    Failed(String),
    /// This host failed; it may be tried again.
    Host(String),
}

/// Initializes an environment of `target` and puts it into the pool, where it is ended if it is not wanted any more.
pub async fn provision(lambda: &Arc<Lambda>, target: &Arc<Target>) -> Result<(), NotProvisioned> {
    let prepared = start::prepare(lambda, target, Initialization::Provisioned, None).await;
    let mut preparation = prepared.map_err(|error| match error.internal_cause() {
        Some(cause) => NotProvisioned::Host(cause.to_string()),
        None => NotProvisioned::Failed(error.message().to_string()),
    })?;
    let timeout = Duration::from_secs(target.record.configuration.timeout_s.into());
    preparation.spec.init_timeout = limits::PROVISIONED_INIT_TIMEOUT.max(timeout);
    let log = &preparation.log;
    let full = || NotProvisioned::Host("this host is full".to_string());
    let permit = match lambda.starts.ask(&target.function).ok_or_else(full)? {
        Turn::Now(permit) => permit,
        Turn::Later(turn) => turn.await.map_err(|_| full())?,
    };
    let room = lambda.memory.room(lambda, target);
    let _room = room.ok_or_else(full)?;
    log.put(log.platform.init_start(lambda.deps.clock.now()));
    let begun = lambda.deps.clock.monotonic();
    let starting = lambda.deps.engine.start(preparation.spec);
    let (status, duration) = match hold(permit, &*lambda.deps.clock, starting).await {
        Ok(environment) => {
            let id = lambda.pool.next_id();
            record_provisioned_init(lambda, target, environment.initialized().duration);
            let warm = Arc::new(Warm {
                environment: environment.clone(),
                log: log.clone(),
                credentials_end_at: preparation.credentials_end_at,
                id,
                provisioned: true,
            });
            lambda.pool.add_provisioned(&target.record.configuration_revision, warm);
            watch(lambda, target, environment, id);
            return Ok(());
        }
        Err(InitError::Unavailable(reason)) => return Err(NotProvisioned::Failed(reason.reason)),
        Err(InitError::Sandbox(cause)) => return Err(NotProvisioned::Host(cause)),
        Err(InitError::Reported { error_type, duration, .. }) => {
            (Status::Failure(error_type), duration)
        }
        Err(InitError::Exited { duration, .. }) => {
            (Status::Failure("Runtime.ExitError".to_string()), duration)
        }
        Err(InitError::Entrypoint { duration, .. }) => {
            (Status::Failure(INVALID_ENTRYPOINT.to_string()), duration)
        }
        Err(InitError::Extension { failure, duration, .. }) => {
            (Status::Failure(failure.error_type), duration)
        }
        Err(InitError::TimedOut { .. }) => {
            (Status::Timeout, lambda.deps.clock.monotonic().saturating_sub(begun))
        }
    };
    log.put(log.platform.init_failed(lambda.deps.clock.now(), "init", duration, &status));
    Err(NotProvisioned::Failed(INIT_FAILURE.to_string()))
}
