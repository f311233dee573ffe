use crate::limits;
use crate::loops::subscription_delivery::deliver_all;
use crate::ops::delete_log_group::delete_log_group;
use crate::ops::delete_subscription_filter::delete_subscription_filter;
use crate::ops::describe_subscription_filters::describe_subscription_filters;
use crate::ops::put_subscription_filter::put_subscription_filter;
use crate::tables::SUBSCRIBED_CHUNKS;
use crate::testing::{Fixture, NOW_MS, no_group, opened, told};
use std::time::Duration;
use store::Prefix;
use wire::{Error, Unit};
use wire_logs::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
const DATA: &str = "DATA_MESSAGE";

fn request(name: &str, pattern: &str) -> PutSubscriptionFilterRequest {
    PutSubscriptionFilterRequest {
        log_group_name: "g".into(),
        filter_name: name.into(),
        filter_pattern: pattern.into(),
        destination_arn: FUNCTION.into(),
        ..Default::default()
    }
}

async fn put(fixture: &Fixture, input: PutSubscriptionFilterRequest) -> Result<Unit, Error> {
    put_subscription_filter(fixture.logs.clone(), fixture.cx.clone(), input).await
}

async fn describe(fixture: &Fixture, limit: Option<i32>) -> DescribeSubscriptionFiltersResponse {
    let input = DescribeSubscriptionFiltersRequest {
        log_group_name: "g".into(),
        limit,
        ..Default::default()
    };
    describe_subscription_filters(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap()
}

async fn delete(fixture: &Fixture, name: &str) -> Result<Unit, Error> {
    let input =
        DeleteSubscriptionFilterRequest { log_group_name: "g".into(), filter_name: name.into() };
    delete_subscription_filter(fixture.logs.clone(), fixture.cx.clone(), input).await
}

/// Gives the loop as many turns as it wants now.
async fn settle(fixture: &Fixture) {
    for _ in 0..100 {
        let now = base::Clock::now(&*fixture.clock);
        match deliver_all(&fixture.logs).await.unwrap() {
            Some(next) if next <= now => {}
            _ => return,
        }
    }
    panic!("the loop does not settle");
}

fn waiting(fixture: &Fixture) -> usize {
    let keys = fixture.store.read(|view| view.scan_keys(&SUBSCRIBED_CHUNKS, Prefix::all(), 100));
    let keys: Result<Vec<_>, store::Error> = keys;
    keys.unwrap().len()
}

#[tokio::test]
async fn stored_described_and_deleted() {
    let fixture = Fixture::with_streams(&[]).await;
    put(&fixture, request("b", "ERROR")).await.unwrap();
    fixture.clock.advance(Duration::from_secs(1));
    put(&fixture, request("a", "")).await.unwrap();
    put(&fixture, request("b", "WARN")).await.unwrap();
    let filters = describe(&fixture, None).await.subscription_filters.unwrap();
    let names: Vec<_> = filters.iter().map(|filter| filter.filter_name.clone().unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(filters[1].filter_pattern.as_deref(), Some("WARN"));
    assert_eq!(filters[1].creation_time, Some(NOW_MS as i64));
    assert_eq!(filters[1].distribution, Some(Distribution::ByLogStream));
    assert_eq!(filters[1].apply_on_transformed_logs, Some(false));
    assert_eq!(filters[1].role_arn, None);
    let page = describe(&fixture, Some(1)).await;
    assert_eq!(page.next_token.as_deref(), Some("a"));
    let full = told(put(&fixture, request("c", "")).await);
    assert_eq!(full, ("LimitExceededException".into(), "Resource limit exceeded.".into()));
    // Every filter that was put tried its function once, and the refused one did not.
    assert_eq!(fixture.functions.messages("CONTROL_MESSAGE").len(), 3);
    delete(&fixture, "a").await.unwrap();
    let missing = told(delete(&fixture, "a").await);
    assert_eq!(missing.1, "The specified subscription filter does not exist.");
    assert_eq!(describe(&fixture, None).await.subscription_filters.unwrap().len(), 1);
    let group = DeleteLogGroupRequest { log_group_name: "g".into() };
    delete_log_group(fixture.logs.clone(), fixture.cx.clone(), group).await.unwrap();
    assert_eq!(told(put(&fixture, request("a", "")).await), no_group());
    fixture.create_group("g").await.unwrap();
    assert_eq!(describe(&fixture, None).await.subscription_filters.unwrap().len(), 0);
}

#[tokio::test]
async fn refused_filters() {
    let fixture = Fixture::with_streams(&[]).await;
    let with = |arn: &str| PutSubscriptionFilterRequest {
        destination_arn: arn.into(),
        ..request("f", "")
    };
    let code = async |input| told(put(&fixture, input).await).0;
    let text = async |input| told(put(&fixture, input).await).1;
    let kinesis = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    assert_eq!(
        text(with(kinesis)).await,
        "destinationArn for vendor kinesis cannot be used without roleArn"
    );
    let with_role = PutSubscriptionFilterRequest {
        role_arn: Some("arn:aws:iam::000000000000:role/r".into()),
        ..with(kinesis)
    };
    assert_eq!(code(with_role).await, "NotImplemented");
    let elsewhere = "arn:aws:lambda:us-east-1:000000000001:function:f";
    // Before the group is looked for.
    let elsewhere = PutSubscriptionFilterRequest { log_group_name: "x".into(), ..with(elsewhere) };
    assert_eq!(code(elsewhere).await, "AccessDeniedException");
    for malformed in ["nonsense", "arn:aws:lambda:us-east-1:000000000000:layer:l"] {
        assert_eq!(code(with(malformed)).await, "InvalidParameterException", "{malformed}");
    }
    assert_eq!(text(request("f", "a.b")).await, "Invalid filter pattern");
    let system_fields = PutSubscriptionFilterRequest {
        emit_system_fields: Some(vec!["@aws.account".into()]),
        ..request("f", "")
    };
    assert_eq!(code(system_fields).await, "NotImplemented");
    fixture.functions.fail(403, "AccessDeniedException");
    assert!(text(request("f", "")).await.starts_with("Could not execute the lambda function."));
    *fixture.functions.group.lock() = Some("g".into());
    assert!(text(request("f", "")).await.starts_with("The log group provided is reserved for"));
    assert_eq!(describe(&fixture, None).await.subscription_filters.unwrap().len(), 0);
}

#[tokio::test]
async fn events_are_delivered_as_the_group() {
    let fixture = Fixture::with_streams(&["s", "t"]).await;
    fixture.put("s", &[(0, "before the filter")]).await.unwrap();
    put(&fixture, request("f", "[level, rest]")).await.unwrap();
    fixture.put("s", &[(1, "ERROR one"), (2, "alone"), (20_000, "ERROR two")]).await.unwrap();
    fixture.clock.advance(Duration::from_millis(1));
    fixture.put("t", &[(3, "WARN three")]).await.unwrap();
    settle(&fixture).await;
    assert_eq!(waiting(&fixture), 0);
    let sent = fixture.functions.sent.lock();
    let (cx, function, payload) = &sent[1];
    assert_eq!(function, FUNCTION);
    assert_eq!(cx.caller.arn, "logs.us-east-1.amazonaws.com");
    let source = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
    assert_eq!(cx.source_arn.as_ref().unwrap().as_str(), source);
    let document = opened(payload);
    assert_eq!(document["owner"], "000000000000");
    assert_eq!((&document["logGroup"], &document["logStream"]), (&"g".into(), &"s".into()));
    assert_eq!(document["subscriptionFilters"], serde_json::json!(["f"]));
    let event = &document["logEvents"][0];
    assert_eq!(event["timestamp"], NOW_MS + 1);
    assert_eq!(event["id"].as_str().unwrap().len(), 56);
    assert_eq!(event["extractedFields"], serde_json::json!({"level": "ERROR", "rest": "one"}));
    drop(sent);
    let mut messages = fixture.functions.messages(DATA);
    messages.sort();
    assert_eq!(messages, ["ERROR one", "ERROR two", "WARN three"]);
}

#[tokio::test]
async fn what_was_not_delivered_is_after_a_restart() {
    let fixture = Fixture::with_streams(&["s"]).await;
    put(&fixture, request("f", "")).await.unwrap();
    fixture.put("s", &[(1, "one")]).await.unwrap();
    let later = Fixture::over(fixture.store.clone());
    settle(&later).await;
    assert_eq!(later.functions.messages(DATA), ["one"]);
}

#[tokio::test]
async fn who_is_busy_is_tried_again_for_a_day() {
    let fixture = Fixture::with_streams(&["s"]).await;
    put(&fixture, request("f", "")).await.unwrap();
    fixture.put("s", &[(1, "one")]).await.unwrap();
    for pause_s in [1, 2, 4] {
        fixture.functions.fail(429, "TooManyRequestsException");
        settle(&fixture).await;
        assert_eq!(waiting(&fixture), 1);
        fixture.clock.advance(Duration::from_secs(pause_s) - Duration::from_millis(1));
        settle(&fixture).await;
        assert_eq!(fixture.functions.messages(DATA), [""; 0]);
        fixture.clock.advance(Duration::from_millis(1));
    }
    settle(&fixture).await;
    assert_eq!((fixture.functions.messages(DATA), waiting(&fixture)), (vec!["one".into()], 0));
    fixture.put("s", &[(1, "two")]).await.unwrap();
    fixture.functions.fail(500, "ServiceException");
    settle(&fixture).await;
    fixture.clock.advance(limits::SUBSCRIPTION_RETRY_MAX + Duration::from_millis(1));
    settle(&fixture).await;
    assert_eq!((fixture.functions.messages(DATA), waiting(&fixture)), (vec!["one".into()], 0));
}

#[tokio::test]
async fn who_refuses_is_left_alone_for_a_while() {
    let fixture = Fixture::with_streams(&["s"]).await;
    put(&fixture, request("f", "")).await.unwrap();
    fixture.put("s", &[(1, "one")]).await.unwrap();
    fixture.functions.fail(403, "AccessDeniedException");
    settle(&fixture).await;
    assert_eq!(waiting(&fixture), 0);
    fixture.put("s", &[(2, "two")]).await.unwrap();
    settle(&fixture).await;
    assert_eq!((fixture.functions.messages(DATA), waiting(&fixture)), (Vec::new(), 0));
    fixture.clock.advance(limits::SUBSCRIPTION_DISABLED);
    fixture.put("s", &[(3, "three")]).await.unwrap();
    settle(&fixture).await;
    assert_eq!(fixture.functions.messages(DATA), ["three"]);
    // The function was told to write here meanwhile.
    *fixture.functions.group.lock() = Some("g".into());
    fixture.put("s", &[(4, "four")]).await.unwrap();
    settle(&fixture).await;
    assert_eq!(fixture.functions.messages(DATA), ["three"]);
}

#[tokio::test]
async fn deleted_filters_deliver_nothing() {
    let fixture = Fixture::with_streams(&["s"]).await;
    put(&fixture, request("f", "")).await.unwrap();
    fixture.put("s", &[(1, "one")]).await.unwrap();
    delete(&fixture, "f").await.unwrap();
    put(&fixture, request("f", "")).await.unwrap();
    settle(&fixture).await;
    assert_eq!((fixture.functions.messages(DATA), waiting(&fixture)), (Vec::new(), 0));
}

#[tokio::test]
async fn many_events_are_few_deliveries() {
    let fixture = Fixture::with_streams(&["s"]).await;
    put(&fixture, request("f", "")).await.unwrap();
    let many: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    for (at, message) in many.iter().enumerate() {
        fixture.put("s", &[(at as i64, message)]).await.unwrap();
    }
    settle(&fixture).await;
    assert_eq!(fixture.functions.messages(DATA), many);
    let deliveries = fixture.functions.sent.lock().len() - 1;
    assert_eq!(deliveries, 300_usize.div_ceil(limits::SUBSCRIBED_CHUNKS_READ));
}
