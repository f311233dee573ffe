//! `GetServiceLastAccessedDetailsWithEntities`: which of a report's users and roles used a service, and when.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::accesses;
use crate::tables::time;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::JobStatusType;

/// See the module.
pub async fn get_service_last_accessed_details_with_entities(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetServiceLastAccessedDetailsWithEntitiesRequest,
) -> Result<wire_iam::GetServiceLastAccessedDetailsWithEntitiesResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let report = accesses::report(view, account, &input.job_id)?;
        let subject = accesses::subject(view, account, &report.arn)?;
        let mut entities = Vec::new();
        for entity_info in subject.entities {
            let uses = iam.accesses.of(&entity_info.id);
            let used = uses.get(&input.service_namespace);
            let last_authenticated = used.map(|used| used.last.at.into());
            entities.push(wire_iam::EntityDetails { entity_info, last_authenticated });
        }
        entities.sort_by(|a, b| a.entity_info.arn.cmp(&b.entity_info.arn));
        let page = page.of(entities, |entity| entity.entity_info.arn.clone());
        Ok(wire_iam::GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: JobStatusType::Completed,
            job_creation_date: time(report.created_ms).into(),
            job_completion_date: time(report.created_ms).into(),
            entity_details_list: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
            error: None,
        })
    })
    .await
}
