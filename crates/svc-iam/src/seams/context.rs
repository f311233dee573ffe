//! The global condition keys of a request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use crate::tables::Tags;
use base::Time;
use policy::Context;
use seams::{CallCx, Caller, ContextKey, Principal};
use std::borrow::Cow;

/// The keys that follow from the call, and those of the service.
pub fn context<'a>(
    cx: &'a CallCx,
    keys: &'a [ContextKey],
    own_tags: Option<&'a Tags>,
) -> Context<'a> {
    let mut context = Context::with_capacity(24);
    for key in keys {
        put_key(&mut context, &key.name, &key.values);
    }
    caller_keys(&mut context, &cx.caller, own_tags, cx.received_at);
    context.put("aws:CurrentTime", cx.received_at.to_string());
    context.put("aws:EpochTime", cx.received_at.unix_s().to_string());
    context.put("aws:RequestedRegion", cx.region.as_str());
    // Requests reach this cloud in the clear over the loopback; policies that demand TLS would lock everybody out.
    context.put("aws:SecureTransport", "true");
    context.put("aws:ViaAWSService", bool_text(cx.hops > 0));
    if let Some(address) = cx.source_ip {
        context.put("aws:SourceIp", address.to_string());
    }
    if !cx.user_agent.is_empty() {
        context.put("aws:UserAgent", &*cx.user_agent);
    }
    source_keys(&mut context, cx);
    context
}

/// On whose behalf a service calls.
fn source_keys<'a>(context: &mut Context<'a>, cx: &'a CallCx) {
    let account = cx.source_arn.as_ref().filter(|arn| arn.account_id().is_some());
    match (account, &cx.caller.principal) {
        (Some(arn), _) => context.put("aws:SourceAccount", arn.account()),
        (None, Principal::Service { .. }) => {
            context.put("aws:SourceAccount", cx.account.to_string());
        }
        (None, _) => {}
    }
    if let Some(arn) = &cx.source_arn {
        context.put("aws:SourceArn", arn.as_str());
    }
}

pub(super) fn put_key<'a>(context: &mut Context<'a>, name: &'a str, values: &'a [String]) {
    match values {
        [value] => context.put(name, &**value),
        values => {
            context.put_many(name, values.iter().map(|v| Cow::Borrowed(&**v)).collect());
        }
    }
}

fn caller_keys<'a>(
    context: &mut Context<'a>,
    caller: &'a Caller,
    own_tags: Option<&'a Tags>,
    now: Time,
) {
    let is_service = matches!(caller.principal, Principal::Service { .. });
    context.put("aws:PrincipalIsAWSService", bool_text(is_service));
    match &caller.principal {
        Principal::Anonymous => {
            context.put("aws:PrincipalType", "Anonymous");
            return;
        }
        Principal::Federated { provider_arn, .. } => {
            context.put("aws:FederatedProvider", &**provider_arn);
            return;
        }
        Principal::Service { name } => {
            context.put("aws:PrincipalServiceName", &**name);
            let mut names = vec![Cow::Borrowed(&**name)];
            if let Some((service, domain)) = policy::general_service_name(name) {
                names.push(format!("{service}.{domain}").into());
            }
            context.put_many("aws:PrincipalServiceNamesList", names);
            return;
        }
        Principal::Root => {
            context.put("aws:PrincipalType", "Account");
            context.put("aws:PrincipalArn", &*caller.arn);
        }
        Principal::User { name } => {
            context.put("aws:PrincipalType", "User");
            context.put("aws:PrincipalArn", &*caller.arn);
            context.put("aws:username", &**name);
        }
        Principal::AssumedRole { role_arn, .. } => {
            context.put("aws:PrincipalType", "AssumedRole");
            context.put("aws:PrincipalArn", &**role_arn);
        }
        Principal::FederatedUser { .. } => {
            context.put("aws:PrincipalType", "FederatedUser");
            context.put("aws:PrincipalArn", &*caller.arn);
        }
    }
    context.put("aws:PrincipalAccount", caller.account.to_string());
    context.put("aws:userid", &*caller.user_id);
    session_keys(context, caller, now);
    for (key, value) in own_tags.into_iter().flatten() {
        context.put(format!("aws:PrincipalTag/{key}"), &**value);
    }
}

/// Session tags come before the role's own, which they replace.
fn session_keys<'a>(context: &mut Context<'a>, caller: &'a Caller, now: Time) {
    let Some(session) = &caller.session else { return };
    context.put("aws:TokenIssueTime", session.issued_at.to_string());
    context.put("aws:MultiFactorAuthPresent", bool_text(session.mfa_authenticated));
    if session.mfa_authenticated {
        let age_s = now.unix_s().saturating_sub(session.issued_at.unix_s());
        context.put("aws:MultiFactorAuthAge", age_s.to_string());
    }
    if let Some(federation) = &session.federation {
        context.put("aws:FederatedProvider", &*federation.provider_arn);
        for (key, values) in &federation.keys {
            put_key(context, key, values);
        }
    }
    if let Some(identity) = &session.source_identity {
        context.put("aws:SourceIdentity", &**identity);
    }
    if let Some(arn) = &session.source_function_arn {
        context.put("lambda:SourceFunctionArn", &**arn);
    }
    for (key, value) in &session.tags {
        context.put(format!("aws:PrincipalTag/{key}"), &**value);
    }
}

fn bool_text(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
