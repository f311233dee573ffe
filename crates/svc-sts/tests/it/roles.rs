use crate::cloud::{Cloud, ROLE, account, user};
use base::Region;
use seams::{Credentials, Roles, ServiceSession};
use std::time::Duration;

const LAMBDA: &str = "lambda.amazonaws.com";

#[tokio::test]
async fn a_service_takes_on_a_role() {
    let cloud = Cloud::new();
    let function = "arn:aws:lambda:us-east-1:123456789012:function:my-function";
    let session = ServiceSession {
        name: "my-function",
        duration: Duration::from_secs(3_600),
        source_function_arn: Some(function),
    };
    let region = Region::default();
    let made = cloud.sts.assume_for_service(account(), &region, ROLE, LAMBDA, session).await;
    let made = made.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(made.caller.arn, "arn:aws:sts::123456789012:assumed-role/work/my-function");
    let found = cloud.sts.look_up(&made.access_key_id, Some(&made.session_token), false).await;
    let found = found.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(found.secret_access_key, made.secret_access_key);
    assert_eq!(found.caller, made.caller);
    let session = found.caller.session.as_ref().unwrap();
    assert_eq!(session.source_function_arn.as_deref(), Some(function));
}

#[tokio::test]
async fn roles_must_exist_and_trust_the_service() {
    let cloud = Cloud::new();
    cloud.sts.check_assumable(account(), ROLE, LAMBDA).await.unwrap();
    let missing = "arn:aws:iam::123456789012:role/missing";
    let error = cloud.sts.check_assumable(account(), missing, LAMBDA).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (404, "NoSuchEntity"));
    let other = base::AccountId::DEFAULT;
    let error = cloud.sts.check_assumable(other, ROLE, LAMBDA).await.unwrap_err();
    assert_eq!(error.status, 404, "a role of another account");
    *cloud.directory.refuses.lock() = true;
    let error = cloud.sts.check_assumable(account(), ROLE, LAMBDA).await.unwrap_err();
    assert_eq!((error.status, &*error.code), (403, "AccessDenied"));
}

#[tokio::test]
async fn passing_a_role_is_a_permission() {
    let cloud = Cloud::new();
    let cx = cloud.cx(&user());
    cloud.sts.check_pass(&cx, ROLE, LAMBDA).await.unwrap();
    *cloud.directory.denies.lock() = true;
    let error = cloud.sts.check_pass(&cx, ROLE, LAMBDA).await.unwrap_err();
    assert!(error.message.starts_with(&format!("iam:PassRole {ROLE}")), "{error}");
    assert!(error.message.contains("iam:PassedToService") && error.message.contains(LAMBDA));
}
