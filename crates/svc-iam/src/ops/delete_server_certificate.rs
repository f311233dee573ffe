//! `DeleteServerCertificate`: remove a server certificate and its private key.

use crate::Iam;
use crate::tables::{Named, SERVER_CERTIFICATES, ServerCertificateRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn delete_server_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::DeleteServerCertificateRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let row = ServerCertificateRecord::load(tx, account, &input.server_certificate_name)?;
        Ok(tx.delete(&SERVER_CERTIFICATES, &key(account, &row.name))?)
    })
    .await?;
    Ok(wire::Unit)
}
