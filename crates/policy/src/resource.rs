//! Which resources a statement covers.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use crate::document::Effect;
use crate::evaluate::Request;
use crate::pattern::{self, STAR, Unit};
use crate::statement::PolicyType;
use crate::template::{Template, Wildcards};

/// The parts of an ARN between its colons.
const ARN_PARTS: usize = 6;

/// The `Resource` or `NotResource` of a statement.
#[derive(Debug, Clone)]
pub(crate) struct ResourceRule {
    negated: bool,
    /// It names something that its kind of policy cannot name, so that the statement never applies.
    void: bool,
    templates: Box<[Template]>,
}

/// What becomes of an ARN with fewer parts than six.
enum Short {
    /// The missing ones are `*`.
    Padded,
    /// It means nothing.
    Nothing,
    /// The policy should not have been taken.
    Refused,
}

impl ResourceRule {
    pub(crate) fn compile(
        negated: bool,
        resources: &[String],
        policy_type: PolicyType,
        variables: bool,
    ) -> Self {
        let mut rule = ResourceRule { negated, void: false, templates: Box::default() };
        let mut templates = Vec::with_capacity(resources.len());
        let mut push = |text: &str| {
            templates.push(Template::parse(text, Wildcards::Yes, variables));
        };
        for resource in resources {
            let parts = resource.split(':').count();
            if resource == "*" || parts >= ARN_PARTS {
                push(resource);
                continue;
            }
            match short(resource, policy_type) {
                Short::Padded => push(&format!("{resource}{}", ":*".repeat(ARN_PARTS - parts))),
                Short::Nothing => {}
                Short::Refused => rule.void |= negated,
            }
        }
        rule.templates = templates.into();
        rule
    }

    pub(crate) fn matches(&self, request: &Request<'_>, effect: Effect) -> bool {
        if self.void {
            return false;
        }
        let mut templates = self.templates.iter();
        if !request.resource_is_pattern() {
            let matches = |t: &Template| t.matches(request.resource, request.context);
            return templates.any(matches) != self.negated;
        }
        let asked = asked_units(request.resource);
        let any = |meets: fn(&[Unit], &[Unit]) -> bool| {
            move |t: &Template| t.units(request.context).is_some_and(|units| meets(&units, &asked))
        };
        // Is there a resource of the pattern that the statement allows? Does it deny all of them?
        match (effect, self.negated) {
            (Effect::Allow, false) => templates.any(any(touches)),
            (Effect::Allow, true) => !templates.any(any(pattern::covers)),
            (Effect::Deny, false) => templates.any(any(pattern::covers)),
            (Effect::Deny, true) => !templates.any(any(touches)),
        }
    }
}

/// AWS itself prints `*` for the parts that are missing where it refuses a short ARN for another reason.
fn short(resource: &str, policy_type: PolicyType) -> Short {
    match policy_type {
        PolicyType::IdentityBased | PolicyType::PermissionsBoundary | PolicyType::Session => {
            Short::Padded
        }
        PolicyType::ResourceBased | PolicyType::RoleTrust | PolicyType::VpcEndpoint => {
            if resource.contains('*') { Short::Padded } else { Short::Nothing }
        }
        PolicyType::ServiceControl if resource.ends_with('*') => Short::Padded,
        PolicyType::ServiceControl | PolicyType::ResourceControl => Short::Refused,
    }
}

/// The pattern that a request asks about, in which only `*` is special.
fn asked_units(asked: &str) -> Vec<Unit> {
    asked.bytes().map(|byte| if byte == b'*' { STAR } else { Unit::from(byte) }).collect()
}

/// Whether some ARN matches both patterns. Parts of ARNs are compared one by one.
fn touches(policy: &[Unit], asked: &[Unit]) -> bool {
    if policy == [STAR] || asked == [STAR] {
        return true;
    }
    let is_colon = |unit: &Unit| *unit == Unit::from(b':');
    let mut policy = policy.splitn(ARN_PARTS, is_colon);
    let mut asked = asked.splitn(ARN_PARTS, is_colon);
    (0..ARN_PARTS).all(|_| {
        let [policy, asked] = [policy.next(), asked.next()].map(|part| part.unwrap_or(&[STAR]));
        pattern::intersect(policy, asked)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_touch() {
        let check = |policy: &str, asked: &str| {
            let mut units = Vec::new();
            pattern::push_wildcard(&mut units, policy);
            touches(&units, &asked_units(asked))
        };
        assert!(check("arn:aws:s3:::*/logs/*", "arn:aws:s3:::b/*"));
        assert!(check("arn:aws:s3:::b/?", "arn:aws:s3:::b/x"));
        assert!(check("arn:aws:s3:::b/x", "arn:aws:s3:::*"));
        assert!(check("*", "arn:aws:s3:::b/*"));
        assert!(check("arn:aws:s3:::b", "*"));
        assert!(!check("arn:aws:s3:::other/*", "arn:aws:s3:::b/*"));
        assert!(!check("arn:aws:sqs:*:*:*", "arn:aws:s3:::b/*"));
        assert!(!check("arn:aws:*:*:*:x", "arn:aws:s3:::b/*"));
    }
}
