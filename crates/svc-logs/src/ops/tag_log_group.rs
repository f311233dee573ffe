//! `TagLogGroup`: the older way to tag a log group, by its name.

use super::update_group;
use crate::model::log_group::Scope;
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::TagLogGroupRequest;

/// Tags are added; those of the same key are overwritten.
pub async fn tag_log_group(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: TagLogGroupRequest,
) -> Result<Unit, Error> {
    tag(&logs, scope(&cx), input.log_group_name, input.tags).await
}

pub(super) async fn tag(
    logs: &Logs,
    scope: Scope,
    group_name: String,
    tags: BTreeMap<String, String>,
) -> Result<Unit, Error> {
    let tagged = logs.store.transact(move |tx| {
        update_group(tx, &scope, &group_name, |group| {
            group.tags.extend(tags.clone());
            if group.tags.len() > limits::TAGS_MAX { Err(errors::too_many_tags()) } else { Ok(()) }
        })
    });
    tagged.await?;
    Ok(Unit)
}
