//! `userIdentity`.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use seams::{Caller, Principal, Session};
use serde_json::{Map, Value, json};

/// Who called, as events show it.
pub fn user_identity(caller: &Caller) -> Value {
    let account = caller.account.to_string();
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_string(), value));
    match &caller.principal {
        Principal::Service { name } => {
            put("type", "AWSService".into());
            put("invokedBy", name.as_str().into());
            return out.into();
        }
        Principal::Anonymous => {
            put("type", "Unknown".into());
            put("principalId", "".into());
            return out.into();
        }
        Principal::Federated { provider_arn, subject } => {
            put("type", "WebIdentityUser".into());
            put("principalId", caller.user_id.as_str().into());
            put("userName", subject.as_str().into());
            put("identityProvider", provider_arn.as_str().into());
            return out.into();
        }
        Principal::Root => put("type", "Root".into()),
        Principal::User { .. } => put("type", "IAMUser".into()),
        Principal::AssumedRole { .. } => put("type", "AssumedRole".into()),
        Principal::FederatedUser { .. } => put("type", "FederatedUser".into()),
    }
    put("principalId", caller.user_id.as_str().into());
    put("arn", caller.arn.as_str().into());
    put("accountId", account.into());
    if let Some(key) = &caller.access_key_id {
        put("accessKeyId", key.as_str().into());
    }
    if let Principal::User { name } = &caller.principal {
        put("userName", name.as_str().into());
    }
    if let Some(session) = &caller.session {
        put("sessionContext", session_context(caller, session));
    }
    out.into()
}

fn session_context(caller: &Caller, session: &Session) -> Value {
    let account = caller.account.to_string();
    let mut context = json!({
        "attributes": {
            "creationDate": seconds(session.issued_at),
            "mfaAuthenticated": if session.mfa_authenticated { "true" } else { "false" },
        },
    });
    let issuer = match &caller.principal {
        Principal::AssumedRole { role_name, role_arn, .. } => json!({
            "type": "Role",
            "principalId": caller.user_id.split(':').next(),
            "arn": role_arn,
            "accountId": account,
            "userName": role_name,
        }),
        Principal::FederatedUser { user_arn: Some(arn), .. } => json!({
            "type": "IAMUser",
            "arn": arn,
            "accountId": account,
            "userName": arn.rsplit('/').next(),
        }),
        Principal::FederatedUser { user_arn: None, .. } => {
            json!({ "type": "Root", "principalId": account, "accountId": account })
        }
        _ => Value::Null,
    };
    if !issuer.is_null() {
        context["sessionIssuer"] = issuer;
    }
    if let Some(federation) = &session.federation {
        context["webIdFederationData"] = json!({
            "federatedProvider": federation.provider_arn,
            "attributes": federation.keys,
        });
    }
    if let Some(identity) = &session.source_identity {
        context["sourceIdentity"] = identity.as_str().into();
    }
    context
}

/// Who called, by the name that `LookupEvents` knows.
pub fn username(caller: &Caller) -> Option<String> {
    Some(match &caller.principal {
        Principal::Root => "root".to_string(),
        Principal::User { name } | Principal::FederatedUser { name, .. } => name.clone(),
        Principal::AssumedRole { session_name, .. } => session_name.clone(),
        Principal::Federated { subject, .. } => subject.clone(),
        Principal::Service { .. } | Principal::Anonymous => return None,
    })
}

/// As events write times: whole seconds.
pub fn seconds(time: base::Time) -> String {
    let text = time.to_string();
    text.split_once('.').map_or(text.clone(), |(whole, _)| format!("{whole}Z"))
}
