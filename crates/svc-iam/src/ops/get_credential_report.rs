//! `GetCredentialReport`: the last report of all users' credentials, as comma-separated values.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::tables::{CREDENTIAL_REPORTS, time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use seams::CallCx;
use std::io::Read;
use std::sync::Arc;
use wire_iam::ReportFormatType;

/// See the module.
pub async fn get_credential_report(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::GetCredentialReportResponse, wire::Error> {
    let account = cx.account;
    let now_ms = iam.now().unix_ms();
    iam.read(|view| {
        let row = view.get(&CREDENTIAL_REPORTS, &account)?;
        let row = row.ok_or_else(errors::no_credential_report)?;
        if now_ms >= row.generated_ms + limits::CREDENTIAL_REPORT_KEPT_MS {
            return Err(errors::credential_report_expired());
        }
        let compressed = STANDARD.decode(&row.content).map_err(wire::Error::internal)?;
        let mut content = Vec::new();
        let read = ZlibDecoder::new(&compressed[..]).read_to_end(&mut content);
        read.map_err(wire::Error::internal)?;
        Ok(wire_iam::GetCredentialReportResponse {
            content: Some(content.into()),
            report_format: Some(ReportFormatType::TextCsv),
            generated_time: Some(time(row.generated_ms).into()),
        })
    })
    .await
}
