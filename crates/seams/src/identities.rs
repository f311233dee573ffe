//! What is known of identities: offered by IAM, used by STS, which makes and verifies sessions.

use crate::{CallCx, Caller, ContextKey, Credential, Error};
use base::{AccountId, BoxFut, Time};
use std::collections::BTreeMap;
use std::time::Duration;

/// A user as a session of it shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserIdentity {
    /// `arn:aws:iam::123456789012:user/path/name`.
    pub arn: String,
    /// `AIDA…`.
    pub id: String,
    /// The name, without the path.
    pub name: String,
}

/// A role as a session of it shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleIdentity {
    /// Whose role it is.
    pub account: AccountId,
    /// `arn:aws:iam::123456789012:role/path/name`.
    pub arn: String,
    /// `AROA…`; a role that is made again under the same name has another one.
    pub id: String,
    /// The name, without the path.
    pub name: String,
    /// The longest session that it allows: 1 to 12 hours.
    pub session_duration_max: Duration,
}

/// An OpenID Connect provider that an account trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcProvider {
    /// `arn:aws:iam::123456789012:oidc-provider/accounts.example.com/path`.
    pub arn: String,
    /// The issuer as tokens name it, with its scheme: `https://accounts.example.com/path`.
    pub url: String,
    /// The audiences that tokens may be made for.
    pub client_ids: Vec<String>,
    /// SHA-1 of certificates that the provider's server may show, in hexadecimal digits.
    pub thumbprints: Vec<String>,
}

/// A SAML provider that an account trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlProvider {
    /// The provider's own name, which its assertions have as their issuer.
    pub entity_id: String,
    /// The keys with which it signs: `SubjectPublicKeyInfo` in DER.
    pub public_keys: Vec<Vec<u8>>,
    /// Until when all that is believed.
    pub valid_until: Time,
    /// The keys for which it encrypts.
    pub private_keys: Vec<SamlKey>,
    /// Whether only encrypted assertions are taken.
    pub encryption_required: bool,
}

/// A private RSA key, which is not to be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct SamlKey(Vec<u8>);

impl SamlKey {
    /// Of PKCS #8 in DER.
    pub fn new(der: Vec<u8>) -> Self {
        SamlKey(der)
    }

    /// PKCS #8 in DER.
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SamlKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SamlKey(..)")
    }
}

/// An account's issuer of tokens for services elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundFederation {
    /// The issuer as tokens name it: a URL without a slash at its end.
    pub issuer: String,
    /// Whether tokens may be made now.
    pub enabled: bool,
}

/// The wish to take on a role.
#[derive(Clone, Debug, Default)]
pub struct AssumeRole<'a> {
    /// The operation that was called, as an action; `sts:AssumeRole` where empty.
    pub action: &'static str,
    /// Condition keys that the call has beside the global ones, such as an identity provider's claims.
    pub keys: Vec<ContextKey>,
    /// `aws:MultiFactorAuthPresent` and `aws:MultiFactorAuthAge`: the code of a device was right just now.
    pub mfa_authenticated: bool,
    /// Which role.
    pub role_arn: &'a str,
    /// `sts:RoleSessionName`.
    pub session_name: &'a str,
    /// `sts:ExternalId`.
    pub external_id: Option<&'a str>,
    /// `aws:RequestTag/…` and `aws:TagKeys`; with any of them `sts:TagSession` is needed too.
    pub tags: BTreeMap<String, String>,
    /// `sts:TransitiveTagKeys`.
    pub transitive_tag_keys: Vec<String>,
    /// `sts:SourceIdentity`; with it `sts:SetSourceIdentity` is needed too.
    pub source_identity: Option<&'a str>,
}

/// Users, roles and their keys. Reads rows inline, so nothing here waits.
pub trait Identities: Send + Sync {
    /// A number that changes whenever an answer below may have changed; an atomic load or a few.
    fn generation(&self) -> u64;

    /// The secret of a long-term key (`AKIA…`) and whom it proves, if the key exists and is active.
    fn long_term_credential(&self, access_key_id: &str) -> Result<Option<Credential>, Error>;

    /// The user, if there is one.
    fn user(&self, account: AccountId, name: &str) -> Result<Option<UserIdentity>, Error>;

    /// The role with this ARN, if there is one.
    fn role(&self, role_arn: &str) -> Result<Option<RoleIdentity>, Error>;

    /// The default version of a managed policy, AWS's or a customer's, as a JSON text.
    fn managed_policy(&self, policy_arn: &str) -> Result<Option<String>, Error>;

    /// The provider of `account` whose URL is `issuer`, with its scheme, if there is one.
    fn oidc_provider(
        &self,
        account: AccountId,
        issuer: &str,
    ) -> Result<Option<OidcProvider>, Error> {
        let _ = (account, issuer);
        Ok(None)
    }

    /// The account's issuer of tokens for services elsewhere, if it ever had one.
    fn outbound_federation(&self, account: AccountId) -> Result<Option<OutboundFederation>, Error> {
        let _ = account;
        Ok(None)
    }

    /// The account whose issuer has this id, which is the first label of the issuer's host name.
    fn outbound_account(&self, id: &str) -> Result<Option<AccountId>, Error> {
        let _ = id;
        Ok(None)
    }

    /// `aws:PrincipalTag/…` of the caller: its own tags and those of its session, which replace them.
    fn principal_tags(&self, caller: &Caller) -> Result<BTreeMap<String, String>, Error> {
        let _ = caller;
        Ok(BTreeMap::new())
    }

    /// The SAML provider with this ARN, if there is one.
    fn saml_provider(&self, provider_arn: &str) -> Result<Option<SamlProvider>, Error> {
        let _ = provider_arn;
        Ok(None)
    }

    /// Whether `code` is what the device `serial_number` shows `now`, and the device is the user's. A code counts once.
    fn check_mfa<'a>(
        &'a self,
        user: &'a Caller,
        serial_number: &'a str,
        code: &'a str,
        now: Time,
    ) -> BoxFut<'a, Result<bool, Error>> {
        let _ = (user, serial_number, code, now);
        Box::pin(async { Ok(false) })
    }

    /// The role, if its trust policy lets the caller of `cx` take it on and, where that is needed, the caller's own
    /// policies too. Error: `AccessDenied` (403) with AWS's sentence, also if there is no such role.
    fn check_assume(&self, cx: &CallCx, wish: &AssumeRole<'_>) -> Result<RoleIdentity, Error>;
}
