//! `GetServiceLastAccessedDetails`: which services a report's subject may use, and when it last did.

use crate::Iam;
use crate::accesses::Uses;
use crate::model::page::PageRequest;
use crate::model::service_access;
use crate::ops::accesses;
use crate::tables::time;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{
    AccessAdvisorUsageGranularityType, EntityInfo, JobStatusType, ServiceLastAccessed,
    TrackedActionLastAccessed,
};

/// See the module.
pub async fn get_service_last_accessed_details(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::GetServiceLastAccessedDetailsRequest,
) -> Result<wire_iam::GetServiceLastAccessedDetailsResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let report = accesses::report(view, account, &input.job_id)?;
        let subject = accesses::subject(view, account, &report.arn)?;
        let uses: Vec<(&EntityInfo, Uses)> =
            subject.entities.iter().map(|entity| (entity, iam.accesses.of(&entity.id))).collect();
        let granted = service_access::SERVICES.iter().filter(|(namespace, _)| {
            subject.grants.iter().any(|grant| service_access::grants(&grant.document, namespace))
        });
        let page = page.of(granted, |(namespace, _)| namespace.to_string());
        let (is_truncated, marker) = (page.is_truncated, page.marker);
        let service =
            |(namespace, name): &(&str, &str)| one(namespace, name, &uses, report.is_action_level);
        let services = page.items.into_iter().map(service).collect();
        let job_type = match report.is_action_level {
            true => AccessAdvisorUsageGranularityType::ActionLevel,
            false => AccessAdvisorUsageGranularityType::ServiceLevel,
        };
        Ok(wire_iam::GetServiceLastAccessedDetailsResponse {
            job_status: JobStatusType::Completed,
            job_type: Some(job_type),
            job_creation_date: time(report.created_ms).into(),
            services_last_accessed: services,
            job_completion_date: time(report.created_ms).into(),
            is_truncated,
            marker,
            error: None,
        })
    })
    .await
}

fn one(
    namespace: &str,
    name: &str,
    uses: &[(&EntityInfo, Uses)],
    is_action_level: bool,
) -> ServiceLastAccessed {
    let used: Vec<_> =
        uses.iter().filter_map(|(entity, uses)| Some((*entity, uses.get(namespace)?))).collect();
    let last = used.iter().max_by_key(|(_, service)| service.last.at);
    let mut actions: Vec<TrackedActionLastAccessed> = Vec::new();
    for (entity, service) in used.iter().filter(|_| is_action_level) {
        for (action, used) in &service.actions {
            actions.push(TrackedActionLastAccessed {
                action_name: Some(action.clone()),
                last_accessed_entity: Some(entity.arn.clone()),
                last_accessed_time: Some(used.at.into()),
                last_accessed_region: Some(used.region.clone()),
            });
        }
    }
    // The newest use of each action.
    actions.sort_by(|a, b| {
        let newest_first = b.last_accessed_time.cmp(&a.last_accessed_time);
        a.action_name.cmp(&b.action_name).then(newest_first)
    });
    actions.dedup_by(|a, b| a.action_name == b.action_name);
    ServiceLastAccessed {
        service_name: name.to_string(),
        last_authenticated: last.map(|(_, service)| service.last.at.into()),
        service_namespace: namespace.to_string(),
        last_authenticated_entity: last.map(|(entity, _)| entity.arn.clone()),
        last_authenticated_region: last.map(|(_, service)| service.last.region.clone()),
        total_authenticated_entities: i32::try_from(used.len()).ok(),
        tracked_actions_last_accessed: is_action_level.then_some(actions),
    }
}
