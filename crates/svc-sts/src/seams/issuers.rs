//! The keys of identity providers, fetched and kept for a while.

use crate::model::jwks::KeySet;
use crate::model::jwt::Jwt;
use crate::{errors, limits};
use base::{Clock, Time};
use parking_lot::Mutex;
use seams::{OidcProvider, Web, WebError};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Key sets by the URL of their issuer and the certificates that it was trusted for.
#[derive(Default)]
pub struct Issuers(Mutex<HashMap<Known, Fetched>>);

type Known = (String, Vec<String>);

#[derive(Clone)]
struct Fetched {
    keys: Arc<KeySet>,
    at: Time,
}

impl Issuers {
    /// Ok if one of the provider's keys signed the token. Keys are fetched anew when they are old, and when the token
    /// names one that is not among them, for providers change their keys.
    pub async fn verify(
        &self,
        web: &dyn Web,
        clock: &dyn Clock,
        provider: &OidcProvider,
        token: &Jwt<'_>,
    ) -> Result<(), wire::Error> {
        let id = (provider.url.clone(), provider.thumbprints.clone());
        let now = clock.now();
        let known = self.0.lock().get(&id).cloned();
        let is_good = |fetched: &Fetched| {
            let keep = match fetched.keys.has_key_of(token) {
                true => limits::ISSUER_KEYS_KEPT,
                // Tokens can not make this cloud ask a provider at their own pace.
                false => limits::ISSUER_KEYS_PAUSE,
            };
            now < fetched.at + keep
        };
        let keys = match known.filter(is_good) {
            Some(fetched) => fetched.keys,
            None => {
                let keys = Arc::new(fetch(web, provider).await?);
                let mut all = self.0.lock();
                if all.len() >= limits::ISSUERS_MAX {
                    all.clear();
                }
                all.insert(id, Fetched { keys: keys.clone(), at: now });
                keys
            }
        };
        match keys.verifies(token) {
            true => Ok(()),
            false => Err(errors::token_not_verified()),
        }
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

/// OpenID Connect Discovery 1.0, section 4, then the set of keys that it names.
async fn fetch(web: &dyn Web, provider: &OidcProvider) -> Result<KeySet, wire::Error> {
    let issuer = provider.url.trim_end_matches('/');
    let get = async |url: &str| {
        let answer = web.get(url, &provider.thumbprints, limits::ISSUER_DOCUMENT_BYTES_MAX).await;
        answer.map_err(|error| match error {
            WebError::Untrusted => errors::untrusted_issuer(),
            WebError::Failed(_) => errors::no_verification_key(),
        })
    };
    let discovery = get(&format!("{issuer}/.well-known/openid-configuration")).await?;
    let discovery: Value =
        serde_json::from_slice(&discovery).map_err(|_| errors::no_verification_key())?;
    let names_itself =
        discovery["issuer"].as_str().is_some_and(|named| named.trim_end_matches('/') == issuer);
    let (true, Some(url)) = (names_itself, discovery["jwks_uri"].as_str()) else {
        return Err(errors::no_verification_key());
    };
    KeySet::parse(&get(url).await?).ok_or_else(errors::no_verification_key)
}
