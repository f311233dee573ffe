//! What a verifier of this cloud's own tokens reads: OpenID Connect Discovery 1.0, section 4, and the set of keys, for each
//! account that has enabled outbound federation, at a host of the account's own.

use crate::Sts;
use crate::model::outbound::{AccountKeys, Algorithm};
use crate::{errors, limits};
use base::{AccountId, BoxFut};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use parking_lot::Mutex;
use rt::{Site, Visit};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use wire::{Response, Service};

/// Keys by account, so that they need not be made for every token.
#[derive(Default)]
pub struct OutboundKeys(Mutex<HashMap<AccountId, Arc<AccountKeys>>>);

impl OutboundKeys {
    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

impl Sts {
    /// The account's keys.
    pub(crate) async fn outbound_keys(
        &self,
        account: AccountId,
    ) -> Result<Arc<AccountKeys>, wire::Error> {
        let known = self.outbound.0.lock().get(&account).cloned();
        if let Some(keys) = known {
            return Ok(keys);
        }
        let root_key = self.root_key;
        let made = tokio::task::spawn_blocking(move || AccountKeys::derive(&root_key, account));
        let keys = Arc::new(made.await.map_err(wire::Error::internal)?);
        let mut all = self.outbound.0.lock();
        if all.len() >= limits::OUTBOUND_KEYS_KEPT {
            all.clear();
        }
        all.insert(account, keys.clone());
        Ok(keys)
    }

    async fn issuer_document(&self, id: &str, path: &str) -> Result<Option<Value>, wire::Error> {
        let account = self.identities.outbound_account(id).map_err(errors::from_seam)?;
        let Some(account) = account else { return Ok(None) };
        let federation = self.identities.outbound_federation(account);
        let Some(federation) = federation.map_err(errors::from_seam)? else { return Ok(None) };
        let issuer = federation.issuer;
        Ok(match path {
            "/.well-known/openid-configuration" => Some(json!({
                "issuer": issuer,
                "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
                "claims_supported": ["iss", "sub", "aud", "iat", "exp", "jti"],
            })),
            "/.well-known/jwks.json" => Some(self.outbound_keys(account).await?.key_set()),
            _ => None,
        })
    }
}

/// The hosts `<id>.tokens.sts.<domain>`.
pub struct TokenIssuers(Arc<Sts>);

impl TokenIssuers {
    /// Those of a service.
    pub fn new(sts: Arc<Sts>) -> Self {
        TokenIssuers(sts)
    }
}

impl Site for TokenIssuers {
    fn service(&self) -> &'static Service {
        &wire_sts::SERVICE
    }

    fn owns(&self, labels: &[String]) -> bool {
        matches!(labels, [_, tokens, sts] if tokens == "tokens" && sts == "sts")
    }

    fn operation(&self) -> &'static str {
        "GetIssuerDocument"
    }

    fn body_bytes_max(&self) -> u64 {
        // Documents are asked for without a body.
        1_024
    }

    fn answer(&self, visit: Visit) -> BoxFut<'_, Response> {
        Box::pin(async move {
            let request = &visit.request;
            if request.method != Method::GET {
                return answered(405, &json!({ "message": "Method Not Allowed" }));
            }
            let id = visit.labels.first().map_or("", String::as_str);
            match self.0.issuer_document(id, &request.path).await {
                Ok(Some(document)) => answered(200, &document),
                Ok(None) => answered(404, &json!({ "message": "Not Found" })),
                Err(error) => {
                    tracing::error!(?error, "a document of a token issuer failed");
                    answered(500, &json!({ "message": "Internal Server Error" }))
                }
            }
        })
    }
}

fn answered(status: u16, document: &Value) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=300"));
    Response { status, headers, body: document.to_string().into() }
}
