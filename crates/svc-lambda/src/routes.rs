//! Every operation that is built: what the caller must be allowed, and its function.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html>

mod capacity_providers;
mod code_signing;
mod durable;
mod event_source_mappings;
mod layers;
mod permissions;
mod urls;

use crate::model::name::FunctionName;
use crate::ops::layer_rows;
use crate::ops::tag_resource::Taggable;
use crate::{Lambda, Result, ops as run};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_lambda::{SERVICE, ops as on};

/// `action` on the function, version or alias that the request names, by its own policy too.
fn to(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    function_name: &str,
    qualifier: Option<&str>,
) -> Result<Access> {
    let name = FunctionName::parse(cx, function_name, qualifier)?;
    Ok(lambda.resolver.guard(&name)?.request(action, name.arn()).into())
}

/// `action` on the function whose ARN the request names, by its own policy too, or on another taggable resource.
fn to_taggable(
    lambda: &Lambda,
    cx: &CallCx,
    action: &'static str,
    resource: &str,
) -> Result<AccessRequest> {
    let taggable = Taggable::parse(cx, resource)?;
    if let Taggable::Function(name) = &taggable {
        return Ok(lambda.resolver.guard(name)?.request(action, name.function_arn()));
    }
    // What is not there has no tags; that it is not there is for the operation to say.
    let tags = lambda.deps.store.read(|view| taggable.tags(view, cx)).unwrap_or_default();
    Ok(AccessRequest::new(action, resource).with_resource_tags(&tags))
}

/// Tags at birth need the permission to tag too. `resource` ends with `*` where its id is not known yet.
fn and_tag(access: Access, resource: String, tags: Option<&BTreeMap<String, String>>) -> Access {
    let Some(tags) = tags.filter(|tags| !tags.is_empty()) else { return access };
    access.and(AccessRequest::new("lambda:TagResource", resource).with_request_tags(tags))
}

/// All of them.
pub fn routes(lambda: &Arc<Lambda>) -> Routes {
    let routes = Routes::new(&SERVICE);
    let routes = functions(routes, lambda);
    let routes = versions_and_aliases(routes, lambda);
    let routes = provisioned_concurrency(routes, lambda);
    let routes = invocations(routes, lambda);
    let routes = permissions::permissions(routes, lambda);
    let routes = tags(routes, lambda);
    let routes = layers::layers(routes, lambda);
    let routes = urls::urls(routes, lambda);
    let routes = code_signing::code_signing(routes, lambda);
    let routes = capacity_providers::capacity_providers(routes, lambda);
    let routes = durable::durable(routes, lambda);
    event_source_mappings::event_source_mappings(routes, lambda)
}

/// Adds an operation whose resource is the function that it names; `qualified` where its qualifier counts too.
macro_rules! route {
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| to(lambda, cx, $action, &input.function_name, None),
            $run,
        )
    };
    ($routes:expr, $lambda:expr, $operation:ident, $action:literal, $run:path, qualified) => {
        $routes.on(
            on::$operation,
            $lambda,
            |lambda, cx, input| {
                to(lambda, cx, $action, &input.function_name, input.qualifier.as_deref())
            },
            $run,
        )
    };
}

fn functions(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::CreateFunction,
        l,
        |lambda, cx, input| {
            let name = FunctionName::for_creation(cx, &input.function_name)?;
            let mut request = AccessRequest::new("lambda:CreateFunction", name.function_arn())
                .with_request_tags(input.tags.iter().flatten());
            request.context.extend(layer_rows::condition(input.layers.as_ref()));
            let access = match &input.code_signing_config_arn {
                Some(arn) => request.with("lambda:CodeSigningConfigArn", arn).into(),
                None => request.into(),
            };
            let access = and_tag(access, name.function_arn(), input.tags.as_ref());
            capacity_providers::and_pass(
                access,
                lambda,
                cx,
                input.capacity_provider_config.as_ref(),
            )
        },
        run::create_function::create_function,
    );
    let r = r.on(
        on::ListFunctions,
        l,
        |_, _, _| Ok(Access::to_any("lambda:ListFunctions")),
        run::list_functions::list_functions,
    );
    let r = r.on(
        on::GetAccountSettings,
        l,
        |_, _, _| Ok(Access::to_any("lambda:GetAccountSettings")),
        run::get_account_settings::get_account_settings,
    );
    let r =
        route!(r, l, GetFunction, "lambda:GetFunction", run::get_function::get_function, qualified);
    let r = route!(
        r,
        l,
        GetFunctionConfiguration,
        "lambda:GetFunctionConfiguration",
        run::get_function_configuration::get_function_configuration,
        qualified
    );
    let r = route!(
        r,
        l,
        UpdateFunctionCode,
        "lambda:UpdateFunctionCode",
        run::update_function_code::update_function_code
    );
    let r = r.on(
        on::UpdateFunctionConfiguration,
        l,
        |lambda, cx, input| {
            let action = "lambda:UpdateFunctionConfiguration";
            let mut access = to(lambda, cx, action, &input.function_name, None)?;
            let context = layer_rows::condition(input.layers.as_ref());
            access.requests.iter_mut().for_each(|one| one.context.extend(context.clone()));
            capacity_providers::and_pass(
                access,
                lambda,
                cx,
                input.capacity_provider_config.as_ref(),
            )
        },
        run::update_function_configuration::update_function_configuration,
    );
    route!(
        r,
        l,
        DeleteFunction,
        "lambda:DeleteFunction",
        run::delete_function::delete_function,
        qualified
    )
}

fn versions_and_aliases(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = route!(
        r,
        l,
        PublishVersion,
        "lambda:PublishVersion",
        run::publish_version::publish_version
    );
    let r = route!(
        r,
        l,
        ListVersionsByFunction,
        "lambda:ListVersionsByFunction",
        run::list_versions_by_function::list_versions_by_function
    );
    let r = route!(r, l, CreateAlias, "lambda:CreateAlias", run::create_alias::create_alias);
    let r = route!(r, l, GetAlias, "lambda:GetAlias", run::get_alias::get_alias);
    let r = route!(r, l, ListAliases, "lambda:ListAliases", run::list_aliases::list_aliases);
    let r = route!(r, l, UpdateAlias, "lambda:UpdateAlias", run::update_alias::update_alias);
    let r = route!(r, l, DeleteAlias, "lambda:DeleteAlias", run::delete_alias::delete_alias);
    let r = route!(
        r,
        l,
        PutFunctionConcurrency,
        "lambda:PutFunctionConcurrency",
        run::put_function_concurrency::put_function_concurrency
    );
    let r = route!(
        r,
        l,
        GetFunctionConcurrency,
        "lambda:GetFunctionConcurrency",
        run::get_function_concurrency::get_function_concurrency
    );
    let r = route!(
        r,
        l,
        DeleteFunctionConcurrency,
        "lambda:DeleteFunctionConcurrency",
        run::delete_function_concurrency::delete_function_concurrency
    );
    let r = route!(
        r,
        l,
        PutFunctionRecursionConfig,
        "lambda:PutFunctionRecursionConfig",
        run::put_function_recursion_config::put_function_recursion_config
    );
    route!(
        r,
        l,
        GetFunctionRecursionConfig,
        "lambda:GetFunctionRecursionConfig",
        run::get_function_recursion_config::get_function_recursion_config
    )
}

fn provisioned_concurrency(r: Routes, l: &Arc<Lambda>) -> Routes {
    macro_rules! route {
        ($routes:expr, $operation:ident, $action:literal, $run:path) => {
            $routes.on(
                on::$operation,
                l,
                |lambda, cx, input| {
                    to(lambda, cx, $action, &input.function_name, Some(&input.qualifier))
                },
                $run,
            )
        };
    }
    let r = route!(
        r,
        PutProvisionedConcurrencyConfig,
        "lambda:PutProvisionedConcurrencyConfig",
        run::put_provisioned_concurrency_config::put_provisioned_concurrency_config
    );
    let r = route!(
        r,
        GetProvisionedConcurrencyConfig,
        "lambda:GetProvisionedConcurrencyConfig",
        run::get_provisioned_concurrency_config::get_provisioned_concurrency_config
    );
    let r = route!(
        r,
        DeleteProvisionedConcurrencyConfig,
        "lambda:DeleteProvisionedConcurrencyConfig",
        run::delete_provisioned_concurrency_config::delete_provisioned_concurrency_config
    );
    r.on(
        on::ListProvisionedConcurrencyConfigs,
        l,
        |lambda, cx, input| {
            to(lambda, cx, "lambda:ListProvisionedConcurrencyConfigs", &input.function_name, None)
        },
        run::list_provisioned_concurrency_configs::list_provisioned_concurrency_configs,
    )
}

/// May the caller invoke the function, version or alias? Also asked of services that invoke it by a seam.
pub fn invoke_request(lambda: &Lambda, name: &FunctionName) -> Result<AccessRequest> {
    Ok(lambda.resolver.guard(name)?.request("lambda:InvokeFunction", name.arn()))
}

fn invocations(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::Invoke,
        l,
        |lambda, cx, input| {
            let name = FunctionName::parse(cx, &input.function_name, input.qualifier.as_deref())?;
            invoke_request(lambda, &name).map(Access::from)
        },
        run::invoke::invoke,
    );
    let r = route!(
        r,
        l,
        InvokeWithResponseStream,
        "lambda:InvokeFunction",
        run::invoke_with_response_stream::invoke_with_response_stream,
        qualified
    );
    let r = route!(r, l, InvokeAsync, "lambda:InvokeAsync", run::invoke_async::invoke_async);
    let r = route!(
        r,
        l,
        PutFunctionEventInvokeConfig,
        "lambda:PutFunctionEventInvokeConfig",
        run::put_function_event_invoke_config::put_function_event_invoke_config,
        qualified
    );
    let r = route!(
        r,
        l,
        UpdateFunctionEventInvokeConfig,
        "lambda:UpdateFunctionEventInvokeConfig",
        run::update_function_event_invoke_config::update_function_event_invoke_config,
        qualified
    );
    let r = route!(
        r,
        l,
        GetFunctionEventInvokeConfig,
        "lambda:GetFunctionEventInvokeConfig",
        run::get_function_event_invoke_config::get_function_event_invoke_config,
        qualified
    );
    let r = route!(
        r,
        l,
        DeleteFunctionEventInvokeConfig,
        "lambda:DeleteFunctionEventInvokeConfig",
        run::delete_function_event_invoke_config::delete_function_event_invoke_config,
        qualified
    );
    route!(
        r,
        l,
        ListFunctionEventInvokeConfigs,
        "lambda:ListFunctionEventInvokeConfigs",
        run::list_function_event_invoke_configs::list_function_event_invoke_configs
    )
}

fn tags(r: Routes, l: &Arc<Lambda>) -> Routes {
    let r = r.on(
        on::TagResource,
        l,
        |lambda, cx, input| {
            let request = to_taggable(lambda, cx, "lambda:TagResource", &input.resource)?;
            Ok(request.with_request_tags(&input.tags).into())
        },
        run::tag_resource::tag_resource,
    );
    let r = r.on(
        on::UntagResource,
        l,
        |lambda, cx, input| {
            let request = to_taggable(lambda, cx, "lambda:UntagResource", &input.resource)?;
            Ok(request.with_tag_keys(&input.tag_keys).into())
        },
        run::untag_resource::untag_resource,
    );
    r.on(
        on::ListTags,
        l,
        |lambda, cx, input| Ok(to_taggable(lambda, cx, "lambda:ListTags", &input.resource)?.into()),
        run::list_tags::list_tags,
    )
}
