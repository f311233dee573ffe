//! `UpdateFunctionEventInvokeConfig`: change what the request names.

use crate::model::name::FunctionName;
use crate::ops::put_function_event_invoke_config::{Base, Change, store};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_function_event_invoke_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateFunctionEventInvokeConfigRequest,
) -> Result<w::FunctionEventInvokeConfig> {
    let name = FunctionName::parse(&cx, &input.function_name, input.qualifier.as_deref())?;
    let change = Change {
        maximum_retry_attempts: input.maximum_retry_attempts,
        maximum_event_age_in_seconds: input.maximum_event_age_in_seconds,
        destinations: input.destination_config,
    };
    store(&lambda, name, change, Base::Stored).await
}
