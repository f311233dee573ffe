//! What `GetAccountAuthorizationDetails` says of each identity and policy.

use crate::errors::Error;
use crate::model::{document, shapes};
use crate::ops::policies::Managed;
use crate::ops::{instance_profiles, policies};
use crate::tables::{Grants, GroupRecord, Named, RoleRecord, UserRecord};
use crate::tables::{InstanceProfileRecord, PolicyVersionRecord};
use base::AccountId;
use store::View;
use wire_iam::{
    AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion, RoleDetail,
    RoleLastUsed, UserDetail,
};

/// A user.
pub fn user(view: &View<'_>, account: AccountId, row: &UserRecord) -> Result<UserDetail, Error> {
    let groups = row.groups.iter().map(|name| Ok(GroupRecord::load(view, account, name)?.name));
    let groups: Result<Vec<String>, Error> = groups.collect();
    let shown = shapes::user(account, row);
    Ok(UserDetail {
        path: Some(shown.path),
        user_name: Some(shown.user_name),
        user_id: Some(shown.user_id),
        arn: Some(shown.arn),
        create_date: Some(shown.create_date),
        user_policy_list: inline(&row.grants),
        group_list: Some(groups?),
        attached_managed_policies: Some(attached(&row.grants)),
        permissions_boundary: shown.permissions_boundary,
        tags: shown.tags,
    })
}

/// A group.
pub fn group(account: AccountId, row: &GroupRecord) -> GroupDetail {
    let shown = shapes::group(account, row);
    GroupDetail {
        path: Some(shown.path),
        group_name: Some(shown.group_name),
        group_id: Some(shown.group_id),
        arn: Some(shown.arn),
        create_date: Some(shown.create_date),
        group_policy_list: inline(&row.grants),
        attached_managed_policies: Some(attached(&row.grants)),
    }
}

/// A role.
pub fn role(
    view: &View<'_>,
    account: AccountId,
    row: &RoleRecord,
    last_used: RoleLastUsed,
) -> Result<RoleDetail, Error> {
    let mut profiles = Vec::new();
    for name in &row.instance_profiles {
        let profile = InstanceProfileRecord::load(view, account, name)?;
        profiles.push(instance_profiles::shape(view, account, &profile)?);
    }
    let shown = shapes::role(account, row);
    Ok(RoleDetail {
        path: Some(shown.path),
        role_name: Some(shown.role_name),
        role_id: Some(shown.role_id),
        arn: Some(shown.arn),
        create_date: Some(shown.create_date),
        assume_role_policy_document: shown.assume_role_policy_document,
        instance_profile_list: Some(profiles),
        role_policy_list: inline(&row.grants),
        attached_managed_policies: Some(attached(&row.grants)),
        permissions_boundary: shown.permissions_boundary,
        tags: shown.tags,
        role_last_used: Some(last_used),
    })
}

/// A managed policy with its versions.
pub fn policy(
    view: &View<'_>,
    account: AccountId,
    arn: &str,
) -> Result<ManagedPolicyDetail, Error> {
    let uses = policies::use_counts(view, account, arn)?;
    let (shown, versions) = match policies::load(view, account, arn)? {
        Managed::Own(row) => {
            let version = |(number, version): (&u32, &PolicyVersionRecord)| PolicyVersion {
                document: Some(document::encode(&version.document)),
                ..shapes::listed_version(&row, *number, version)
            };
            let versions = row.versions.iter().rev().map(version).collect();
            (shapes::policy(account, &row, uses), versions)
        }
        Managed::Aws(policy) => {
            let document = Some(document::encode(&policy.document()));
            let version = PolicyVersion { document, ..shapes::aws_version(policy) };
            (shapes::aws_policy(policy, uses), vec![version])
        }
    };
    Ok(ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: Some(versions),
    })
}

fn inline(grants: &Grants) -> Option<Vec<PolicyDetail>> {
    let detail = |(name, text): (&String, &String)| PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(document::encode(text)),
    };
    (!grants.inline.is_empty()).then(|| grants.inline.iter().map(detail).collect())
}

fn attached(grants: &Grants) -> Vec<AttachedPolicy> {
    let one = |arn: &String| AttachedPolicy {
        policy_name: arn.rsplit('/').next().map(str::to_string),
        policy_arn: Some(arn.clone()),
    };
    grants.attached.iter().map(one).collect()
}
