//! `ListFunctionUrlConfigs`: the URLs of a function and of its aliases.

use crate::model::name::FunctionName;
use crate::ops::function_url_rows::{check_exists, shown};
use crate::ops::rows;
use crate::tables::FUNCTION_URLS;
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_lambda as w;

pub async fn list_function_url_configs(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::ListFunctionUrlConfigsRequest,
) -> Result<w::ListFunctionUrlConfigsResponse> {
    let name = FunctionName::unqualified(&cx, &input.function_name)?;
    let size = rows::page_size(input.max_items);
    let after = rows::parse_marker(input.marker.as_deref())?;
    let key = name.key();
    let read = lambda.deps.store.view(|view| {
        check_exists(view, &name)?;
        let mut range = Prefix::of(key.clone());
        if let Some(qualifier) = after {
            // The function's own URL, whose qualifier is empty, comes first.
            range = range.after(&(key.0, key.1.clone(), key.2.clone(), qualifier));
        }
        Ok::<_, Failure>(view.scan(&FUNCTION_URLS, range, size + 1)?)
    });
    let mut urls = read.await?;
    let more = rows::cut_page(&mut urls, size);
    // An empty marker would be none.
    let position =
        |qualifier: &str| rows::marker(if qualifier.is_empty() { "\0" } else { qualifier });
    let next_marker = urls.last().filter(|_| more).map(|(row, _)| position(&row.3));
    let configs = urls.into_iter().map(|(row, record)| {
        let qualifier = Some(row.3).filter(|qualifier| !qualifier.is_empty());
        let shown = shown(&lambda, &FunctionName { qualifier, ..name.clone() }, record);
        let invoke_mode = shown.invoke_mode_or_default();
        w::FunctionUrlConfig {
            function_url: shown.url,
            function_arn: shown.arn,
            creation_time: shown.created,
            last_modified_time: shown.modified,
            cors: shown.cors,
            auth_type: shown.auth_type,
            invoke_mode,
        }
    });
    Ok(w::ListFunctionUrlConfigsResponse { function_url_configs: configs.collect(), next_marker })
}
