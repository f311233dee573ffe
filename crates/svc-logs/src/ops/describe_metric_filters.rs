//! `DescribeMetricFilters`: the metric filters of a group or of all groups, by name.

use super::{long, page_size};
use crate::tables::{METRIC_FILTERS, MetricFilterRecord};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Internal};
use wire_logs::{
    DescribeMetricFiltersRequest, DescribeMetricFiltersResponse, MetricFilter,
    MetricTransformation, StandardUnit,
};

/// The token of the next page is the last filter: its group's name and its own, with a colon between them, which neither
/// may have.
pub async fn describe_metric_filters(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DescribeMetricFiltersRequest,
) -> Result<DescribeMetricFiltersResponse, Error> {
    if input.metric_name.is_some() != input.metric_namespace.is_some() {
        return Err(errors::metric_name_without_namespace());
    }
    let scope = scope(&cx);
    if let Some(group) = &input.log_group_name {
        logs.group(&scope, group)?;
    }
    let prefix = input.filter_name_prefix.as_deref().unwrap_or_default();
    let selected = |name: &str, filter: &MetricFilterRecord| {
        let metric = &filter.transformation;
        name.starts_with(prefix)
            && input.metric_name.as_ref().is_none_or(|name| *name == metric.metric_name)
            && input.metric_namespace.as_ref().is_none_or(|name| *name == metric.metric_namespace)
    };
    let token = input.next_token.as_deref().map(|token| {
        let (group, name) = token.split_once(':').ok_or_else(errors::invalid_next_token)?;
        Ok::<_, Error>((scope.account, scope.region.clone(), group.to_string(), name.to_string()))
    });
    let mut last = token.transpose()?;
    let size = page_size(input.limit);
    let mut metric_filters: Vec<MetricFilter> = Vec::new();
    loop {
        let mut range = match &input.log_group_name {
            Some(group) => Prefix::of((scope.account, scope.region.clone(), group.clone())),
            None => Prefix::of((scope.account, scope.region.clone())),
        };
        if let Some(last) = &last {
            range = range.after(last);
        }
        let view = logs
            .store
            .view(|view| view.scan(&METRIC_FILTERS, range, limits::DESCRIBE_VIEW_ROWS_MAX));
        let rows: Result<Vec<_>, store::Error> = view.await;
        let rows = rows.internal("reading metric filters")?;
        let more = rows.len() == limits::DESCRIBE_VIEW_ROWS_MAX;
        for (key, filter) in rows {
            if selected(&key.3, &filter) {
                if metric_filters.len() == size {
                    let next_token = last.map(|(_, _, group, name)| format!("{group}:{name}"));
                    let metric_filters = Some(metric_filters);
                    return Ok(DescribeMetricFiltersResponse { metric_filters, next_token });
                }
                metric_filters.push(into_wire(key.2.clone(), key.3.clone(), filter));
            }
            last = Some(key);
        }
        if !more {
            let metric_filters = Some(metric_filters);
            return Ok(DescribeMetricFiltersResponse { metric_filters, next_token: None });
        }
    }
}

fn into_wire(group: String, name: String, filter: MetricFilterRecord) -> MetricFilter {
    let transformation = filter.transformation;
    let dimensions = transformation.dimensions;
    let transformation = MetricTransformation {
        metric_name: transformation.metric_name,
        metric_namespace: transformation.metric_namespace,
        metric_value: transformation.metric_value,
        default_value: transformation.default_value,
        dimensions: (!dimensions.is_empty()).then_some(dimensions),
        unit: transformation.unit.as_deref().and_then(StandardUnit::parse),
    };
    MetricFilter {
        filter_name: Some(name),
        filter_pattern: Some(filter.pattern),
        metric_transformations: Some(vec![transformation]),
        creation_time: Some(long(filter.created_ms)),
        log_group_name: Some(group),
        apply_on_transformed_logs: Some(filter.apply_on_transformed_logs),
        field_selection_criteria: None,
        emit_system_field_dimensions: None,
    }
}
