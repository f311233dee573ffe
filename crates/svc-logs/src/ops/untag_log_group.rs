//! `UntagLogGroup`: the older way to remove tags of a log group, by its name.

use super::update_group;
use crate::model::log_group::Scope;
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::UntagLogGroupRequest;

/// Keys that the group does not have are ignored.
pub async fn untag_log_group(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: UntagLogGroupRequest,
) -> Result<Unit, Error> {
    untag(&logs, scope(&cx), input.log_group_name, input.tags).await
}

pub(super) async fn untag(
    logs: &Logs,
    scope: Scope,
    group_name: String,
    keys: Vec<String>,
) -> Result<Unit, Error> {
    let untagged = logs.store.transact(move |tx| {
        update_group(tx, &scope, &group_name, |group| {
            group.tags.retain(|key, _| !keys.contains(key));
            Ok(())
        })
    });
    untagged.await?;
    Ok(Unit)
}
