//! Operations on code signing and runtime management.

use super::{and_tag, to, to_taggable};
use crate::model::code_signing::arn;
use crate::{Lambda, ops as run};
use rt::{Access, Routes};
use seams::AccessRequest;
use std::sync::Arc;
use wire_lambda::ops as on;

/// Adds an operation whose resource is the code signing configuration that it names.
macro_rules! config {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| {
                Ok(to_taggable(lambda, cx, $action, &input.code_signing_config_arn)?.into())
            },
            $run,
        )
    };
}

/// Adds an operation whose resource is the function that it names.
macro_rules! function {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| to(lambda, cx, $action, &input.function_name, None),
            $run,
        )
    };
}

/// All of them.
pub fn code_signing(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateCodeSigningConfig,
        l,
        |_, cx, input| {
            let request = AccessRequest::new("lambda:CreateCodeSigningConfig", "*");
            let request = request.with_request_tags(input.tags.iter().flatten());
            let resource = arn(&(cx.account, cx.region.clone(), "*".to_string()));
            Ok(and_tag(request.into(), resource, input.tags.as_ref()))
        },
        run::create_code_signing_config::create_code_signing_config,
    );
    let r = r.on(
        on::ListCodeSigningConfigs,
        l,
        |_, _, _| Ok(Access::to_any("lambda:ListCodeSigningConfigs")),
        run::list_code_signing_configs::list_code_signing_configs,
    );
    let r = config!(
        r,
        l,
        GetCodeSigningConfig,
        "lambda:GetCodeSigningConfig",
        run::get_code_signing_config::get_code_signing_config
    );
    let r = config!(
        r,
        l,
        UpdateCodeSigningConfig,
        "lambda:UpdateCodeSigningConfig",
        run::update_code_signing_config::update_code_signing_config
    );
    let r = config!(
        r,
        l,
        DeleteCodeSigningConfig,
        "lambda:DeleteCodeSigningConfig",
        run::delete_code_signing_config::delete_code_signing_config
    );
    let r = config!(
        r,
        l,
        ListFunctionsByCodeSigningConfig,
        "lambda:ListFunctionsByCodeSigningConfig",
        run::list_functions_by_code_signing_config::list_functions_by_code_signing_config
    );
    functions(r, l)
}

fn functions(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::PutFunctionCodeSigningConfig,
        l,
        |lambda, cx, input| {
            let action = "lambda:PutFunctionCodeSigningConfig";
            let arn = &input.code_signing_config_arn;
            let mut access = to(lambda, cx, action, &input.function_name, None)?;
            for request in &mut access.requests {
                *request = request.clone().with("lambda:CodeSigningConfigArn", arn);
            }
            Ok(access.and(AccessRequest::new(action, arn)))
        },
        run::put_function_code_signing_config::put_function_code_signing_config,
    );
    let r = function!(
        r,
        l,
        GetFunctionCodeSigningConfig,
        "lambda:GetFunctionCodeSigningConfig",
        run::get_function_code_signing_config::get_function_code_signing_config
    );
    let r = function!(
        r,
        l,
        DeleteFunctionCodeSigningConfig,
        "lambda:DeleteFunctionCodeSigningConfig",
        run::delete_function_code_signing_config::delete_function_code_signing_config
    );
    let r = r.on(
        on::PutRuntimeManagementConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:PutRuntimeManagementConfig", &input.qualifier);
            to(lambda, cx, action, &input.function_name, qualifier.as_deref())
        },
        run::put_runtime_management_config::put_runtime_management_config,
    );
    r.on(
        on::GetRuntimeManagementConfig,
        l,
        |lambda, cx, input| {
            let (action, qualifier) = ("lambda:GetRuntimeManagementConfig", &input.qualifier);
            to(lambda, cx, action, &input.function_name, qualifier.as_deref())
        },
        run::get_runtime_management_config::get_runtime_management_config,
    )
}
