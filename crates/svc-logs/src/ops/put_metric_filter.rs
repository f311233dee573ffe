//! `PutMetricFilter`: make or replace a metric filter of a log group.

use crate::errors::{self, Failure};
use crate::limits;
use crate::model::filter_pattern::FilterPattern;
use crate::tables::{GROUPS, METRIC_FILTERS, MetricFilterRecord, MetricTransformationRecord};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire::{Error, Unit};
use wire_logs::{MetricTransformation, PutMetricFilterRequest, StandardUnit};

/// A filter that is replaced keeps the time at which it was made.
pub async fn put_metric_filter(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutMetricFilterRequest,
) -> Result<Unit, Error> {
    let pattern = FilterPattern::parse(&input.filter_pattern).map_err(errors::invalid_pattern)?;
    // The model demands exactly one.
    let transformation = input.metric_transformations.into_iter().next();
    let transformation =
        transformation.ok_or_else(|| errors::member_missing("metricTransformations"))?;
    let transformation = check_transformation(transformation, &pattern)?;
    if input.log_group_name.len() + input.filter_name.len() > limits::FILTER_NAMES_BYTES_MAX {
        return Err(errors::name_too_long());
    }
    let mut filter = MetricFilterRecord {
        created_ms: logs.now_ms(),
        pattern: input.filter_pattern,
        apply_on_transformed_logs: input.apply_on_transformed_logs.unwrap_or(false),
        transformation,
    };
    let scope = scope(&cx);
    let group_key = (scope.account, scope.region, input.log_group_name);
    let (account, region, group) = group_key.clone();
    let key = (account, region, group, input.filter_name);
    let put = logs.store.transact(move |tx| {
        if !tx.contains(&GROUPS, &group_key)? {
            return Err(Failure::Fault(errors::log_group_not_found()));
        }
        if let Some(replaced) = tx.get(&METRIC_FILTERS, &key)? {
            filter.created_ms = replaced.created_ms;
        } else {
            let filters = Prefix::of(group_key.clone());
            let filters = tx.scan_keys(&METRIC_FILTERS, filters, limits::METRIC_FILTERS_MAX)?;
            if filters.len() == limits::METRIC_FILTERS_MAX {
                return Err(Failure::Fault(errors::limit_exceeded()));
            }
        }
        tx.put(&METRIC_FILTERS, &key, &filter)?;
        Ok(())
    });
    put.await?;
    Ok(Unit)
}

fn check_transformation(
    transformation: MetricTransformation,
    pattern: &FilterPattern,
) -> Result<MetricTransformationRecord, Error> {
    let dimensions = transformation.dimensions.unwrap_or_default();
    if !dimensions.is_empty() && transformation.default_value.is_some() {
        return Err(errors::dimensions_and_default_value());
    }
    if !dimensions.is_empty() && !pattern.names_values() {
        return Err(errors::pattern_without_dimensions());
    }
    Ok(MetricTransformationRecord {
        metric_name: transformation.metric_name,
        metric_namespace: transformation.metric_namespace,
        metric_value: transformation.metric_value,
        default_value: transformation.default_value,
        dimensions,
        unit: transformation.unit.map(|unit: StandardUnit| unit.as_str().to_string()),
    })
}
