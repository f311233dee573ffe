//! Users, groups, roles, instance profiles and the account itself.

use super::{created, listed};
use crate::tables::{GroupRecord, InstanceProfileRecord, RoleRecord, UserRecord};
use crate::{Iam, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// See the module.
pub fn users(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateUser,
            iam,
            |_, cx, input| {
                Ok(created(cx, "iam:CreateUser", "user", input.path.as_deref(), &input.user_name)
                    .tags(input.tags.as_deref())
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
                Ok(iam
                    .named::<UserRecord>(cx, "iam:TagUser", &input.user_name)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_user,
        )
        .on(
            wire_ops::UntagUser,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<UserRecord>(cx, "iam:UntagUser", &input.user_name)
                    .tag_keys(&input.tag_keys)
                    .into())
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

/// See the module.
pub fn groups(routes: Routes, iam: &Arc<Iam>) -> Routes {
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

/// See the module.
pub fn roles(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateRole,
            iam,
            |_, cx, input| {
                Ok(created(cx, "iam:CreateRole", "role", input.path.as_deref(), &input.role_name)
                    .tags(input.tags.as_deref())
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
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:TagRole", &input.role_name)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_role,
        )
        .on(
            wire_ops::UntagRole,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:UntagRole", &input.role_name)
                    .tag_keys(&input.tag_keys)
                    .into())
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

/// See the module.
pub fn instance_profiles(routes: Routes, iam: &Arc<Iam>) -> Routes {
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
                .tags(input.tags.as_deref())
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
                    .tags(Some(&input.tags))
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
                    .tag_keys(&input.tag_keys)
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

/// See the module.
pub fn account(routes: Routes, iam: &Arc<Iam>) -> Routes {
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
