//! `TagServerCertificate`: add or replace tags of a server certificate.

use crate::Iam;
use crate::model::tags;
use crate::tables::{Named, ServerCertificateRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn tag_server_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::TagServerCertificateRequest,
) -> Result<wire::Unit, wire::Error> {
    let account = cx.account;
    iam.write(move |tx| {
        let mut row = ServerCertificateRecord::load(tx, account, &input.server_certificate_name)?;
        tags::put(&mut row.tags, &input.tags)?;
        row.save(tx, account)
    })
    .await?;
    Ok(wire::Unit)
}
