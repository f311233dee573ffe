use crate::ops::delete_log_group::delete_log_group;
use crate::ops::delete_retention_policy::delete_retention_policy;
use crate::ops::describe_log_groups::describe_log_groups;
use crate::ops::list_tags_for_resource::list_tags_for_resource;
use crate::ops::put_log_group_deletion_protection::put_log_group_deletion_protection;
use crate::ops::put_retention_policy::put_retention_policy;
use crate::ops::tag_log_group::tag_log_group;
use crate::ops::tag_resource::tag_resource;
use crate::ops::untag_resource::untag_resource;
use crate::testing::{Fixture, NOW_MS, no_group, told};
use std::collections::BTreeMap;
use wire::Error;
use wire_logs::*;

async fn describe(
    fixture: &Fixture,
    input: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, Error> {
    describe_log_groups(fixture.logs.clone(), fixture.cx.clone(), input).await
}

fn names(answer: &DescribeLogGroupsResponse) -> Vec<&str> {
    answer.log_groups.iter().flatten().filter_map(|group| group.log_group_name.as_deref()).collect()
}

#[tokio::test]
async fn a_new_group_is_described_as_recorded() {
    let fixture = Fixture::empty();
    fixture.create_group("/aws/lambda/f").await.unwrap();
    let answer = describe(&fixture, DescribeLogGroupsRequest::default()).await.unwrap();
    let group = &answer.log_groups.as_ref().unwrap()[0];
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f";
    assert_eq!(group.arn.as_deref(), Some(&*format!("{arn}:*")));
    assert_eq!(group.log_group_arn.as_deref(), Some(arn));
    assert_eq!(group.creation_time, Some(NOW_MS as i64));
    assert_eq!((group.stored_bytes, group.metric_filter_count), (Some(0), Some(0)));
    assert_eq!(group.log_group_class, Some(LogGroupClass::Standard));
    assert_eq!(group.deletion_protection_enabled, Some(false));
    assert_eq!((group.retention_in_days, answer.next_token), (None, None));
}

#[tokio::test]
async fn names_are_unique_and_bounded() {
    let fixture = Fixture::empty();
    fixture.create_group("g").await.unwrap();
    let (code, message) = told(fixture.create_group("g").await);
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(message, "The specified log group already exists");
    fixture.create_group(&"x".repeat(512)).await.unwrap();
    let (code, message) = told(fixture.create_group(&"x".repeat(513)).await);
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(
        message,
        "Invalid LogGroup or LogStream, both must have length less than or equal to 512."
    );
}

#[tokio::test]
async fn groups_are_found_by_prefix_pattern_and_page() {
    let fixture = Fixture::empty();
    for name in ["a/1", "a/2", "a/3", "b/1"] {
        fixture.create_group(name).await.unwrap();
    }
    let prefix = |prefix: &str, limit, next_token| DescribeLogGroupsRequest {
        log_group_name_prefix: Some(prefix.into()),
        limit,
        next_token,
        ..Default::default()
    };
    let first = describe(&fixture, prefix("a/", Some(2), None)).await.unwrap();
    assert_eq!(names(&first), ["a/1", "a/2"]);
    let rest = describe(&fixture, prefix("a/", Some(2), first.next_token)).await.unwrap();
    assert_eq!((names(&rest), rest.next_token.clone()), (vec!["a/3"], None));
    let pattern = DescribeLogGroupsRequest {
        log_group_name_pattern: Some("/1".into()),
        ..Default::default()
    };
    let found = describe(&fixture, pattern.clone()).await.unwrap();
    assert_eq!(names(&found), ["a/1", "b/1"]);
    assert_eq!(found.log_groups.unwrap()[0].stored_bytes, None);
    let both = DescribeLogGroupsRequest { log_group_name_prefix: Some("a".into()), ..pattern };
    assert_eq!(told(describe(&fixture, both).await).0, "InvalidParameterException");
    let named = DescribeLogGroupsRequest {
        log_group_identifiers: Some(vec![
            "b/1".into(),
            "missing".into(),
            "arn:aws:logs:us-east-1:000000000000:log-group:a/2".into(),
        ]),
        ..Default::default()
    };
    assert_eq!(names(&describe(&fixture, named).await.unwrap()), ["b/1", "a/2"]);
}

#[tokio::test]
async fn deleted_groups_are_gone() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "old")]).await.unwrap();
    let delete = |name: &str| {
        let input = DeleteLogGroupRequest { log_group_name: name.into() };
        delete_log_group(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    delete("g").await.unwrap();
    assert_eq!(told(delete("g").await), no_group());
    assert_eq!(told(fixture.put("s", &[(0, "x")]).await), no_group());
    // A new group of the same name has nothing of the old one.
    fixture.create_group("g").await.unwrap();
    assert_eq!(fixture.messages().await, [""; 0]);
    assert_eq!(
        told(fixture.put("s", &[(0, "x")]).await).1,
        "The specified log stream does not exist."
    );
}

#[tokio::test]
async fn protected_groups_stay() {
    let fixture = Fixture::empty();
    let input = CreateLogGroupRequest {
        log_group_name: "g".into(),
        deletion_protection_enabled: Some(true),
        ..Default::default()
    };
    crate::ops::create_log_group::create_log_group(fixture.logs.clone(), fixture.cx.clone(), input)
        .await
        .unwrap();
    let delete = || {
        let input = DeleteLogGroupRequest { log_group_name: "g".into() };
        delete_log_group(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    assert_eq!(told(delete().await).0, "ValidationException");
    let protect = |identifier: &str| {
        let input = PutLogGroupDeletionProtectionRequest {
            log_group_identifier: identifier.into(),
            deletion_protection_enabled: false,
        };
        put_log_group_deletion_protection(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    assert_eq!(told(protect("missing").await), no_group());
    protect("g").await.unwrap();
    delete().await.unwrap();
}

#[tokio::test]
async fn retention() {
    let fixture = Fixture::with_streams(&[]).await;
    let put = |group: &str, days| {
        let input =
            PutRetentionPolicyRequest { log_group_name: group.into(), retention_in_days: days };
        put_retention_policy(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    put("g", 14).await.unwrap();
    let shown = async || {
        let answer = describe(&fixture, DescribeLogGroupsRequest::default()).await.unwrap();
        answer.log_groups.unwrap()[0].retention_in_days
    };
    assert_eq!(shown().await, Some(14));
    let (code, message) = told(put("g", 2).await);
    assert_eq!(code, "InvalidParameterException");
    assert!(message.starts_with(
        "1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy constraint: \
         Member must satisfy enum value set: [1, 3, 5, 7, "
    ));
    assert_eq!(told(put("missing", 7).await), no_group());
    let input = DeleteRetentionPolicyRequest { log_group_name: "g".into() };
    delete_retention_policy(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    assert_eq!(shown().await, None);
}

/// The recorded case `test_tag_resource_api`.
#[tokio::test]
async fn tags() {
    let fixture = Fixture::with_streams(&[]).await;
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    let map = |tags: &[(&str, &str)]| -> BTreeMap<String, String> {
        tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    };
    let shown = async || {
        let input = ListTagsForResourceRequest { resource_arn: arn.into() };
        let listed = list_tags_for_resource(fixture.logs.clone(), fixture.cx.clone(), input);
        listed.await.unwrap().tags.unwrap()
    };
    let tags = map(&[("env", "testing1"), ("test1", "val1")]);
    let input = TagResourceRequest { resource_arn: arn.into(), tags };
    tag_resource(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    let tags = map(&[("test1", "new"), ("test2", "val2")]);
    let input = TagLogGroupRequest { log_group_name: "g".into(), tags };
    tag_log_group(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    assert_eq!(shown().await, map(&[("env", "testing1"), ("test1", "new"), ("test2", "val2")]));
    let tag_keys = vec!["env".into(), "test1".into(), "missing".into()];
    let input = UntagResourceRequest { resource_arn: arn.into(), tag_keys };
    untag_resource(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    assert_eq!(shown().await, map(&[("test2", "val2")]));
    let many = (0..50).map(|i| (format!("k{i}"), String::new())).collect();
    let input = TagResourceRequest { resource_arn: arn.into(), tags: many };
    let refused = tag_resource(fixture.logs.clone(), fixture.cx.clone(), input).await;
    assert_eq!(told(refused).0, "TooManyTagsException");
    assert_eq!(shown().await.len(), 1);
    let input = ListTagsForResourceRequest { resource_arn: format!("{arn}-missing") };
    let missing = list_tags_for_resource(fixture.logs.clone(), fixture.cx.clone(), input).await;
    assert_eq!(told(missing), no_group());
}
