//! `DisassociateKmsKey`: a group's events are no longer sealed.

use super::{group_name, update_group};
use crate::{Logs, scope};
use seams::CallCx;
use std::sync::Arc;
use wire::{Error, Unit};
use wire_logs::DisassociateKmsKeyRequest;

/// What came in sealed stays so, and goes on to need its key.
pub async fn disassociate_kms_key(
    logs: Arc<Logs>,
    cx: Arc<CallCx>,
    input: DisassociateKmsKeyRequest,
) -> Result<Unit, Error> {
    let scope = scope(&cx);
    let (name, resource) = (input.log_group_name.as_deref(), input.resource_identifier.as_deref());
    let name = group_name(&scope, name, resource)?.to_string();
    let updated = logs.store.transact(move |tx| {
        update_group(tx, &scope, &name, |group| {
            group.kms_key_id = None;
            Ok(())
        })
    });
    updated.await?;
    Ok(Unit)
}
