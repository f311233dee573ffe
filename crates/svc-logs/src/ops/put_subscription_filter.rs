//! `PutSubscriptionFilter`: make or replace a subscription filter of a log group.

use super::update_group;
use crate::errors::{self, Failure};
use crate::limits;
use crate::model::filter_pattern::FilterPattern;
use crate::model::log_group::Scope;
use crate::model::subscription;
use crate::tables::{
    SUBSCRIPTION_FILTER_PLACES, SUBSCRIPTION_FILTERS, SubscriptionFilterPlaceRecord,
    SubscriptionFilterRecord,
};
use crate::{Logs, scope};
use base::Arn;
use seams::{CallCx, FunctionCall};
use std::sync::Arc;
use store::{Prefix, View};
use wire::{Error, Internal, Unit};
use wire_logs::{Distribution, PutSubscriptionFilterRequest};

/// The class of groups that can have subscription filters.
const STANDARD: &str = "STANDARD";

/// A filter that is replaced keeps its time; what it has not delivered yet goes to the new destination.
pub async fn put_subscription_filter(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: PutSubscriptionFilterRequest,
) -> Result<Unit, Error> {
    FilterPattern::parse(&input.filter_pattern).map_err(errors::invalid_pattern)?;
    let scope = scope(&cx);
    // In the order of AWS (recorded): the destination as such, then the group.
    let function = destination(&scope, &input)?;
    let (group, name) = (input.log_group_name, input.filter_name);
    if group.len() + name.len() > limits::FILTER_NAMES_BYTES_MAX {
        return Err(errors::name_too_long());
    }
    if logs.group(&scope, &group)?.class != STANDARD {
        return Err(errors::class_without_subscriptions());
    }
    logs.check_no_loop(&scope, &group, &function).await?;
    logs.store.read(|view| replaced(view, &scope, &group, &name))?;
    // The first event of every subscription is one that tries whether the function takes any.
    let payload = subscription::control_message(logs.now_ms());
    let function_cx = logs.as_subscription(&scope, &group, cx.request_id);
    let sent = logs.functions.send(&function_cx, FunctionCall::new(&function, payload)).await;
    sent.map_err(|error| match error.is_internal() {
        true => Error::internal(error),
        false => errors::function_not_executable(),
    })?;
    let distribution = input.distribution.unwrap_or(Distribution::ByLogStream);
    let mut filter = SubscriptionFilterRecord {
        id: logs.new_id(),
        created_ms: logs.now_ms(),
        pattern: input.filter_pattern,
        destination_arn: input.destination_arn,
        distribution: distribution.as_str().to_string(),
        apply_on_transformed_logs: false,
    };
    let place = SubscriptionFilterPlaceRecord {
        account: scope.account.to_string(),
        region: scope.region.to_string(),
        group: group.clone(),
        name: name.clone(),
    };
    let put = logs.store.transact(move |tx| {
        if let Some(replaced) = replaced(tx, &scope, &group, &name)? {
            (filter.id, filter.created_ms) = (replaced.id, replaced.created_ms);
        }
        update_group(tx, &scope, &group, |group| {
            if !group.subscriptions.contains(&filter.id) {
                group.subscriptions.push(filter.id);
            }
            Ok(())
        })?;
        tx.put(&SUBSCRIPTION_FILTER_PLACES, &filter.id, &place)?;
        let key = (scope.account, scope.region.clone(), group.clone(), name.clone());
        tx.put(&SUBSCRIPTION_FILTERS, &key, &filter)?;
        Ok::<_, Failure>(filter.id)
    });
    // What the destination before it refused says nothing of this one.
    logs.held.forget(put.await?);
    Ok(Unit)
}

/// The filter that the new one takes the place of; an error if there is none and no room for one more.
fn replaced(
    view: &View<'_>,
    scope: &Scope,
    group: &str,
    name: &str,
) -> Result<Option<SubscriptionFilterRecord>, Failure> {
    let key = (scope.account, scope.region.clone(), group.to_string());
    let rows =
        view.scan(&SUBSCRIPTION_FILTERS, Prefix::of(key), limits::SUBSCRIPTION_FILTERS_MAX)?;
    let full = rows.len() == limits::SUBSCRIPTION_FILTERS_MAX;
    match rows.into_iter().find(|(key, _)| key.3 == name) {
        Some((_, filter)) => Ok(Some(filter)),
        None if full => Err(errors::limit_exceeded().into()),
        None => Ok(None),
    }
}

/// The function that events go to. Error: it is of another account, or no function.
fn destination(scope: &Scope, input: &PutSubscriptionFilterRequest) -> Result<Arn, Error> {
    let arn = Arn::parse(&input.destination_arn).ok_or_else(errors::destination_invalid)?;
    match arn.service() {
        "lambda" => {}
        vendor @ ("kinesis" | "firehose") => {
            return Err(match input.role_arn {
                None => errors::destination_without_role(vendor),
                Some(_) => errors::not_built(&format!("A destination of the service {vendor}")),
            });
        }
        "logs" => return Err(errors::not_built("A destination of another account")),
        _ => return Err(errors::destination_invalid()),
    }
    if input.role_arn.is_some() {
        return Err(errors::destination_with_role("lambda"));
    }
    if arn.account_id() != Some(scope.account) {
        return Err(errors::function_of_another_account());
    }
    if arn.region() != scope.region.as_str() || !arn.resource().starts_with("function:") {
        return Err(errors::destination_invalid());
    }
    for (is_given, what) in [
        (input.apply_on_transformed_logs == Some(true), "applyOnTransformedLogs"),
        (input.field_selection_criteria.is_some(), "fieldSelectionCriteria"),
        (input.emit_system_fields.is_some(), "emitSystemFields"),
    ] {
        if is_given {
            return Err(errors::not_built(what));
        }
    }
    Ok(arn)
}

impl Logs {
    /// Error: the group is where the function writes, so that every delivery would be the cause of another.
    pub(crate) async fn check_no_loop(
        &self,
        scope: &Scope,
        group: &str,
        function: &Arn,
    ) -> Result<(), Error> {
        let own = self.functions.log_group(function).await;
        let own = own.internal("asking for a function's log group")?;
        let is_own_by_name = function.resource().strip_prefix("function:").is_some_and(|name| {
            let name = name.split(':').next().unwrap_or(name);
            group.strip_prefix("/aws/lambda/") == Some(name)
        });
        let is_here = function.account_id() == Some(scope.account);
        if is_here && (is_own_by_name || own.as_deref() == Some(group)) {
            return Err(errors::group_of_destination());
        }
        Ok(())
    }
}
