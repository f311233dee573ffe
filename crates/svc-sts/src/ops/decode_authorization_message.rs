//! `DecodeAuthorizationMessage`: what a service wrote about a denial, for those who may know.

use crate::{Sts, errors};
use seams::CallCx;
use std::sync::Arc;
use wire_sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};

/// See the module.
pub async fn decode_authorization_message(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: DecodeAuthorizationMessageRequest,
) -> Result<DecodeAuthorizationMessageResponse, wire::Error> {
    let message = sts.messages.open(&input.encoded_message, cx.account);
    let message = message.ok_or_else(errors::invalid_authorization_message)?;
    Ok(DecodeAuthorizationMessageResponse { decoded_message: Some(message) })
}
