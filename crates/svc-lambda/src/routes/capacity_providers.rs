//! Operations on capacity providers, and on how versions scale there.

use super::{and_tag, to};
use crate::model::capacity_provider::{arn, parse};
use crate::tables::CAPACITY_PROVIDERS;
use crate::{Failure, Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::sync::Arc;
use wire_lambda::{self as w, ops as on};

/// `action` on the capacity provider that the request names, with its tags.
fn to_provider(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    text: &str,
) -> Result<AccessRequest> {
    let key = parse(cx, text)?;
    let request = AccessRequest::new(action, arn(&key));
    let record = lambda.deps.store.get(&CAPACITY_PROVIDERS, &key).map_err(Failure::from)?;
    Ok(request.with_resource_tags(record.iter().flat_map(|record| &record.tags)))
}

/// Adds an operation whose resource is the capacity provider that it names.
macro_rules! provider {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| {
                Ok(to_provider(lambda, cx, $action, &input.capacity_provider_name)?.into())
            },
            $run,
        )
    };
}

/// All of them.
pub fn capacity_providers(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateCapacityProvider,
        l,
        |_, cx, input| {
            let resource = arn(&parse(cx, &input.capacity_provider_name)?);
            let request = AccessRequest::new("lambda:CreateCapacityProvider", &resource);
            let request = request.with_request_tags(input.tags.iter().flatten());
            Ok(and_tag(request.into(), resource, input.tags.as_ref()))
        },
        run::create_capacity_provider::create_capacity_provider,
    );
    let r = provider!(
        r,
        l,
        GetCapacityProvider,
        "lambda:GetCapacityProvider",
        run::get_capacity_provider::get_capacity_provider
    );
    let r = provider!(
        r,
        l,
        UpdateCapacityProvider,
        "lambda:UpdateCapacityProvider",
        run::update_capacity_provider::update_capacity_provider
    );
    let r = provider!(
        r,
        l,
        DeleteCapacityProvider,
        "lambda:DeleteCapacityProvider",
        run::delete_capacity_provider::delete_capacity_provider
    );
    let r = provider!(
        r,
        l,
        ListFunctionVersionsByCapacityProvider,
        "lambda:ListFunctionVersionsByCapacityProvider",
        run::list_function_versions_by_capacity_provider::list_function_versions_by_capacity_provider
    );
    let r = r.on(
        on::ListCapacityProviders,
        l,
        |_, _, _| Ok(Access::to_any("lambda:ListCapacityProviders")),
        run::list_capacity_providers::list_capacity_providers,
    );
    let r = r.on(
        on::PutFunctionScalingConfig,
        l,
        |lambda, cx, input| {
            let action = "lambda:PutFunctionScalingConfig";
            to(lambda, cx, action, &input.function_name, Some(&input.qualifier))
        },
        run::put_function_scaling_config::put_function_scaling_config,
    );
    r.on(
        on::GetFunctionScalingConfig,
        l,
        |lambda, cx, input| {
            let action = "lambda:GetFunctionScalingConfig";
            to(lambda, cx, action, &input.function_name, Some(&input.qualifier))
        },
        run::get_function_scaling_config::get_function_scaling_config,
    )
}

/// `lambda:PassCapacityProvider`, which who configures a function for a capacity provider needs besides.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-security.html>
pub fn and_pass(
    access: Access,
    lambda: &Lambda,
    cx: &CallCx,
    config: Option<&w::CapacityProviderConfig>,
) -> Result<Access> {
    let Some(config) = config else { return Ok(access) };
    let config = &config.lambda_managed_instances_capacity_provider_config;
    let action = "lambda:PassCapacityProvider";
    Ok(access.and(to_provider(lambda, cx, action, &config.capacity_provider_arn)?))
}
