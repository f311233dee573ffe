//! `ListServerCertificates`: the server certificates whose path begins with a prefix, sorted by name.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::server_certificates;
use crate::tables::ServerCertificateRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_server_certificates(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListServerCertificatesRequest,
) -> Result<wire_iam::ListServerCertificatesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let wanted = |row: &ServerCertificateRecord| row.path.starts_with(prefix);
        let page = page.of_rows(view, account, wanted)?;
        let page = page.map(|row| server_certificates::shape(account, &row));
        Ok(wire_iam::ListServerCertificatesResponse {
            server_certificate_metadata_list: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
