//! JSON Web Tokens as identity providers make them. RFC 7519, RFC 7515 and OpenID Connect Core 1.0, section 2.

use crate::errors;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use wire_sts::Tag;

/// Where tokens carry session tags.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp>
const TAGS_CLAIM: &str = "https://aws.amazon.com/tags";
/// Where tokens carry a source identity.
const SOURCE_IDENTITY_CLAIM: &str = "https://aws.amazon.com/source_identity";

/// A token that was read but not believed yet.
pub struct Jwt<'a> {
    /// `alg`.
    pub algorithm: String,
    /// `kid`.
    pub key_id: Option<String>,
    /// What the signature covers.
    pub signed: &'a str,
    /// The signature.
    pub signature: Vec<u8>,
    claims: Map<String, Value>,
}

/// The claims that count here.
#[derive(Debug)]
pub struct IdToken {
    /// `iss`.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audiences: Vec<String>,
    /// `azp`: whom the token was made for, where that is not the audience.
    pub authorized_party: Option<String>,
    /// `amr`: how the user was authenticated.
    pub methods: Vec<String>,
    /// `exp`, in seconds since the epoch.
    pub expires_s: u64,
    /// The later one of `nbf` and `iat`, in seconds since the epoch.
    pub not_before_s: u64,
    /// Session tags.
    pub tags: Vec<Tag>,
    /// Those of them that sessions made by the new one inherit.
    pub transitive_tag_keys: Vec<String>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
}

impl<'a> Jwt<'a> {
    /// Three parts in base64 without padding, the first two of them JSON objects.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let object = |part: &str| match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?)
        {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        };
        let header = object(header)?;
        // Extensions that must be understood: RFC 7515, section 4.1.11. None are.
        if header.contains_key("crit") {
            return None;
        }
        Some(Jwt {
            algorithm: header.get("alg")?.as_str()?.to_string(),
            key_id: header.get("kid").and_then(Value::as_str).map(str::to_string),
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            claims: object(payload)?,
        })
    }

    /// Its claims, if all are there that must be.
    pub fn id_token(&self) -> Result<IdToken, wire::Error> {
        let text = |name: &'static str| match self.claims.get(name).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(text.to_string()),
            _ => Err(errors::missing_claim(name)),
        };
        let seconds = |name: &'static str| {
            let value = self.claims.get(name).and_then(Value::as_u64);
            value.ok_or_else(|| errors::missing_claim(name))
        };
        let (tags, transitive_tag_keys) = self.tags()?;
        let audiences = texts(self.claims.get("aud"));
        if audiences.is_empty() {
            return Err(errors::missing_claim("aud"));
        }
        let not_before_s = self.claims.get("nbf").and_then(Value::as_u64).unwrap_or_default();
        Ok(IdToken {
            issuer: text("iss")?,
            subject: text("sub")?,
            audiences,
            authorized_party: text("azp").ok(),
            methods: texts(self.claims.get("amr")),
            expires_s: seconds("exp")?,
            not_before_s: seconds("iat")?.max(not_before_s),
            tags,
            transitive_tag_keys,
            source_identity: text(SOURCE_IDENTITY_CLAIM).ok(),
        })
    }

    fn tags(&self) -> Result<(Vec<Tag>, Vec<String>), wire::Error> {
        let Some(claim) = self.claims.get(TAGS_CLAIM) else { return Ok(Default::default()) };
        let mut tags = Vec::new();
        for (key, values) in claim["principal_tags"].as_object().into_iter().flatten() {
            let [value] = &texts(Some(values))[..] else {
                return Err(errors::invalid_tags_claim());
            };
            let is_long = key.chars().count() > 128 || value.chars().count() > 256;
            if key.is_empty() || is_long || key.to_ascii_lowercase().starts_with("aws:") {
                return Err(errors::invalid_tags_claim());
            }
            tags.push(Tag { key: key.clone(), value: value.clone() });
        }
        if tags.len() > crate::limits::TAGS_MAX {
            return Err(errors::invalid_tags_claim());
        }
        Ok((tags, texts(claim.get("transitive_tag_keys"))))
    }
}

impl IdToken {
    /// The audience that the token was made for, if it is one of `client_ids`. Where a token names an authorized party,
    /// that is the audience.
    pub fn audience_of(&self, client_ids: &[String]) -> Option<&str> {
        let known = |audience: &&String| client_ids.contains(audience);
        match &self.authorized_party {
            Some(party) => Some(party).filter(known).map(String::as_str),
            None => self.audiences.iter().find(known).map(String::as_str),
        }
    }

    /// The claims as condition keys: the issuer's URL without its scheme, a colon, the claim.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>
    pub fn condition_keys(&self, url: &str, audience: &str) -> BTreeMap<String, Vec<String>> {
        let issuer = url.split_once("://").map_or(url, |(_, rest)| rest);
        let mut keys = BTreeMap::from([
            (format!("{issuer}:aud"), vec![audience.to_string()]),
            (format!("{issuer}:sub"), vec![self.subject.clone()]),
        ]);
        if self.authorized_party.is_some() {
            keys.insert(format!("{issuer}:oaud"), self.audiences.clone());
        }
        if !self.methods.is_empty() {
            keys.insert(format!("{issuer}:amr"), self.methods.clone());
        }
        keys
    }
}

/// One text, or all the texts of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_string).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(header: Value, claims: Value) -> String {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AAAA", part(header), part(claims))
    }

    fn claims() -> Value {
        json!({"iss": "https://i.example", "sub": "s", "aud": "a", "exp": 20, "iat": 10})
    }

    #[test]
    fn what_a_token_is() {
        let text = token(json!({"alg": "RS256", "kid": "k"}), claims());
        let jwt = Jwt::parse(&text).unwrap();
        assert_eq!((&*jwt.algorithm, jwt.key_id.as_deref()), ("RS256", Some("k")));
        let token_ = jwt.id_token().unwrap();
        assert_eq!((token_.expires_s, token_.not_before_s), (20, 10));
        for bad in ["", "a.b", "a.b.c", "e30.e30", &token(json!({"kid": "k"}), claims())] {
            assert!(Jwt::parse(bad).is_none(), "{bad}");
        }
        let critical = token(json!({"alg": "RS256", "crit": ["b64"]}), claims());
        assert!(Jwt::parse(&critical).is_none());
    }

    #[test]
    fn claims_that_must_be_there() {
        for name in ["iss", "sub", "aud", "exp", "iat"] {
            let mut without = claims();
            without.as_object_mut().unwrap().remove(name);
            let text = token(json!({"alg": "RS256"}), without);
            let error = Jwt::parse(&text).unwrap().id_token().unwrap_err();
            assert_eq!(error.message(), format!("Missing a required claim: {name}"));
        }
    }

    #[test]
    fn audiences_and_condition_keys() {
        let mut with = claims();
        with["aud"] = json!(["a", "b"]);
        let read = |claims: &Value| {
            Jwt::parse(&token(json!({"alg": "RS256"}), claims.clone())).unwrap().id_token().unwrap()
        };
        let known = |ids: &[&str]| ids.iter().map(|id| id.to_string()).collect::<Vec<_>>();
        assert_eq!(read(&with).audience_of(&known(&["x", "b"])), Some("b"));
        assert_eq!(read(&with).audience_of(&known(&["x"])), None);
        with["azp"] = json!("p");
        assert_eq!(read(&with).audience_of(&known(&["a"])), None, "the authorized party counts");
        assert_eq!(read(&with).audience_of(&known(&["p"])), Some("p"));
        let keys = read(&with).condition_keys("https://i.example/x", "p");
        assert_eq!(keys["i.example/x:aud"], ["p"]);
        assert_eq!(keys["i.example/x:oaud"], ["a", "b"]);
        assert_eq!(keys["i.example/x:sub"], ["s"]);
    }

    #[test]
    fn tags() {
        let mut with = claims();
        with[TAGS_CLAIM] =
            json!({"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]});
        let text = token(json!({"alg": "RS256"}), with.clone());
        let read = Jwt::parse(&text).unwrap().id_token().unwrap();
        assert_eq!((&*read.tags[0].key, &*read.tags[0].value), ("team", "red"));
        assert_eq!(read.transitive_tag_keys, ["team"]);
        for bad in [json!({"team": ["a", "b"]}), json!({"aws:x": ["a"]}), json!({"": ["a"]})] {
            with[TAGS_CLAIM] = json!({ "principal_tags": bad });
            let text = token(json!({"alg": "RS256"}), with.clone());
            assert!(Jwt::parse(&text).unwrap().id_token().is_err());
        }
    }
}
