//! What operations on OpenID Connect providers share.

use crate::errors::{self, Error};
use crate::limits;
use crate::tables::{self, OIDC_PROVIDERS, OidcProviderRecord};
use base::AccountId;
use std::net::Ipv4Addr;
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

/// The URL without its scheme, as rows and ARNs name it. Error: it is not one of HTTPS. An issuer on this machine, which AWS
/// could not reach, may have a port and speak HTTP.
pub fn check_url(url: &str) -> Result<&str, Error> {
    without_scheme(url).ok_or_else(errors::bad_oidc_url)
}

/// As [`check_url`]; None instead of its error.
pub fn without_scheme(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback());
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_plain = path.bytes().all(|b| b.is_ascii_graphic() && !b"?#%@:\"<>".contains(&b));
    let is_valid = is_plain
        && host.split('.').all(is_label)
        && (scheme == "https" || (scheme == "http" && is_here))
        && port.is_none_or(|port| is_here && port.parse::<u16>().is_ok());
    is_valid.then(|| rest.trim_end_matches('/'))
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
