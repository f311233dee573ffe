//! What callers need: driven through the routes, as requests are.

use crate::testing::Fixture;
use rt::Service;
use serde_json::{Value, json};
use wire::{Protocol, Request};

async fn call(fixture: &Fixture, operation: &str, input: Value) -> Result<u16, String> {
    let request = Request {
        method: http::Method::POST,
        path: "/".into(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: input.to_string().into_bytes().into(),
    };
    let routes = fixture.logs.clone().routes();
    let operation = wire_logs::SERVICE.operation(operation).expect("an operation");
    let called = routes.call(
        Protocol::AwsJson,
        operation,
        request,
        fixture.cx.clone(),
        &*fixture.authorizer,
    );
    called.await.map(|answer| answer.status).map_err(|error| {
        let code = error.code(&wire_logs::SERVICE, Protocol::AwsJson);
        format!("{code}: {}", error.message())
    })
}

const PREFIX: &str = "arn:aws:logs:us-east-1:000000000000:log-group:";

#[tokio::test]
async fn every_operation_asks_for_its_action_and_resource() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let arn = format!("{PREFIX}g");
    let group = json!({"logGroupName": "g"});
    let stream = json!({"logGroupName": "g", "logStreamName": "s"});
    let tags = json!({"logGroupName": "g", "tags": {"k": "v"}});
    let with = |extra: Value| {
        let mut input = stream.clone();
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        input
    };
    let put = with(json!({"logEvents": [{"timestamp": 1, "message": "m"}]}));
    let filter = json!({"logGroupName": "g", "filterName": "f", "filterPattern": "", "metricTransformations":
        [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]});
    let try_filter = json!({"filterPattern": "", "logEventMessages": ["m"]});
    let cases = [
        ("CreateLogGroup", group.clone(), "g:log-stream:"),
        ("DeleteLogGroup", group.clone(), "g:log-stream:"),
        ("DescribeLogGroups", json!({}), ":log-stream:"),
        ("PutRetentionPolicy", json!({"logGroupName": "g", "retentionInDays": 1}), "g:log-stream:"),
        ("DeleteRetentionPolicy", group.clone(), "g:log-stream:"),
        (
            "PutSubscriptionFilter",
            json!({"logGroupName": "g", "filterName": "f", "filterPattern": "",
                "destinationArn": "arn:aws:lambda:us-east-1:000000000000:function:f"}),
            "g:log-stream:",
        ),
        ("DescribeSubscriptionFilters", group.clone(), "g:log-stream:"),
        (
            "DeleteSubscriptionFilter",
            json!({"logGroupName": "g", "filterName": "f"}),
            "g:log-stream:",
        ),
        (
            "PutLogGroupDeletionProtection",
            json!({"logGroupIdentifier": arn, "deletionProtectionEnabled": true}),
            "g:log-stream:",
        ),
        (
            "AssociateKmsKey",
            json!({"logGroupName": "g", "kmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/k"}),
            "g:log-stream:",
        ),
        ("DisassociateKmsKey", group.clone(), "g:log-stream:"),
        ("CreateLogStream", stream.clone(), "g:log-stream:s"),
        ("DeleteLogStream", stream.clone(), "g:log-stream:s"),
        ("DescribeLogStreams", group.clone(), "g:log-stream:"),
        ("PutLogEvents", put, "g:log-stream:s"),
        ("GetLogEvents", stream.clone(), "g:log-stream:s"),
        ("FilterLogEvents", group.clone(), "g:log-stream:"),
        ("TagLogGroup", tags, "g:log-stream:"),
        ("UntagLogGroup", json!({"logGroupName": "g", "tags": ["k"]}), "g:log-stream:"),
        ("ListTagsLogGroup", group.clone(), "g:log-stream:"),
        ("TagResource", json!({"resourceArn": arn, "tags": {"k": "v"}}), "g"),
        ("UntagResource", json!({"resourceArn": arn, "tagKeys": ["k"]}), "g"),
        ("ListTagsForResource", json!({"resourceArn": arn}), "g"),
        ("PutMetricFilter", filter, "g:log-stream:"),
        ("DescribeMetricFilters", json!({}), ":log-stream:"),
        ("DeleteMetricFilter", json!({"logGroupName": "g", "filterName": "f"}), "g:log-stream:"),
        ("TestMetricFilter", try_filter, "*"),
        ("PutResourcePolicy", json!({"policyName": "p", "policyDocument": "{}"}), "*"),
        ("DescribeResourcePolicies", json!({}), "*"),
        ("DeleteResourcePolicy", json!({"policyName": "p"}), "*"),
        ("StartLiveTail", json!({"logGroupIdentifiers": [arn]}), "g:log-stream:"),
    ];
    let mut names: Vec<&str> = cases.iter().map(|(name, ..)| *name).collect();
    names.sort_unstable();
    assert_eq!(names, fixture.logs.clone().routes().names(), "every operation has a case");
    for (operation, input, resource) in cases {
        fixture.authorizer.asked.lock().clear();
        let action: &'static str = format!("logs:{operation}").leak();
        *fixture.authorizer.denied.lock() = vec![action];
        let denied = call(&fixture, operation, input).await;
        assert_eq!(denied, Err("AccessDeniedException: no".into()), "{operation}");
        let resource = if resource == "*" { "*".into() } else { format!("{PREFIX}{resource}") };
        let asked = fixture.authorizer.asked.lock().clone();
        assert_eq!(asked, [(action.to_string(), resource)], "{operation}");
    }
}

#[tokio::test]
async fn tags_of_a_new_group_need_their_own_permission() {
    let fixture = Fixture::empty();
    *fixture.authorizer.denied.lock() = vec!["logs:TagResource"];
    let input = json!({"logGroupName": "g", "tags": {"k": "v"}});
    assert!(call(&fixture, "CreateLogGroup", input.clone()).await.is_err());
    assert_eq!(call(&fixture, "CreateLogGroup", json!({"logGroupName": "g"})).await, Ok(200));
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let fixture = Fixture::empty();
    let refused = call(&fixture, "StartQuery", json!({})).await.unwrap_err();
    assert!(refused.starts_with("NotImplemented"), "{refused}");
}

/// The recorded texts of violations of the model.
#[tokio::test]
async fn violations_of_the_model() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let input = json!({"logGroupName": "g", "logStreamName": "s", "limit": 10_001});
    assert_eq!(
        call(&fixture, "GetLogEvents", input).await.unwrap_err(),
        "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy \
         constraint: Member must have value less than or equal to 10000"
    );
    let input = json!({"logGroupName": "x".repeat(513)});
    assert_eq!(
        call(&fixture, "CreateLogGroup", input).await.unwrap_err(),
        "InvalidParameterException: Invalid LogGroup or LogStream, \
         both must have length less than or equal to 512."
    );
}
