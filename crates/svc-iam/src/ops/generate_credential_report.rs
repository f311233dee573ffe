//! `GenerateCredentialReport`: make the report of all users' credentials, unless the last one is younger than four hours.

use crate::Iam;
use crate::limits;
use crate::tables::{CREDENTIAL_REPORTS, CredentialReportRecord};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use seams::CallCx;
use std::io::Write;
use std::sync::Arc;
use wire_iam::ReportStateType;

/// See the module.
pub async fn generate_credential_report(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::GenerateCredentialReportResponse, wire::Error> {
    let account = cx.account;
    let now_ms = iam.now().unix_ms();
    let this = Arc::clone(&iam);
    let is_new = iam
        .write(move |tx| {
            let known = tx.get(&CREDENTIAL_REPORTS, &account)?;
            let fresh_ms = limits::CREDENTIAL_REPORT_FRESH_MS;
            if known.is_some_and(|known| now_ms < known.generated_ms + fresh_ms) {
                return Ok(false);
            }
            let report = this.credential_report(tx, account)?;
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            let written = encoder.write_all(report.as_bytes()).and_then(|()| encoder.finish());
            let content = STANDARD.encode(written.map_err(wire::Error::internal)?);
            let row = CredentialReportRecord { generated_ms: now_ms, content };
            tx.put(&CREDENTIAL_REPORTS, &account, &row)?;
            Ok(true)
        })
        .await?;
    let description = "No report exists. Starting a new report generation task";
    let (state, description) = match is_new {
        true => (ReportStateType::Started, Some(description.to_string())),
        false => (ReportStateType::Complete, None),
    };
    Ok(wire_iam::GenerateCredentialReportResponse { state: Some(state), description })
}
