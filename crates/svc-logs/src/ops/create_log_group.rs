//! `CreateLogGroup`: make an empty log group.

use crate::errors::{self, Failure};
use crate::limits;
use crate::model::log_group::{Scope, name_fits};
use crate::tables::{GROUPS, GroupRecord};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::{CreateLogGroupRequest, LogGroupClass};

/// Names are unique per account and region.
pub async fn create_log_group(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: CreateLogGroupRequest,
) -> Result<Unit, Error> {
    let tags = input.tags.unwrap_or_default();
    if tags.len() > limits::TAGS_MAX {
        return Err(errors::too_many_tags());
    }
    let class = input.log_group_class.unwrap_or(LogGroupClass::Standard);
    let mut data_keys = Vec::new();
    if let Some(key_arn) = &input.kms_key_id {
        data_keys.push(logs.new_data_key(&scope(&cx), &input.log_group_name, key_arn).await?);
    }
    let group = GroupRecord {
        id: logs.new_id(),
        created_ms: logs.now_ms(),
        retention_days: None,
        kms_key_id: input.kms_key_id,
        data_keys,
        class: class.as_str().to_string(),
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        tags,
        subscriptions: Vec::new(),
    };
    create(&logs, scope(&cx), input.log_group_name, group).await?;
    Ok(Unit)
}

/// Adds `group` under `name`.
pub(crate) async fn create(
    logs: &Logs,
    scope: Scope,
    name: String,
    group: GroupRecord,
) -> Result<(), Error> {
    if !name_fits(&name) {
        return Err(errors::name_too_long());
    }
    let key = (scope.account, scope.region, name);
    let created = logs.store.transact(move |tx| {
        if tx.contains(&GROUPS, &key)? {
            return Err(Failure::Fault(errors::log_group_already_exists()));
        }
        tx.put(&GROUPS, &key, &group)?;
        Ok(())
    });
    Ok(created.await?)
}
