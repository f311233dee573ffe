//! Which permission every operation needs.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

use crate::tables::{self, GroupRecord, InstanceProfileRecord, Named, RoleRecord, UserRecord, key};
use crate::{Iam, ops};
use base::AccountId;
use rt::{Access, Routes};
use seams::{AccessRequest, CallCx, Principal};
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// Every operation that is built.
pub fn routes(iam: &Arc<Iam>) -> Routes {
    let routes = Routes::new(&wire_iam::SERVICE);
    let routes = users(routes, iam);
    let routes = groups(routes, iam);
    let routes = roles(routes, iam);
    let routes = policies_of_users(routes, iam);
    let routes = policies_of_groups(routes, iam);
    let routes = policies_of_roles(routes, iam);
    let routes = managed_policies(routes, iam);
    let routes = instance_profiles(routes, iam);
    let routes = account(routes, iam);
    simulations(routes, iam)
}

fn users(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateUser,
            iam,
            |_, cx, input| {
                Ok(created(cx, "iam:CreateUser", "user", input.path.as_deref(), &input.user_name)
                    .boundary(input.permissions_boundary.as_deref()))
            },
            ops::create_user,
        )
        .on(
            wire_ops::GetUser,
            iam,
            |iam, cx, input| iam.user_or_caller(cx, "iam:GetUser", input.user_name.as_deref()),
            ops::get_user,
        )
        .on(
            wire_ops::ListUsers,
            iam,
            |_, cx, input| Ok(listed(cx, "iam:ListUsers", "user", input.path_prefix.as_deref())),
            ops::list_users,
        )
        .on(
            wire_ops::UpdateUser,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:UpdateUser", &input.user_name).into())
            },
            ops::update_user,
        )
        .on(
            wire_ops::DeleteUser,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:DeleteUser", &input.user_name).into())
            },
            ops::delete_user,
        )
        .on(
            wire_ops::CreateAccessKey,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:CreateAccessKey", input.user_name.as_deref())
            },
            ops::create_access_key,
        )
        .on(
            wire_ops::ListAccessKeys,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:ListAccessKeys", input.user_name.as_deref())
            },
            ops::list_access_keys,
        )
        .on(
            wire_ops::UpdateAccessKey,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:UpdateAccessKey", input.user_name.as_deref())
            },
            ops::update_access_key,
        )
        .on(
            wire_ops::DeleteAccessKey,
            iam,
            |iam, cx, input| {
                iam.user_or_caller(cx, "iam:DeleteAccessKey", input.user_name.as_deref())
            },
            ops::delete_access_key,
        )
        .on(
            wire_ops::GetAccessKeyLastUsed,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetAccessKeyLastUsed")),
            ops::get_access_key_last_used,
        )
        .on(
            wire_ops::TagUser,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:TagUser", &input.user_name).into())
            },
            ops::tag_user,
        )
        .on(
            wire_ops::UntagUser,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:UntagUser", &input.user_name).into())
            },
            ops::untag_user,
        )
        .on(
            wire_ops::ListUserTags,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:ListUserTags", &input.user_name).into())
            },
            ops::list_user_tags,
        )
        .on(
            wire_ops::ListGroupsForUser,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:ListGroupsForUser", &input.user_name).into())
            },
            ops::list_groups_for_user,
        )
        .on(
            wire_ops::PutUserPermissionsBoundary,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:PutUserPermissionsBoundary", &input.user_name)
                    .boundary(Some(&input.permissions_boundary)))
            },
            ops::put_user_permissions_boundary,
        )
        .on(
            wire_ops::DeleteUserPermissionsBoundary,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:DeleteUserPermissionsBoundary", &input.user_name)
                    .into())
            },
            ops::delete_user_permissions_boundary,
        )
}

fn groups(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateGroup,
            iam,
            |_, cx, input| {
                Ok(created(
                    cx,
                    "iam:CreateGroup",
                    "group",
                    input.path.as_deref(),
                    &input.group_name,
                )
                .into())
            },
            ops::create_group,
        )
        .on(
            wire_ops::GetGroup,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:GetGroup", &input.group_name).into())
            },
            ops::get_group,
        )
        .on(
            wire_ops::ListGroups,
            iam,
            |_, cx, input| Ok(listed(cx, "iam:ListGroups", "group", input.path_prefix.as_deref())),
            ops::list_groups,
        )
        .on(
            wire_ops::UpdateGroup,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:UpdateGroup", &input.group_name).into())
            },
            ops::update_group,
        )
        .on(
            wire_ops::DeleteGroup,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:DeleteGroup", &input.group_name).into())
            },
            ops::delete_group,
        )
        .on(
            wire_ops::AddUserToGroup,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:AddUserToGroup", &input.group_name).into())
            },
            ops::add_user_to_group,
        )
        .on(
            wire_ops::RemoveUserFromGroup,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<GroupRecord>(cx, "iam:RemoveUserFromGroup", &input.group_name)
                    .into())
            },
            ops::remove_user_from_group,
        )
}

fn roles(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateRole,
            iam,
            |_, cx, input| {
                Ok(created(cx, "iam:CreateRole", "role", input.path.as_deref(), &input.role_name)
                    .boundary(input.permissions_boundary.as_deref()))
            },
            ops::create_role,
        )
        .on(
            wire_ops::GetRole,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:GetRole", &input.role_name).into())
            },
            ops::get_role,
        )
        .on(
            wire_ops::ListRoles,
            iam,
            |_, cx, input| Ok(listed(cx, "iam:ListRoles", "role", input.path_prefix.as_deref())),
            ops::list_roles,
        )
        .on(
            wire_ops::UpdateRole,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:UpdateRole", &input.role_name).into())
            },
            ops::update_role,
        )
        .on(
            wire_ops::UpdateRoleDescription,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:UpdateRoleDescription", &input.role_name)
                    .into())
            },
            ops::update_role_description,
        )
        .on(
            wire_ops::UpdateAssumeRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:UpdateAssumeRolePolicy", &input.role_name)
                    .into())
            },
            ops::update_assume_role_policy,
        )
        .on(
            wire_ops::DeleteRole,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:DeleteRole", &input.role_name).into())
            },
            ops::delete_role,
        )
        .on(
            wire_ops::TagRole,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:TagRole", &input.role_name).into())
            },
            ops::tag_role,
        )
        .on(
            wire_ops::UntagRole,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:UntagRole", &input.role_name).into())
            },
            ops::untag_role,
        )
        .on(
            wire_ops::ListRoleTags,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:ListRoleTags", &input.role_name).into())
            },
            ops::list_role_tags,
        )
        .on(
            wire_ops::PutRolePermissionsBoundary,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:PutRolePermissionsBoundary", &input.role_name)
                    .boundary(Some(&input.permissions_boundary)))
            },
            ops::put_role_permissions_boundary,
        )
        .on(
            wire_ops::DeleteRolePermissionsBoundary,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:DeleteRolePermissionsBoundary", &input.role_name)
                    .into())
            },
            ops::delete_role_permissions_boundary,
        )
}

fn policies_of_users(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::PutUserPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:PutUserPolicy", &input.user_name).into())
            },
            ops::put_user_policy,
        )
        .on(
            wire_ops::GetUserPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:GetUserPolicy", &input.user_name).into())
            },
            ops::get_user_policy,
        )
        .on(
            wire_ops::DeleteUserPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:DeleteUserPolicy", &input.user_name).into())
            },
            ops::delete_user_policy,
        )
        .on(
            wire_ops::ListUserPolicies,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<UserRecord>(cx, "iam:ListUserPolicies", &input.user_name).into())
            },
            ops::list_user_policies,
        )
        .on(
            wire_ops::ListAttachedUserPolicies,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:ListAttachedUserPolicies", &input.user_name)
                    .into())
            },
            ops::list_attached_user_policies,
        )
        .on(
            wire_ops::AttachUserPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:AttachUserPolicy", &input.user_name)
                    .policy(&input.policy_arn))
            },
            ops::attach_user_policy,
        )
        .on(
            wire_ops::DetachUserPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:DetachUserPolicy", &input.user_name)
                    .policy(&input.policy_arn))
            },
            ops::detach_user_policy,
        )
}

fn policies_of_groups(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::PutGroupPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:PutGroupPolicy", &input.group_name).into())
            },
            ops::put_group_policy,
        )
        .on(
            wire_ops::GetGroupPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:GetGroupPolicy", &input.group_name).into())
            },
            ops::get_group_policy,
        )
        .on(
            wire_ops::DeleteGroupPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:DeleteGroupPolicy", &input.group_name).into())
            },
            ops::delete_group_policy,
        )
        .on(
            wire_ops::ListGroupPolicies,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<GroupRecord>(cx, "iam:ListGroupPolicies", &input.group_name).into())
            },
            ops::list_group_policies,
        )
        .on(
            wire_ops::ListAttachedGroupPolicies,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<GroupRecord>(cx, "iam:ListAttachedGroupPolicies", &input.group_name)
                    .into())
            },
            ops::list_attached_group_policies,
        )
        .on(
            wire_ops::AttachGroupPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<GroupRecord>(cx, "iam:AttachGroupPolicy", &input.group_name)
                    .policy(&input.policy_arn))
            },
            ops::attach_group_policy,
        )
        .on(
            wire_ops::DetachGroupPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<GroupRecord>(cx, "iam:DetachGroupPolicy", &input.group_name)
                    .policy(&input.policy_arn))
            },
            ops::detach_group_policy,
        )
}

fn policies_of_roles(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::PutRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:PutRolePolicy", &input.role_name).into())
            },
            ops::put_role_policy,
        )
        .on(
            wire_ops::GetRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:GetRolePolicy", &input.role_name).into())
            },
            ops::get_role_policy,
        )
        .on(
            wire_ops::DeleteRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:DeleteRolePolicy", &input.role_name).into())
            },
            ops::delete_role_policy,
        )
        .on(
            wire_ops::ListRolePolicies,
            iam,
            |iam, cx, input| {
                Ok(iam.named::<RoleRecord>(cx, "iam:ListRolePolicies", &input.role_name).into())
            },
            ops::list_role_policies,
        )
        .on(
            wire_ops::ListAttachedRolePolicies,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:ListAttachedRolePolicies", &input.role_name)
                    .into())
            },
            ops::list_attached_role_policies,
        )
        .on(
            wire_ops::AttachRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:AttachRolePolicy", &input.role_name)
                    .policy(&input.policy_arn))
            },
            ops::attach_role_policy,
        )
        .on(
            wire_ops::DetachRolePolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:DetachRolePolicy", &input.role_name)
                    .policy(&input.policy_arn))
            },
            ops::detach_role_policy,
        )
}

fn managed_policies(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreatePolicy,
            iam,
            |_, cx, input| {
                Ok(created(
                    cx,
                    "iam:CreatePolicy",
                    "policy",
                    input.path.as_deref(),
                    &input.policy_name,
                )
                .into())
            },
            ops::create_policy,
        )
        .on(
            wire_ops::ListPolicies,
            iam,
            |_, cx, input| {
                Ok(listed(cx, "iam:ListPolicies", "policy", input.path_prefix.as_deref()))
            },
            ops::list_policies,
        )
        .on(
            wire_ops::GetPolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:GetPolicy", &*input.policy_arn)),
            ops::get_policy,
        )
        .on(
            wire_ops::DeletePolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:DeletePolicy", &*input.policy_arn)),
            ops::delete_policy,
        )
        .on(
            wire_ops::CreatePolicyVersion,
            iam,
            |_, _, input| Ok(Access::to("iam:CreatePolicyVersion", &*input.policy_arn)),
            ops::create_policy_version,
        )
        .on(
            wire_ops::GetPolicyVersion,
            iam,
            |_, _, input| Ok(Access::to("iam:GetPolicyVersion", &*input.policy_arn)),
            ops::get_policy_version,
        )
        .on(
            wire_ops::ListPolicyVersions,
            iam,
            |_, _, input| Ok(Access::to("iam:ListPolicyVersions", &*input.policy_arn)),
            ops::list_policy_versions,
        )
        .on(
            wire_ops::SetDefaultPolicyVersion,
            iam,
            |_, _, input| Ok(Access::to("iam:SetDefaultPolicyVersion", &*input.policy_arn)),
            ops::set_default_policy_version,
        )
        .on(
            wire_ops::DeletePolicyVersion,
            iam,
            |_, _, input| Ok(Access::to("iam:DeletePolicyVersion", &*input.policy_arn)),
            ops::delete_policy_version,
        )
        .on(
            wire_ops::ListEntitiesForPolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:ListEntitiesForPolicy", &*input.policy_arn)),
            ops::list_entities_for_policy,
        )
        .on(
            wire_ops::TagPolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:TagPolicy", &*input.policy_arn)),
            ops::tag_policy,
        )
        .on(
            wire_ops::UntagPolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:UntagPolicy", &*input.policy_arn)),
            ops::untag_policy,
        )
        .on(
            wire_ops::ListPolicyTags,
            iam,
            |_, _, input| Ok(Access::to("iam:ListPolicyTags", &*input.policy_arn)),
            ops::list_policy_tags,
        )
}

fn instance_profiles(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateInstanceProfile,
            iam,
            |_, cx, input| {
                Ok(created(
                    cx,
                    "iam:CreateInstanceProfile",
                    "instance-profile",
                    input.path.as_deref(),
                    &input.instance_profile_name,
                )
                .into())
            },
            ops::create_instance_profile,
        )
        .on(
            wire_ops::GetInstanceProfile,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:GetInstanceProfile",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::get_instance_profile,
        )
        .on(
            wire_ops::ListInstanceProfiles,
            iam,
            |_, cx, input| {
                Ok(listed(
                    cx,
                    "iam:ListInstanceProfiles",
                    "instance-profile",
                    input.path_prefix.as_deref(),
                ))
            },
            ops::list_instance_profiles,
        )
        .on(
            wire_ops::DeleteInstanceProfile,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:DeleteInstanceProfile",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::delete_instance_profile,
        )
        .on(
            wire_ops::TagInstanceProfile,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:TagInstanceProfile",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::tag_instance_profile,
        )
        .on(
            wire_ops::UntagInstanceProfile,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:UntagInstanceProfile",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::untag_instance_profile,
        )
        .on(
            wire_ops::ListInstanceProfileTags,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:ListInstanceProfileTags",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::list_instance_profile_tags,
        )
        .on(
            wire_ops::AddRoleToInstanceProfile,
            iam,
            |iam, cx, input| Ok(iam.add_role(cx, input)),
            ops::add_role_to_instance_profile,
        )
        .on(
            wire_ops::RemoveRoleFromInstanceProfile,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<InstanceProfileRecord>(
                        cx,
                        "iam:RemoveRoleFromInstanceProfile",
                        &input.instance_profile_name,
                    )
                    .into())
            },
            ops::remove_role_from_instance_profile,
        )
        .on(
            wire_ops::ListInstanceProfilesForRole,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:ListInstanceProfilesForRole", &input.role_name)
                    .into())
            },
            ops::list_instance_profiles_for_role,
        )
}

fn account(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateAccountAlias,
            iam,
            |_, _, _| Ok(Access::to_any("iam:CreateAccountAlias")),
            ops::create_account_alias,
        )
        .on(
            wire_ops::DeleteAccountAlias,
            iam,
            |_, _, _| Ok(Access::to_any("iam:DeleteAccountAlias")),
            ops::delete_account_alias,
        )
        .on(
            wire_ops::ListAccountAliases,
            iam,
            |_, _, _| Ok(Access::to_any("iam:ListAccountAliases")),
            ops::list_account_aliases,
        )
        .on(
            wire_ops::GetAccountSummary,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetAccountSummary")),
            ops::get_account_summary,
        )
}

fn simulations(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::SimulateCustomPolicy,
            iam,
            |_, _, _| Ok(Access::to_any("iam:SimulateCustomPolicy")),
            ops::simulate_custom_policy,
        )
        .on(
            wire_ops::SimulatePrincipalPolicy,
            iam,
            |_, _, input| Ok(Access::to("iam:SimulatePrincipalPolicy", &*input.policy_source_arn)),
            ops::simulate_principal_policy,
        )
        .on(
            wire_ops::GetContextKeysForCustomPolicy,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetContextKeysForCustomPolicy")),
            ops::get_context_keys_for_custom_policy,
        )
        .on(
            wire_ops::GetContextKeysForPrincipalPolicy,
            iam,
            |_, _, input| {
                Ok(Access::to("iam:GetContextKeysForPrincipalPolicy", &*input.policy_source_arn))
            },
            ops::get_context_keys_for_principal_policy,
        )
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
    /// On something that has a row; its path is part of its ARN.
    fn named<N: Named>(&self, cx: &CallCx, action: &'static str, name: &str) -> Rule {
        Rule(AccessRequest::new(action, self.arn::<N>(cx.account, name)))
    }

    /// As AWS does for what does not exist, the path is taken to be `/`.
    fn arn<N: Named>(&self, account: AccountId, name: &str) -> String {
        match self.store.get(N::table(), &key(account, name)) {
            Ok(Some(row)) => row.arn(account),
            _ => tables::arn(account, N::NOUN, "/", name),
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
        let role = self.arn::<RoleRecord>(cx.account, &input.role_name);
        let pass = AccessRequest::new("iam:PassRole", role)
            .with("iam:PassedToService", "ec2.amazonaws.com");
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
