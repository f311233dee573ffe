//! `UpdateFunctionUrlConfig`: what the request does not name stays.

use crate::ops::function_url_rows::{check_exists, cors_record, load, parse_name, put, shown};
use crate::{Failure, Lambda, Result};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn update_function_url_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::UpdateFunctionUrlConfigRequest,
) -> Result<w::UpdateFunctionUrlConfigResponse> {
    let name = parse_name(&cx, &input.function_name, input.qualifier.as_deref())?;
    let now_ms = lambda.deps.clock.now().unix_ms();
    let auth_type = input.auth_type.map(|auth_type| auth_type.as_str().to_string());
    let invoke_mode = input.invoke_mode.map(|mode| mode.as_str().to_string());
    let cors = input.cors.map(cors_record);
    let of = name.clone();
    let update = move |tx: &mut store::Tx<'_>| {
        check_exists(tx, &of)?;
        let mut record = load(tx, &of)?;
        if let Some(auth_type) = &auth_type {
            record.auth_type.clone_from(auth_type);
        }
        if invoke_mode.is_some() {
            record.invoke_mode.clone_from(&invoke_mode);
        }
        if cors.is_some() {
            record.cors.clone_from(&cors);
        }
        record.last_modified_ms = now_ms;
        put(tx, &of, &record)?;
        Ok::<_, Failure>(record)
    };
    let record = lambda.deps.store.transact(update).await?;
    let shown = shown(&lambda, &name, record);
    Ok(w::UpdateFunctionUrlConfigResponse {
        function_url: shown.url,
        function_arn: shown.arn,
        auth_type: shown.auth_type,
        cors: shown.cors,
        creation_time: shown.created,
        last_modified_time: shown.modified,
        invoke_mode: shown.invoke_mode,
    })
}
