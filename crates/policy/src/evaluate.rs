//! The decision: all the policies that apply to a request, in AWS's order.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html>

use crate::condition::Condition;
use crate::context::{Context, Known};
use crate::denial::{Denial, Reason};
use crate::principal::{Grant, Principal};
use crate::services;
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
    resource_is_pattern: bool,
    open: Option<&'a Known>,
}

impl<'a> Request<'a> {
    /// `action` is written as AWS does: `lambda:GetFunction`.
    pub fn new(
        principal: Principal<'a>,
        action: &'a str,
        resource: &'a str,
        context: &'a Context<'a>,
    ) -> Self {
        let action_lower = action.to_ascii_lowercase();
        let (resource_is_pattern, open) = (false, None);
        Request { principal, resource, context, action, action_lower, resource_is_pattern, open }
    }

    /// Asks about the resources that match [`Request::resource`], in which `*` then stands for any characters: allowed
    /// is what some statement allows on any of them, denied what some statement denies on all.
    pub fn for_some_resource(mut self) -> Self {
        self.resource_is_pattern = true;
        self
    }

    /// Asks whether the request could be allowed with some values of the context keys that are not `known`, and in
    /// some session of the caller's role.
    pub fn in_some_context(mut self, known: &'a Known) -> Self {
        self.open = Some(known);
        self
    }

    /// The action.
    pub fn action(&self) -> &'a str {
        self.action
    }

    pub(crate) fn action_lower(&self) -> &str {
        &self.action_lower
    }

    pub(crate) fn resource_is_pattern(&self) -> bool {
        self.resource_is_pattern
    }

    pub(crate) fn any_session(&self) -> bool {
        self.open.is_some()
    }

    /// Whether what decides `condition` is not known.
    pub(crate) fn leaves_open(&self, condition: &Condition) -> bool {
        let Some(known) = self.open else { return false };
        let is_there = self.context.get(condition.key()).is_some();
        !known.settles(condition.key(), is_there, condition.asks_presence())
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
    /// Service control policies of the caller's account, level by level from the organization's root to the account:
    /// each level must allow. Callers without an account and service-linked roles are exempt.
    pub service_control: &'a [&'a [Arc<Policy>]],
    /// Resource control policies of the resource's account, likewise. They can only deny: AWS attaches one that allows
    /// everything to every level, for good. Service-linked roles are exempt.
    pub resource_control: &'a [&'a [Arc<Policy>]],
    /// The policy of the VPC endpoint that the request came through.
    pub endpoint: Option<&'a [Arc<Policy>]>,
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
            endpoint: None,
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
    if services::is_free(request) {
        return Ok(());
    }
    // Whatever denies explicitly comes first, wherever it stands.
    let service_control = scan_organization(request, policies)?;
    let grant = match policies.resource {
        Some(ResourceSide { policy: Some(policy), policy_type, .. }) => {
            let scan = match policies.boundary {
                None => policy.scan(request),
                Some(_) => policy.scan_for_bounded(request),
            };
            refuse_denied(scan, policy_type, (0, 0))?.allow.map(|(_, grant)| grant)
        }
        _ => None,
    };
    let endpoint = scan_if_any(request, policies.endpoint, PolicyType::VpcEndpoint)?;
    let identity = match policies.identity {
        Identity::Everything => true,
        Identity::Policies(list) => scan_all(request, list, PolicyType::IdentityBased)?,
    };
    let boundary = match policies.boundary {
        None => true,
        Some(policy) => {
            let scan = policy.scan(request);
            refuse_denied(scan, PolicyType::PermissionsBoundary, (0, 0))?.allow.is_some()
        }
    };
    let session = scan_if_any(request, policies.session, PolicyType::Session)?;
    let require = |allows, policy_type| match allows {
        true => Ok(()),
        false => Err(Reason::Implicit(policy_type)),
    };
    require(service_control, PolicyType::ServiceControl)?;
    require(endpoint, PolicyType::VpcEndpoint)?;
    let needs = needs(request, policies.resource, grant)?;
    require(!needs.identity || identity, PolicyType::IdentityBased)?;
    require(!needs.boundary || boundary, PolicyType::PermissionsBoundary)?;
    require(!needs.session || session, PolicyType::Session)?;
    // What AWS keeps to itself, no policy gives away.
    require(!services::is_reserved(request), PolicyType::IdentityBased)
}

/// Whether the organization's service control policies allow; an error if any policy of the organization denies.
fn scan_organization(request: &Request<'_>, policies: &Policies<'_>) -> Result<bool, Reason> {
    if request.principal.is_service_linked() {
        return Ok(true);
    }
    for (level, list) in policies.resource_control.iter().enumerate() {
        scan_level(request, list, PolicyType::ResourceControl, level)?;
    }
    let mut allows = true;
    if request.principal.account().is_some() {
        for (level, list) in policies.service_control.iter().enumerate() {
            allows &= scan_level(request, list, PolicyType::ServiceControl, level)?;
        }
    }
    Ok(allows)
}

/// Which of the caller's own policies must allow, given what the resource granted.
struct Needs {
    identity: bool,
    boundary: bool,
    session: bool,
}

fn needs(
    request: &Request<'_>,
    resource: Option<ResourceSide<'_>>,
    grant: Option<Grant>,
) -> Result<Needs, Reason> {
    const NONE: Needs = Needs { identity: false, boundary: false, session: false };
    const LIMITS: Needs = Needs { identity: false, boundary: true, session: true };
    const ALL: Needs = Needs { identity: true, boundary: true, session: true };
    let Some(resource) = resource else { return Ok(ALL) };
    if resource.granted {
        return Ok(LIMITS);
    }
    let denied = Err(Reason::Implicit(resource.policy_type));
    let same_account = match request.principal.account() {
        // Services and strangers have no policies of their own.
        None if grant.is_none() => return denied,
        None => return Ok(NONE),
        Some(account) => account == resource.account,
    };
    // What a resource gives to a federated user comes on top of the session policies. Of a role's session the manual
    // says the same; the published cases of other evaluators, which the engine passes, let session policies limit it.
    // <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>
    let is_federated = matches!(request.principal, Principal::FederatedUser { .. });
    match grant {
        None if resource.required || !same_account => denied,
        Some(Grant::Direct) if same_account => Ok(Needs { session: !is_federated, ..NONE }),
        Some(Grant::Issuer) if same_account => Ok(LIMITS),
        _ => Ok(ALL),
    }
}

/// Whether any of `policies` allows; an error if any denies.
fn scan_all(
    request: &Request<'_>,
    policies: &[Arc<Policy>],
    policy_type: PolicyType,
) -> Result<bool, Reason> {
    scan_level(request, policies, policy_type, 0)
}

fn scan_level(
    request: &Request<'_>,
    policies: &[Arc<Policy>],
    policy_type: PolicyType,
    level: usize,
) -> Result<bool, Reason> {
    let mut allows = false;
    for (index, policy) in policies.iter().enumerate() {
        let scan = refuse_denied(policy.scan(request), policy_type, (level, index))?;
        allows |= scan.allow.is_some();
    }
    Ok(allows)
}

/// As [`scan_all`]; without policies of this kind nothing has to allow.
fn scan_if_any(
    request: &Request<'_>,
    policies: Option<&[Arc<Policy>]>,
    policy_type: PolicyType,
) -> Result<bool, Reason> {
    policies.map_or(Ok(true), |policies| scan_all(request, policies, policy_type))
}

/// `place`: the level and the policy.
fn refuse_denied(
    scan: Scan,
    policy_type: PolicyType,
    (level, policy): (usize, usize),
) -> Result<Scan, Reason> {
    match scan.deny {
        Some(statement) => Err(Reason::Explicit(At { policy_type, level, policy, statement })),
        None => Ok(scan),
    }
}
