use crate::cloud::{Cloud, ROLE, SHORT_ROLE, account, text, user};
use seams::{Caller, Principal};
use std::time::Duration;

const ASSUME: [(&str, &str); 2] = [("RoleArn", ROLE), ("RoleSessionName", "mine")];

fn refused<T: std::fmt::Debug>(result: Result<T, crate::cloud::Fault>) -> (String, String) {
    let fault = result.unwrap_err();
    (fault.code, fault.message)
}

#[tokio::test]
async fn get_caller_identity() {
    let cloud = Cloud::new();
    *cloud.directory.denies.lock() = true;
    let answer = cloud.call(&user(), "GetCallerIdentity", &[]).await.unwrap();
    assert_eq!(text(&answer, "Arn"), "arn:aws:iam::123456789012:user/ann");
    assert_eq!(text(&answer, "UserId"), "AIDAANN");
    assert_eq!(text(&answer, "Account"), "123456789012");
}

#[tokio::test]
async fn assume_role() {
    let cloud = Cloud::new();
    let answer = cloud.call(&user(), "AssumeRole", &ASSUME).await.unwrap();
    let arn = "arn:aws:sts::123456789012:assumed-role/work/mine";
    assert_eq!(text(&answer, "Arn"), arn);
    assert_eq!(text(&answer, "AssumedRoleId"), "AROA0:mine");
    assert_eq!(text(&answer, "Expiration"), "2023-11-14T23:13:20Z");
    assert!(!answer.contains("PackedPolicySize"), "as recorded");
    let caller = cloud.caller_of(&answer).await;
    assert_eq!((&*caller.arn, &*caller.user_id), (arn, "AROA0:mine"));
    let Principal::AssumedRole { role_arn, .. } = &caller.principal else { panic!("{caller:?}") };
    assert_eq!(role_arn, ROLE);
    assert!(!caller.session.as_ref().unwrap().chained);
}

#[tokio::test]
async fn assume_role_passes_on_what_was_given() {
    let cloud = Cloud::new();
    let policy =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let params = [
        ASSUME[0],
        ASSUME[1],
        ("ExternalId", "secret"),
        ("SourceIdentity", "ann"),
        ("Policy", policy),
        ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/Known"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "red"),
        ("TransitiveTagKeys.member.1", "team"),
    ];
    let answer = cloud.call(&user(), "AssumeRole", &params).await.unwrap();
    assert_eq!(*cloud.directory.wished.lock(), ["mine", "secret", "ann"]);
    assert_eq!(text(&answer, "SourceIdentity"), "ann");
    assert_eq!(text(&answer, "PackedPolicySize"), "6");
    let caller = cloud.caller_of(&answer).await;
    let session = caller.session.clone().unwrap();
    assert_eq!(session.policies, [policy, "{\"known\":1}"]);
    assert_eq!(session.tags["team"], "red");

    // The next session inherits the tag and the source identity and cannot replace the tag.
    let chained = cloud.call(&caller, "AssumeRole", &ASSUME).await.unwrap();
    let session = cloud.caller_of(&chained).await.session.unwrap();
    assert!(session.chained && session.tags["team"] == "red");
    assert_eq!(session.source_identity.as_deref(), Some("ann"));
    assert!(session.policies.is_empty(), "session policies are not inherited");
    let again =
        [ASSUME[0], ASSUME[1], ("Tags.member.1.Key", "TEAM"), ("Tags.member.1.Value", "blue")];
    let (code, message) = refused(cloud.call(&caller, "AssumeRole", &again).await);
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.starts_with("One of the specified transitive tag keys can't be set"));
}

#[tokio::test]
async fn assume_role_is_refused() {
    let cloud = Cloud::new();
    *cloud.directory.refuses.lock() = true;
    let fault = cloud.call(&user(), "AssumeRole", &ASSUME).await.unwrap_err();
    assert_eq!((&*fault.code, fault.status), ("AccessDenied", 403));
    assert_eq!(fault.message, "arn:aws:iam::123456789012:user/ann may not");
}

#[tokio::test]
async fn assume_role_validates() {
    let cloud = Cloud::new();
    // Recorded.
    for arn in [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
    ] {
        let params = [("RoleArn", arn), ASSUME[1]];
        let (code, message) = refused(cloud.call(&user(), "AssumeRole", &params).await);
        assert_eq!((&*code, &*message), ("ValidationError", &*format!("{arn} is invalid")));
    }
    let params = [ASSUME[0], ("RoleSessionName", "Session1:2")];
    let (code, message) = refused(cloud.call(&user(), "AssumeRole", &params).await);
    assert_eq!(code, "ValidationError");
    assert_eq!(
        message,
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: Member \
         must satisfy regular expression pattern: [\\w+=,.@-]*"
    );
    let bad = [ASSUME[0], ASSUME[1], ("Policy", "{}")];
    let (code, message) = refused(cloud.call(&user(), "AssumeRole", &bad).await);
    assert_eq!((&*code, &*message), ("MalformedPolicyDocument", "Syntax errors in policy."));
    let long = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"*"}}}}{}"#,
        " ".repeat(2_048)
    );
    let long = [ASSUME[0], ASSUME[1], ("Policy", &*long)];
    assert_eq!(refused(cloud.call(&user(), "AssumeRole", &long).await).0, "PackedPolicyTooLarge");
}

#[tokio::test]
async fn durations_of_role_sessions() {
    let cloud = Cloud::new();
    let long = [ASSUME[0], ASSUME[1], ("DurationSeconds", "43200")];
    let first = cloud.call(&user(), "AssumeRole", &long).await.unwrap();
    let short = [("RoleArn", SHORT_ROLE), ASSUME[1], ("DurationSeconds", "3601")];
    let (code, message) = refused(cloud.call(&user(), "AssumeRole", &short).await);
    assert_eq!(code, "ValidationError");
    assert!(message.contains("exceeds the MaxSessionDuration set for this role"), "{message}");
    let caller = cloud.caller_of(&first).await;
    let (_, message) = refused(cloud.call(&caller, "AssumeRole", &long).await);
    assert!(message.contains("exceeds the 1 hour session limit"), "{message}");
    let tiny = [ASSUME[0], ASSUME[1], ("DurationSeconds", "899")];
    assert_eq!(refused(cloud.call(&user(), "AssumeRole", &tiny).await).0, "ValidationError");
    let tiny = [ASSUME[0], ASSUME[1], ("DurationSeconds", "900")];
    cloud.call(&user(), "AssumeRole", &tiny).await.unwrap();
}

#[tokio::test]
async fn get_session_token() {
    let cloud = Cloud::new();
    let answer = cloud.call(&user(), "GetSessionToken", &[]).await.unwrap();
    assert_eq!(text(&answer, "Expiration"), "2023-11-15T10:13:20Z");
    let caller = cloud.caller_of(&answer).await;
    assert_eq!((caller.arn.clone(), caller.principal.clone()), (user().arn, user().principal));
    let fault = cloud.call(&caller, "GetSessionToken", &[]).await.unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
    assert_eq!(fault.message, "Cannot call GetSessionToken with session credentials");
    let root = Caller::root(account(), None);
    let answer = cloud.call(&root, "GetSessionToken", &[]).await.unwrap();
    assert_eq!(text(&answer, "Expiration"), "2023-11-14T23:13:20Z", "an hour for root users");
    assert_eq!(cloud.caller_of(&answer).await.arn, root.arn);
}

#[tokio::test]
async fn get_federation_token() {
    let cloud = Cloud::new();
    let answer = cloud.call(&user(), "GetFederationToken", &[("Name", "guest")]).await.unwrap();
    assert_eq!(text(&answer, "FederatedUserId"), "123456789012:guest");
    assert_eq!(text(&answer, "PackedPolicySize"), "0", "as recorded");
    let caller = cloud.caller_of(&answer).await;
    assert_eq!(caller.arn, "arn:aws:sts::123456789012:federated-user/guest");
    let name = "guest".to_string();
    let user_arn = Some(user().arn);
    assert_eq!(caller.principal, Principal::FederatedUser { name, user_arn });
    *cloud.directory.denies.lock() = true;
    let fault = cloud.call(&user(), "GetFederationToken", &[("Name", "guest")]).await.unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
    let asked = "sts:GetFederationToken arn:aws:sts::123456789012:federated-user/guest";
    assert!(fault.message.starts_with(asked), "{}", fault.message);
}

#[tokio::test]
async fn get_access_key_info() {
    let cloud = Cloud::new();
    let answer = cloud.call(&user(), "AssumeRole", &ASSUME).await.unwrap();
    let id = text(&answer, "AccessKeyId");
    for (id, account) in
        [(&*id, "123456789012"), ("222222222222222222222", ""), ("000000000042", "")]
    {
        let answer = cloud.call(&user(), "GetAccessKeyInfo", &[("AccessKeyId", id)]).await;
        match account {
            "" => assert_eq!(answer.unwrap_err().code, "ValidationError"),
            _ => assert_eq!(text(&answer.unwrap(), "Account"), account),
        }
    }
    *cloud.directory.denies.lock() = true;
    let fault = cloud.call(&user(), "GetAccessKeyInfo", &[("AccessKeyId", &id)]).await.unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
}

#[tokio::test]
async fn unbuilt_operations_say_so() {
    let cloud = Cloud::new();
    let params =
        [("TargetPrincipal", "123456789012"), ("TaskPolicyArn.arn", "arn:aws:iam::aws:policy/x")];
    let fault = cloud.call(&user(), "AssumeRoot", &params).await.unwrap_err();
    assert_eq!((&*fault.code, fault.status), ("NotImplemented", 501));
}

#[tokio::test]
async fn sessions_end() {
    use seams::{CredentialError, Credentials};
    let cloud = Cloud::new();
    let answer = cloud.call(&user(), "AssumeRole", &ASSUME).await.unwrap();
    let (id, token) = (text(&answer, "AccessKeyId"), text(&answer, "SessionToken"));
    cloud.clock.advance(Duration::from_secs(3_599));
    cloud.caller_of(&answer).await;
    cloud.clock.advance(Duration::from_secs(1));
    let ended = cloud.sts.look_up(&id, Some(&token), false).await;
    assert_eq!(ended.err(), Some(CredentialError::ExpiredToken));
}

#[tokio::test]
async fn messages_about_denials() {
    use seams::DenialMessages;
    let cloud = Cloud::new();
    let sealed = cloud.sts.seal(account(), "{\"allowed\":false}");
    let own = [("EncodedMessage", &*sealed)];
    let answer = cloud.call(&user(), "DecodeAuthorizationMessage", &own).await.unwrap();
    assert_eq!(text(&answer, "DecodedMessage").replace("&quot;", "\""), "{\"allowed\":false}");
    let sealed = cloud.sts.seal(base::AccountId::DEFAULT, "{}");
    let foreign = [("EncodedMessage", &*sealed)];
    let fault = cloud.call(&user(), "DecodeAuthorizationMessage", &foreign).await.unwrap_err();
    assert_eq!(fault.code, "InvalidAuthorizationMessageException");
    let params = [("EncodedMessage", "x")];
    let fault = cloud.call(&user(), "DecodeAuthorizationMessage", &params).await.unwrap_err();
    assert_eq!((&*fault.code, fault.status), ("InvalidAuthorizationMessageException", 400));
    *cloud.directory.denies.lock() = true;
    let fault = cloud.call(&user(), "DecodeAuthorizationMessage", &params).await.unwrap_err();
    assert_eq!(fault.code, "AccessDenied");
}

#[tokio::test]
async fn codes_of_devices() {
    let cloud = Cloud::new();
    let serial = ("SerialNumber", "arn:aws:iam::123456789012:mfa/ann");
    let with = |code| [ASSUME[0], ASSUME[1], serial, ("TokenCode", code)];
    let wrong = refused(cloud.call(&user(), "AssumeRole", &with("123456")).await);
    let text = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    assert_eq!(wrong, ("AccessDenied".to_string(), text.to_string()));
    *cloud.directory.code.lock() = Some("123456".to_string());
    let answer = cloud.call(&user(), "AssumeRole", &with("123456")).await.unwrap();
    assert!(cloud.directory.wished.lock().contains(&"mfa".to_string()));
    let caller = cloud.caller_of(&answer).await;
    assert!(caller.session.as_ref().unwrap().mfa_authenticated);
    let by_session = refused(cloud.call(&caller, "AssumeRole", &with("123456")).await);
    assert_eq!(by_session.0, "AccessDenied", "sessions have no devices");
    let half = refused(cloud.call(&user(), "AssumeRole", &with("123456")[..3]).await);
    assert!(half.1.contains("must provide both MFA serial number and one time pass code"));
    let answer = cloud.call(&user(), "GetSessionToken", &with("123456")[2..]).await.unwrap();
    assert!(cloud.caller_of(&answer).await.session.unwrap().mfa_authenticated);
    let answer = cloud.call(&user(), "GetSessionToken", &[]).await.unwrap();
    assert!(!cloud.caller_of(&answer).await.session.unwrap().mfa_authenticated);
}

#[tokio::test]
async fn packed_policies_have_a_limit() {
    let cloud = Cloud::new();
    let value = "v".repeat(250);
    let keys: Vec<String> = (1..=9).map(|n| format!("Tags.member.{n}.Key")).collect();
    let values: Vec<String> = (1..=9).map(|n| format!("Tags.member.{n}.Value")).collect();
    let names: Vec<String> = (1..=9).map(|n| format!("k{n}")).collect();
    let mut params = ASSUME.to_vec();
    for n in 0..9 {
        params.push((&keys[n], &names[n]));
        params.push((&values[n], &value));
    }
    let (code, message) = refused(cloud.call(&user(), "AssumeRole", &params).await);
    assert_eq!(code, "PackedPolicyTooLarge");
    assert_eq!(message, "Packed size of session tags consumes 111% of allotted space.");
}
