//! The operations, one per file.

pub mod associate_kms_key;
pub mod create_log_group;
pub mod create_log_stream;
pub mod delete_log_group;
pub mod delete_log_stream;
pub mod delete_metric_filter;
pub mod delete_resource_policy;
pub mod delete_retention_policy;
pub mod delete_subscription_filter;
pub mod describe_log_groups;
pub mod describe_log_streams;
pub mod describe_metric_filters;
pub mod describe_resource_policies;
pub mod describe_subscription_filters;
pub mod disassociate_kms_key;
pub mod filter_log_events;
pub mod get_log_events;
pub mod list_tags_for_resource;
pub mod list_tags_log_group;
pub mod put_log_events;
pub mod put_log_group_deletion_protection;
pub mod put_metric_filter;
pub mod put_resource_policy;
pub mod put_retention_policy;
pub mod put_subscription_filter;
pub mod start_live_tail;
pub mod tag_log_group;
pub mod tag_resource;
pub mod test_metric_filter;
pub mod untag_log_group;
pub mod untag_resource;

use crate::errors::{self, Failure};
use crate::model::log_group::Scope;
use crate::tables::{GROUPS, GroupRecord};
use store::Tx;
use wire::Error;

/// The name that a request gives in one of two members.
pub(crate) fn group_name<'i>(
    scope: &Scope,
    name: Option<&'i str>,
    identifier: Option<&'i str>,
) -> Result<&'i str, Error> {
    match (name, identifier) {
        (Some(_), Some(_)) => Err(errors::mutually_exclusive("logGroupName", "logGroupIdentifier")),
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) => {
            scope.group_name(identifier).ok_or_else(errors::log_group_not_found)
        }
        (None, None) => Err(errors::member_missing("logGroupName")),
    }
}

/// Changes the row of a log group that exists.
fn update_group(
    tx: &mut Tx<'_>,
    scope: &Scope,
    name: &str,
    change: impl FnOnce(&mut GroupRecord) -> Result<(), Error>,
) -> Result<(), Failure> {
    let key = (scope.account, scope.region.clone(), name.to_string());
    let mut group = tx.get(&GROUPS, &key)?.ok_or_else(errors::log_group_not_found)?;
    change(&mut group)?;
    tx.put(&GROUPS, &key, &group)?;
    Ok(())
}

/// A time or number as AWS's JSON has it. Stored ones are far below 2^63.
fn long(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// How many rows of a Describe operation to answer with; the model bounds the number.
fn page_size(limit: Option<i32>) -> usize {
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(crate::limits::DESCRIBE_MAX)
}

#[cfg(test)]
mod tests;
