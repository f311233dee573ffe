//! `UpdateServerCertificate`: give a server certificate another name or path.

use crate::Iam;
use crate::errors;
use crate::tables::{Named, SERVER_CERTIFICATES, ServerCertificateRecord, key};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn update_server_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UpdateServerCertificateRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = ServerCertificateRecord::load(tx, account, &input.server_certificate_name)?;
        let old = key(account, &row.name);
        let name = input.new_server_certificate_name.as_ref().unwrap_or(&row.name).clone();
        let new = key(account, &name);
        if new != old && tx.contains(&SERVER_CERTIFICATES, &new)? {
            return Err(errors::name_taken("server-certificate", &name));
        }
        tx.delete(&SERVER_CERTIFICATES, &old)?;
        row.name = name;
        if let Some(path) = &input.new_path {
            row.path.clone_from(path);
        }
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
