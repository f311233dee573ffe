//! The decision: all the policies that apply to a request, in AWS's order.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>

use crate::context::Context;
use crate::denial::{Denial, Reason};
use crate::principal::{Grant, Principal};
use crate::statement::{At, Policy, PolicyType, Scan};
use base::AccountId;
use std::sync::Arc;

/// One action on one resource.
#[derive(Debug)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// The resource's ARN, or `*` where the action has none.
    pub resource: &'a str,
    /// The values of condition keys and policy variables.
    pub context: &'a Context<'a>,
    action: &'a str,
    action_lower: String,
}

impl<'a> Request<'a> {
    /// `action` is written as AWS does: `lambda:GetFunction`.
    pub fn new(
        principal: Principal<'a>,
        action: &'a str,
        resource: &'a str,
        context: &'a Context<'a>,
    ) -> Self {
        Request { principal, resource, context, action, action_lower: action.to_ascii_lowercase() }
    }

    /// The action.
    pub fn action(&self) -> &'a str {
        self.action
    }

    pub(crate) fn action_lower(&self) -> &str {
        &self.action_lower
    }
}

/// What the caller's own account says of it.
#[derive(Clone, Copy, Debug)]
pub enum Identity<'a> {
    /// The root user: everything.
    Everything,
    /// The policies of a user and its groups, or of a role. A service and an anonymous caller have none.
    Policies(&'a [Arc<Policy>]),
}

/// What the resource says.
#[derive(Clone, Copy, Debug)]
pub struct ResourceSide<'a> {
    /// Who owns it.
    pub account: AccountId,
    /// Its policy, if it has one.
    pub policy: Option<&'a Policy>,
    /// How the policy is called: [`PolicyType::ResourceBased`] or [`PolicyType::RoleTrust`].
    pub policy_type: PolicyType,
    /// Whether nobody may pass without the resource's consent, not even in its own account: roles that are assumed,
    /// and keys of KMS.
    pub required: bool,
    /// Whether the resource allows the request by other means than its policy, such as a grant of KMS: then only what
    /// denies or limits the caller stands in the way.
    pub granted: bool,
}

/// All policies that apply to a request.
#[derive(Clone, Copy, Debug)]
pub struct Policies<'a> {
    /// Of the caller.
    pub identity: Identity<'a>,
    /// Of the resource; none means that it has no policy and belongs to the caller's account.
    pub resource: Option<ResourceSide<'a>>,
    /// The permissions boundary of the user or role.
    pub boundary: Option<&'a Policy>,
    /// Session policies, if the session was made with any: what none of them allows is denied.
    pub session: Option<&'a [Arc<Policy>]>,
    /// Service control policies, level by level from the organization's root to the account: each level must allow.
    pub service_control: &'a [&'a [Arc<Policy>]],
    /// Resource control policies, likewise.
    pub resource_control: &'a [&'a [Arc<Policy>]],
}

impl<'a> Policies<'a> {
    /// Only the caller's own.
    pub fn of(identity: Identity<'a>) -> Self {
        Policies {
            identity,
            resource: None,
            boundary: None,
            session: None,
            service_control: &[],
            resource_control: &[],
        }
    }
}

/// The verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// The request may go on.
    Allowed,
    /// It may not.
    Denied(Denial),
}

impl Decision {
    /// Whether the request may go on.
    pub fn is_allowed(self) -> bool {
        self == Decision::Allowed
    }
}

/// Decides `request`: an explicit deny in any policy wins, then each kind of policy that limits must allow.
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    match decide(request, policies) {
        Ok(()) => Decision::Allowed,
        Err(reason) => Decision::Denied(Denial { reason }),
    }
}

fn decide(request: &Request<'_>, policies: &Policies<'_>) -> Result<(), Reason> {
    let organization_allows = |levels: &[&[Arc<Policy>]], policy_type| {
        let mut scans = Vec::with_capacity(levels.len());
        for level in levels {
            scans.push(scan_all(request, level, policy_type)?);
        }
        Ok(scans.into_iter().all(|allows| allows))
    };
    let service_control =
        organization_allows(policies.service_control, PolicyType::ServiceControl)?;
    let resource_control =
        organization_allows(policies.resource_control, PolicyType::ResourceControl)?;
    let grant = match policies.resource {
        Some(ResourceSide { policy: Some(policy), policy_type, .. }) => {
            scan_one(request, policy, policy_type, 0)?.allow.map(|(_, grant)| grant)
        }
        _ => None,
    };
    let identity = match policies.identity {
        Identity::Everything => true,
        Identity::Policies(list) => scan_all(request, list, PolicyType::IdentityBased)?,
    };
    let boundary = match policies.boundary {
        None => true,
        Some(policy) => {
            scan_one(request, policy, PolicyType::PermissionsBoundary, 0)?.allow.is_some()
        }
    };
    let session = match policies.session {
        None => true,
        Some(list) => scan_all(request, list, PolicyType::Session)?,
    };
    // From here on nothing denies explicitly.
    let require = |allows, policy_type| match allows {
        true => Ok(()),
        false => Err(Reason::Implicit(policy_type)),
    };
    require(service_control, PolicyType::ServiceControl)?;
    require(resource_control, PolicyType::ResourceControl)?;
    let needs = needs(request, policies.resource, grant)?;
    require(!needs.identity || identity, PolicyType::IdentityBased)?;
    require(!needs.limits || boundary, PolicyType::PermissionsBoundary)?;
    require(!needs.limits || session, PolicyType::Session)
}

/// Which of the caller's own policies must allow, given what the resource granted.
struct Needs {
    identity: bool,
    /// The permissions boundary and the session policies.
    limits: bool,
}

fn needs(
    request: &Request<'_>,
    resource: Option<ResourceSide<'_>>,
    grant: Option<Grant>,
) -> Result<Needs, Reason> {
    const ALL: Needs = Needs { identity: true, limits: true };
    let Some(resource) = resource else { return Ok(ALL) };
    if resource.granted {
        return Ok(Needs { identity: false, limits: true });
    }
    let denied = Err(Reason::Implicit(resource.policy_type));
    let same_account = match request.principal.account() {
        // Services and strangers have no policies of their own.
        None if grant.is_none() => return denied,
        None => return Ok(Needs { identity: false, limits: false }),
        Some(account) => account == resource.account,
    };
    match grant {
        None if resource.required || !same_account => denied,
        Some(Grant::Direct) if same_account => Ok(Needs { identity: false, limits: false }),
        Some(Grant::Role) if same_account => Ok(Needs { identity: false, limits: true }),
        _ => Ok(ALL),
    }
}

/// Whether any of `policies` allows; an error if any denies.
fn scan_all(
    request: &Request<'_>,
    policies: &[Arc<Policy>],
    policy_type: PolicyType,
) -> Result<bool, Reason> {
    let mut allows = false;
    for (index, policy) in policies.iter().enumerate() {
        allows |= scan_one(request, policy, policy_type, index)?.allow.is_some();
    }
    Ok(allows)
}

fn scan_one(
    request: &Request<'_>,
    policy: &Policy,
    policy_type: PolicyType,
    index: usize,
) -> Result<Scan, Reason> {
    let scan = policy.scan(request);
    match scan.deny {
        Some(statement) => Err(Reason::Explicit(At { policy_type, policy: index, statement })),
        None => Ok(scan),
    }
}
