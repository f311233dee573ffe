//! What policies would say of requests that nobody makes.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html>

use base::AccountId;
use policy::{
    Context, Decision, Effect, Identity, Policies, Policy, PolicyType, Principal, Reason, Request,
    ResourceSide, evaluate,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wire_iam::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
    PolicyEvaluationDecisionType, PolicySourceType, Position, ResourceSpecificResult, Statement,
};

/// A policy of a simulation, and how answers call it.
pub struct Source {
    /// Such as `PolicyInputList.1`.
    pub id: String,
    /// Where it comes from.
    pub kind: PolicySourceType,
    /// The document as it was written.
    pub text: String,
    /// The document, compiled.
    pub policy: Arc<Policy>,
}

/// Everything that a simulation depends on.
pub struct Simulation<'a> {
    /// Who asks.
    pub principal: Principal<'a>,
    /// Condition keys and variables.
    pub context: Context<'a>,
    /// The policies of whoever asks.
    pub sources: Vec<Source>,
    /// The permissions boundary.
    pub boundary: Option<Arc<Policy>>,
    /// The resource's own policy, and whose the resource is.
    pub resource: Option<(Source, AccountId)>,
}

impl Simulation<'_> {
    /// One result for each action on each resource.
    pub fn run(&self, actions: &[String], resources: &[String]) -> Vec<EvaluationResult> {
        let identity: Vec<Arc<Policy>> =
            self.sources.iter().map(|source| Arc::clone(&source.policy)).collect();
        let pairs = actions.iter().flat_map(|action| resources.iter().map(move |r| (action, r)));
        pairs.map(|(action, resource)| self.one(&identity, action, resource)).collect()
    }

    fn one(&self, identity: &[Arc<Policy>], action: &str, resource: &str) -> EvaluationResult {
        let request = Request::new(self.principal, action, resource, &self.context);
        let mut policies = Policies::of(Identity::Policies(identity));
        policies.boundary = self.boundary.as_deref();
        policies.resource = self.resource.as_ref().map(|(source, account)| ResourceSide {
            account: *account,
            policy: Some(&source.policy),
            policy_type: PolicyType::ResourceBased,
            required: false,
            granted: false,
        });
        let decision = decision_type(evaluate(&request, &policies));
        let matched = self.matched(&request, decision);
        let missing = self.missing_keys();
        let boundary = self.boundary.as_ref().map(|boundary| PermissionsBoundaryDecisionDetail {
            allowed_by_permissions_boundary: Some(
                boundary.scan(&request).deny.is_none() && boundary.scan(&request).allow.is_some(),
            ),
        });
        EvaluationResult {
            eval_action_name: action.to_string(),
            eval_resource_name: Some(resource.to_string()),
            eval_decision: decision,
            matched_statements: Some(matched.clone()),
            missing_context_values: Some(missing.clone()),
            organizations_decision_detail: Some(OrganizationsDecisionDetail {
                allowed_by_organizations: Some(true),
            }),
            permissions_boundary_decision_detail: boundary.clone(),
            eval_decision_details: Some(BTreeMap::new()),
            resource_specific_results: Some(vec![ResourceSpecificResult {
                eval_resource_name: resource.to_string(),
                eval_resource_decision: decision,
                matched_statements: Some(matched),
                missing_context_values: Some(missing),
                eval_decision_details: None,
                permissions_boundary_decision_detail: boundary,
            }]),
        }
    }

    /// The statements that made the decision.
    fn matched(
        &self,
        request: &Request<'_>,
        decision: PolicyEvaluationDecisionType,
    ) -> Vec<Statement> {
        let wanted = match decision {
            PolicyEvaluationDecisionType::Allowed => Effect::Allow,
            PolicyEvaluationDecisionType::ExplicitDeny => Effect::Deny,
            PolicyEvaluationDecisionType::ImplicitDeny => return Vec::new(),
        };
        let mut matched = Vec::new();
        for source in self.sources.iter().chain(self.resource.iter().map(|(source, _)| source)) {
            for (index, effect) in source.policy.matching(request) {
                if effect == wanted
                    && let Some(span) = source.policy.statement_span(index)
                {
                    matched.push(Statement {
                        source_policy_id: Some(source.id.clone()),
                        source_policy_type: Some(source.kind),
                        // Recorded: AWS points behind the first and behind the last brace.
                        start_position: Some(position(&source.text, span.start + 1)),
                        end_position: Some(position(&source.text, span.end)),
                    });
                }
            }
        }
        matched
    }

    /// The condition keys that the policies ask for and the request does not have.
    fn missing_keys(&self) -> Vec<String> {
        let resource = self.resource.iter().map(|(source, _)| &source.policy);
        let policies = self.sources.iter().map(|source| &source.policy).chain(resource);
        let keys = policies.flat_map(|policy| policy.condition_keys());
        let missing = keys.filter(|key| self.context.get(key).is_none());
        missing.map(str::to_string).collect::<BTreeSet<String>>().into_iter().collect()
    }
}

fn decision_type(decision: Decision) -> PolicyEvaluationDecisionType {
    match decision {
        Decision::Allowed => PolicyEvaluationDecisionType::Allowed,
        Decision::Denied(denial) => match denial.reason {
            Reason::Explicit(_) => PolicyEvaluationDecisionType::ExplicitDeny,
            Reason::Implicit(_) => PolicyEvaluationDecisionType::ImplicitDeny,
        },
    }
}

/// Line and column of a byte, both from 1.
fn position(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |n| i32::try_from(n).ok();
    Position { line: number(line), column: number(column) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use policy::Kind;

    #[test]
    fn positions_are_as_recorded() {
        let text = r#"{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#;
        let source = Source {
            id: "p".to_string(),
            kind: PolicySourceType::UserManaged,
            text: text.to_string(),
            policy: Arc::new(Policy::parse(text, Kind::Identity).unwrap()),
        };
        let simulation = Simulation {
            principal: Principal::User { arn: "u", account: AccountId::DEFAULT },
            context: Context::new(),
            sources: vec![source],
            boundary: None,
            resource: None,
        };
        let results =
            simulation.run(&["s3:PutObject".to_string()], &["arn:aws:s3:::b".to_string()]);
        assert_eq!(results[0].eval_decision, PolicyEvaluationDecisionType::Allowed);
        let statement = &results[0].matched_statements.as_ref().unwrap()[0];
        let at = |position: &Option<Position>| {
            position.as_ref().map(|position| (position.line.unwrap(), position.column.unwrap()))
        };
        assert_eq!(at(&statement.start_position), Some((1, 41)));
        assert_eq!(at(&statement.end_position), Some((1, 113)));
    }
}
