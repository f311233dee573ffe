//! `UpdateSigningCertificate`: switch an X.509 certificate of a user off or on.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;
use wire_iam::StatusType;

/// See the module.
pub async fn update_signing_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateSigningCertificateRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let (known, id) = (&mut credentials.signing_certificates, &input.certificate_id);
        let row = known.iter_mut().find(|known| known.id == *id);
        let row = row.ok_or_else(|| errors::no_such_signing_certificate(id))?;
        row.active = input.status == StatusType::Active;
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
