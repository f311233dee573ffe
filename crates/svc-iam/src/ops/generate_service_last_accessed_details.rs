//! `GenerateServiceLastAccessedDetails`: begin a report of which services a user, group, role or policy last used.

use crate::Iam;
use crate::limits;
use crate::model::id;
use crate::ops::accesses;
use crate::tables::{ACCESS_REPORTS, AccessReportRecord};
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;
use wire_iam::AccessAdvisorUsageGranularityType;

/// See the module.
pub async fn generate_service_last_accessed_details(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GenerateServiceLastAccessedDetailsRequest,
) -> Result<wire_iam::GenerateServiceLastAccessedDetailsResponse, wire::Error> {
    let account = cx.account;
    let id = id::uuid(&*iam.entropy);
    let report = AccessReportRecord {
        arn: input.arn,
        is_action_level: input.granularity == Some(AccessAdvisorUsageGranularityType::ActionLevel),
        created_ms: iam.now().unix_ms(),
    };
    let job_id = Some(id.clone());
    iam.write(move |tx| {
        accesses::subject(tx, account, &report.arn)?;
        let max = limits::REPORTS_PER_ACCOUNT;
        let known = tx.scan(&ACCESS_REPORTS, Prefix::of((account,)), max)?;
        if known.len() >= max
            && let Some((oldest, _)) = known.iter().min_by_key(|(_, row)| row.created_ms)
        {
            tx.delete(&ACCESS_REPORTS, oldest)?;
        }
        Ok(tx.put(&ACCESS_REPORTS, &(account, id.clone()), &report)?)
    })
    .await?;
    Ok(wire_iam::GenerateServiceLastAccessedDetailsResponse { job_id })
}
