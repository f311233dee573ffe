use crate::cloud::{Cloud, ROLE, ROOT_KEY, USER_KEY, text, user};
use seams::{CredentialError, Credentials, Principal};
use std::sync::Arc;
use std::sync::atomic::Ordering;

async fn session(cloud: &Cloud) -> (String, String) {
    let params = [("RoleArn", ROLE), ("RoleSessionName", "mine")];
    let answer = cloud.call(&user(), "AssumeRole", &params).await.unwrap();
    (text(&answer, "AccessKeyId"), text(&answer, "SessionToken"))
}

async fn error(cloud: &Cloud, id: &str, token: Option<&str>) -> CredentialError {
    cloud.sts.look_up(id, token, true).await.err().expect("the credentials are refused")
}

#[tokio::test]
async fn root_users_are_known_on_this_machine_only() {
    let cloud = Cloud::new();
    for (id, account) in [("test", "000000000000"), ("123456789012", "123456789012")] {
        for token in [None, Some("whatever")] {
            let found =
                cloud.sts.look_up(id, token, true).await.unwrap_or_else(|e| panic!("{e:?}"));
            assert_eq!(found.secret_access_key, "test");
            assert_eq!(found.caller.principal, Principal::Root);
            assert_eq!(found.caller.account.to_string(), account);
            let refused = cloud.sts.look_up(id, token, false).await.err();
            assert_eq!(refused, Some(CredentialError::NotFromLoopback));
        }
    }
}

#[tokio::test]
async fn a_generated_root_key_counts_from_anywhere() {
    let cloud = Cloud::new();
    for from_loopback in [true, false] {
        let found = cloud.sts.look_up(ROOT_KEY, None, from_loopback).await;
        let found = found.unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(found.secret_access_key, "generated");
        assert_eq!(found.caller.arn, "arn:aws:iam::000000000000:root");
    }
}

#[tokio::test]
async fn long_term_keys() {
    let cloud = Cloud::new();
    let found = cloud.sts.look_up(USER_KEY, None, false).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(found.caller.arn, user().arn);
    let again = cloud.sts.look_up(USER_KEY, None, false).await.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(Arc::ptr_eq(&found, &again), "kept in memory");
    assert_eq!(error(&cloud, "AKIAUNKNOWN", None).await, CredentialError::UnknownAccessKey);
    assert_eq!(error(&cloud, USER_KEY, Some("token")).await, CredentialError::InvalidToken);
}

#[tokio::test]
async fn tokens_belong_to_their_key_and_cloud() {
    let cloud = Cloud::new();
    let (id, token) = session(&cloud).await;
    let (other_id, other_token) = session(&cloud).await;
    assert_ne!((&id, &token), (&other_id, &other_token));
    let invalid = CredentialError::InvalidToken;
    assert_eq!(error(&cloud, &id, None).await, invalid);
    assert_eq!(error(&cloud, &id, Some(&other_token)).await, invalid);
    assert_eq!(error(&cloud, &id, Some("forged")).await, invalid);
    assert_eq!(error(&cloud, &id, Some(&token[..token.len() - 4])).await, invalid);
    let other_cloud = Cloud::with_root_key([8; 32]);
    assert_eq!(error(&other_cloud, &id, Some(&token)).await, invalid);
    let after_restart = Cloud::new();
    assert!(after_restart.sts.look_up(&id, Some(&token), false).await.is_ok());
}

#[tokio::test]
async fn sessions_end_with_their_role() {
    let cloud = Cloud::new();
    let (id, token) = session(&cloud).await;
    assert!(cloud.sts.look_up(&id, Some(&token), false).await.is_ok());
    cloud.directory.roles_made_again.fetch_add(1, Ordering::Relaxed);
    cloud.directory.generation.fetch_add(1, Ordering::Relaxed);
    assert_eq!(error(&cloud, &id, Some(&token)).await, CredentialError::InvalidToken);
}
