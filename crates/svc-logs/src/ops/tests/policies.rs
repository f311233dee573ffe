use crate::limits;
use crate::ops::delete_resource_policy::delete_resource_policy;
use crate::ops::describe_resource_policies::describe_resource_policies;
use crate::ops::put_resource_policy::put_resource_policy;
use crate::routes::{PUT_LOG_EVENTS, write_request};
use crate::testing::{Fixture, NOW_MS, told};
use wire::Error;
use wire_logs::*;

const DOCUMENT: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
    "Principal": {"Service": "route53.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}}"#;

async fn put(
    fixture: &Fixture,
    name: &str,
    document: &str,
) -> Result<PutResourcePolicyResponse, Error> {
    let input = PutResourcePolicyRequest {
        policy_name: Some(name.into()),
        policy_document: Some(document.into()),
        ..Default::default()
    };
    put_resource_policy(fixture.logs.clone(), fixture.cx.clone(), input).await
}

#[tokio::test]
async fn stored_described_and_deleted() {
    let fixture = Fixture::empty();
    for name in ["b", "a", "c"] {
        put(&fixture, name, DOCUMENT).await.unwrap();
    }
    let answer = put(&fixture, "a", DOCUMENT).await.unwrap().resource_policy.unwrap();
    assert_eq!(answer.policy_document.as_deref(), Some(DOCUMENT));
    assert_eq!(answer.last_updated_time, Some(NOW_MS as i64));
    assert_eq!(answer.policy_scope, Some(PolicyScope::Account));
    let page = async |next_token| {
        let input =
            DescribeResourcePoliciesRequest { limit: Some(2), next_token, ..Default::default() };
        let page = describe_resource_policies(fixture.logs.clone(), fixture.cx.clone(), input);
        let page = page.await.unwrap();
        let policies = page.resource_policies.unwrap().into_iter();
        (policies.filter_map(|policy| policy.policy_name).collect::<Vec<_>>(), page.next_token)
    };
    let (names, token) = page(None).await;
    assert_eq!(names, ["a", "b"]);
    assert_eq!(page(token).await, (vec!["c".to_string()], None));
    let delete = || {
        let input =
            DeleteResourcePolicyRequest { policy_name: Some("a".into()), ..Default::default() };
        delete_resource_policy(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    delete().await.unwrap();
    assert_eq!(told(delete().await).1, "Policy with name [a] does not exist.");
}

#[tokio::test]
async fn checked() {
    let fixture = Fixture::empty();
    let unknown = DOCUMENT.replace("Principal", "Principle");
    for document in ["", "{}", "[]", r#"{"Statement": 1}"#, &unknown] {
        assert_eq!(told(put(&fixture, "p", document).await).0, "InvalidParameterException");
    }
    // The largest ones fit together.
    let quotes = r#"\""#.repeat(limits::RESOURCE_POLICY_BYTES_MAX / 2 - 40);
    let large = format!(r#"{{"Statement": [], "Id": "{quotes}"}}"#);
    for i in 0..10 {
        put(&fixture, &format!("p{i}"), &large).await.unwrap();
    }
    let too_large = large + &" ".repeat(200);
    assert_eq!(told(put(&fixture, "p1", &too_large).await).0, "InvalidParameterException");
    let (code, message) = told(put(&fixture, "one more", DOCUMENT).await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("LimitExceededException", "Resource limit exceeded.")
    );
    put(&fixture, "p1", DOCUMENT).await.unwrap();
}

/// Whoever writes to a stream is decided about with all policies together.
#[tokio::test]
async fn part_of_the_decision() {
    let fixture = Fixture::empty();
    let asked = || write_request(&fixture.logs, &fixture.cx, PUT_LOG_EVENTS, "g", "s").unwrap();
    assert_eq!(asked().resource_policy, None);
    put(&fixture, "one", DOCUMENT).await.unwrap();
    put(&fixture, "two", DOCUMENT).await.unwrap();
    let policy = asked().resource_policy.unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 2);
    assert_eq!(statements[0]["Principal"]["Service"], "route53.amazonaws.com");
}
