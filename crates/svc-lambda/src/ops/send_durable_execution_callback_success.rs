//! `SendDurableExecutionCallbackSuccess`: what an execution waits for has happened, with this result.

use crate::durable::tables::What;
use crate::durable::{callbacks, errors, text};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn send_durable_execution_callback_success(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::SendDurableExecutionCallbackSuccessRequest,
) -> Result<w::SendDurableExecutionCallbackSuccessResponse> {
    let result = match input.result.filter(|result| !result.is_empty()) {
        Some(bytes) => {
            let result = String::from_utf8(bytes.to_vec());
            let result = result.map_err(|_| errors::callback_result_no_text())?;
            Some(text::keep(&lambda, result).await?)
        }
        None => None,
    };
    let what = What::CallbackSucceeded { result: result.clone() };
    let status = w::OperationStatus::Succeeded;
    let settled = callbacks::settle(&lambda, input.callback_id, status, what).await;
    if let (Err(_), Some(result)) = (&settled, &result) {
        text::remove(&lambda, result).await?;
    }
    settled?;
    Ok(w::SendDurableExecutionCallbackSuccessResponse {})
}
