//! Every operation that is built: what its caller needs, and its function.
//!
//! AWS authorizes an action on a whole group as one on `log-group:NAME:log-stream:`, which policies for
//! `log-group:NAME:*` match, and those for `log-group:NAME` do not. The actions of TagResource and its kin are the
//! exception: theirs is `log-group:NAME`.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html>

use crate::model::log_group::Scope;
use crate::tables::{GROUPS, RESOURCE_POLICIES};
use crate::{Logs, ops, scope};
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::{Error, Internal};
use wire_logs::ops as wire_ops;

pub(crate) fn routes(logs: &Arc<Logs>) -> Routes {
    let routes = Routes::new(&wire_logs::SERVICE);
    let routes = streams_and_events(groups_and_filters(routes, logs), logs);
    subscriptions(policies(routes, logs), logs)
}

fn subscriptions(routes: Routes, logs: &Arc<Logs>) -> Routes {
    use ops::delete_subscription_filter::delete_subscription_filter;
    use ops::describe_subscription_filters::describe_subscription_filters;
    use ops::put_subscription_filter::put_subscription_filter;
    routes
        .on(
            wire_ops::PutSubscriptionFilter,
            logs,
            |logs, cx, input| {
                on_group(logs, cx, "logs:PutSubscriptionFilter", &input.log_group_name)
            },
            put_subscription_filter,
        )
        .on(
            wire_ops::DescribeSubscriptionFilters,
            logs,
            |logs, cx, input| {
                on_group(logs, cx, "logs:DescribeSubscriptionFilters", &input.log_group_name)
            },
            describe_subscription_filters,
        )
        .on(
            wire_ops::DeleteSubscriptionFilter,
            logs,
            |logs, cx, input| {
                on_group(logs, cx, "logs:DeleteSubscriptionFilter", &input.log_group_name)
            },
            delete_subscription_filter,
        )
}

fn policies(routes: Routes, logs: &Arc<Logs>) -> Routes {
    use ops::delete_resource_policy::delete_resource_policy;
    use ops::describe_resource_policies::describe_resource_policies;
    use ops::put_resource_policy::put_resource_policy;
    routes
        .on(
            wire_ops::PutResourcePolicy,
            logs,
            |_, _, _| Ok(Access::to_any("logs:PutResourcePolicy")),
            put_resource_policy,
        )
        .on(
            wire_ops::DescribeResourcePolicies,
            logs,
            |_, _, _| Ok(Access::to_any("logs:DescribeResourcePolicies")),
            describe_resource_policies,
        )
        .on(
            wire_ops::DeleteResourcePolicy,
            logs,
            |_, _, _| Ok(Access::to_any("logs:DeleteResourcePolicy")),
            delete_resource_policy,
        )
}

fn groups_and_filters(routes: Routes, logs: &Arc<Logs>) -> Routes {
    use ops::associate_kms_key::associate_kms_key;
    use ops::create_log_group::create_log_group;
    use ops::delete_log_group::delete_log_group;
    use ops::delete_metric_filter::delete_metric_filter;
    use ops::delete_retention_policy::delete_retention_policy;
    use ops::describe_log_groups::describe_log_groups;
    use ops::describe_metric_filters::describe_metric_filters;
    use ops::disassociate_kms_key::disassociate_kms_key;
    use ops::list_tags_for_resource::list_tags_for_resource;
    use ops::list_tags_log_group::list_tags_log_group;
    use ops::put_log_group_deletion_protection::put_log_group_deletion_protection;
    use ops::put_metric_filter::put_metric_filter;
    use ops::put_retention_policy::put_retention_policy;
    use ops::tag_log_group::tag_log_group;
    use ops::tag_resource::tag_resource;
    use ops::test_metric_filter::test_metric_filter;
    use ops::untag_log_group::untag_log_group;
    use ops::untag_resource::untag_resource;
    routes
        .on(
            wire_ops::AssociateKmsKey,
            logs,
            |logs, cx, input| {
                let (name, resource) = (&input.log_group_name, &input.resource_identifier);
                on_named_group(logs, cx, "logs:AssociateKmsKey", name, resource)
            },
            associate_kms_key,
        )
        .on(
            wire_ops::DisassociateKmsKey,
            logs,
            |logs, cx, input| {
                let (name, resource) = (&input.log_group_name, &input.resource_identifier);
                on_named_group(logs, cx, "logs:DisassociateKmsKey", name, resource)
            },
            disassociate_kms_key,
        )
        .on(
            wire_ops::CreateLogGroup,
            logs,
            |_, cx, input| {
                let arn = scope(cx).stream_arn(&input.log_group_name, "");
                let tags = input.tags.as_ref();
                let create = AccessRequest::new("logs:CreateLogGroup", arn)
                    .with_request_tags(tags.into_iter().flatten());
                let arn = scope(cx).group_arn(&input.log_group_name);
                let tag = AccessRequest::new("logs:TagResource", arn)
                    .with_request_tags(tags.into_iter().flatten());
                let access = Access::from(create);
                Ok(if tags.is_none_or(BTreeMap::is_empty) { access } else { access.and(tag) })
            },
            create_log_group,
        )
        .on(
            wire_ops::DeleteLogGroup,
            logs,
            |logs, cx, input| on_group(logs, cx, "logs:DeleteLogGroup", &input.log_group_name),
            delete_log_group,
        )
        .on(
            wire_ops::DescribeLogGroups,
            logs,
            |_, cx, _| Ok(on_all_groups(cx, "logs:DescribeLogGroups")),
            describe_log_groups,
        )
        .on(
            wire_ops::PutRetentionPolicy,
            logs,
            |logs, cx, input| on_group(logs, cx, "logs:PutRetentionPolicy", &input.log_group_name),
            put_retention_policy,
        )
        .on(
            wire_ops::DeleteRetentionPolicy,
            logs,
            |logs, cx, input| {
                on_group(logs, cx, "logs:DeleteRetentionPolicy", &input.log_group_name)
            },
            delete_retention_policy,
        )
        .on(
            wire_ops::PutLogGroupDeletionProtection,
            logs,
            |logs, cx, input| {
                let identifier = Some(input.log_group_identifier.clone());
                on_named_group(logs, cx, "logs:PutLogGroupDeletionProtection", &None, &identifier)
            },
            put_log_group_deletion_protection,
        )
        .on(
            wire_ops::TagLogGroup,
            logs,
            |logs, cx, input| {
                let access = group_request(logs, cx, "logs:TagLogGroup", &input.log_group_name)?;
                Ok(access.with_request_tags(&input.tags).into())
            },
            tag_log_group,
        )
        .on(
            wire_ops::UntagLogGroup,
            logs,
            |logs, cx, input| {
                let access = group_request(logs, cx, "logs:UntagLogGroup", &input.log_group_name)?;
                Ok(access.with_tag_keys(&input.tags).into())
            },
            untag_log_group,
        )
        .on(
            wire_ops::ListTagsLogGroup,
            logs,
            |logs, cx, input| on_group(logs, cx, "logs:ListTagsLogGroup", &input.log_group_name),
            list_tags_log_group,
        )
        .on(
            wire_ops::TagResource,
            logs,
            |logs, cx, input| {
                let access = resource_request(logs, cx, "logs:TagResource", &input.resource_arn)?;
                Ok(access.with_request_tags(&input.tags).into())
            },
            tag_resource,
        )
        .on(
            wire_ops::UntagResource,
            logs,
            |logs, cx, input| {
                let access = resource_request(logs, cx, "logs:UntagResource", &input.resource_arn)?;
                Ok(access.with_tag_keys(&input.tag_keys).into())
            },
            untag_resource,
        )
        .on(
            wire_ops::ListTagsForResource,
            logs,
            |logs, cx, input| {
                Ok(resource_request(logs, cx, "logs:ListTagsForResource", &input.resource_arn)?
                    .into())
            },
            list_tags_for_resource,
        )
        .on(
            wire_ops::PutMetricFilter,
            logs,
            |logs, cx, input| on_group(logs, cx, "logs:PutMetricFilter", &input.log_group_name),
            put_metric_filter,
        )
        .on(
            wire_ops::DeleteMetricFilter,
            logs,
            |logs, cx, input| on_group(logs, cx, "logs:DeleteMetricFilter", &input.log_group_name),
            delete_metric_filter,
        )
        .on(
            wire_ops::DescribeMetricFilters,
            logs,
            |logs, cx, input| match &input.log_group_name {
                Some(name) => on_group(logs, cx, "logs:DescribeMetricFilters", name),
                None => Ok(on_all_groups(cx, "logs:DescribeMetricFilters")),
            },
            describe_metric_filters,
        )
        .on(
            wire_ops::TestMetricFilter,
            logs,
            |_, _, _| Ok(Access::to_any("logs:TestMetricFilter")),
            test_metric_filter,
        )
}

fn streams_and_events(routes: Routes, logs: &Arc<Logs>) -> Routes {
    use ops::create_log_stream::create_log_stream;
    use ops::delete_log_stream::delete_log_stream;
    use ops::describe_log_streams::describe_log_streams;
    use ops::filter_log_events::filter_log_events;
    use ops::get_log_events::get_log_events;
    use ops::put_log_events::put_log_events;
    use ops::start_live_tail::start_live_tail;
    routes
        .on(
            wire_ops::CreateLogStream,
            logs,
            |logs, cx, input| {
                let (group, stream) = (&input.log_group_name, &input.log_stream_name);
                write_request(logs, cx, CREATE_LOG_STREAM, group, stream).map(Access::from)
            },
            create_log_stream,
        )
        .on(
            wire_ops::DeleteLogStream,
            logs,
            |_, cx, input| {
                let (group, stream) = (&input.log_group_name, &input.log_stream_name);
                Ok(on_stream(cx, "logs:DeleteLogStream", group, stream))
            },
            delete_log_stream,
        )
        .on(
            wire_ops::DescribeLogStreams,
            logs,
            |logs, cx, input| {
                let (name, identifier) = (&input.log_group_name, &input.log_group_identifier);
                on_named_group(logs, cx, "logs:DescribeLogStreams", name, identifier)
            },
            describe_log_streams,
        )
        .on(
            wire_ops::PutLogEvents,
            logs,
            |logs, cx, input| {
                let (group, stream) = (&input.log_group_name, &input.log_stream_name);
                write_request(logs, cx, PUT_LOG_EVENTS, group, stream).map(Access::from)
            },
            put_log_events,
        )
        .on(
            wire_ops::GetLogEvents,
            logs,
            |_, cx, input| {
                let (name, identifier) = (&input.log_group_name, &input.log_group_identifier);
                let scope = scope(cx);
                let group = ops::group_name(&scope, name.as_deref(), identifier.as_deref())?;
                Ok(on_stream(cx, "logs:GetLogEvents", group, &input.log_stream_name))
            },
            get_log_events,
        )
        .on(
            wire_ops::FilterLogEvents,
            logs,
            |logs, cx, input| {
                let (name, identifier) = (&input.log_group_name, &input.log_group_identifier);
                on_named_group(logs, cx, "logs:FilterLogEvents", name, identifier)
            },
            filter_log_events,
        )
        .on(
            wire_ops::StartLiveTail,
            logs,
            |logs, cx, input| {
                let mut access = Access::default();
                for identifier in &input.log_group_identifiers {
                    let scope = scope(cx);
                    let name = scope.group_name(identifier);
                    let name = name.ok_or_else(crate::errors::log_group_not_found)?;
                    access = access.and(group_request(logs, cx, "logs:StartLiveTail", name)?);
                }
                Ok(access)
            },
            start_live_tail,
        )
}

/// Actions that the seam for other services asks for, too.
pub(crate) const PUT_LOG_EVENTS: &str = "logs:PutLogEvents";
pub(crate) const CREATE_LOG_STREAM: &str = "logs:CreateLogStream";

/// May the caller write to a stream, by its own policies or the account's resource policies?
pub(crate) fn write_request(
    logs: &Logs,
    cx: &CallCx,
    action: &'static str,
    group: &str,
    stream: &str,
) -> Result<AccessRequest, Error> {
    let scope = scope(cx);
    let mut request = AccessRequest::new(action, scope.stream_arn(group, stream));
    let policies = logs.store.get(&RESOURCE_POLICIES, &(scope.account, scope.region));
    let policies = policies.internal("reading resource policies")?.unwrap_or_default().by_name;
    if !policies.is_empty() {
        // One document decides as several do: any statement may allow, any may deny.
        let documents = policies.values();
        let statements: Vec<serde_json::Value> = documents
            .filter_map(|policy| ops::put_resource_policy::statements(&policy.document))
            .flatten()
            .collect();
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": statements});
        request.resource_policy = Some(document.to_string().into());
    }
    Ok(request)
}

fn on_all_groups(cx: &CallCx, action: &'static str) -> Access {
    Access::to(action, scope(cx).stream_arn("", ""))
}

fn on_stream(cx: &CallCx, action: &'static str, group: &str, stream: &str) -> Access {
    Access::to(action, scope(cx).stream_arn(group, stream))
}

fn on_group(logs: &Logs, cx: &CallCx, action: &'static str, name: &str) -> Result<Access, Error> {
    group_request(logs, cx, action, name).map(Access::from)
}

fn on_named_group(
    logs: &Logs,
    cx: &CallCx,
    action: &'static str,
    name: &Option<String>,
    identifier: &Option<String>,
) -> Result<Access, Error> {
    let scope = scope(cx);
    let name = ops::group_name(&scope, name.as_deref(), identifier.as_deref())?;
    on_group(logs, cx, action, name)
}

fn group_request(
    logs: &Logs,
    cx: &CallCx,
    action: &'static str,
    name: &str,
) -> Result<AccessRequest, Error> {
    let scope = scope(cx);
    let request = AccessRequest::new(action, scope.stream_arn(name, ""));
    with_resource_tags(logs, &scope, name, request)
}

fn resource_request(
    logs: &Logs,
    cx: &CallCx,
    action: &'static str,
    arn: &str,
) -> Result<AccessRequest, Error> {
    let scope = scope(cx);
    let request = AccessRequest::new(action, arn);
    match scope.group_name_of_arn(arn) {
        Some(name) => with_resource_tags(logs, &scope, name, request),
        None => Ok(request),
    }
}

/// Adds `aws:ResourceTag/…` of the group, if it exists.
fn with_resource_tags(
    logs: &Logs,
    scope: &Scope,
    name: &str,
    request: AccessRequest,
) -> Result<AccessRequest, Error> {
    let key = (scope.account, scope.region.clone(), name.to_string());
    let group = logs.store.get(&GROUPS, &key).internal("reading a log group")?;
    Ok(request.with_resource_tags(group.iter().flat_map(|group| &group.tags)))
}
