//! Which permission every operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

mod credentials;
mod identities;
mod policies;
mod providers;
mod reports;

use crate::ops::mfa_devices;
use crate::tables::{
    self, InstanceProfileRecord, MFA_DEVICES, Named, OIDC_PROVIDERS, POLICIES, RoleRecord,
    SAML_PROVIDERS, Tags, UserRecord, key,
};
use crate::{Iam, ops};
use base::AccountId;
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx, Principal};
use std::sync::Arc;
use wire_iam::Tag;

/// Every operation that is built.
pub fn routes(iam: &Arc<Iam>) -> Routes {
    let routes = Routes::new(&wire_iam::SERVICE);
    let routes = identities::users(routes, iam);
    let routes = identities::groups(routes, iam);
    let routes = identities::roles(routes, iam);
    let routes = policies::policies_of_users(routes, iam);
    let routes = policies::policies_of_groups(routes, iam);
    let routes = policies::policies_of_roles(routes, iam);
    let routes = policies::managed_policies(routes, iam);
    let routes = identities::instance_profiles(routes, iam);
    let routes = identities::account(routes, iam);
    let routes = policies::simulations(routes, iam);
    let routes = credentials::passwords(routes, iam);
    let routes = credentials::mfa_devices(routes, iam);
    let routes = credentials::certificates_and_keys(routes, iam);
    let routes = providers::oidc_providers(routes, iam);
    let routes = providers::saml_providers(routes, iam);
    let routes = providers::server_certificates(routes, iam);
    let routes = providers::outbound_federation(routes, iam);
    let routes = providers::service_roles(routes, iam);
    reports::reports(routes, iam)
}

/// A rule with one permission, and the condition keys of its operation.
struct Rule(AccessRequest);

impl Rule {
    /// `iam:PermissionsBoundary`.
    fn boundary(self, arn: Option<&str>) -> Access {
        match arn {
            Some(arn) => self.0.with("iam:PermissionsBoundary", arn).into(),
            None => self.0.into(),
        }
    }

    /// The tags that the request gives.
    fn tags(self, tags: Option<&[Tag]>) -> Self {
        let tags = tags.unwrap_or_default().iter().map(|tag| (&tag.key, &tag.value));
        Rule(self.0.with_request_tags(tags))
    }

    /// The keys of the tags that the request takes away.
    fn tag_keys(self, keys: &[String]) -> Self {
        Rule(self.0.with_tag_keys(keys))
    }

    /// `iam:AWSServiceName`.
    fn service(self, service: &str) -> Access {
        self.0.with("iam:AWSServiceName", service).into()
    }

    /// `iam:PolicyARN`.
    fn policy(self, arn: &str) -> Access {
        self.0.with("iam:PolicyARN", arn).into()
    }
}

impl From<Rule> for Access {
    fn from(rule: Rule) -> Self {
        rule.0.into()
    }
}

impl Iam {
    /// On something that has a row; its path is part of its ARN. As AWS does for what does not exist, the path is taken to
    /// be `/`.
    fn named<N: Named>(&self, cx: &CallCx, action: &'static str, name: &str) -> Rule {
        let row = self.store.get(N::table(), &key(cx.account, name)).ok().flatten();
        let Some(row) = row else {
            return Rule(AccessRequest::new(action, tables::arn(cx.account, N::NOUN, "/", name)));
        };
        let tags = row.condition_tags().into_iter().flatten();
        let request = AccessRequest::new(action, row.arn(cx.account));
        let request = request.with_resource_tags(tags.clone());
        // Users and roles had a key of IAM's own before there was one for all services.
        if ["user", "role"].contains(&N::NOUN) {
            return Rule(tags.fold(request, |request, (tag, value)| {
                request.with(format!("iam:ResourceTag/{tag}"), value)
            }));
        }
        Rule(request)
    }

    /// On something that the request names by its ARN: a policy, an identity provider or an MFA device.
    fn on_arn(&self, cx: &CallCx, action: &'static str, arn: &str) -> Rule {
        let request = AccessRequest::new(action, arn);
        match self.tags_of(cx.account, arn) {
            Some(tags) => Rule(request.with_resource_tags(&tags)),
            None => Rule(request),
        }
    }

    /// The tags of the account's own policy, identity provider or MFA device; None of what is not there.
    fn tags_of(&self, account: AccountId, arn: &str) -> Option<Tags> {
        let resource = arn.strip_prefix(&format!("arn:aws:iam::{account}:"))?;
        let (kind, name) = resource.split_once('/')?;
        let last = key(account, name.rsplit('/').next()?);
        let whole = (account, name.to_string());
        match kind {
            "policy" => {
                let row = self.store.get(&POLICIES, &last).ok()??;
                (row.arn(account) == arn).then_some(row.tags)
            }
            "mfa" => {
                let row = self.store.get(&MFA_DEVICES, &last).ok()??;
                (mfa_devices::serial(account, &row) == arn).then_some(row.tags)
            }
            "oidc-provider" => Some(self.store.get(&OIDC_PROVIDERS, &whole).ok()??.tags),
            "saml-provider" => Some(self.store.get(&SAML_PROVIDERS, &whole).ok()??.tags),
            _ => None,
        }
    }

    /// On a user or, without a name, on the caller.
    fn user_or_caller(
        &self,
        cx: &CallCx,
        action: &'static str,
        name: Option<&str>,
    ) -> Result<Access, wire::Error> {
        let is_root = cx.caller.principal == Principal::Root;
        if name.is_none() && is_root && action == "iam:GetUser" {
            return Ok(Access::to(action, &*cx.caller.arn));
        }
        let name = ops::name_or_caller(cx, name)?;
        Ok(self.named::<UserRecord>(cx, action, name).into())
    }

    /// Whoever puts a role into an instance profile passes it to EC2.
    fn add_role(&self, cx: &CallCx, input: &wire_iam::AddRoleToInstanceProfileRequest) -> Access {
        let action = "iam:AddRoleToInstanceProfile";
        let profile = &input.instance_profile_name;
        let Rule(pass) = self.named::<RoleRecord>(cx, "iam:PassRole", &input.role_name);
        let pass = pass.with("iam:PassedToService", "ec2.amazonaws.com");
        Access::from(self.named::<InstanceProfileRecord>(cx, action, profile)).and(pass)
    }
}

/// On something that does not exist yet.
fn created(cx: &CallCx, action: &'static str, noun: &str, path: Option<&str>, name: &str) -> Rule {
    let arn = tables::arn(cx.account, noun, path.unwrap_or("/"), name);
    Rule(AccessRequest::new(action, arn))
}

/// On all of a kind: AWS names `arn:aws:iam::123456789012:user/` for them.
fn listed(cx: &CallCx, action: &'static str, noun: &str, path_prefix: Option<&str>) -> Access {
    Access::to(action, tables::arn(cx.account, noun, path_prefix.unwrap_or("/"), ""))
}
