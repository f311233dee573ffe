//! `ListSigningCertificates`: the X.509 certificates of a user.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::{credentials, users};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_signing_certificates(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListSigningCertificatesRequest,
) -> Result<wire_iam::ListSigningCertificatesResponse, wire::Error> {
    let account = cx.account;
    let name = users::name_or_caller(&cx, input.user_name.as_deref())?;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let (user, mut credentials) = credentials::load(view, account, name)?;
        credentials.signing_certificates.sort_by(|a, b| a.id.cmp(&b.id));
        let page = page.of(credentials.signing_certificates, |row| row.id.clone());
        let page = page.map(|row| credentials::signing_certificate(&user.name, &row));
        Ok(wire_iam::ListSigningCertificatesResponse {
            certificates: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
