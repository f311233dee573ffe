//! Compiled statements and policies.

use crate::condition::Condition;
use crate::document::{Document, Effect, Kind, Malformed, OneOrMany, RawStatement, Scalar};
use crate::evaluate::Request;
use crate::pattern::Pattern;
use crate::principal::{Grant, PrincipalRule};
use crate::resource::ResourceRule;
use crate::{limits, validate};
use std::ops::Range;

/// A policy ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Policy {
    id: Option<Box<str>>,
    statements: Box<[Statement]>,
}

#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// None where the policy's place says whom it is about.
    pub(crate) principal: Option<PrincipalRule>,
    pub(crate) action: ActionRule,
    /// None in trust policies, which speak of the role they belong to.
    pub(crate) resource: Option<ResourceRule>,
    pub(crate) conditions: Box<[Condition]>,
    span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct ActionRule {
    negated: bool,
    /// In lower case.
    patterns: Box<[Pattern]>,
}

/// The kinds of policies that take part in a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyType {
    /// Of the organization, for the caller's account.
    ServiceControl,
    /// Of the organization, for the resource's account.
    ResourceControl,
    /// Of the resource.
    ResourceBased,
    /// Of the role that is to be assumed.
    RoleTrust,
    /// Of the user, its groups, or the role.
    IdentityBased,
    /// The permissions boundary of the user or role.
    PermissionsBoundary,
    /// Given when the session was made.
    Session,
    /// Of the VPC endpoint that the request came through.
    VpcEndpoint,
}

/// A statement that decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    /// Which kind of policy.
    pub policy_type: PolicyType,
    /// Which level of the organization, from 0; 0 for policies that have none.
    pub level: usize,
    /// Which of the policies of that kind (and level), from 0.
    pub policy: usize,
    /// Which statement of that policy, from 0.
    pub statement: usize,
}

/// What one policy says of one request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Scan {
    /// The first statement that denies.
    pub deny: Option<usize>,
    /// The first of the statements that allow most directly.
    pub allow: Option<(usize, Grant)>,
}

impl Policy {
    /// Reads, validates and compiles a document of at most [`limits::DOCUMENT_BYTES_MAX`] bytes. The smaller quotas
    /// in [`limits`] depend on what the document is attached to; callers count with [`limits::counted_characters`].
    pub fn parse(text: &str, kind: Kind) -> Result<Self, Malformed> {
        if text.len() > limits::DOCUMENT_BYTES_MAX && kind != Kind::Aws {
            return Err(validate::syntax());
        }
        let document = Document::read(text).map_err(|_| validate::syntax())?;
        validate::document(&document, kind)?;
        let policy_type = match kind {
            Kind::Identity | Kind::Session | Kind::Aws => PolicyType::IdentityBased,
            Kind::Trust => PolicyType::RoleTrust,
            Kind::Resource => PolicyType::ResourceBased,
        };
        Ok(Self::compile(document, policy_type))
    }

    /// Reads and compiles a document that somebody else keeps, such as a case of a test suite, without checking that
    /// AWS would take it: what a statement lacks does not restrict it, and names that mean nobody match nobody. Fails
    /// only if the text has not the form of a policy.
    pub fn read(text: &str, policy_type: PolicyType) -> Result<Self, Malformed> {
        if text.len() > limits::DOCUMENT_BYTES_MAX {
            return Err(validate::syntax());
        }
        let document = Document::read_loosely(text).map_err(|e| Malformed(e.to_string()))?;
        Ok(Self::compile(document, policy_type))
    }

    fn compile(document: Document, policy_type: PolicyType) -> Self {
        let variables = document.version.as_deref() == Some("2012-10-17");
        let statements = document
            .statements
            .iter()
            .map(|(raw, span)| Statement::compile(raw, span.clone(), policy_type, variables))
            .collect();
        Policy { id: document.id.map(Into::into), statements }
    }

    /// The document's `Id`.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// How many statements it has; at least one.
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// The `Sid` of a statement.
    pub fn statement_id(&self, statement: usize) -> Option<&str> {
        self.statements.get(statement)?.sid.as_deref()
    }

    /// The bytes of the document that hold a statement.
    pub fn statement_span(&self, statement: usize) -> Option<Range<usize>> {
        Some(self.statements.get(statement)?.span.clone())
    }

    /// The ARNs of users, roles and sessions that it names as principals.
    pub fn principal_arns(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().filter_map(|s| s.principal.as_ref()).flat_map(PrincipalRule::arns)
    }

    /// From now on nobody is meant by the ARNs of principals that `is_gone` accepts: AWS stops trusting a user or role
    /// that was deleted even if another one gets its name.
    pub fn forget_principals(&mut self, is_gone: &dyn Fn(&str) -> bool) {
        let statements = self.statements.iter_mut();
        statements.filter_map(|s| s.principal.as_mut()).for_each(|rule| rule.forget(is_gone));
    }

    /// The context keys that its conditions ask for, with repetitions.
    pub fn condition_keys(&self) -> impl Iterator<Item = &str> {
        self.statements.iter().flat_map(|s| s.conditions.iter().map(Condition::key))
    }

    /// What it says of `request`.
    pub fn scan(&self, request: &Request<'_>) -> Scan {
        self.scan_if(|statement| statement.matches(request))
    }

    /// As [`Policy::scan`], for the policy of a resource and a caller with a permissions boundary: to such a caller
    /// every `Deny` with `NotPrincipal` applies, whomever it names.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>
    pub(crate) fn scan_for_bounded(&self, request: &Request<'_>) -> Scan {
        self.scan_if(|statement| statement.matches_bounded(request))
    }

    fn scan_if(&self, matches: impl Fn(&Statement) -> Option<Grant>) -> Scan {
        let mut scan = Scan::default();
        for (index, statement) in self.statements.iter().enumerate() {
            let Some(grant) = matches(statement) else { continue };
            match statement.effect {
                Effect::Deny => {
                    scan.deny = Some(index);
                    return scan;
                }
                Effect::Allow if scan.allow.is_none_or(|(_, known)| known < grant) => {
                    scan.allow = Some((index, grant));
                }
                Effect::Allow => {}
            }
        }
        scan
    }

    /// Every statement that applies to `request`, with its effect.
    pub fn matching(&self, request: &Request<'_>) -> impl Iterator<Item = (usize, Effect)> {
        let applies = |s: &Statement| s.matches(request).is_some();
        let all = self.statements.iter().enumerate();
        all.filter(move |(_, s)| applies(s)).map(|(index, s)| (index, s.effect))
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }
}

impl Statement {
    fn compile(
        raw: &RawStatement,
        span: Range<usize>,
        policy_type: PolicyType,
        variables: bool,
    ) -> Self {
        let names_principals =
            matches!(policy_type, PolicyType::ResourceBased | PolicyType::RoleTrust);
        let principal = match (&raw.principal, &raw.not_principal) {
            _ if !names_principals && policy_type != PolicyType::VpcEndpoint => None,
            (Some(principal), _) => Some(PrincipalRule::compile(principal, false)),
            (None, Some(principal)) => Some(PrincipalRule::compile(principal, true)),
            (None, None) => names_principals.then(PrincipalRule::nobody),
        };
        let (negated, actions) = either(&raw.action, &raw.not_action);
        let lower = |action: &String| Pattern::wildcard(&action.to_ascii_lowercase());
        let action = ActionRule { negated, patterns: actions.iter().map(lower).collect() };
        let resource = (raw.resource.is_some() || raw.not_resource.is_some()).then(|| {
            let (negated, resources) = either(&raw.resource, &raw.not_resource);
            ResourceRule::compile(negated, resources, policy_type, variables)
        });
        let is_deny = raw.effect.eq_ignore_ascii_case("Deny");
        let effect = if is_deny { Effect::Deny } else { Effect::Allow };
        let conditions = compile_conditions(raw, variables);
        let sid = raw.sid.as_deref().map(Into::into);
        Statement { sid, effect, principal, action, resource, conditions, span }
    }

    /// How the statement covers the request; none if it does not apply.
    fn matches(&self, request: &Request<'_>) -> Option<Grant> {
        if !self.action.matches(request) || !self.covers_resource(request) {
            return None;
        }
        let grant = self.covers_principal(request)?;
        self.conditions.iter().all(|c| self.accepts(c, request)).then_some(grant)
    }

    fn matches_bounded(&self, request: &Request<'_>) -> Option<Grant> {
        let excludes = self.principal.as_ref().is_some_and(PrincipalRule::is_negated);
        if !excludes || self.effect == Effect::Allow {
            return self.matches(request);
        }
        let applies = self.action.matches(request)
            && self.covers_resource(request)
            && self.conditions.iter().all(|c| self.accepts(c, request));
        applies.then_some(Grant::Direct)
    }

    pub(crate) fn covers_resource(&self, request: &Request<'_>) -> bool {
        self.resource.as_ref().is_none_or(|rule| rule.matches(request, self.effect))
    }

    pub(crate) fn covers_principal(&self, request: &Request<'_>) -> Option<Grant> {
        match &self.principal {
            Some(rule) => rule.matches(request, self.effect),
            None => Some(Grant::Direct),
        }
    }

    /// Whether a condition holds. A key of which nothing is known may have the value that permits.
    pub(crate) fn accepts(&self, condition: &Condition, request: &Request<'_>) -> bool {
        match request.leaves_open(condition) {
            true => self.effect == Effect::Allow,
            false => condition.holds(request.context),
        }
    }
}

impl ActionRule {
    pub(crate) fn matches(&self, request: &Request<'_>) -> bool {
        let action = request.action_lower();
        self.patterns.iter().any(|pattern| pattern.matches(action)) != self.negated
    }
}

/// The values of an element or of its negation, which validation has found to exclude each other.
fn either<'a>(
    element: &'a Option<OneOrMany<String>>,
    negation: &'a Option<OneOrMany<String>>,
) -> (bool, &'a [String]) {
    match (element, negation) {
        (Some(values), _) => (false, values.as_slice()),
        (None, Some(values)) => (true, values.as_slice()),
        (None, None) => (false, &[]),
    }
}

fn compile_conditions(raw: &RawStatement, variables: bool) -> Box<[Condition]> {
    let mut conditions = Vec::new();
    let blocks = raw.condition.iter().flat_map(|blocks| &blocks.0);
    for (operator, keys) in blocks {
        for (key, values) in &keys.0 {
            let values: Vec<String> = values.as_slice().iter().map(Scalar::text).collect();
            conditions.push(Condition::parse(operator, key, &values, variables));
        }
    }
    conditions.into()
}
