//! `ListPoliciesGrantingServiceAccess`: the policies that let a user, group or role use services.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::model::service_access;
use crate::ops::accesses;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{ListPoliciesGrantingServiceAccessEntry, PolicyGrantingServiceAccess, PolicyType};

/// See the module.
pub async fn list_policies_granting_service_access(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListPoliciesGrantingServiceAccessRequest,
) -> Result<wire_iam::ListPoliciesGrantingServiceAccessResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), None)?;
        let subject = accesses::subject(view, account, &input.arn)?;
        let entry = |grant: &accesses::Grant| PolicyGrantingServiceAccess {
            policy_name: grant.name.clone(),
            policy_type: if grant.arn.is_some() { PolicyType::Managed } else { PolicyType::Inline },
            policy_arn: grant.arn.clone(),
            entity_type: grant.owner.as_ref().map(|(kind, _)| *kind),
            entity_name: grant.owner.as_ref().map(|(_, name)| name.clone()),
        };
        let mut namespaces = input.service_namespaces.clone();
        namespaces.sort_unstable();
        namespaces.dedup();
        let page = page.of(namespaces, String::clone);
        let page = page.map(|namespace| {
            let granting =
                subject.grants.iter().filter(|g| service_access::grants(&g.document, &namespace));
            let policies = Some(granting.map(entry).collect());
            ListPoliciesGrantingServiceAccessEntry { service_namespace: Some(namespace), policies }
        });
        Ok(wire_iam::ListPoliciesGrantingServiceAccessResponse {
            policies_granting_service_access: page.items,
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
