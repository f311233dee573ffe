//! What the operations that make sessions share.

use crate::{Sts, errors, limits};
use policy::{Kind, Policy};
use seams::{CallCx, ContextKey, Principal, TemporaryCredentials};
use std::collections::BTreeMap;
use std::time::Duration;
use wire_sts::{Credentials, PolicyDescriptorType};

/// The session policies of a request.
#[derive(Default)]
pub struct SessionPolicies {
    /// As texts.
    pub texts: Vec<String>,
    /// As ARNs of managed policies.
    pub arns: Vec<String>,
}

impl SessionPolicies {
    /// Checks their forms and sizes, and that the managed ones exist.
    pub fn parse(
        sts: &Sts,
        text: Option<String>,
        arns: Option<Vec<PolicyDescriptorType>>,
    ) -> Result<Self, wire::Error> {
        let mut policies = SessionPolicies::default();
        if let Some(text) = text {
            Policy::parse(&text, Kind::Session).map_err(errors::malformed_policy_document)?;
            let characters = text.chars().count();
            if characters > limits::POLICY_CHARACTERS_MAX {
                return Err(errors::packed_policy_too_large(percent(characters)));
            }
            policies.texts.push(text);
        }
        policies.arns = arns.unwrap_or_default().into_iter().filter_map(|p| p.arn).collect();
        let is_elsewhere = |arn: &String| base::Arn::parse(arn).is_none();
        if let Some(arn) = policies.arns.iter().find(|arn| is_elsewhere(arn)) {
            return Err(errors::invalid_role_arn(arn));
        }
        if policies.arns.len() > limits::POLICY_ARNS_MAX {
            return Err(errors::too_many_policy_arns(limits::POLICY_ARNS_MAX));
        }
        for arn in &policies.arns {
            let document = sts.identities.managed_policy(arn).map_err(errors::from_seam)?;
            document.ok_or_else(|| errors::no_such_session_policy(arn))?;
        }
        Ok(policies)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.arns.is_empty()
    }

    /// How much of the limit the policies and tags take up, in percent; refused if it is more than all.
    pub fn packed_size(&self, tags: &BTreeMap<String, String>) -> Result<i32, wire::Error> {
        let of_texts: usize = self.texts.iter().map(|text| text.chars().count()).sum();
        let of_arns: usize = self.arns.iter().map(String::len).sum();
        let of_tags: usize = tags.iter().map(|(key, value)| key.len() + value.len()).sum();
        if percent(of_tags) > 100 {
            return Err(errors::packed_tags_too_large(percent(of_tags)));
        }
        let percent = percent(of_texts + of_arns + of_tags);
        match i32::try_from(percent) {
            Ok(size) if percent <= 100 => Ok(size),
            _ => Err(errors::packed_policy_too_large(percent)),
        }
    }
}

fn percent(characters: usize) -> usize {
    (characters * 100).div_ceil(limits::POLICY_CHARACTERS_MAX)
}

/// `DurationSeconds`, which was checked against the model.
pub fn duration(seconds: Option<i32>) -> Option<Duration> {
    seconds.and_then(|s| u64::try_from(s).ok()).map(Duration::from_secs)
}

/// Whether the caller showed a code of its device; a wrong one is refused.
pub async fn check_mfa(
    sts: &Sts,
    cx: &CallCx,
    serial_number: Option<&str>,
    code: Option<&str>,
) -> Result<bool, wire::Error> {
    let (serial_number, code) = match (serial_number, code) {
        (None, None) => return Ok(false),
        (Some(serial_number), Some(code)) => (serial_number, code),
        _ => return Err(errors::mfa_incomplete()),
    };
    // Roles and guests have no devices.
    if !matches!(cx.caller.principal, Principal::User { .. } | Principal::Root) {
        return Err(errors::mfa_failed());
    }
    let checked = sts.identities.check_mfa(&cx.caller, serial_number, code, sts.clock.now()).await;
    match checked.map_err(errors::from_seam)? {
        true => Ok(true),
        false => Err(errors::mfa_failed()),
    }
}

/// Refuses callers that are sessions themselves.
pub fn check_long_term(cx: &CallCx, operation: &str) -> Result<(), wire::Error> {
    match &cx.caller.session {
        None => Ok(()),
        Some(_) => Err(errors::session_credentials(operation)),
    }
}

/// As an answer shows them.
pub fn credentials(credentials: &TemporaryCredentials) -> Credentials {
    Credentials {
        access_key_id: credentials.access_key_id.clone(),
        secret_access_key: credentials.secret_access_key.clone(),
        session_token: credentials.session_token.clone(),
        expiration: credentials.expires_at.into(),
    }
}

/// What an identity provider says, as the policies see it.
pub fn context_keys(keys: &BTreeMap<String, Vec<String>>) -> Vec<ContextKey> {
    let key = |(name, values): (&String, &Vec<String>)| ContextKey {
        name: name.clone().into(),
        values: values.clone(),
    };
    keys.iter().map(key).collect()
}
