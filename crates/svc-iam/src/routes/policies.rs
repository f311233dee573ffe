//! Policies of users, groups and roles, managed policies, and simulations.

use super::{created, listed};
use crate::tables::{GroupRecord, RoleRecord, UserRecord};
use crate::{Iam, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// See the module.
pub fn policies_of_users(routes: Routes, iam: &Arc<Iam>) -> Routes {
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

/// See the module.
pub fn policies_of_groups(routes: Routes, iam: &Arc<Iam>) -> Routes {
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

/// See the module.
pub fn policies_of_roles(routes: Routes, iam: &Arc<Iam>) -> Routes {
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

/// See the module.
pub fn managed_policies(routes: Routes, iam: &Arc<Iam>) -> Routes {
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
                .tags(input.tags.as_deref())
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
            |iam, cx, input| Ok(iam.on_arn(cx, "iam:GetPolicy", &input.policy_arn).into()),
            ops::get_policy,
        )
        .on(
            wire_ops::DeletePolicy,
            iam,
            |iam, cx, input| Ok(iam.on_arn(cx, "iam:DeletePolicy", &input.policy_arn).into()),
            ops::delete_policy,
        )
        .on(
            wire_ops::CreatePolicyVersion,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:CreatePolicyVersion", &input.policy_arn).into())
            },
            ops::create_policy_version,
        )
        .on(
            wire_ops::GetPolicyVersion,
            iam,
            |iam, cx, input| Ok(iam.on_arn(cx, "iam:GetPolicyVersion", &input.policy_arn).into()),
            ops::get_policy_version,
        )
        .on(
            wire_ops::ListPolicyVersions,
            iam,
            |iam, cx, input| Ok(iam.on_arn(cx, "iam:ListPolicyVersions", &input.policy_arn).into()),
            ops::list_policy_versions,
        )
        .on(
            wire_ops::SetDefaultPolicyVersion,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:SetDefaultPolicyVersion", &input.policy_arn).into())
            },
            ops::set_default_policy_version,
        )
        .on(
            wire_ops::DeletePolicyVersion,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:DeletePolicyVersion", &input.policy_arn).into())
            },
            ops::delete_policy_version,
        )
        .on(
            wire_ops::ListEntitiesForPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:ListEntitiesForPolicy", &input.policy_arn).into())
            },
            ops::list_entities_for_policy,
        )
        .on(
            wire_ops::TagPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:TagPolicy", &input.policy_arn)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_policy,
        )
        .on(
            wire_ops::UntagPolicy,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:UntagPolicy", &input.policy_arn)
                    .tag_keys(&input.tag_keys)
                    .into())
            },
            ops::untag_policy,
        )
        .on(
            wire_ops::ListPolicyTags,
            iam,
            |iam, cx, input| Ok(iam.on_arn(cx, "iam:ListPolicyTags", &input.policy_arn).into()),
            ops::list_policy_tags,
        )
}

/// See the module.
pub fn simulations(routes: Routes, iam: &Arc<Iam>) -> Routes {
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
