//! Rows as AWS's shapes.

use super::aws_policies::AwsPolicy;
use super::{document, tags};
use crate::tables::{
    Grants, GroupRecord, Named, PolicyRecord, PolicyVersionRecord, RoleRecord, UserRecord, time,
};
use base::{AccountId, Time};
use wire_iam::{
    AttachedPermissionsBoundary, Group, PermissionsBoundaryAttachmentType, Policy, PolicyVersion,
    Role, RoleLastUsed, User,
};

/// How many attachments and boundaries use a policy.
#[derive(Clone, Copy, Default)]
pub struct UseCounts {
    /// As a permissions policy.
    pub attachments: i32,
    /// As a permissions boundary.
    pub boundaries: i32,
}

/// As `GetUser` shows it.
pub fn user(account: AccountId, row: &UserRecord) -> User {
    User {
        permissions_boundary: boundary(&row.grants),
        tags: tags::some(&row.tags),
        ..listed_user(account, row)
    }
}

/// As lists show it: without boundary and tags.
pub fn listed_user(account: AccountId, row: &UserRecord) -> User {
    User {
        path: row.path.clone(),
        user_name: row.name.clone(),
        user_id: row.id.clone(),
        arn: row.arn(account),
        create_date: time(row.created_ms).into(),
        ..User::default()
    }
}

/// A group.
pub fn group(account: AccountId, row: &GroupRecord) -> Group {
    Group {
        path: row.path.clone(),
        group_name: row.name.clone(),
        group_id: row.id.clone(),
        arn: row.arn(account),
        create_date: time(row.created_ms).into(),
    }
}

/// As `GetRole` shows it.
pub fn role(account: AccountId, row: &RoleRecord) -> Role {
    Role {
        permissions_boundary: boundary(&row.grants),
        tags: tags::some(&row.tags),
        role_last_used: Some(RoleLastUsed::default()),
        ..listed_role(account, row)
    }
}

/// As lists show it: without boundary, tags and last use. Recorded.
pub fn listed_role(account: AccountId, row: &RoleRecord) -> Role {
    Role {
        path: row.path.clone(),
        role_name: row.name.clone(),
        role_id: row.id.clone(),
        arn: row.arn(account),
        create_date: time(row.created_ms).into(),
        assume_role_policy_document: Some(document::encode(&row.trust)),
        description: row.description.clone(),
        max_session_duration: i32::try_from(row.session_duration_s_max).ok(),
        ..Role::default()
    }
}

/// As `CreateRole` shows it: without the session's duration. Recorded.
pub fn created_role(account: AccountId, row: &RoleRecord) -> Role {
    Role { max_session_duration: None, role_last_used: None, ..role(account, row) }
}

/// As `GetPolicy` shows it.
pub fn policy(account: AccountId, row: &PolicyRecord, uses: UseCounts) -> Policy {
    Policy {
        description: row.description.clone(),
        tags: tags::some(&row.tags),
        ..listed_policy(account, row, uses)
    }
}

/// As lists show it: without description and tags.
pub fn listed_policy(account: AccountId, row: &PolicyRecord, uses: UseCounts) -> Policy {
    Policy {
        policy_name: Some(row.name.clone()),
        policy_id: Some(row.id.clone()),
        arn: Some(row.arn(account)),
        path: Some(row.path.clone()),
        default_version_id: Some(version_id(row.default_version)),
        attachment_count: Some(uses.attachments),
        permissions_boundary_usage_count: Some(uses.boundaries),
        is_attachable: Some(true),
        create_date: Some(time(row.created_ms).into()),
        update_date: Some(time(row.updated_ms).into()),
        ..Policy::default()
    }
}

/// A managed policy of AWS.
pub fn aws_policy(policy: &AwsPolicy, uses: UseCounts) -> Policy {
    Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn.clone()),
        path: Some(policy.path.clone()),
        default_version_id: Some(version_id(policy.version)),
        attachment_count: Some(uses.attachments),
        permissions_boundary_usage_count: Some(uses.boundaries),
        is_attachable: Some(true),
        create_date: Some(Time::from_unix_s(policy.created_s).into()),
        update_date: Some(Time::from_unix_s(policy.updated_s).into()),
        ..Policy::default()
    }
}

/// A version without its document, as lists show it.
pub fn listed_version(
    row: &PolicyRecord,
    number: u32,
    version: &PolicyVersionRecord,
) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(version_id(number)),
        is_default_version: Some(number == row.default_version),
        create_date: Some(time(version.created_ms).into()),
    }
}

/// The only version known of a managed policy of AWS, without its document.
pub fn aws_version(policy: &AwsPolicy) -> PolicyVersion {
    PolicyVersion {
        document: None,
        version_id: Some(version_id(policy.version)),
        is_default_version: Some(true),
        create_date: Some(Time::from_unix_s(policy.updated_s).into()),
    }
}

/// `v3`.
pub fn version_id(number: u32) -> String {
    format!("v{number}")
}

fn boundary(grants: &Grants) -> Option<AttachedPermissionsBoundary> {
    grants.boundary.as_ref().map(|arn| AttachedPermissionsBoundary {
        permissions_boundary_type: Some(
            PermissionsBoundaryAttachmentType::PermissionsBoundaryPolicy,
        ),
        permissions_boundary_arn: Some(arn.clone()),
    })
}
