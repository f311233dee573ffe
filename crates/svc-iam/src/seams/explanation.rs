//! Why a call was denied, for `nuage audit --why`: what is known at the moment of the decision, and not later.

use super::authorizer::CallerSide;
use base::RequestId;
use parking_lot::Mutex;
use policy::{Denial, Effect, Mismatch, Policies, PolicyType, Reason};
use seams::{AccessRequest, CallCx, Principal};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The last denials: a call between services asks for its own, and the request that caused it may ask for the same.
#[derive(Default)]
pub struct Explanations(Mutex<VecDeque<(RequestId, String)>>);

impl Explanations {
    /// Keeps what `explain` says of the denial of a request; the oldest one makes room.
    pub fn note(&self, request_id: RequestId, explain: impl FnOnce() -> String) {
        let text = explain();
        let mut all = self.0.lock();
        if all.len() >= crate::limits::EXPLANATIONS_MAX {
            all.pop_front();
        }
        all.push_back((request_id, text));
    }

    /// The last denial of the request.
    pub fn of(&self, request_id: RequestId) -> Option<String> {
        let all = self.0.lock();
        all.iter().rev().find(|(id, _)| *id == request_id).map(|(_, text)| text.clone())
    }
}

/// As a JSON text: the request, the reason, every statement, and what would have allowed it.
pub(super) fn explain(
    cx: &CallCx,
    request: &AccessRequest,
    side: &CallerSide,
    policies: &Policies<'_>,
    asked: &policy::Request<'_>,
    denial: Denial,
) -> String {
    let name = |policy_type: PolicyType, index: usize| match policy_type {
        PolicyType::IdentityBased => side.names().get(index).cloned().unwrap_or_default(),
        PolicyType::Session => format!("number {}", index + 1),
        PolicyType::ResourceBased | PolicyType::RoleTrust => format!("of {}", request.resource),
        _ => String::new(),
    };
    json!({
        "principal": cx.caller.arn,
        "action": request.action,
        "resource": request.resource,
        "reason": reason(denial),
        "statements": statements(policies, asked, &name),
        "remedy": remedy(cx, request, policies, denial, &name),
    })
    .to_string()
}

fn reason(denial: Denial) -> String {
    match denial.reason {
        Reason::Explicit(at) => {
            format!("A statement denies it explicitly, in {}.", one(at.policy_type))
        }
        Reason::Implicit(policy_type) => format!("No statement allows it in {}.", any(policy_type)),
    }
}

/// What would have allowed it: the smallest statement, and where it belongs.
fn remedy(
    cx: &CallCx,
    request: &AccessRequest,
    policies: &Policies<'_>,
    denial: Denial,
    name: &dyn Fn(PolicyType, usize) -> String,
) -> Value {
    let policy_type = match denial.reason {
        Reason::Explicit(at) => {
            let text = format!(
                "Nothing allows what is denied explicitly: statement {} of {} {} would have to go, or not to match.",
                at.statement,
                one(at.policy_type),
                name(at.policy_type, at.policy),
            );
            return json!({ "text": text, "policy": null });
        }
        Reason::Implicit(policy_type) => policy_type,
    };
    let mut statement = json!({ "Effect": "Allow" });
    let in_resource = matches!(policy_type, PolicyType::ResourceBased | PolicyType::RoleTrust);
    if in_resource {
        statement["Principal"] = match &cx.caller.principal {
            Principal::Service { name } => json!({ "Service": name }),
            Principal::Anonymous => json!("*"),
            Principal::Federated { provider_arn, .. } => json!({ "Federated": provider_arn }),
            Principal::AssumedRole { role_arn, .. } => json!({ "AWS": role_arn }),
            _ => json!({ "AWS": cx.caller.arn }),
        };
    }
    statement["Action"] = request.action.clone().into();
    if policy_type != PolicyType::RoleTrust {
        statement["Resource"] = request.resource.as_str().into();
    }
    let mut text = format!("This statement in {} allows it:", place(policy_type));
    let is_foreign = policies.resource.is_some_and(|side| side.account != cx.caller.account);
    if in_resource && is_foreign {
        text = format!(
            "This statement in {} allows it, if the caller's own policies do so too:",
            place(policy_type)
        );
    }
    json!({ "text": text, "policy": { "Version": "2012-10-17", "Statement": [statement] } })
}

fn place(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::IdentityBased => "a policy of the caller",
        PolicyType::Session => "the session's policy",
        other => one(other),
    }
}

fn one(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::IdentityBased => "the identity-based policy",
        PolicyType::PermissionsBoundary => "the permissions boundary",
        PolicyType::Session => "the session policy",
        PolicyType::ResourceBased => "the resource's policy",
        PolicyType::RoleTrust => "the role's trust policy",
        PolicyType::ServiceControl => "the service control policy",
        PolicyType::ResourceControl => "the resource control policy",
        PolicyType::VpcEndpoint => "the VPC endpoint's policy",
    }
}

fn any(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::IdentityBased => "any identity-based policy of the caller",
        other => one(other),
    }
}

/// What every statement says of the request.
fn statements(
    policies: &Policies<'_>,
    asked: &policy::Request<'_>,
    name: &dyn Fn(PolicyType, usize) -> String,
) -> Vec<Value> {
    let found = policy::explain(asked, policies).findings;
    let found = found.iter().take(crate::limits::EXPLAINED_STATEMENTS_MAX).map(|finding| {
        let applies = finding.mismatches.is_empty();
        let mismatches: Vec<String> = finding.mismatches.iter().map(mismatch).collect();
        json!({
            "policyType": kind(finding.at.policy_type),
            "policy": name(finding.at.policy_type, finding.at.policy),
            "statement": finding.at.statement,
            "sid": finding.sid,
            "effect": if finding.effect == Effect::Allow { "Allow" } else { "Deny" },
            "applies": applies,
            "why": if applies { "it matches".to_string() } else { mismatches.join("; ") },
        })
    });
    found.collect()
}

fn mismatch(mismatch: &Mismatch) -> String {
    match mismatch {
        Mismatch::Principal => "its principal is another".to_string(),
        Mismatch::Action => "its action is another".to_string(),
        Mismatch::Resource => "its resource is another".to_string(),
        Mismatch::Condition { operator, key, found: None } => {
            format!("its condition {operator} on {key} is not met: the request has no such key")
        }
        Mismatch::Condition { operator, key, found: Some(values) } => {
            let values = values.join(", ");
            format!("its condition {operator} on {key} is not met: the request has {values}")
        }
    }
}

/// As programs read it.
fn kind(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "service-control",
        PolicyType::ResourceControl => "resource-control",
        PolicyType::ResourceBased => "resource-based",
        PolicyType::RoleTrust => "role-trust",
        PolicyType::IdentityBased => "identity-based",
        PolicyType::PermissionsBoundary => "permissions-boundary",
        PolicyType::Session => "session",
        PolicyType::VpcEndpoint => "vpc-endpoint",
    }
}
