//! What STS asks.

use super::authorizer::principal;
use super::compiled::Stamp;
use super::context::context;
use super::explanation;
use crate::Iam;
use crate::errors::{self, Error};
use crate::model::{aws_policies, certificate, saml_metadata};
use crate::ops::oidc_providers;
use crate::tables::{
    ACCESS_KEYS, ACCOUNTS, Named, OIDC_PROVIDERS, OUTBOUND_ISSUERS, POLICIES, SAML_PROVIDERS, Tags,
    USERS, arn, key,
};
use base::{AccountId, Arn, BoxFut, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use policy::{Context, Decision, PolicyType, Request, ResourceSide, evaluate};
use seams::{
    AccessRequest, AssumeRole, CallCx, Caller, Credential, Identities, OidcProvider,
    OutboundFederation, Principal, RoleIdentity, SamlProvider, UserIdentity,
};
use std::borrow::Cow;
use std::sync::Arc;

impl Identities for Iam {
    fn generation(&self) -> u64 {
        Stamp::now(&self.store).sum() + self.store.generation(&ACCESS_KEYS)
    }

    fn long_term_credential(
        &self,
        access_key_id: &str,
    ) -> Result<Option<Credential>, seams::Error> {
        Ok(self.store.read(|view| {
            let row = view.get(&ACCESS_KEYS, &access_key_id.to_string())?;
            let Some(row) = row.filter(|row| row.active) else { return Ok(None) };
            let Some(account) = AccountId::parse(&row.account) else { return Ok(None) };
            let Some(user) = view.get(&USERS, &(account, row.user))? else { return Ok(None) };
            let caller = Caller {
                account,
                arn: user.arn(account),
                user_id: user.id,
                principal: Principal::User { name: user.name },
                access_key_id: Some(access_key_id.to_string()),
                session: None,
            };
            let (caller, id) = (Arc::new(caller), access_key_id.as_bytes());
            let opened = || {
                let sealed = STANDARD.decode(&row.sealed_secret).ok()?;
                String::from_utf8(self.secrets.open(id, &sealed)?).ok()
            };
            let secret = row.secret.clone().or_else(opened);
            // Sealed under another root key: a data directory that was put together from two.
            let secret = secret.ok_or_else(|| errors::unreadable_secret(access_key_id))?;
            Ok::<_, Error>(Some(Credential { secret_access_key: secret, caller }))
        })?)
    }

    fn user(&self, account: AccountId, name: &str) -> Result<Option<UserIdentity>, seams::Error> {
        Ok(self.store.read(|view| {
            let user = view.get(&USERS, &key(account, name))?;
            Ok::<_, Error>(user.map(|user| UserIdentity {
                arn: user.arn(account),
                id: user.id,
                name: user.name,
            }))
        })?)
    }

    fn role(&self, role_arn: &str) -> Result<Option<RoleIdentity>, seams::Error> {
        let role = self.compiled.role(&self.store, role_arn)?;
        Ok(role.map(|role| role.identity.clone()))
    }

    fn managed_policy(&self, policy_arn: &str) -> Result<Option<String>, seams::Error> {
        if let Some(policy) = aws_policies::find(policy_arn) {
            return Ok(Some(policy.document()));
        }
        let account = Arn::parse(policy_arn).and_then(|arn| arn.account_id());
        let Some(account) = account else { return Ok(None) };
        let name = policy_arn.rsplit('/').next().unwrap_or_default();
        Ok(self.store.read(|view| {
            let record = view.get(&POLICIES, &key(account, name))?;
            let record = record.filter(|record| record.arn(account) == policy_arn);
            let version = record.and_then(|mut r| r.versions.remove(&r.default_version));
            Ok::<_, Error>(version.map(|version| version.document))
        })?)
    }

    fn oidc_provider(
        &self,
        account: AccountId,
        issuer: &str,
    ) -> Result<Option<OidcProvider>, seams::Error> {
        let Some(url) = oidc_providers::without_scheme(issuer) else { return Ok(None) };
        let row = self.store.get(&OIDC_PROVIDERS, &(account, url.to_string()));
        let row = row.map_err(Error::from)?;
        Ok(row.map(|row| OidcProvider {
            arn: arn(account, "oidc-provider", "/", &row.url),
            url: issuer.to_string(),
            client_ids: row.client_ids,
            thumbprints: row.thumbprints,
        }))
    }

    fn outbound_federation(
        &self,
        account: AccountId,
    ) -> Result<Option<OutboundFederation>, seams::Error> {
        let row = self.store.get(&ACCOUNTS, &account).map_err(Error::from)?;
        let outbound = row.and_then(|row| row.outbound);
        Ok(outbound.map(|outbound| OutboundFederation {
            issuer: self.issuer_url(&outbound.id),
            enabled: outbound.enabled,
        }))
    }

    fn outbound_account(&self, id: &str) -> Result<Option<AccountId>, seams::Error> {
        let row = self.store.get(&OUTBOUND_ISSUERS, &id.to_string()).map_err(Error::from)?;
        Ok(row.and_then(|row| AccountId::parse(&row.account)))
    }

    fn principal_tags(&self, caller: &Caller) -> Result<Tags, seams::Error> {
        let side = self.caller_side(caller)?;
        let mut tags = side.tags().cloned().unwrap_or_default();
        let session = caller.session.iter().flat_map(|session| &session.tags);
        for (key, value) in session {
            tags.retain(|own, _| !own.eq_ignore_ascii_case(key));
            tags.insert(key.clone(), value.clone());
        }
        Ok(tags)
    }

    fn saml_provider(&self, provider_arn: &str) -> Result<Option<SamlProvider>, seams::Error> {
        let arn = Arn::parse(provider_arn).filter(|arn| arn.service() == "iam");
        let Some(account) = arn.and_then(|arn| arn.account_id()) else { return Ok(None) };
        let Some((_, name)) = provider_arn.split_once(":saml-provider/") else { return Ok(None) };
        let row = self.store.get(&SAML_PROVIDERS, &(account, name.to_string()));
        let Some(row) = row.map_err(Error::from)? else { return Ok(None) };
        let metadata = saml_metadata::parse(&row.metadata).ok_or_else(errors::bad_saml_metadata)?;
        let certificates = metadata.signing_certificates.iter();
        Ok(Some(SamlProvider {
            entity_id: metadata.entity_id,
            public_keys: certificates
                .filter_map(|der| certificate::of_der(der))
                .map(|certificate| certificate.public_key().to_vec())
                .collect(),
            private_keys: row
                .private_keys
                .iter()
                .filter_map(|key| self.open_saml_key(key))
                .collect(),
            valid_until: Time::from_unix_s(row.valid_until_s),
            encryption_required: row.encryption_required == Some(true),
        }))
    }

    fn check_mfa<'a>(
        &'a self,
        user: &'a Caller,
        serial_number: &'a str,
        code: &'a str,
        now: Time,
    ) -> BoxFut<'a, Result<bool, seams::Error>> {
        Box::pin(async move {
            let Principal::User { name } = &user.principal else { return Ok(false) };
            let asked = (&**name, serial_number, code);
            let checked = self.check_mfa_code(user.account, asked, now.unix_s()).await;
            checked.map_err(|error| Error::Fault(error).into())
        })
    }

    fn check_assume(
        &self,
        cx: &CallCx,
        wish: &AssumeRole<'_>,
    ) -> Result<RoleIdentity, seams::Error> {
        let action = if wish.action.is_empty() { "sts:AssumeRole" } else { wish.action };
        let mut actions = vec![action];
        if !wish.tags.is_empty() {
            actions.push("sts:TagSession");
        }
        if wish.source_identity.is_some() {
            actions.push("sts:SetSourceIdentity");
        }
        // AWS does not tell a stranger whether a role exists, nor why it may not be assumed.
        let denied = |action: &str| {
            let message = policy::unexplained(&cx.caller.arn, action, Some(wish.role_arn));
            seams::Error::new(403, "AccessDenied", message)
        };
        let role = self.compiled.role(&self.store, wish.role_arn)?;
        let role = role.ok_or_else(|| denied(action))?;
        let side = self.caller_side(&cx.caller)?;
        let mut policies = side.policies(&cx.caller.principal);
        policies.resource = Some(ResourceSide {
            account: role.identity.account,
            policy: Some(&role.trust),
            policy_type: PolicyType::RoleTrust,
            required: true,
            granted: false,
        });
        let mut context = context(cx, &wish.keys, side.tags());
        wish_keys(&mut context, wish);
        for action in actions {
            let asked = Request::new(principal(&cx.caller), action, wish.role_arn, &context);
            if let Decision::Denied(denial) = evaluate(&asked, &policies) {
                let request = AccessRequest::new(action, wish.role_arn);
                self.explanations.note(cx.request_id, || {
                    explanation::explain(cx, &request, &side, &policies, &asked, denial)
                });
                return Err(denied(action));
            }
        }
        Ok(role.identity.clone())
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts>
fn wish_keys<'a>(context: &mut Context<'a>, wish: &'a AssumeRole<'a>) {
    context.put("sts:RoleSessionName", wish.session_name);
    if wish.mfa_authenticated {
        context.put("aws:MultiFactorAuthPresent", "true");
        context.put("aws:MultiFactorAuthAge", "0");
    }
    if let Some(external_id) = wish.external_id {
        context.put("sts:ExternalId", external_id);
    }
    if let Some(source_identity) = wish.source_identity {
        context.put("sts:SourceIdentity", source_identity);
    }
    if !wish.tags.is_empty() {
        let borrow = |text: &'a String| Cow::Borrowed(&**text);
        context.put_many("aws:TagKeys", wish.tags.keys().map(borrow).collect());
        let transitive = wish.transitive_tag_keys.iter().map(borrow).collect();
        context.put_many("sts:TransitiveTagKeys", transitive);
        for (key, value) in &wish.tags {
            context.put(format!("aws:RequestTag/{key}"), &**value);
        }
    }
}
