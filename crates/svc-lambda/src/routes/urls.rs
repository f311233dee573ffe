//! Operations on URLs of functions.

use super::to;
use crate::model::name::FunctionName;
use crate::ops::function_url_rows::key;
use crate::tables::FUNCTION_URLS;
use crate::{Failure, Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda::ops as on;

/// `action` on the function or alias that the request names, with its ARN and the URL's way to let requests in: the one
/// that the request gives it, or else the one that it has.
fn to_url(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    (function, qualifier): (&str, Option<&str>),
    auth_type: Option<wire_lambda::FunctionUrlAuthType>,
) -> Result<Access> {
    let name = FunctionName::parse(cx, function, qualifier)?;
    let request = lambda.resolver.guard(&name)?.request(action, name.arn());
    let request = request.with("lambda:FunctionArn", name.arn());
    let auth_type = match auth_type {
        Some(auth_type) => Some(auth_type.as_str().to_string()),
        None => {
            let url = lambda.deps.store.get(&FUNCTION_URLS, &key(&name)).map_err(Failure::from)?;
            url.map(|url| url.auth_type)
        }
    };
    Ok(match auth_type {
        Some(auth_type) => request.with("lambda:FunctionUrlAuthType", auth_type).into(),
        None => request.into(),
    })
}

/// All of them.
pub fn urls(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:CreateFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, (&input.function_name, qualifier), Some(input.auth_type))
        },
        run::create_function_url_config::create_function_url_config,
    );
    let r = r.on(
        on::UpdateFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:UpdateFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, (&input.function_name, qualifier), input.auth_type)
        },
        run::update_function_url_config::update_function_url_config,
    );
    let r = r.on(
        on::GetFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:GetFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, (&input.function_name, qualifier), None)
        },
        run::get_function_url_config::get_function_url_config,
    );
    let r = r.on(
        on::DeleteFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:DeleteFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, (&input.function_name, qualifier), None)
        },
        run::delete_function_url_config::delete_function_url_config,
    );
    r.on(
        on::ListFunctionUrlConfigs,
        l,
        |lambda, cx, input| {
            to(lambda, cx, "lambda:ListFunctionUrlConfigs", &input.function_name, None)
        },
        run::list_function_url_configs::list_function_url_configs,
    )
}
