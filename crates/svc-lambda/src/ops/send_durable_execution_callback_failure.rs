//! `SendDurableExecutionCallbackFailure`: what an execution waits for will not happen.

use crate::durable::history::error_record;
use crate::durable::tables::What;
use crate::durable::{callbacks, errors, validate};
use crate::{Lambda, Result, limits};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn send_durable_execution_callback_failure(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::SendDurableExecutionCallbackFailureRequest,
) -> Result<w::SendDurableExecutionCallbackFailureResponse> {
    if input.error.as_ref().map_or(0, validate::error_bytes) > limits::DURABLE_ERROR_BYTES_MAX {
        return Err(errors::error_too_large());
    }
    let what = What::CallbackFailed { error: error_record(input.error) };
    callbacks::settle(&lambda, input.callback_id, w::OperationStatus::Failed, what).await?;
    Ok(w::SendDurableExecutionCallbackFailureResponse {})
}
