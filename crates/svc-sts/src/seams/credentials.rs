//! The secret of an access key.

use crate::Sts;
use crate::model::claims::{Claims, Who};
use base::{AccountId, Arn, BoxFut, Time};
use seams::{Caller, Credential, CredentialError, Credentials, Principal, Session};
use std::sync::Arc;

/// The access key of the root user of the default account, for development on one machine.
const WELL_KNOWN_KEY: &str = "test";
/// The secret of every root user: it proves nothing, so it is accepted from this machine only.
const WELL_KNOWN_SECRET: &str = "test";

impl Credentials for Sts {
    fn look_up<'a>(
        &'a self,
        access_key_id: &'a str,
        session_token: Option<&'a str>,
        from_loopback: bool,
    ) -> BoxFut<'a, Result<Arc<Credential>, CredentialError>> {
        Box::pin(async move { self.find(access_key_id, session_token, from_loopback) })
    }
}

impl Sts {
    fn find(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        from_loopback: bool,
    ) -> Result<Arc<Credential>, CredentialError> {
        let root = root_account(access_key_id);
        if root.is_some() && !from_loopback {
            return Err(CredentialError::NotFromLoopback);
        }
        // The token that some tools send along with the well-known key says nothing.
        let token = if root.is_some() { None } else { session_token };
        let generation = self.identities.generation();
        let now = self.clock.now();
        if let Some(known) = self.known.get(access_key_id, token, generation, now) {
            return Ok(known);
        }
        let credential = Arc::new(match (root, token) {
            (Some(account), _) => Credential {
                secret_access_key: WELL_KNOWN_SECRET.to_string(),
                caller: Arc::new(Caller::root(account, Some(access_key_id.to_string()))),
            },
            (None, None) => self.long_term(access_key_id)?,
            (None, Some(token)) => self.session(access_key_id, token, now)?,
        });
        self.known.put(access_key_id, token, generation, &credential);
        Ok(credential)
    }

    fn long_term(&self, access_key_id: &str) -> Result<Credential, CredentialError> {
        if let Some(key) = self.root_access_key.as_ref().filter(|key| key.id == access_key_id) {
            let caller = Caller::root(AccountId::DEFAULT, Some(access_key_id.to_string()));
            let secret_access_key = key.secret.clone();
            return Ok(Credential { secret_access_key, caller: Arc::new(caller) });
        }
        if access_key_id.starts_with("ASIA") {
            return Err(CredentialError::InvalidToken);
        }
        let found = self.identities.long_term_credential(access_key_id);
        found.map_err(|_| CredentialError::Internal)?.ok_or(CredentialError::UnknownAccessKey)
    }

    fn session(
        &self,
        access_key_id: &str,
        token: &str,
        now: Time,
    ) -> Result<Credential, CredentialError> {
        let (claims, nonce) = self.seal.open(token).ok_or(CredentialError::InvalidToken)?;
        let caller = self.caller(&claims, access_key_id)?;
        let (derived_id, secret_access_key) = self.seal.derive(&nonce, caller.account);
        if derived_id != access_key_id {
            return Err(CredentialError::InvalidToken);
        }
        if now >= Time::from_unix_ms(claims.expires_ms) {
            return Err(CredentialError::ExpiredToken);
        }
        Ok(Credential { secret_access_key, caller: Arc::new(caller) })
    }

    /// Whom the claims prove, if the role or user is still the one that they were made for.
    pub(crate) fn caller(
        &self,
        claims: &Claims,
        access_key_id: &str,
    ) -> Result<Caller, CredentialError> {
        let mut caller = self.identity(&claims.who)?;
        caller.access_key_id = Some(access_key_id.to_string());
        let mut policies = claims.policies.clone();
        for arn in &claims.policy_arns {
            let document = self.identities.managed_policy(arn);
            let document = document.map_err(|_| CredentialError::Internal)?;
            // A session must not become mightier because a policy that limits it was deleted.
            policies.push(document.unwrap_or_else(|| NOTHING.to_string()));
        }
        caller.session = Some(Session {
            issued_at: Time::from_unix_ms(claims.issued_ms),
            expires_at: Time::from_unix_ms(claims.expires_ms),
            policies,
            tags: claims.tags.clone(),
            transitive_tag_keys: claims.transitive_tag_keys.clone(),
            source_identity: claims.source_identity.clone(),
            chained: claims.chained,
            mfa_authenticated: claims.mfa,
            federation: claims.federation.as_ref().map(|federation| seams::Federation {
                provider_arn: federation.provider.clone(),
                keys: federation.keys.clone(),
            }),
            source_function_arn: claims.source_function_arn.clone(),
        });
        Ok(caller)
    }

    fn identity(&self, who: &Who) -> Result<Caller, CredentialError> {
        let account = |text: &str| AccountId::parse(text).ok_or(CredentialError::InvalidToken);
        match who {
            Who::Root { account: text } => Ok(Caller::root(account(text)?, None)),
            Who::User { account: text, name, id } => {
                let account = account(text)?;
                let arn = self.user_arn(account, name, id)?;
                let principal = Principal::User { name: name.clone() };
                Ok(caller(account, arn, id.clone(), principal))
            }
            Who::Role { arn, id, session } => {
                let role = self.identities.role(arn).map_err(|_| CredentialError::Internal)?;
                let role = role.filter(|role| role.id == *id);
                let role = role.ok_or(CredentialError::InvalidToken)?;
                let name = &role.name;
                let session_arn =
                    Arn::global("sts", role.account, &format!("assumed-role/{name}/{session}"));
                let principal = Principal::AssumedRole {
                    role_name: role.name,
                    role_arn: role.arn,
                    session_name: session.clone(),
                };
                let user_id = format!("{id}:{session}");
                Ok(caller(role.account, session_arn.to_string(), user_id, principal))
            }
            Who::Federated { account: text, name, user } => {
                let account = account(text)?;
                let user_arn = match user {
                    Some((user, id)) => Some(self.user_arn(account, user, id)?),
                    None => None,
                };
                let arn = Arn::global("sts", account, &format!("federated-user/{name}"));
                let principal = Principal::FederatedUser { name: name.clone(), user_arn };
                Ok(caller(account, arn.to_string(), format!("{account}:{name}"), principal))
            }
        }
    }

    fn user_arn(
        &self,
        account: AccountId,
        name: &str,
        id: &str,
    ) -> Result<String, CredentialError> {
        let user = self.identities.user(account, name).map_err(|_| CredentialError::Internal)?;
        let user = user.filter(|user| user.id == id).ok_or(CredentialError::InvalidToken)?;
        Ok(user.arn)
    }
}

/// A session policy that allows nothing.
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;

fn caller(account: AccountId, arn: String, user_id: String, principal: Principal) -> Caller {
    Caller { account, principal, arn, user_id, access_key_id: None, session: None }
}

/// The account whose root user the key is: `test`, or the 12 digits of any account.
pub fn root_account(access_key_id: &str) -> Option<AccountId> {
    if access_key_id == WELL_KNOWN_KEY {
        return Some(AccountId::DEFAULT);
    }
    AccountId::parse(access_key_id)
}
