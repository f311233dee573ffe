//! `InvokeAsync`, which AWS has replaced by `Invoke` with the type `Event`.

use crate::model::name::FunctionName;
use crate::model::payload::{self, Kind};
use crate::ops::invoke::{AcceptedEvent, accept};
use crate::{Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn invoke_async(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::InvokeAsyncRequest,
) -> Result<w::InvokeAsyncResponse> {
    let name = FunctionName::parse(&cx, &input.function_name, None)?;
    lambda.resolver.resolve(&name).await?;
    let payload = payload::check(Some(input.invoke_args), Kind::Event)?;
    let incoming = cx.trace.incoming.as_deref();
    let trace = crate::recursion::enter(&lambda, incoming, &name.key()).header;
    let event = AcceptedEvent { payload, hops: cx.hops, trace: Some(trace), tenant: None };
    accept(&lambda, &name, cx.request_id, event).await?;
    Ok(w::InvokeAsyncResponse { status: Some(202) })
}
