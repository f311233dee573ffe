//! Why a request was denied, in AWS's words.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>

use crate::statement::{At, PolicyType};

/// Why a request was denied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// A statement denies it.
    Explicit(At),
    /// No policy of this kind allows it.
    Implicit(PolicyType),
}

/// A denied request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
}

impl Denial {
    /// The message of `AccessDenied`. `resource` is left out for the operations whose message has none.
    pub fn message(&self, caller_arn: &str, action: &str, resource: Option<&str>) -> String {
        let mut text = unexplained(caller_arn, action, resource);
        match self.reason {
            Reason::Explicit(at) => {
                text.push_str(" with an explicit deny in ");
                text.push_str(explicit(at.policy_type));
            }
            Reason::Implicit(policy_type) => {
                let name = implicit(policy_type);
                text.push_str(&format!(" because no {name} allows the {action} action"));
            }
        }
        text
    }
}

/// The message without the reason, as AWS gives it where the reason would tell a stranger about a role.
pub fn unexplained(caller_arn: &str, action: &str, resource: Option<&str>) -> String {
    let mut text = format!("User: {caller_arn} is not authorized to perform: {action}");
    if let Some(resource) = resource {
        text.push_str(" on resource: ");
        text.push_str(resource);
    }
    text
}

fn explicit(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "a service control policy",
        PolicyType::ResourceControl => "a resource control policy",
        PolicyType::ResourceBased => "a resource-based policy",
        PolicyType::RoleTrust => "the role trust policy",
        PolicyType::IdentityBased => "an identity-based policy",
        PolicyType::PermissionsBoundary => "a permissions boundary",
        PolicyType::Session => "a session policy",
        PolicyType::VpcEndpoint => "a VPC endpoint policy",
    }
}

fn implicit(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "service control policy",
        PolicyType::ResourceControl => "resource control policy",
        PolicyType::ResourceBased => "resource-based policy",
        PolicyType::RoleTrust => "role trust policy",
        PolicyType::IdentityBased => "identity-based policy",
        PolicyType::PermissionsBoundary => "permissions boundary",
        PolicyType::Session => "session policy",
        PolicyType::VpcEndpoint => "VPC endpoint policy",
    }
}
