//! `AssumeRoleWithSAML`: a session of a role for somebody whom a SAML provider vouches for. The provider's signature is the
//! proof; the request itself carries none.

use super::role_sessions::RoleSession;
use super::sessions;
use crate::model::claims::Federation;
use crate::model::saml::{self, Assertion, Keys};
use crate::model::tags::SessionTags;
use crate::{Sts, errors, limits};
use base::{AccountId, Arn, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::{AssumeRole, CallCx, Caller, RoleIdentity};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::sync::Arc;
use wire_sts::{AssumeRoleWithSAMLRequest, AssumeRoleWithSAMLResponse};

/// See the module.
pub async fn assume_role_with_saml(
    sts: Arc<Sts>,
    cx: Arc<CallCx>,
    input: AssumeRoleWithSAMLRequest,
) -> Result<AssumeRoleWithSAMLResponse, wire::Error> {
    let account = account(&input)?;
    let now = sts.clock.now();
    let assertion = verify(&sts, &input, now)?;
    let provider = &input.principal_arn;
    let is_pair =
        |pair: &saml::RolePair| pair.role == input.role_arn && pair.provider == input.principal_arn;
    if !assertion.roles.iter().any(is_pair) {
        return Err(errors::not_authorized(ACTION));
    }
    let name_qualifier = name_qualifier(&assertion.issuer, account, provider);
    let keys = condition_keys(&assertion, account, provider, &name_qualifier);
    let transitive = &assertion.transitive_tag_keys;
    let tags = SessionTags::parse(Some(&assertion.tags), Some(transitive), BTreeMap::new())?;
    let wish = AssumeRole {
        action: ACTION,
        role_arn: &input.role_arn,
        session_name: &assertion.session_name,
        tags: tags.requested.clone(),
        transitive_tag_keys: tags.transitive_keys.clone(),
        source_identity: assertion.source_identity.as_deref(),
        keys: sessions::context_keys(&keys),
        ..AssumeRole::default()
    };
    let mut cx = (*cx).clone();
    cx.caller = Arc::new(Caller::federated(account, provider, &assertion.subject));
    let role = sts.identities.check_assume(&cx, &wish).map_err(|error| match error.status {
        403 => errors::not_authorized(ACTION),
        _ => errors::from_seam(error),
    })?;
    let made = sts.role_session(RoleSession {
        duration_seconds: duration(&input, &assertion, &role, now)?,
        role,
        name: assertion.session_name,
        policy: input.policy,
        policy_arns: input.policy_arns,
        tags,
        source_identity: assertion.source_identity,
        chained: false,
        mfa: false,
        federation: Some(Federation { provider: input.principal_arn, keys }),
    })?;
    Ok(AssumeRoleWithSAMLResponse {
        credentials: Some(sessions::credentials(&made.credentials)),
        assumed_role_user: Some(made.user()),
        packed_policy_size: made.packed_policy_size,
        subject: Some(assertion.subject),
        subject_type: Some(assertion.subject_type),
        issuer: Some(assertion.issuer),
        audience: Some(assertion.recipient),
        name_qualifier: Some(name_qualifier),
        source_identity: made.source_identity,
    })
}

const ACTION: &str = "sts:AssumeRoleWithSAML";

/// The account of both the role and the provider; AWS has no others.
fn account(input: &AssumeRoleWithSAMLRequest) -> Result<AccountId, wire::Error> {
    let of = |arn: &str, kind: &str| {
        let arn =
            Arn::parse(arn).filter(|arn| arn.service() == "iam" && arn.as_str().contains(kind));
        arn.and_then(|arn| arn.account_id()).ok_or_else(errors::invalid_request_arn)
    };
    let (role, provider) =
        (of(&input.role_arn, ":role/")?, of(&input.principal_arn, ":saml-provider/")?);
    if role == provider { Ok(role) } else { Err(errors::not_authorized(ACTION)) }
}

/// The response's assertion, if the provider made it for AWS and it counts now.
fn verify(
    sts: &Sts,
    input: &AssumeRoleWithSAMLRequest,
    now: Time,
) -> Result<Assertion, wire::Error> {
    let text = saml::decode(&input.saml_assertion)?;
    let document = saml::parse(&text)?;
    let provider = sts.identities.saml_provider(&input.principal_arn);
    let provider = provider.map_err(errors::from_seam)?;
    let provider = provider.ok_or_else(errors::no_such_saml_provider)?;
    if provider.valid_until <= now {
        return Err(errors::saml_metadata_expired());
    }
    let private_keys: Vec<Vec<u8>> =
        provider.private_keys.iter().map(|key| key.der().to_vec()).collect();
    let trusted = saml::Provider {
        keys: Keys::of(&provider.public_keys),
        private_keys: &private_keys,
        encryption_required: provider.encryption_required,
    };
    let assertion = saml::verify(&document, &trusted, &*sts.entropy)?;
    if assertion.issuer != provider.entity_id {
        return Err(errors::saml_wrong_issuer());
    }
    assertion.check_time(now)?;
    Ok(assertion)
}

/// As requested, else as the assertion says and the role allows; no longer than the user's session at the provider.
fn duration(
    input: &AssumeRoleWithSAMLRequest,
    assertion: &Assertion,
    role: &RoleIdentity,
    now: Time,
) -> Result<Option<i32>, wire::Error> {
    let said_s = assertion.session_duration_s;
    let said_s = said_s.map(|said_s| said_s.min(role.session_duration_max.as_secs()));
    let wanted_s = sessions::duration(input.duration_seconds).map(|wanted| wanted.as_secs());
    if wanted_s.is_some_and(|wanted_s| wanted_s > role.session_duration_max.as_secs()) {
        return Err(errors::session_too_long());
    }
    let wanted_s = wanted_s.or(said_s).unwrap_or(limits::ROLE_SESSION.as_secs());
    let left_s = assertion.session_end_s.map(|end_s| end_s.saturating_sub(now.unix_s()));
    let duration_s = left_s.map_or(wanted_s, |left_s| left_s.min(wanted_s));
    i32::try_from(duration_s).map(Some).map_err(wire::Error::internal)
}

/// What tells users of one name apart: the SHA-1 of the issuer, the account and the provider's name, in base64.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
fn name_qualifier(issuer: &str, account: AccountId, provider: &str) -> String {
    let hash = Sha1::digest(format!("{issuer}{account}/{}", friendly_name(provider)));
    STANDARD.encode(hash)
}

/// Of `arn:aws:iam::123456789012:saml-provider/name`.
fn friendly_name(provider: &str) -> &str {
    provider.split_once('/').map_or("", |(_, name)| name)
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml>
fn condition_keys(
    assertion: &Assertion,
    account: AccountId,
    provider: &str,
    name_qualifier: &str,
) -> BTreeMap<String, Vec<String>> {
    let mut keys = assertion.keys.clone();
    let mut put = |name: &str, value: &str| keys.insert(name.to_string(), vec![value.to_string()]);
    put("saml:aud", &assertion.recipient);
    put("saml:doc", &format!("{account}/{}", friendly_name(provider)));
    put("saml:iss", &assertion.issuer);
    put("saml:namequalifier", name_qualifier);
    put("saml:sub", &assertion.subject);
    put("saml:sub_type", &assertion.subject_type);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifiers() {
        // The issuer, the account and the name of AWS's documentation, hashed by another program.
        let account = AccountId::parse("123456789012").unwrap();
        let provider = "arn:aws:iam::123456789012:saml-provider/MySAMLIdP";
        let qualifier = name_qualifier("https://example.com/saml", account, provider);
        assert_eq!(qualifier, "1uAJanUnBc2XeUkHURMht+xam2c=");
    }
}
