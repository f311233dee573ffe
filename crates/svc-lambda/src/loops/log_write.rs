//! Hands what functions wrote to the log, some lines at a time.

use crate::Lambda;
use crate::limits::LOG_DELAY_MAX;
use std::sync::Arc;

/// Waits for lines, then for more of them, then writes them all.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    lambda.log_writer.wanted().await;
    lambda.deps.clock.sleep(LOG_DELAY_MAX / 2).await;
    lambda.log_writer.flush().await;
}
