//! `GetServerCertificate`: a server certificate, without its private key.

use crate::Iam;
use crate::model::tags;
use crate::ops::server_certificates;
use crate::tables::{Named, ServerCertificateRecord};
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn get_server_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetServerCertificateRequest,
) -> Result<wire_iam::GetServerCertificateResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let row = ServerCertificateRecord::load(view, account, &input.server_certificate_name)?;
        let server_certificate = wire_iam::ServerCertificate {
            server_certificate_metadata: server_certificates::shape(account, &row),
            certificate_body: row.body,
            certificate_chain: row.chain,
            tags: tags::some(&row.tags),
        };
        Ok(wire_iam::GetServerCertificateResponse { server_certificate })
    })
    .await
}
