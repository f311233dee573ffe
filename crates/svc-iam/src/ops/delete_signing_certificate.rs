//! `DeleteSigningCertificate`: remove an X.509 certificate of a user.

use crate::Iam;
use crate::errors;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_signing_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteSigningCertificateRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    iam.write(move |tx| {
        let (user, mut credentials) = credentials::load(tx, account, &name)?;
        let (known, id) = (&mut credentials.signing_certificates, &input.certificate_id);
        let at = known.iter().position(|known| known.id == *id);
        known.remove(at.ok_or_else(|| errors::no_such_signing_certificate(id))?);
        credentials::save(tx, account, &user.name, &credentials)
    })
    .await?;
    Ok(wire::Unit)
}
