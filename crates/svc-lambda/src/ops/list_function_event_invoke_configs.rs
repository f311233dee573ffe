//! `ListFunctionEventInvokeConfigs`.

use crate::model::name::FunctionName;
use crate::ops::put_function_event_invoke_config::to_wire;
use crate::ops::rows;
use crate::tables::{EVENT_INVOKE_CONFIGS, FUNCTIONS};
use crate::{Failure, Lambda, Result, errors};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn list_function_event_invoke_configs(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListFunctionEventInvokeConfigsRequest,
) -> Result<w::ListFunctionEventInvokeConfigsResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let key = name.key();
    let read = lambda.deps.store.view(|view| {
        if !view.contains(&FUNCTIONS, &key)? {
            return Err(errors::event_config_function_missing().into());
        }
        let mut range = Prefix::of(key.clone());
        if let Some(qualifier) = after {
            range = range.after(&(key.0, key.1.clone(), key.2.clone(), qualifier));
        }
        Ok::<_, Failure>(view.scan(&EVENT_INVOKE_CONFIGS, range, size + 1)?)
    });
    let mut configs = read.await?;
    let more = rows::cut_page(&mut configs, size);
    let next_marker = configs.last().filter(|_| more).map(|(row, _)| rows::marker(&row.3));
    let shown = configs.into_iter().map(|(row, record)| {
        to_wire(&FunctionName { qualifier: Some(row.3), ..name.clone() }, &record)
    });
    Ok(w::ListFunctionEventInvokeConfigsResponse {
        function_event_invoke_configs: Some(shown.collect()),
        next_marker,
    })
}
