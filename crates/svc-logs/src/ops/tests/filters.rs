use crate::ops::delete_metric_filter::delete_metric_filter;
use crate::ops::describe_metric_filters::describe_metric_filters;
use crate::ops::put_metric_filter::put_metric_filter;
use crate::ops::test_metric_filter::test_metric_filter;
use crate::testing::{Fixture, NOW_MS, no_group, told};
use wire::{Error, Unit};
use wire_logs::*;

fn transformation(name: &str) -> MetricTransformation {
    MetricTransformation {
        metric_name: name.into(),
        metric_namespace: "space".into(),
        metric_value: "1".into(),
        default_value: Some(0.0),
        ..Default::default()
    }
}

async fn put(
    fixture: &Fixture,
    name: &str,
    pattern: &str,
    metric: MetricTransformation,
) -> Result<Unit, Error> {
    let input = PutMetricFilterRequest {
        log_group_name: "g".into(),
        filter_name: name.into(),
        filter_pattern: pattern.into(),
        metric_transformations: vec![metric],
        ..Default::default()
    };
    put_metric_filter(fixture.logs.clone(), fixture.cx.clone(), input).await
}

async fn describe(
    fixture: &Fixture,
    input: DescribeMetricFiltersRequest,
) -> Result<DescribeMetricFiltersResponse, Error> {
    describe_metric_filters(fixture.logs.clone(), fixture.cx.clone(), input).await
}

fn names(answer: &DescribeMetricFiltersResponse) -> Vec<&str> {
    let filters = answer.metric_filters.iter().flatten();
    filters.filter_map(|filter| filter.filter_name.as_deref()).collect()
}

#[tokio::test]
async fn stored_described_and_deleted() {
    let fixture = Fixture::with_streams(&[]).await;
    put(&fixture, "f2", " ", transformation("m2")).await.unwrap();
    fixture.clock.advance(std::time::Duration::from_secs(1));
    put(&fixture, "f1", "ERROR", transformation("m1")).await.unwrap();
    put(&fixture, "f2", "WARN", transformation("m2")).await.unwrap();
    let all = describe(&fixture, DescribeMetricFiltersRequest::default()).await.unwrap();
    assert_eq!(names(&all), ["f1", "f2"]);
    let replaced = &all.metric_filters.unwrap()[1];
    assert_eq!(replaced.filter_pattern.as_deref(), Some("WARN"));
    assert_eq!(replaced.creation_time, Some(NOW_MS as i64));
    assert_eq!(replaced.apply_on_transformed_logs, Some(false));
    assert_eq!(replaced.metric_transformations.as_ref().unwrap()[0].default_value, Some(0.0));
    let page = |next_token| DescribeMetricFiltersRequest {
        limit: Some(1),
        next_token,
        log_group_name: Some("g".into()),
        ..Default::default()
    };
    let first = describe(&fixture, page(None)).await.unwrap();
    assert_eq!(names(&first), ["f1"]);
    let rest = describe(&fixture, page(first.next_token)).await.unwrap();
    assert_eq!((names(&rest), &rest.next_token), (vec!["f2"], &None));
    let by_metric = DescribeMetricFiltersRequest {
        metric_name: Some("m2".into()),
        metric_namespace: Some("space".into()),
        ..Default::default()
    };
    assert_eq!(names(&describe(&fixture, by_metric).await.unwrap()), ["f2"]);
    let delete = |name: &str| {
        let input =
            DeleteMetricFilterRequest { log_group_name: "g".into(), filter_name: name.into() };
        delete_metric_filter(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    delete("f2").await.unwrap();
    assert_eq!(told(delete("f2").await).1, "The specified metric filter does not exist.");
}

#[tokio::test]
async fn checked() {
    let fixture = Fixture::with_streams(&[]).await;
    assert_eq!(
        told(put(&fixture, "f", "{ $.a = 1", transformation("m")).await).1,
        "If a filter pattern starts with '{' it must end with '}'"
    );
    let dimensions = Some([("d".to_string(), "$.d".to_string())].into());
    let with_both = MetricTransformation { dimensions, ..transformation("m") };
    let refused = put(&fixture, "f", "{ $.d = * }", with_both.clone()).await;
    assert!(told(refused).1.contains("mutually exclusive"));
    let with_dimensions = MetricTransformation { default_value: None, ..with_both };
    assert_eq!(
        told(put(&fixture, "f", "ERROR", with_dimensions.clone()).await).1,
        "The specified filter pattern does not support dimensions"
    );
    put(&fixture, "f", "{ $.d = * }", with_dimensions).await.unwrap();
    for i in 0..99 {
        put(&fixture, &format!("f{i}"), "x", transformation("m")).await.unwrap();
    }
    let (code, message) = told(put(&fixture, "one too many", "x", transformation("m")).await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("LimitExceededException", "Resource limit exceeded.")
    );
    let half = DescribeMetricFiltersRequest { metric_name: Some("m".into()), ..Default::default() };
    assert_eq!(told(describe(&fixture, half).await).0, "InvalidParameterException");
    let other = DescribeMetricFiltersRequest {
        log_group_name: Some("missing".into()),
        ..Default::default()
    };
    assert_eq!(told(describe(&fixture, other).await), no_group());
}

/// AWS's own example of the operation.
#[tokio::test]
async fn tried() {
    let fixture = Fixture::empty();
    let messages = [
        r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 200 1534"#,
        r#"127.0.0.1 - frank [10/Oct/2000:13:35:22 -0700] "GET /apache_pb.gif HTTP/1.0" 500 5324"#,
        r#"127.0.0.1 - frank [10/Oct/2000:13:50:35 -0700] "GET /apache_pb.gif HTTP/1.0" 200 4355"#,
    ];
    let input = TestMetricFilterRequest {
        filter_pattern: "[..., status_code=200, size]".into(),
        log_event_messages: messages.map(String::from).into(),
    };
    let answer = test_metric_filter(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    let matches = answer.matches.unwrap();
    let numbers: Vec<_> = matches.iter().filter_map(|record| record.event_number).collect();
    assert_eq!(numbers, [0, 2]);
    let values = matches[1].extracted_values.as_ref().unwrap();
    assert_eq!(values["$size"], "4355");
    assert_eq!(values["$5"], "GET /apache_pb.gif HTTP/1.0");
    assert_eq!(matches[1].event_message.as_deref(), Some(messages[2]));
}
