//! Ends environments that have had nothing to do for a while.

use crate::Lambda;
use crate::limits::IDLE_MAX;
use std::sync::Arc;

/// One look at the pool, a twentieth of the allowed time after the last.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    lambda.deps.clock.sleep(IDLE_MAX / 20).await;
    lambda.pool.evict_idle_since(lambda.deps.clock.now() - IDLE_MAX);
    lambda.concurrency.forget_idle(lambda.deps.clock.monotonic());
}
