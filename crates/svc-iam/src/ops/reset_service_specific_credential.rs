//! `ResetServiceSpecificCredential`: make another password for one service. It is shown here only.

use crate::Iam;
use crate::errors;
use crate::model::id;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn reset_service_specific_credential(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ResetServiceSpecificCredentialRequest,
) -> Result<wire_iam::ResetServiceSpecificCredentialResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    let password = id::service_password(&*iam.entropy);
    let shape = iam
        .read(|view| {
            let (user, credentials) = credentials::load(view, account, &name)?;
            let id = &input.service_specific_credential_id;
            let row = credentials.service_credentials.iter().find(|known| known.id == *id);
            let row = row.ok_or_else(|| errors::no_such_service_credential(id))?;
            Ok(credentials::service_credential(&user.name, row))
        })
        .await?;
    let shape = wire_iam::ServiceSpecificCredential { service_password: Some(password), ..shape };
    Ok(wire_iam::ResetServiceSpecificCredentialResponse {
        service_specific_credential: Some(shape),
    })
}
