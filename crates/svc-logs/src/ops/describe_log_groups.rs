//! `DescribeLogGroups`: the groups of an account, in the order of their names.

use super::{long, page_size};
use crate::model::log_group::Scope;
use crate::tables::{GROUPS, GroupRecord, METRIC_FILTERS, STORED_BYTES};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use store::{Prefix, View};
use wire::{Error, Internal};
use wire_logs::{DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogGroup, LogGroupClass};

/// A prefix or a pattern (a text that the name contains) selects groups, and their class. The token of the next page is
/// the name of the last group.
pub async fn describe_log_groups(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, Error> {
    let scope = scope(&cx);
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        return Err(errors::mutually_exclusive("LogGroup name prefix", "LogGroup name pattern"));
    }
    let selected = |name: &str, group: &GroupRecord| {
        let pattern = input.log_group_name_pattern.as_deref().unwrap_or_default();
        let class = input.log_group_class.map(LogGroupClass::as_str);
        name.contains(pattern) && class.is_none_or(|class| class == group.class)
    };
    let page = if let Some(identifiers) = &input.log_group_identifiers {
        Page { groups: named(&logs, &scope, identifiers)?, next_token: None }
    } else {
        let prefix = input.log_group_name_prefix.as_deref().unwrap_or_default();
        scan(&logs, &scope, prefix, input.next_token, page_size(input.limit), &selected).await?
    };
    // As recorded: with a pattern the answer has less.
    let brief = input.log_group_name_pattern.is_some();
    let groups = logs.store.view(|view| {
        page.groups
            .into_iter()
            .map(|(name, group)| describe(view, &scope, name, group, brief))
            .collect()
    });
    let log_groups: Result<Vec<LogGroup>, store::Error> = groups.await;
    let log_groups = log_groups.internal("reading what log groups hold")?;
    Ok(DescribeLogGroupsResponse { log_groups: Some(log_groups), next_token: page.next_token })
}

struct Page {
    groups: Vec<(String, GroupRecord)>,
    next_token: Option<String>,
}

/// The groups of these identifiers that exist.
fn named(
    logs: &Logs,
    scope: &Scope,
    identifiers: &[String],
) -> Result<Vec<(String, GroupRecord)>, Error> {
    let names = identifiers.iter().filter_map(|identifier| scope.group_name(identifier));
    let groups = names.map(|name| {
        let key = (scope.account, scope.region.clone(), name.to_string());
        let group = logs.store.get(&GROUPS, &key).internal("reading a log group")?;
        Ok(group.map(|group| (name.to_string(), group)))
    });
    groups.filter_map(Result::transpose).collect()
}

async fn scan(
    logs: &Logs,
    scope: &Scope,
    prefix: &str,
    mut last: Option<String>,
    size: usize,
    selected: &(dyn Fn(&str, &GroupRecord) -> bool + Sync),
) -> Result<Page, Error> {
    let (mut groups, mut passed) = (Vec::new(), 0);
    while passed < limits::DESCRIBE_ROWS_MAX {
        let mut range = Prefix::text((scope.account, scope.region.clone()), prefix);
        if let Some(last) = &last {
            range = range.after(&(scope.account, scope.region.clone(), last.clone()));
        }
        let view =
            logs.store.view(|view| view.scan(&GROUPS, range, limits::DESCRIBE_VIEW_ROWS_MAX));
        let rows: Result<Vec<_>, store::Error> = view.await;
        let rows = rows.internal("reading log groups")?;
        let more = rows.len() == limits::DESCRIBE_VIEW_ROWS_MAX;
        passed += rows.len();
        for ((_, _, name), group) in rows {
            if !selected(&name, &group) {
                last = Some(name);
                continue;
            }
            if groups.len() == size {
                return Ok(Page { groups, next_token: last });
            }
            last = Some(name.clone());
            groups.push((name, group));
        }
        if !more {
            return Ok(Page { groups, next_token: None });
        }
    }
    Ok(Page { groups, next_token: last })
}

fn describe(
    view: &View<'_>,
    scope: &Scope,
    name: String,
    group: GroupRecord,
    brief: bool,
) -> Result<LogGroup, store::Error> {
    let key = (scope.account, scope.region.clone(), name.clone());
    let filters = view.scan_keys(&METRIC_FILTERS, Prefix::of(key), limits::METRIC_FILTERS_MAX)?;
    let stored = view.get(&STORED_BYTES, &group.id)?.unwrap_or_default();
    let arn = scope.group_arn(&name);
    Ok(LogGroup {
        log_group_name: Some(name),
        creation_time: Some(long(group.created_ms)),
        retention_in_days: group.retention_days.map(|days| days as i32),
        metric_filter_count: Some(filters.len() as i32),
        arn: Some(format!("{arn}:*")),
        log_group_arn: Some(arn),
        stored_bytes: (!brief).then(|| long(stored.bytes)),
        kms_key_id: group.kms_key_id,
        log_group_class: LogGroupClass::parse(&group.class),
        deletion_protection_enabled: (!brief).then_some(group.deletion_protection),
        ..LogGroup::default()
    })
}
