//! Tokens of an identity provider.

use crate::cloud::{Cloud, Fault, ISSUER, ROLE, text};
use base::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use seams::Caller;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

const NOW_S: u64 = 1_700_000_000;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn token(key: &SigningKey, header: Value, claims: &Value) -> String {
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "repo:x", "aud": "app", "iat": NOW_S, "exp": NOW_S + 60})
}

fn header() -> Value {
    json!({"alg": "ES256", "kid": "one"})
}

fn publish(cloud: &Cloud, id: &str, key: &SigningKey) {
    let point = key.verifying_key().to_sec1_point(false);
    let bytes = point.as_bytes();
    let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&bytes[range]);
    let keys = json!({"keys": [{
        "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": part(1..33), "y": part(33..65),
    }]});
    let discovery = json!({"issuer": ISSUER, "jwks_uri": "https://id.example.com/keys"});
    let mut documents = cloud.directory.documents.lock();
    let discovery_url = format!("{ISSUER}/.well-known/openid-configuration");
    documents.insert(discovery_url, discovery.to_string().into_bytes());
    documents.insert("https://id.example.com/keys".to_string(), keys.to_string().into_bytes());
}

async fn assume(cloud: &Cloud, token: &str) -> Result<String, Fault> {
    let params = [("RoleArn", ROLE), ("RoleSessionName", "web"), ("WebIdentityToken", token)];
    let nobody = Caller::anonymous(AccountId::DEFAULT);
    cloud.call(&nobody, "AssumeRoleWithWebIdentity", &params).await
}

async fn refusal(cloud: &Cloud, token: &str) -> (String, String) {
    let fault = assume(cloud, token).await.unwrap_err();
    (fault.code, fault.message)
}

#[tokio::test]
async fn a_session() {
    let cloud = Cloud::new();
    publish(&cloud, "one", &key(1));
    let mut claims = claims();
    claims["https://aws.amazon.com/tags"] =
        json!({"principal_tags": {"team": ["red"]}, "transitive_tag_keys": ["team"]});
    claims["https://aws.amazon.com/source_identity"] = json!("ann");
    let answer = assume(&cloud, &token(&key(1), header(), &claims)).await.unwrap();
    assert_eq!(text(&answer, "SubjectFromWebIdentityToken"), "repo:x");
    assert_eq!(text(&answer, "Audience"), "app");
    assert_eq!(text(&answer, "SourceIdentity"), "ann");
    let provider = "arn:aws:iam::123456789012:oidc-provider/id.example.com";
    assert_eq!(text(&answer, "Provider"), provider);
    let wished = cloud.directory.wished.lock().clone();
    assert!(wished.contains(&"id.example.com:sub=repo:x".to_string()), "{wished:?}");
    assert!(wished.contains(&"id.example.com:aud=app".to_string()), "{wished:?}");
    let caller = cloud.caller_of(&answer).await;
    assert_eq!(caller.arn, "arn:aws:sts::123456789012:assumed-role/work/web");
    let session = caller.session.unwrap();
    assert_eq!(session.tags["team"], "red");
    let federation = session.federation.unwrap();
    assert_eq!(federation.provider_arn, provider);
    assert_eq!(federation.keys["id.example.com:sub"], ["repo:x"]);
}

#[tokio::test]
async fn tokens_that_prove_nothing() {
    let cloud = Cloud::new();
    publish(&cloud, "one", &key(1));
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        token(&key(1), header(), &claims)
    };
    let good = token(&key(1), header(), &claims());
    let unsigned = format!("{}.{}.", encoded(&json!({"alg": "none"})), encoded(&claims()));
    let mixed = json!({"alg": "RS256", "kid": "one"});
    let hashed = json!({"alg": "HS256", "kid": "one"});
    for (token, code, message) in [
        ("x".repeat(10), "InvalidIdentityToken", "The ID Token provided is not a valid JWT."),
        (
            with("iss", json!("https://evil")),
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://evil",
        ),
        (with("aud", json!("other")), "InvalidIdentityToken", "Incorrect token audience"),
        (
            with("exp", json!(NOW_S)),
            "ExpiredTokenException",
            "Token expired: current date/time 1700000000 must be before",
        ),
        (with("iat", json!(NOW_S + 900)), "InvalidIdentityToken", "Token is not yet valid"),
        (token(&key(2), header(), &claims()), "InvalidIdentityToken", "The web identity token"),
        (token(&key(1), mixed, &claims()), "InvalidIdentityToken", "The web identity token"),
        (token(&key(1), hashed, &claims()), "InvalidIdentityToken", "The web identity token"),
        (unsigned, "InvalidIdentityToken", "The web identity token"),
        (good[..good.len() - 4].to_string(), "InvalidIdentityToken", "The ID Token provided"),
    ] {
        let (got, text) = refusal(&cloud, &token).await;
        assert_eq!(got, code, "{text}");
        assert!(text.starts_with(message), "{text}");
    }
    *cloud.directory.refuses.lock() = true;
    let denied = refusal(&cloud, &good).await;
    let text = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    assert_eq!(denied, ("AccessDenied".to_string(), text.to_string()));
}

/// Every byte of a token counts.
#[tokio::test]
async fn changed_tokens() {
    let cloud = Cloud::new();
    publish(&cloud, "one", &key(1));
    let good = token(&key(1), header(), &claims());
    for at in 0..good.len() {
        let mut changed = good.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        // The last character's lowest bits are no part of the signature's bytes; such texts do not even decode.
        assert!(assume(&cloud, &changed).await.is_err(), "byte {at}");
    }
}

#[tokio::test]
async fn keys_change() {
    let cloud = Cloud::new();
    assert!(
        refusal(&cloud, &token(&key(1), header(), &claims())).await.1.contains("verification key")
    );
    publish(&cloud, "one", &key(1));
    assume(&cloud, &token(&key(1), header(), &claims())).await.unwrap();
    let fetched = cloud.directory.fetched.load(Ordering::Relaxed);
    assume(&cloud, &token(&key(1), header(), &claims())).await.unwrap();
    assert_eq!(cloud.directory.fetched.load(Ordering::Relaxed), fetched, "kept in memory");
    publish(&cloud, "two", &key(2));
    let new = token(&key(2), json!({"alg": "ES256", "kid": "two"}), &claims());
    assert!(assume(&cloud, &new).await.is_err(), "asked a moment ago");
    cloud.clock.advance(Duration::from_secs(3));
    assume(&cloud, &new).await.unwrap();
    assert!(assume(&cloud, &token(&key(1), header(), &claims())).await.is_err(), "taken away");
}
