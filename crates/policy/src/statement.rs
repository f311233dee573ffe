//! Compiled statements and policies.

use crate::condition::Condition;
use crate::document::{Document, Effect, Kind, Malformed, OneOrMany, RawStatement, Scalar};
use crate::evaluate::Request;
use crate::pattern::Pattern;
use crate::principal::{Grant, PrincipalRule};
use crate::template::{Template, Wildcards};
use crate::{limits, validate};
use std::ops::Range;

/// A policy ready to be evaluated.
#[derive(Debug, Clone)]
pub struct Policy {
    id: Option<Box<str>>,
    statements: Box<[Statement]>,
}

#[derive(Debug, Clone)]
struct Statement {
    sid: Option<Box<str>>,
    effect: Effect,
    principal: Option<PrincipalRule>,
    action: ActionRule,
    /// None in trust policies, which speak of the role they belong to.
    resource: Option<ResourceRule>,
    conditions: Box<[Condition]>,
    span: Range<usize>,
}

#[derive(Debug, Clone)]
struct ActionRule {
    negated: bool,
    /// In lower case.
    patterns: Box<[Pattern]>,
}

#[derive(Debug, Clone)]
struct ResourceRule {
    negated: bool,
    templates: Box<[Template]>,
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
}

/// A statement that decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    /// Which kind of policy.
    pub policy_type: PolicyType,
    /// Which of the policies of that kind, from 0.
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
        let variables = document.version.as_deref() == Some("2012-10-17");
        let statements = document
            .statements
            .iter()
            .map(|(raw, span)| Statement::compile(raw, span.clone(), kind, variables))
            .collect::<Result<_, _>>()?;
        Ok(Policy { id: document.id.map(Into::into), statements })
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
        let mut scan = Scan::default();
        for (index, statement) in self.statements.iter().enumerate() {
            let Some(grant) = statement.matches(request) else { continue };
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
}

impl Statement {
    fn compile(
        raw: &RawStatement,
        span: Range<usize>,
        kind: Kind,
        variables: bool,
    ) -> Result<Self, Malformed> {
        let principal = match (&raw.principal, &raw.not_principal) {
            (Some(principal), _) => Some(PrincipalRule::parse(principal, false)?),
            (None, Some(principal)) => Some(PrincipalRule::parse(principal, true)?),
            (None, None) => None,
        };
        let (negated, actions) = either(&raw.action, &raw.not_action);
        let lower = |action: &String| Pattern::wildcard(&action.to_ascii_lowercase());
        let action = ActionRule { negated, patterns: actions.iter().map(lower).collect() };
        let resource = (kind != Kind::Trust).then(|| {
            let (negated, resources) = either(&raw.resource, &raw.not_resource);
            let template = |text: &String| Template::parse(text, Wildcards::Yes, variables);
            ResourceRule { negated, templates: resources.iter().map(template).collect() }
        });
        let effect = if raw.effect == "Deny" { Effect::Deny } else { Effect::Allow };
        let conditions = compile_conditions(raw, variables)?;
        let sid = raw.sid.as_deref().map(Into::into);
        Ok(Statement { sid, effect, principal, action, resource, conditions, span })
    }

    /// How the statement covers the request; none if it does not apply.
    fn matches(&self, request: &Request<'_>) -> Option<Grant> {
        if !self.action.matches(request.action_lower()) {
            return None;
        }
        if let Some(resource) = &self.resource
            && !resource.matches(request)
        {
            return None;
        }
        let grant = match &self.principal {
            Some(principal) => principal.matches(&request.principal)?,
            None => Grant::Direct,
        };
        self.conditions.iter().all(|condition| condition.holds(request.context)).then_some(grant)
    }
}

impl ActionRule {
    fn matches(&self, action_lower: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(action_lower)) != self.negated
    }
}

impl ResourceRule {
    fn matches(&self, request: &Request<'_>) -> bool {
        let matches = |template: &Template| template.matches(request.resource, request.context);
        self.templates.iter().any(matches) != self.negated
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

fn compile_conditions(raw: &RawStatement, variables: bool) -> Result<Box<[Condition]>, Malformed> {
    let mut conditions = Vec::new();
    let blocks = raw.condition.iter().flat_map(|blocks| &blocks.0);
    for (operator, keys) in blocks {
        for (key, values) in &keys.0 {
            let values: Vec<String> = values.as_slice().iter().map(Scalar::text).collect();
            let condition = Condition::parse(operator, key, &values, variables)?;
            conditions.push(condition.ok_or_else(validate::syntax)?);
        }
    }
    Ok(conditions.into())
}
