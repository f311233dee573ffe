use crate::cloud::{ACCOUNT, Cloud, IDENTITY};
use front::Reach;
use http::HeaderValue;

#[tokio::test]
async fn a_signed_request_has_an_identity_over_either_http() {
    let cloud = Cloud::start(Reach::Loopback);
    for h2 in [false, true] {
        let answer = cloud.send(cloud.query("AKIDEXAMPLE", "secret", IDENTITY), h2).await;
        assert_eq!(answer.status(), 200, "{}", answer.body());
        assert!(answer.body().contains(&format!("<Account>{ACCOUNT}</Account>")));
        assert!(answer.body().contains("<UserId>eu-west-1</UserId>"));
        assert!(answer.headers().contains_key("x-amzn-requestid"));
    }
}

#[tokio::test]
async fn others_are_refused_in_the_words_of_the_protocol() {
    let cloud = Cloud::start(Reach::Loopback);
    let refused = async |request, status: u16, code: &str| {
        let answer = cloud.send(request, false).await;
        assert_eq!(answer.status(), status, "{}", answer.body());
        assert!(answer.body().contains(&format!("<Code>{code}</Code>")), "{}", answer.body());
    };
    let query = |key, secret| cloud.query(key, secret, IDENTITY);
    refused(query("AKIDEXAMPLE", "wrong"), 403, "SignatureDoesNotMatch").await;
    refused(query("AKIDOTHER", "secret"), 403, "InvalidClientTokenId").await;
    let mut unsigned = query("AKIDEXAMPLE", "secret");
    unsigned.headers_mut().remove("authorization");
    refused(unsigned, 403, "MissingAuthenticationToken").await;
    let mut half = query("AKIDEXAMPLE", "secret");
    half.headers_mut().insert("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256 x=y"));
    refused(half, 400, "IncompleteSignature").await;
}

/// The development key is known to everybody, so it must prove that the request comes from this machine, from a program.
#[tokio::test]
async fn the_development_key_counts_for_programs_of_this_machine() {
    for (reach, accepted) in
        [(Reach::Loopback, true), (Reach::Sandbox, false), (Reach::Network, false)]
    {
        let cloud = Cloud::start(reach);
        let answer = cloud.send(cloud.query("test", "secret", IDENTITY), false).await;
        assert_eq!(answer.status() == 200, accepted, "{reach:?}: {}", answer.body());
    }
    let cloud = Cloud::start(Reach::Loopback);
    for (name, value) in [
        ("origin", "http://example.com"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("host", "rebound.example.com"),
    ] {
        let mut request = cloud.query("test", "secret", IDENTITY);
        request.headers_mut().insert(name, HeaderValue::from_static(value));
        let answer = cloud.send(request, false).await;
        assert!(answer.body().contains("<Code>InvalidClientTokenId</Code>"), "{name}: {value}");
    }
}
