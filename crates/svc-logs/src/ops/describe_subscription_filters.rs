//! `DescribeSubscriptionFilters`: the subscription filters of a group, by name.

use super::{long, page_size};
use crate::tables::{SUBSCRIPTION_FILTERS, SubscriptionFilterRecord};
use crate::{Logs, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Internal};
use wire_logs::{
    DescribeSubscriptionFiltersRequest, DescribeSubscriptionFiltersResponse, Distribution,
    SubscriptionFilter,
};

/// The token of the next page is the name of this page's last filter.
pub async fn describe_subscription_filters(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DescribeSubscriptionFiltersRequest,
) -> Result<DescribeSubscriptionFiltersResponse, Error> {
    let scope = scope(&cx);
    let group = input.log_group_name;
    logs.group(&scope, &group)?;
    let prefix = input.filter_name_prefix.as_deref().unwrap_or_default();
    let key = (scope.account, scope.region.clone(), group.clone());
    let mut range = Prefix::text(key, prefix);
    if let Some(last) = input.next_token {
        range = range.after(&(scope.account, scope.region, group.clone(), last));
    }
    let rows = logs
        .store
        .read(|view| view.scan(&SUBSCRIPTION_FILTERS, range, limits::SUBSCRIPTION_FILTERS_MAX));
    let rows: Vec<_> = rows.internal("reading subscription filters")?;
    let size = page_size(input.limit);
    let next_token = (rows.len() > size).then(|| rows[size - 1].0.3.clone());
    let filters = rows.into_iter().take(size);
    let filters = filters.map(|(key, filter)| into_wire(&group, key.3, filter)).collect();
    Ok(DescribeSubscriptionFiltersResponse { subscription_filters: Some(filters), next_token })
}

fn into_wire(group: &str, name: String, filter: SubscriptionFilterRecord) -> SubscriptionFilter {
    SubscriptionFilter {
        filter_name: Some(name),
        log_group_name: Some(group.to_string()),
        filter_pattern: Some(filter.pattern),
        destination_arn: Some(filter.destination_arn),
        distribution: Distribution::parse(&filter.distribution),
        apply_on_transformed_logs: Some(filter.apply_on_transformed_logs),
        creation_time: Some(long(filter.created_ms)),
        ..Default::default()
    }
}
