//! `StopDurableExecution`: an execution ends now, with the error that the caller gives.

use crate::durable::execution::ExecutionTx;
use crate::durable::history::error_record;
use crate::durable::tables::{ErrorRecord, What};
use crate::durable::{errors, validate};
use crate::failure::Failure;
use crate::ops::get_durable_execution::find;
use crate::{Lambda, Result, limits};
use base::Time;
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire_lambda as w;

pub async fn stop_durable_execution(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::StopDurableExecutionRequest,
) -> Result<w::StopDurableExecutionResponse> {
    let name = find(&lambda, &input.durable_execution_arn)?;
    if input.error.as_ref().map_or(0, validate::error_bytes) > limits::DURABLE_ERROR_BYTES_MAX {
        return Err(errors::error_too_large());
    }
    let error = match input.error {
        Some(error) => error_record(Some(error)),
        // library
        None => ErrorRecord {
            message: Some("Execution stopped by user request".to_string()),
            ..ErrorRecord::default()
        },
    };
    let (id, now) = (name.id, lambda.deps.clock.now());
    let stop = move |tx: &mut Tx<'_>| {
        let execution = ExecutionTx::open(tx, id, now)?;
        let mut execution = execution.ok_or_else(errors::execution_not_found)?;
        if execution.is_running() {
            execution.end(What::ExecutionStopped { error: error.clone() }, None)?;
        }
        let ended_ms = execution.record.ended_ms.unwrap_or(now.unix_ms());
        execution.close()?;
        Ok::<_, Failure>(Time::from_unix_ms(ended_ms))
    };
    let stopped_at = lambda.deps.store.transact(stop).await?;
    lambda.durable_waiting.tell(id);
    Ok(w::StopDurableExecutionResponse { stop_timestamp: stopped_at.into() })
}
