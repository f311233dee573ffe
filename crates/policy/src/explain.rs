//! Why a request was decided as it was: what every statement of every policy says of it.

use crate::document::Effect;
use crate::evaluate::{Decision, Identity, Policies, Request, evaluate};
use crate::statement::{At, Policy, PolicyType, Statement};
use std::sync::Arc;

/// A decision with its reasons.
#[derive(Clone, PartialEq, Debug)]
pub struct Explanation {
    /// The verdict.
    pub decision: Decision,
    /// Every statement of every policy, in the order in which AWS looks at the kinds of policies.
    pub findings: Vec<Finding>,
}

/// What one statement says of the request.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Which statement.
    pub at: At,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// What it would do.
    pub effect: Effect,
    /// Why it does not apply; nothing if it does.
    pub mismatches: Vec<Mismatch>,
}

/// An element of a statement that does not match the request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// `Principal` or `NotPrincipal`, or that neither is there where one must be.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// A condition.
    Condition {
        /// As written, such as `StringEqualsIfExists`.
        operator: String,
        /// As written.
        key: String,
        /// What the request has under this key, if anything.
        found: Option<Vec<String>>,
    },
}

/// Decides `request` as [`evaluate`] does, and says why. Costs a multiple of it.
pub fn explain(request: &Request<'_>, policies: &Policies<'_>) -> Explanation {
    let mut findings = Vec::new();
    let mut look = |list: &[Arc<Policy>], policy_type, level| {
        for (policy, one) in list.iter().enumerate() {
            find(request, one, At { policy_type, level, policy, statement: 0 }, &mut findings);
        }
    };
    for (level, list) in policies.resource_control.iter().enumerate() {
        look(list, PolicyType::ResourceControl, level);
    }
    for (level, list) in policies.service_control.iter().enumerate() {
        look(list, PolicyType::ServiceControl, level);
    }
    look(policies.endpoint.unwrap_or_default(), PolicyType::VpcEndpoint, 0);
    if let Identity::Policies(list) = policies.identity {
        look(list, PolicyType::IdentityBased, 0);
    }
    look(policies.session.unwrap_or_default(), PolicyType::Session, 0);
    let single = |policy_type| At { policy_type, level: 0, policy: 0, statement: 0 };
    if let Some(boundary) = policies.boundary {
        find(request, boundary, single(PolicyType::PermissionsBoundary), &mut findings);
    }
    if let Some(side) = policies.resource
        && let Some(policy) = side.policy
    {
        let first = findings.len();
        find(request, policy, single(side.policy_type), &mut findings);
        if policies.boundary.is_some() {
            // Such a statement applies to this caller whomever it names; see `Policy::scan_for_bounded`.
            for (finding, statement) in findings[first..].iter_mut().zip(policy.statements()) {
                let excludes = statement.principal.as_ref().is_some_and(|rule| rule.is_negated());
                if excludes && finding.effect == Effect::Deny {
                    finding.mismatches.retain(|mismatch| *mismatch != Mismatch::Principal);
                }
            }
        }
    }
    Explanation { decision: evaluate(request, policies), findings }
}

fn find(request: &Request<'_>, policy: &Policy, first: At, findings: &mut Vec<Finding>) {
    for (index, statement) in policy.statements().iter().enumerate() {
        findings.push(Finding {
            at: At { statement: index, ..first },
            sid: statement.sid.as_deref().map(str::to_string),
            effect: statement.effect,
            mismatches: mismatches(statement, request),
        });
    }
}

fn mismatches(statement: &Statement, request: &Request<'_>) -> Vec<Mismatch> {
    let mut all = Vec::new();
    if statement.covers_principal(request).is_none() {
        all.push(Mismatch::Principal);
    }
    if !statement.action.matches(request) {
        all.push(Mismatch::Action);
    }
    if !statement.covers_resource(request) {
        all.push(Mismatch::Resource);
    }
    for condition in statement.conditions.iter().filter(|c| !statement.accepts(c, request)) {
        let found = request.context.get(condition.key());
        all.push(Mismatch::Condition {
            operator: condition.operator().to_string(),
            key: condition.key().to_string(),
            found: found.map(|value| value.as_slice().iter().map(|v| v.to_string()).collect()),
        });
    }
    all
}
