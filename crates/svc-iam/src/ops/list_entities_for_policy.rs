//! `ListEntitiesForPolicy`: who uses a managed policy.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::policies;
use seams::CallCx;
use std::sync::Arc;
use wire_iam::{PolicyGroup, PolicyRole, PolicyUser};

/// See the module.
pub async fn list_entities_for_policy(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListEntitiesForPolicyRequest,
) -> Result<wire_iam::ListEntitiesForPolicyResponse, wire::Error> {
    let account = cx.account;
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        policies::load(view, account, &input.policy_arn)?;
        let uses = policies::uses(view, account, &input)?;
        let page = page.of(uses, |(noun, row)| format!("{noun} {}", row.name.to_ascii_lowercase()));
        let (mut users, mut groups, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for (noun, row) in page.items {
            let (name, id) = (Some(row.name), Some(row.id));
            match &*noun {
                "user" => users.push(PolicyUser { user_name: name, user_id: id }),
                "group" => groups.push(PolicyGroup { group_name: name, group_id: id }),
                _ => roles.push(PolicyRole { role_name: name, role_id: id }),
            }
        }
        Ok(wire_iam::ListEntitiesForPolicyResponse {
            policy_groups: Some(groups),
            policy_users: Some(users),
            policy_roles: Some(roles),
            is_truncated: page.is_truncated,
            marker: page.marker,
        })
    })
    .await
}
