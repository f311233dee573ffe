//! `CreateFunctionUrlConfig`: a URL for a function or an alias.

use crate::ops::function_url_rows::{check_exists, cors_record, key, parse_name, put, shown};
use crate::tables::{FUNCTION_URLS, FunctionUrlRecord};
use crate::{Failure, Lambda, Result, errors, limits};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda as w;

pub async fn create_function_url_config(
    lambda: Arc<Lambda>,
    cx: Arc<CallCx>,
    input: w::CreateFunctionUrlConfigRequest,
) -> Result<w::CreateFunctionUrlConfigResponse> {
    let name = parse_name(&cx, &input.function_name, input.qualifier.as_deref())?;
    if lambda.resolver.keeps_tenants_apart(&name).await {
        return Err(errors::not_with_tenants("A function URL"));
    }
    let now_ms = lambda.deps.clock.now().unix_ms();
    let record = FunctionUrlRecord {
        id: lambda.deps.entropy.text(limits::URL_ID_CHARS, limits::URL_ID_ALPHABET),
        auth_type: input.auth_type.as_str().to_string(),
        invoke_mode: input.invoke_mode.map(|mode| mode.as_str().to_string()),
        cors: input.cors.map(cors_record),
        created_ms: now_ms,
        last_modified_ms: now_ms,
    };
    let (row, of) = (record.clone(), name.clone());
    let create = move |tx: &mut store::Tx<'_>| {
        check_exists(tx, &of)?;
        if tx.contains(&FUNCTION_URLS, &key(&of))? {
            return Err(errors::url_exists(&of.arn()).into());
        }
        put(tx, &of, &row)?;
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(create).await?;
    let shown = shown(&lambda, &name, record);
    Ok(w::CreateFunctionUrlConfigResponse {
        function_url: shown.url,
        function_arn: shown.arn,
        auth_type: shown.auth_type,
        cors: shown.cors,
        creation_time: shown.created,
        invoke_mode: shown.invoke_mode,
    })
}
