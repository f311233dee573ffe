//! Operations on URLs of functions.

use super::to;
use crate::{Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire_lambda::ops as on;

/// `action` on the function or alias that the request names, with the URL's way to let requests in as far as it says so.
fn to_url(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    function_name: &str,
    qualifier: Option<&str>,
    auth_type: Option<&wire_lambda::FunctionUrlAuthType>,
) -> Result<Access> {
    let mut access = to(lambda, cx, action, function_name, qualifier)?;
    for request in &mut access.requests {
        if let Some(auth_type) = auth_type {
            *request = request.clone().with("lambda:FunctionUrlAuthType", auth_type.as_str());
        }
    }
    Ok(access)
}

/// All of them.
pub fn urls(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:CreateFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, &input.function_name, qualifier, Some(&input.auth_type))
        },
        run::create_function_url_config::create_function_url_config,
    );
    let r = r.on(
        on::UpdateFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:UpdateFunctionUrlConfig", input.qualifier.as_deref());
            to_url(lambda, cx, action, &input.function_name, qualifier, input.auth_type.as_ref())
        },
        run::update_function_url_config::update_function_url_config,
    );
    let r = r.on(
        on::GetFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:GetFunctionUrlConfig", input.qualifier.as_deref());
            to(lambda, cx, action, &input.function_name, qualifier)
        },
        run::get_function_url_config::get_function_url_config,
    );
    let r = r.on(
        on::DeleteFunctionUrlConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) =
                ("lambda:DeleteFunctionUrlConfig", input.qualifier.as_deref());
            to(lambda, cx, action, &input.function_name, qualifier)
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
