//! What operations on SAML providers share.

use crate::Iam;
use crate::errors::{self, Error};
use crate::limits;
use crate::model::{certificate, id, saml_metadata};
use crate::tables::{self, SAML_PROVIDERS, SamlPrivateKeyRecord, SamlProviderRecord};
use base::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seams::SamlKey;
use store::{Tx, View};
use wire_iam::AssertionEncryptionModeType;

/// How long metadata is valid that does not say so, in seconds: a hundred years of 365 days, as AWS shows it.
const VALID_S: u64 = 100 * 365 * 86_400;

/// `arn:aws:iam::123456789012:saml-provider/name`.
pub fn arn(account: AccountId, name: &str) -> String {
    tables::arn(account, "saml-provider", "/", name)
}

/// The account's provider with this ARN.
pub fn load(
    view: &View<'_>,
    account: AccountId,
    wanted: &str,
) -> Result<SamlProviderRecord, Error> {
    let Some((_, name)) = wanted.split_once(":saml-provider/") else {
        return Err(errors::bad_provider_arn(wanted));
    };
    let provider = view.get(&SAML_PROVIDERS, &(account, name.to_string()))?;
    let provider = provider.filter(|_| arn(account, name) == wanted);
    provider.ok_or_else(|| errors::no_such_saml_provider(wanted))
}

/// Writes the row.
pub fn save(
    tx: &mut Tx<'_>,
    account: AccountId,
    provider: &SamlProviderRecord,
) -> Result<(), Error> {
    Ok(tx.put(&SAML_PROVIDERS, &(account, provider.name.clone()), provider)?)
}

/// Refuses what is no metadata; answers until when it is valid, in seconds since the epoch.
pub fn check_metadata(text: &str, now_s: u64) -> Result<u64, Error> {
    if text.len() > limits::SAML_METADATA_BYTES_MAX {
        return Err(errors::saml_metadata_too_long());
    }
    let metadata = saml_metadata::parse(text).ok_or_else(errors::bad_saml_metadata)?;
    let Some(until) = metadata.valid_until else { return Ok(now_s + VALID_S) };
    let until = wire::Timestamp::parse(&until).ok_or_else(errors::bad_saml_metadata)?;
    u64::try_from(until.seconds()).map_err(|_| errors::bad_saml_metadata())
}

/// What is kept of the mode.
pub fn is_required(mode: AssertionEncryptionModeType) -> bool {
    mode == AssertionEncryptionModeType::Required
}

impl Iam {
    /// A key with which assertions are decrypted; None of one that is no RSA key, for which nobody encrypts.
    pub(crate) fn open_saml_key(&self, key: &SamlPrivateKeyRecord) -> Option<SamlKey> {
        let sealed = STANDARD.decode(&key.sealed).ok()?;
        let pem = String::from_utf8(self.secrets.open(key.id.as_bytes(), &sealed)?).ok()?;
        certificate::rsa_private_key(&pem).map(SamlKey::new)
    }

    /// A key with which assertions are decrypted, ready to be kept.
    pub(super) fn saml_key(&self, pem: &str) -> Result<SamlPrivateKeyRecord, Error> {
        certificate::private_key(pem).map_err(|_| errors::bad_saml_key())?;
        let id = id::opaque(&*self.entropy);
        let sealed = self.secrets.seal(&*self.entropy, id.as_bytes(), pem.as_bytes());
        let (added_ms, sealed) = (self.now().unix_ms(), STANDARD.encode(sealed));
        Ok(SamlPrivateKeyRecord { id, added_ms, sealed })
    }
}
