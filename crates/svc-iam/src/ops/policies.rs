//! What operations on managed policies share.

use super::holders::{self, ATTACHED, BOUNDARY};
use crate::errors::{self, Error};
use crate::limits;
use crate::model::aws_policies::{self, AwsPolicy};
use crate::model::policy_arn::PolicyArn;
use crate::model::shapes::{self, UseCounts};
use crate::tables::{
    Named, POLICIES, POLICY_USES, PolicyRecord, PolicyUseRecord, PolicyVersionRecord, key,
};
use base::AccountId;
use policy::limits::{MANAGED_CHARACTERS_MAX, counted_characters};
use seams::CallCx;
use store::{Prefix, View};
use wire_iam::{
    EntityType, ListEntitiesForPolicyRequest, ListPoliciesRequest, Policy, PolicyScopeType,
    PolicyUsageType,
};

/// A managed policy.
pub enum Managed {
    /// The account's.
    Own(PolicyRecord),
    /// AWS's.
    Aws(&'static AwsPolicy),
}

/// The managed policy with this ARN.
pub fn load(view: &View<'_>, account: AccountId, arn: &str) -> Result<Managed, Error> {
    match aws_policies::find(arn) {
        Some(policy) => Ok(Managed::Aws(policy)),
        None => load_own(view, account, arn).map(Managed::Own),
    }
}

/// The account's own managed policy with this ARN; the others cannot be changed.
pub fn load_own(view: &View<'_>, account: AccountId, arn: &str) -> Result<PolicyRecord, Error> {
    let name = PolicyArn::parse(arn)?.name;
    let row = view.get(&POLICIES, &key(account, name))?;
    row.filter(|row: &PolicyRecord| row.arn(account) == arn)
        .ok_or_else(|| errors::no_such_policy(arn))
}

/// The account's own managed policy with this ARN; those of AWS are refused to everybody.
pub fn load_changeable(
    view: &View<'_>,
    cx: &CallCx,
    action: &str,
    arn: &str,
) -> Result<PolicyRecord, Error> {
    match aws_policies::find(arn) {
        Some(policy) => Err(errors::aws_policy(&cx.caller.arn, action, &policy.arn)),
        None => load_own(view, cx.account, arn),
    }
}

/// Checks the document of a managed policy: its form and its size.
pub fn check_managed_document(document: &str) -> Result<(), Error> {
    holders::check_document(document)?;
    if counted_characters(document) > MANAGED_CHARACTERS_MAX {
        return Err(errors::quota("PolicySize", MANAGED_CHARACTERS_MAX));
    }
    Ok(())
}

/// The version with an id such as `v2`.
pub fn version<'a>(
    policy: &'a PolicyRecord,
    arn: &str,
    id: &str,
) -> Result<(u32, &'a PolicyVersionRecord), Error> {
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let version = number.and_then(|number| Some((number, policy.versions.get(&number)?)));
    version.ok_or_else(|| errors::no_such_policy_version(arn, id))
}

/// How often the account uses a managed policy.
pub fn use_counts(view: &View<'_>, account: AccountId, arn: &str) -> Result<UseCounts, Error> {
    let count = |usage: &str| -> Result<i32, Error> {
        let range = Prefix::of((account, arn.to_string(), usage.to_string()));
        let keys = view.scan_keys(&POLICY_USES, range, store::limits::SCAN_ROWS_MAX)?;
        Ok(i32::try_from(keys.len()).unwrap_or(i32::MAX))
    };
    Ok(UseCounts { attachments: count(ATTACHED)?, boundaries: count(BOUNDARY)? })
}

/// Who uses a managed policy, as `user`, `group` or `role` and the rest, in this order.
pub fn uses(
    view: &View<'_>,
    account: AccountId,
    wanted: &ListEntitiesForPolicyRequest,
) -> Result<Vec<(String, PolicyUseRecord)>, Error> {
    let noun = match wanted.entity_filter {
        Some(EntityType::User) => Some("user"),
        Some(EntityType::Group) => Some("group"),
        Some(EntityType::Role) => Some("role"),
        _ => None,
    };
    let prefix = wanted.path_prefix.as_deref().unwrap_or("/");
    let mut uses = Vec::new();
    for usage in [ATTACHED, BOUNDARY] {
        if wanted.policy_usage_filter.is_some_and(|filter| filter.as_str() != usage) {
            continue;
        }
        let range = Prefix::of((account, wanted.policy_arn.clone(), usage.to_string()));
        let rows = view.scan(&POLICY_USES, range, store::limits::SCAN_ROWS_MAX)?;
        for ((_, _, _, kind, _), row) in rows {
            if noun.is_none_or(|noun| noun == kind) && row.path.starts_with(prefix) {
                uses.push((kind, row));
            }
        }
    }
    uses.sort_by_cached_key(|(kind, row)| (kind.clone(), row.name.to_ascii_lowercase()));
    uses.dedup_by(|(a_kind, a), (b_kind, b)| a_kind == b_kind && a.id == b.id);
    Ok(uses)
}

/// What sorts lists of policies and marks their pages.
pub fn sort_key(policy: &Policy) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{} {}", text(&policy.policy_name).to_ascii_lowercase(), text(&policy.arn))
}

/// All managed policies that a list asks for.
pub fn list(
    view: &View<'_>,
    account: AccountId,
    wanted: &ListPoliciesRequest,
) -> Result<Vec<Policy>, Error> {
    let scope = wanted.scope.unwrap_or(PolicyScopeType::All);
    let prefix = wanted.path_prefix.as_deref().unwrap_or("/");
    let is_wanted = |uses: UseCounts| match (wanted.policy_usage_filter, wanted.only_attached) {
        (Some(PolicyUsageType::PermissionsBoundary), _) => uses.boundaries > 0,
        (Some(PolicyUsageType::PermissionsPolicy), _) => uses.attachments > 0,
        (None, Some(true)) => uses.attachments > 0,
        (None, _) => true,
    };
    let mut policies = Vec::new();
    if scope != PolicyScopeType::Local {
        for policy in aws_policies::all().iter().filter(|policy| policy.path.starts_with(prefix)) {
            let uses = use_counts(view, account, &policy.arn)?;
            if is_wanted(uses) {
                policies.push(shapes::aws_policy(policy, uses));
            }
        }
    }
    if scope != PolicyScopeType::Aws {
        let range = Prefix::of((account,));
        for (_, row) in view.scan(&POLICIES, range, limits::POLICIES_PER_ACCOUNT)? {
            let uses = use_counts(view, account, &row.arn(account))?;
            if row.path.starts_with(prefix) && is_wanted(uses) {
                policies.push(shapes::listed_policy(account, &row, uses));
            }
        }
    }
    policies.sort_by_cached_key(sort_key);
    Ok(policies)
}
