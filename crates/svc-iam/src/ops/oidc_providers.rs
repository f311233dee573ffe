//! What operations on OpenID Connect providers share.

use crate::errors::{self, Error};
use crate::limits;
use crate::tables::{self, OIDC_PROVIDERS, OidcProviderRecord};
use base::AccountId;
use store::{Tx, View};

/// `arn:aws:iam::123456789012:oidc-provider/example.com/path`.
pub fn arn(account: AccountId, url: &str) -> String {
    tables::arn(account, "oidc-provider", "/", url)
}

/// The account's provider with this ARN.
pub fn load(
    view: &View<'_>,
    account: AccountId,
    wanted: &str,
) -> Result<OidcProviderRecord, Error> {
    let Some((_, url)) = wanted.split_once(":oidc-provider/") else {
        return Err(errors::bad_provider_arn(wanted));
    };
    let provider = view.get(&OIDC_PROVIDERS, &(account, url.to_string()))?;
    let provider = provider.filter(|_| arn(account, url) == wanted);
    provider.ok_or_else(|| errors::no_such_oidc_provider(wanted))
}

/// Writes the row.
pub fn save(
    tx: &mut Tx<'_>,
    account: AccountId,
    provider: &OidcProviderRecord,
) -> Result<(), Error> {
    Ok(tx.put(&OIDC_PROVIDERS, &(account, provider.url.clone()), provider)?)
}

/// `https://example.com/path` without its beginning.
pub fn check_url(url: &str) -> Result<&str, Error> {
    let rest = url.strip_prefix("https://").ok_or_else(errors::bad_oidc_url)?;
    let host = rest.split('/').next().unwrap_or_default();
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_plain = rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#%@:\"<>".contains(&b));
    if !is_plain || !host.split('.').all(is_label) {
        return Err(errors::bad_oidc_url());
    }
    Ok(rest.trim_end_matches('/'))
}

/// Refuses more than five thumbprints, and what is none. Their form is that of SHA-1.
pub fn check_thumbprints(thumbprints: &[String]) -> Result<(), Error> {
    if thumbprints.len() > limits::THUMBPRINTS_PER_PROVIDER {
        return Err(errors::too_many_thumbprints());
    }
    let is_digest = |text: &String| text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if thumbprints.iter().all(is_digest) { Ok(()) } else { Err(errors::bad_thumbprint()) }
}

/// Refuses more than a hundred client ids.
pub fn check_client_ids(client_ids: &[String]) -> Result<(), Error> {
    let max = limits::CLIENT_IDS_PER_PROVIDER;
    if client_ids.len() > max {
        return Err(errors::quota("ClientIdsPerOpenIdConnectProvider", max));
    }
    Ok(())
}
