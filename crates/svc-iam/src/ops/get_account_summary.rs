//! `GetAccountSummary`: how many of everything the account has, and its quotas.

use crate::Iam;
use crate::errors::Error;
use crate::limits;
use crate::tables::{
    ACCOUNTS, GROUPS, INSTANCE_PROFILES, MFA_DEVICES, OIDC_PROVIDERS, POLICIES, ROLES,
    SAML_PROVIDERS, SERVER_CERTIFICATES, USERS,
};
use base::AccountId;
use policy::limits as sizes;
use seams::CallCx;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Prefix, View};

/// See the module.
pub async fn get_account_summary(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    _input: wire::Unit,
) -> Result<wire_iam::GetAccountSummaryResponse, wire::Error> {
    let account = cx.account;
    let counts = iam.read(|view| counts(view, account)).await?;
    let summary = counts.into_iter().chain(quotas());
    let summary: BTreeMap<String, i32> = summary.map(|(k, v)| (k.to_string(), v as i32)).collect();
    Ok(wire_iam::GetAccountSummaryResponse { summary_map: Some(summary) })
}

fn counts(view: &View<'_>, account: AccountId) -> Result<Vec<(&'static str, usize)>, Error> {
    let all = || (account,);
    let max = store::limits::SCAN_ROWS_MAX;
    let policies = view.scan(&POLICIES, Prefix::of(all()), limits::POLICIES_PER_ACCOUNT)?;
    let devices = view.scan(&MFA_DEVICES, Prefix::of(all()), max)?;
    let oidc = view.scan_keys(&OIDC_PROVIDERS, Prefix::of(all()), max)?.len();
    let saml = view.scan_keys(&SAML_PROVIDERS, Prefix::of(all()), max)?.len();
    let account_row = view.get(&ACCOUNTS, &account)?.unwrap_or_default();
    Ok(vec![
        ("Users", view.scan_keys(&USERS, Prefix::of(all()), max)?.len()),
        ("Groups", view.scan_keys(&GROUPS, Prefix::of(all()), max)?.len()),
        ("Roles", view.scan_keys(&ROLES, Prefix::of(all()), max)?.len()),
        ("InstanceProfiles", view.scan_keys(&INSTANCE_PROFILES, Prefix::of(all()), max)?.len()),
        ("MFADevices", devices.len()),
        ("MFADevicesInUse", devices.iter().filter(|(_, row)| row.assigned.is_some()).count()),
        ("Providers", oidc + saml),
        ("ServerCertificates", view.scan_keys(&SERVER_CERTIFICATES, Prefix::of(all()), max)?.len()),
        ("GlobalEndpointTokenVersion", 1 + usize::from(account_row.token_version_2)),
        ("PolicyVersionsInUse", policies.iter().map(|(_, policy)| policy.versions.len()).sum()),
        ("Policies", policies.len()),
    ])
}

/// Quotas, and counts of what no account has here.
fn quotas() -> [(&'static str, usize); 23] {
    [
        ("UsersQuota", limits::USERS_PER_ACCOUNT),
        ("GroupsQuota", limits::GROUPS_PER_ACCOUNT),
        ("RolesQuota", limits::ROLES_PER_ACCOUNT),
        ("PoliciesQuota", limits::POLICIES_PER_ACCOUNT),
        ("InstanceProfilesQuota", limits::INSTANCE_PROFILES_PER_ACCOUNT),
        ("AccessKeysPerUserQuota", limits::ACCESS_KEYS_PER_USER),
        ("GroupsPerUserQuota", limits::GROUPS_PER_USER),
        ("AttachedPoliciesPerUserQuota", limits::ATTACHED_POLICIES),
        ("AttachedPoliciesPerGroupQuota", limits::ATTACHED_POLICIES),
        ("AttachedPoliciesPerRoleQuota", limits::ATTACHED_POLICIES),
        ("UserPolicySizeQuota", sizes::USER_INLINE_CHARACTERS_MAX),
        ("GroupPolicySizeQuota", sizes::GROUP_INLINE_CHARACTERS_MAX),
        ("RolePolicySizeQuota", sizes::ROLE_INLINE_CHARACTERS_MAX),
        ("PolicySizeQuota", sizes::MANAGED_CHARACTERS_MAX),
        ("AssumeRolePolicySizeQuota", sizes::TRUST_CHARACTERS_MAX),
        ("VersionsPerPolicyQuota", limits::VERSIONS_PER_POLICY),
        ("PolicyVersionsInUseQuota", 10_000),
        ("ServerCertificatesQuota", limits::SERVER_CERTIFICATES_PER_ACCOUNT),
        ("SigningCertificatesPerUserQuota", limits::SIGNING_CERTIFICATES_PER_USER),
        ("AccountMFAEnabled", 0),
        ("AccountAccessKeysPresent", 0),
        ("AccountPasswordPresent", 0),
        ("AccountSigningCertificatesPresent", 0),
    ]
}
