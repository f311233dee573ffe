//! `DeleteInstanceProfile`: remove an instance profile that has no role.

use crate::Iam;
use crate::errors;
use crate::tables::{INSTANCE_PROFILES, InstanceProfileRecord, Named, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_instance_profile(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteInstanceProfileRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let row = InstanceProfileRecord::load(tx, account, &input.instance_profile_name)?;
        if row.role.is_some() {
            return Err(errors::delete_first("remove roles from instance profile"));
        }
        Ok(tx.delete(&INSTANCE_PROFILES, &key(account, &row.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
