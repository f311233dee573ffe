//! The decision about every call.

use super::compiled::{CompiledRole, CompiledUser};
use super::context::context;
use super::explanation;
use crate::Iam;
use crate::errors::Error;
use base::{AccountId, BoxFut, RequestId};
use policy::{
    Decision, Denial, Identity, Policies, Policy, PolicyType, Request, ResourceSide, evaluate,
};
use seams::{AccessRequest, Authorizer, CallCx, Caller, Principal};
use std::sync::Arc;

impl Authorizer for Iam {
    fn authorize<'a>(
        &'a self,
        cx: &'a CallCx,
        request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        if cfg!(debug_assertions) {
            tell_disagreement(request);
        }
        Box::pin(async move { self.decide(cx, request) })
    }

    fn explanation(&self, request_id: RequestId) -> Option<String> {
        self.explanations.of(request_id)
    }
}

/// Logs where what a service asks is not what AWS's own would ask. The black-box tests fail when their cloud says so.
fn tell_disagreement(request: &AccessRequest) {
    let keys = request.context.iter().map(|key| &*key.name);
    let found = service_authorization::disagreement(&request.action, &request.resource, keys);
    if let Some(disagreement) = found {
        tracing::warn!(disagreement, "AWS would not ask for this");
    }
}

/// The caller's own side of a decision.
#[derive(Default)]
pub(super) struct CallerSide {
    user: Option<Arc<CompiledUser>>,
    role: Option<Arc<CompiledRole>>,
    session: Vec<Arc<Policy>>,
}

impl CallerSide {
    /// What the caller's own policies are called, in the order of [`CallerSide::policies`].
    pub(super) fn names(&self) -> &[String] {
        match (&self.user, &self.role) {
            (Some(user), _) => &user.names,
            (None, Some(role)) => &role.names,
            (None, None) => &[],
        }
    }

    pub(super) fn tags(&self) -> Option<&crate::tables::Tags> {
        self.user.as_ref().map(|u| &u.tags).or(self.role.as_ref().map(|r| &r.tags))
    }

    /// Whom nothing is known of has no policies, so nothing is allowed to it. Federated users can do nothing by
    /// themselves unless their session was given policies.
    pub(super) fn policies<'a>(&'a self, principal: &Principal) -> Policies<'a> {
        let is_federated = matches!(principal, Principal::FederatedUser { .. });
        let (identity, boundary) = match (principal, &self.user, &self.role) {
            _ if is_federated && self.session.is_empty() => (Identity::Policies(&[]), None),
            (Principal::Root | Principal::FederatedUser { user_arn: None, .. }, ..) => {
                (Identity::Everything, None)
            }
            (_, Some(user), _) => (Identity::Policies(&user.policies), user.boundary.as_deref()),
            (_, _, Some(role)) => (Identity::Policies(&role.policies), role.boundary.as_deref()),
            _ => (Identity::Policies(&[]), None),
        };
        let mut policies = Policies::of(identity);
        policies.boundary = boundary;
        policies.session = (!self.session.is_empty()).then_some(&self.session[..]);
        policies
    }
}

impl Iam {
    fn decide(&self, cx: &CallCx, request: &AccessRequest) -> Result<(), seams::Error> {
        let caller = &*cx.caller;
        self.note_use(cx, &request.action);
        let owner = resource_account(&request.resource).or(request.owner).unwrap_or(cx.account);
        let is_unlimited = caller.principal == Principal::Root
            && caller.session.as_ref().is_none_or(|session| session.policies.is_empty());
        if is_unlimited && owner == caller.account && request.resource_policy.is_none() {
            return Ok(());
        }
        let side = self.caller_side(caller)?;
        let resource_policy = match &request.resource_policy {
            Some(text) => Some(self.compiled.resource_policy(text, &request.resource)?),
            None => None,
        };
        let mut policies = side.policies(&caller.principal);
        policies.resource = Some(ResourceSide {
            account: owner,
            policy: resource_policy.as_deref(),
            policy_type: PolicyType::ResourceBased,
            required: request.consent_required,
            granted: request.granted,
        });
        let context = context(cx, &request.context, side.tags());
        let asked = Request::new(principal(caller), &request.action, &request.resource, &context);
        match evaluate(&asked, &policies) {
            Decision::Allowed => Ok(()),
            Decision::Denied(denial) => {
                let message = message(caller, request, owner, denial);
                self.explanations.note(cx.request_id, || {
                    explanation::explain(cx, request, &side, &policies, &asked, denial)
                });
                Err(seams::Error::new(403, "AccessDenied", message))
            }
        }
    }

    /// What the caller's account says of it.
    pub(super) fn caller_side(&self, caller: &Caller) -> Result<CallerSide, Error> {
        let mut side = CallerSide::default();
        match &caller.principal {
            Principal::User { .. } => side.user = self.compiled.user(&self.store, &caller.arn)?,
            Principal::AssumedRole { role_arn, .. } => {
                side.role = self.compiled.role(&self.store, role_arn)?;
            }
            Principal::FederatedUser { user_arn, .. } => {
                if let Some(user_arn) = user_arn {
                    side.user = self.compiled.user(&self.store, user_arn)?;
                }
            }
            Principal::Root
            | Principal::Federated { .. }
            | Principal::Service { .. }
            | Principal::Anonymous => {}
        }
        for text in caller.session.iter().flat_map(|session| &session.policies) {
            side.session.push(self.compiled.session_policy(text)?);
        }
        Ok(side)
    }

    fn note_use(&self, cx: &CallCx, action: &str) {
        // The unique id of a role comes before the name of the session.
        let id = match &cx.caller.principal {
            Principal::User { .. } => Some(&*cx.caller.user_id),
            Principal::AssumedRole { .. } => cx.caller.user_id.split(':').next(),
            _ => None,
        };
        if let Some(id) = id {
            self.accesses.note(id, action, cx.received_at, cx.region.as_str());
        }
        if let Some(access_key_id) = &cx.caller.access_key_id
            && access_key_id.starts_with("AKIA")
        {
            let service = action.split(':').next().unwrap_or_default();
            self.last_uses.note(access_key_id, cx.received_at, service, cx.region.as_str());
        }
    }
}

/// What the caller is told. S3 tells strangers nothing, and puts quotation marks around its resources.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>
fn message(caller: &Caller, request: &AccessRequest, owner: AccountId, denial: Denial) -> String {
    let is_s3 = request.action.starts_with("s3:");
    if is_s3 && principal(caller).account() != Some(owner) {
        return "Access Denied".to_string();
    }
    let quoted = format!("\"{}\"", request.resource);
    let resource = match (is_s3, &*request.resource) {
        (true, "*") => None,
        (true, _) => Some(&*quoted),
        (false, resource) => Some(resource),
    };
    denial.message(&caller.arn, &request.action, resource)
}

/// The account in an ARN, if there is one.
fn resource_account(resource: &str) -> Option<AccountId> {
    resource.strip_prefix("arn:")?.split(':').nth(3).and_then(AccountId::parse)
}

/// The caller as the policy language sees it.
pub(super) fn principal(caller: &Caller) -> policy::Principal<'_> {
    let account = caller.account;
    match &caller.principal {
        Principal::Root => policy::Principal::Root { account },
        Principal::User { .. } => policy::Principal::User { arn: &caller.arn, account },
        Principal::AssumedRole { role_arn, .. } => {
            policy::Principal::RoleSession { session_arn: &caller.arn, role_arn, account }
        }
        Principal::FederatedUser { user_arn, .. } => {
            let user_arn = user_arn.as_deref();
            policy::Principal::FederatedUser { arn: &caller.arn, user_arn, account }
        }
        Principal::Federated { provider_arn, .. } => {
            policy::Principal::Federated { provider: provider_arn }
        }
        Principal::Service { name } => policy::Principal::Service { name },
        Principal::Anonymous => policy::Principal::Anonymous,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_resources() {
        let account = |text| resource_account(text).map(|a| a.to_string());
        let function = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert_eq!(account(function).as_deref(), Some("123456789012"));
        assert_eq!(account("arn:aws:iam::123456789012:role/r").as_deref(), Some("123456789012"));
        for without in ["*", "arn:aws:s3:::bucket", "arn:aws:iam::aws:policy/P", "arn:aws"] {
            assert_eq!(account(without), None, "{without}");
        }
    }
}
