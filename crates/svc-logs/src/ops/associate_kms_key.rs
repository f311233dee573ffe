//! `AssociateKmsKey`: from now on a group's events are sealed under a key of the customer.

use super::{group_name, update_group};
use crate::{Logs, errors, limits, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::AssociateKmsKeyRequest;

/// What came in before stays as it is.
pub async fn associate_kms_key(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: AssociateKmsKeyRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let (name, resource) = (input.log_group_name.as_deref(), input.resource_identifier.as_deref());
    let name = group_name(&scope, name, resource)?.to_string();
    logs.group(&scope, &name)?;
    let data_key = logs.new_data_key(&scope, &name, &input.kms_key_id).await?;
    let updated = logs.store.transact(move |tx| {
        update_group(tx, &scope, &name, |group| {
            if group.data_keys.len() >= limits::DATA_KEYS_PER_GROUP_MAX {
                return Err(errors::too_many_data_keys());
            }
            group.kms_key_id = Some(input.kms_key_id.clone());
            group.data_keys.push(data_key.clone());
            Ok(())
        })
    });
    updated.await?;
    Ok(Unit)
}
