//! `UploadSigningCertificate`: keep an X.509 certificate of a user.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::{certificate, id};
use crate::ops::{credentials, users};
use crate::tables::SigningCertificateRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn upload_signing_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UploadSigningCertificateRequest,
) -> Result<wire_iam::UploadSigningCertificateResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?.to_string();
    let body = input.certificate_body;
    if certificate::parse(&body).is_none_or(|parsed| parsed.len() != 1) {
        return Err(errors::bad_certificate().into());
    }
    let row = SigningCertificateRecord {
        id: id::opaque(&*iam.entropy),
        body,
        active: true,
        uploaded_ms: iam.now().unix_ms(),
    };
    let certificate = iam
        .write(move |tx| {
            let (user, mut credentials) = credentials::load(tx, account, &name)?;
            let known = &mut credentials.signing_certificates;
            if known.iter().any(|known| known.body.trim() == row.body.trim()) {
                return Err(errors::certificate_uploaded());
            }
            let max = limits::SIGNING_CERTIFICATES_PER_USER;
            if known.len() >= max {
                return Err(errors::quota("SigningCertificatesPerUser", max));
            }
            known.push(row.clone());
            credentials::save(tx, account, &user.name, &credentials)?;
            Ok(credentials::signing_certificate(&user.name, &row))
        })
        .await?;
    Ok(wire_iam::UploadSigningCertificateResponse { certificate })
}
