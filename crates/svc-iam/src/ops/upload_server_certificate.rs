//! `UploadServerCertificate`: keep a certificate with its private key.

use crate::Iam;
use crate::limits;
use crate::model::{id, tags};
use crate::ops::holders;
use crate::ops::server_certificates;
use crate::tables::{Named, ServerCertificateRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn upload_server_certificate(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::UploadServerCertificateRequest,
) -> Result<wire_iam::UploadServerCertificateResponse, wire::Error> {
    let account = cx.account;
    let chain = input.certificate_chain;
    let expires_s =
        server_certificates::check(&input.certificate_body, &input.private_key, chain.as_deref())?;
    let id = id::unique(&*iam.entropy, id::SERVER_CERTIFICATE);
    let private_key = input.private_key.as_bytes();
    let sealed = iam.secrets.seal(&*iam.entropy, id.as_bytes(), private_key);
    let row = ServerCertificateRecord {
        name: input.server_certificate_name,
        path: input.path.unwrap_or_else(|| "/".to_string()),
        id,
        body: input.certificate_body,
        chain,
        sealed_private_key: STANDARD.encode(sealed),
        uploaded_ms: iam.now().unix_ms(),
        expires_s,
        tags: tags::new(input.tags.as_deref())?,
    };
    let metadata = server_certificates::shape(account, &row);
    let shown = tags::some(&row.tags);
    iam.write(move |tx| {
        let quota = ("ServerCertificatesPerAccount", limits::SERVER_CERTIFICATES_PER_ACCOUNT);
        holders::check_new::<ServerCertificateRecord>(tx, account, &row.name, quota)?;
        row.save(tx, account)
    })
    .await?;
    Ok(wire_iam::UploadServerCertificateResponse {
        server_certificate_metadata: Some(metadata),
        tags: shown,
    })
}
