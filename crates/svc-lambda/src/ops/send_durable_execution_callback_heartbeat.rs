//! `SendDurableExecutionCallbackHeartbeat`: whoever is to answer a callback still works on it.

use crate::durable::callbacks;
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn send_durable_execution_callback_heartbeat(
    lambda: Arc<Lambda>,
    _: Arc<CallCx>,
    input: w::SendDurableExecutionCallbackHeartbeatRequest,
) -> Result<w::SendDurableExecutionCallbackHeartbeatResponse> {
    callbacks::heartbeat(&lambda, input.callback_id).await?;
    Ok(w::SendDurableExecutionCallbackHeartbeatResponse {})
}
