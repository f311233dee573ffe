//! `DeleteSubscriptionFilter`: remove a subscription filter of a log group.

use super::update_group;
use crate::errors::{self, Failure};
use crate::tables::{GROUPS, SUBSCRIPTION_FILTER_PLACES, SUBSCRIPTION_FILTERS, SubscriptionId};
use crate::{Logs, scope};
use base::{AccountId, Region};
use seams::CallCx;
use std::sync::Arc;
use store::Tx;
use wire::{Error, Unit};
use wire_logs::DeleteSubscriptionFilterRequest;

/// Group and filter must exist. What the filter has not delivered by now it does not deliver any more.
pub async fn delete_subscription_filter(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DeleteSubscriptionFilterRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let group = input.log_group_name;
    let key = (scope.account, scope.region.clone(), group.clone(), input.filter_name);
    let deleted = logs.store.transact(move |tx| {
        if !tx.contains(&GROUPS, &(scope.account, scope.region.clone(), group.clone()))? {
            return Err(Failure::Fault(errors::log_group_not_found()));
        }
        let filter = tx.get(&SUBSCRIPTION_FILTERS, &key)?;
        let id = filter.ok_or_else(errors::subscription_filter_not_found)?.id;
        remove(tx, &key, id)?;
        update_group(tx, &scope, &group, |group| {
            group.subscriptions.retain(|subscription| *subscription != id);
            Ok(())
        })
    });
    deleted.await?;
    Ok(Unit)
}

/// Removes the filter's rows but those of its group and of what it has not delivered: the loop that delivers removes
/// these, because there may be many.
pub(crate) fn remove(
    tx: &mut Tx<'_>,
    key: &(AccountId, Region, String, String),
    id: SubscriptionId,
) -> Result<(), store::Error> {
    tx.delete(&SUBSCRIPTION_FILTERS, key)?;
    tx.delete(&SUBSCRIPTION_FILTER_PLACES, &id)
}
