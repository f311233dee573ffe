use crate::ops::delete_log_stream::delete_log_stream;
use crate::ops::describe_log_streams::describe_log_streams;
use crate::testing::{Fixture, NOW_MS, no_group, told};
use wire::Error;
use wire_logs::*;

async fn describe(
    fixture: &Fixture,
    input: DescribeLogStreamsRequest,
) -> Result<DescribeLogStreamsResponse, Error> {
    let input = DescribeLogStreamsRequest { log_group_name: Some("g".into()), ..input };
    describe_log_streams(fixture.logs.clone(), fixture.cx.clone(), input).await
}

fn names(answer: &DescribeLogStreamsResponse) -> Vec<&str> {
    let streams = answer.log_streams.iter().flatten();
    streams.filter_map(|stream| stream.log_stream_name.as_deref()).collect()
}

#[tokio::test]
async fn described_as_recorded() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let shown = async || {
        let answer = describe(&fixture, DescribeLogStreamsRequest::default()).await.unwrap();
        answer.log_streams.unwrap().remove(0)
    };
    let empty = shown().await;
    assert_eq!(
        empty.arn.as_deref(),
        Some("arn:aws:logs:us-east-1:000000000000:log-group:g:log-stream:s")
    );
    assert_eq!((empty.stored_bytes, empty.creation_time), (Some(0), Some(NOW_MS as i64)));
    assert_eq!((empty.first_event_timestamp, empty.last_ingestion_time), (None, None));
    assert_eq!(empty.upload_sequence_token, None);
    let put = fixture.put("s", &[(-5, "a"), (3, "b")]).await.unwrap();
    fixture.put("s", &[(-9, "late")]).await.unwrap();
    let full = shown().await;
    assert_eq!(full.first_event_timestamp, Some(NOW_MS as i64 - 9));
    assert_eq!(full.last_event_timestamp, Some(NOW_MS as i64 + 3));
    assert_eq!(full.last_ingestion_time, Some(NOW_MS as i64));
    let token = full.upload_sequence_token.unwrap();
    assert_eq!(token.len(), 56);
    assert_ne!(Some(token), put.next_sequence_token);
}

#[tokio::test]
async fn names_are_unique_in_their_group() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let (code, message) = told(fixture.create_stream("g", "s").await);
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(message, "The specified log stream already exists");
    assert_eq!(told(fixture.create_stream("missing", "s").await), no_group());
    let too_long = told(fixture.create_stream("g", &"ä".repeat(257)).await);
    assert_eq!(too_long.0, "InvalidParameterException");
}

#[tokio::test]
async fn in_the_order_of_names() {
    let fixture = Fixture::with_streams(&["b/2", "a", "b/1", "b/3"]).await;
    let input = |descending, next_token| DescribeLogStreamsRequest {
        log_stream_name_prefix: Some("b/".into()),
        descending,
        limit: Some(2),
        next_token,
        ..Default::default()
    };
    let first = describe(&fixture, input(None, None)).await.unwrap();
    assert_eq!(names(&first), ["b/1", "b/2"]);
    let rest = describe(&fixture, input(None, first.next_token)).await.unwrap();
    assert_eq!((names(&rest), &rest.next_token), (vec!["b/3"], &None));
    let first = describe(&fixture, input(Some(true), None)).await.unwrap();
    assert_eq!(names(&first), ["b/3", "b/2"]);
    let rest = describe(&fixture, input(Some(true), first.next_token)).await.unwrap();
    assert_eq!(names(&rest), ["b/1"]);
}

#[tokio::test]
async fn in_the_order_of_their_last_events() {
    let fixture = Fixture::with_streams(&["a", "b", "c", "d"]).await;
    fixture.put("b", &[(1, "x")]).await.unwrap();
    fixture.put("c", &[(1, "x")]).await.unwrap();
    fixture.put("a", &[(2, "x")]).await.unwrap();
    let input = |descending, next_token| DescribeLogStreamsRequest {
        order_by: Some(OrderBy::LastEventTime),
        descending,
        limit: Some(3),
        next_token,
        ..Default::default()
    };
    let first = describe(&fixture, input(Some(true), None)).await.unwrap();
    assert_eq!(names(&first), ["a", "c", "b"]);
    let rest = describe(&fixture, input(Some(true), first.next_token)).await.unwrap();
    assert_eq!((names(&rest), &rest.next_token), (vec!["d"], &None));
    let first = describe(&fixture, input(None, None)).await.unwrap();
    assert_eq!(names(&first), ["d", "b", "c"]);
    let rest = describe(&fixture, input(None, first.next_token)).await.unwrap();
    assert_eq!(names(&rest), ["a"]);
    let with_prefix =
        DescribeLogStreamsRequest { log_stream_name_prefix: Some("a".into()), ..input(None, None) };
    assert_eq!(
        told(describe(&fixture, with_prefix).await).1,
        "Cannot order by LastEventTime with a logStreamNamePrefix."
    );
    let bad = describe(&fixture, input(None, Some("x".into()))).await;
    assert_eq!(told(bad).1, "The specified nextToken is invalid.");
}

#[tokio::test]
async fn groups_are_named_or_identified() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let describe = |name: Option<&str>, identifier: Option<&str>| {
        let input = DescribeLogStreamsRequest {
            log_group_name: name.map(String::from),
            log_group_identifier: identifier.map(String::from),
            ..Default::default()
        };
        describe_log_streams(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g";
    for identifier in ["g", arn] {
        assert_eq!(names(&describe(None, Some(identifier)).await.unwrap()), ["s"]);
    }
    assert_eq!(told(describe(Some("missing"), None).await), no_group());
    assert_eq!(told(describe(Some("g"), Some("g")).await).0, "InvalidParameterException");
    assert_eq!(told(describe(None, None).await).0, "InvalidParameterException");
}

#[tokio::test]
async fn deleted_streams_are_gone_with_their_events() {
    let fixture = Fixture::with_streams(&["s", "t"]).await;
    fixture.put("s", &[(0, "old")]).await.unwrap();
    fixture.put("t", &[(0, "kept")]).await.unwrap();
    let delete = || {
        let input =
            DeleteLogStreamRequest { log_group_name: "g".into(), log_stream_name: "s".into() };
        delete_log_stream(fixture.logs.clone(), fixture.cx.clone(), input)
    };
    delete().await.unwrap();
    assert_eq!(told(delete().await).1, "The specified log stream does not exist.");
    assert_eq!(fixture.messages().await, ["kept"]);
    fixture.create_stream("g", "s").await.unwrap();
    assert_eq!(fixture.messages().await, ["kept"]);
}
