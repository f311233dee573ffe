use crate::limits;
use crate::ops::get_log_events::get_log_events;
use crate::testing::{Fixture, NOW_MS, no_group, told};
use wire::Error;
use wire_logs::*;

async fn get(fixture: &Fixture, input: GetLogEventsRequest) -> Result<GetLogEventsResponse, Error> {
    let input = GetLogEventsRequest {
        log_group_name: Some("g".into()),
        log_stream_name: "s".into(),
        ..input
    };
    get_log_events(fixture.logs.clone(), fixture.cx.clone(), input).await
}

fn page(start_from_head: bool, limit: i32, token: Option<String>) -> GetLogEventsRequest {
    GetLogEventsRequest {
        start_from_head: Some(start_from_head),
        limit: Some(limit),
        next_token: token,
        ..Default::default()
    }
}

fn messages(answer: &GetLogEventsResponse) -> Vec<&str> {
    answer.events.iter().flatten().filter_map(|event| event.message.as_deref()).collect()
}

fn found(answer: &FilterLogEventsResponse) -> Vec<&str> {
    answer.events.iter().flatten().filter_map(|event| event.message.as_deref()).collect()
}

#[tokio::test]
async fn events_come_in_the_order_of_time_and_arrival() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(10, "c"), (30, "f")]).await.unwrap();
    fixture.put("s", &[(0, "a"), (10, "d"), (20, "e")]).await.unwrap();
    fixture.put("s", &[(-20_000, "z")]).await.unwrap();
    fixture.put("s", &[(10, "d2")]).await.unwrap();
    let answer = get(&fixture, GetLogEventsRequest::default()).await.unwrap();
    assert_eq!(messages(&answer), ["z", "a", "c", "d", "d2", "e", "f"]);
    let event = &answer.events.unwrap()[0];
    assert_eq!(event.timestamp, Some(NOW_MS as i64 - 20_000));
    assert_eq!(event.ingestion_time, Some(NOW_MS as i64));
    assert_eq!(fixture.messages().await, ["z", "a", "c", "d", "d2", "e", "f"]);
}

#[tokio::test]
async fn pages_forward_end_with_the_token_that_was_given() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "a"), (1, "b"), (2, "c")]).await.unwrap();
    let first = get(&fixture, page(true, 2, None)).await.unwrap();
    assert_eq!(messages(&first), ["a", "b"]);
    let second = get(&fixture, page(true, 2, first.next_forward_token)).await.unwrap();
    assert_eq!(messages(&second), ["c"]);
    let end = get(&fixture, page(true, 2, second.next_forward_token.clone())).await.unwrap();
    assert!(messages(&end).is_empty());
    assert_eq!(end.next_forward_token, second.next_forward_token);
    assert!(end.next_forward_token.as_ref().unwrap().starts_with("f/"));
    // The end is a place to wait.
    fixture.put("s", &[(2, "d")]).await.unwrap();
    let later = get(&fixture, page(true, 2, end.next_forward_token)).await.unwrap();
    assert_eq!(messages(&later), ["d"]);
    // The way back from the end begins with the last event.
    let back = get(&fixture, page(true, 2, end.next_backward_token)).await.unwrap();
    assert_eq!(messages(&back), ["b", "c"]);
}

#[tokio::test]
async fn pages_backward_begin_with_the_latest_events() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "a"), (1, "b"), (40_000, "c")]).await.unwrap();
    let first = get(&fixture, page(false, 2, None)).await.unwrap();
    assert_eq!(messages(&first), ["b", "c"]);
    let second = get(&fixture, page(false, 2, first.next_backward_token)).await.unwrap();
    assert_eq!(messages(&second), ["a"]);
    let end = get(&fixture, page(false, 2, second.next_backward_token.clone())).await.unwrap();
    assert!(messages(&end).is_empty());
    assert_eq!(end.next_backward_token, second.next_backward_token);
    let forward = get(&fixture, page(false, 9, end.next_forward_token)).await.unwrap();
    assert_eq!(messages(&forward), ["a", "b", "c"]);
}

#[tokio::test]
async fn an_empty_stream_can_be_waited_for() {
    let fixture = Fixture::with_streams(&["s"]).await;
    for start_from_head in [true, false] {
        let empty = get(&fixture, page(start_from_head, 5, None)).await.unwrap();
        assert!(messages(&empty).is_empty());
        let again = get(&fixture, page(true, 5, empty.next_forward_token.clone())).await.unwrap();
        assert_eq!(again.next_forward_token, empty.next_forward_token);
    }
    let empty = get(&fixture, page(false, 5, None)).await.unwrap();
    fixture.put("s", &[(0, "a")]).await.unwrap();
    let later = get(&fixture, page(false, 5, empty.next_forward_token)).await.unwrap();
    assert_eq!(messages(&later), ["a"]);
}

#[tokio::test]
async fn the_start_belongs_and_the_end_does_not() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "a"), (1, "b"), (2, "c")]).await.unwrap();
    for start_from_head in [true, false] {
        let input = GetLogEventsRequest {
            start_time: Some(NOW_MS as i64 + 1),
            end_time: Some(NOW_MS as i64 + 2),
            ..page(start_from_head, 10, None)
        };
        assert_eq!(messages(&get(&fixture, input).await.unwrap()), ["b"]);
    }
    // FilterLogEvents's end does.
    let input = FilterLogEventsRequest {
        start_time: Some(NOW_MS as i64 + 1),
        end_time: Some(NOW_MS as i64 + 2),
        ..Default::default()
    };
    assert_eq!(found(&fixture.filter(input).await.unwrap()), ["b", "c"]);
}

#[tokio::test]
async fn a_page_has_at_most_a_mebibyte() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let message = "x".repeat(300_000);
    fixture.put("s", &[(0, &message), (1, &message), (2, &message)]).await.unwrap();
    fixture.put("s", &[(3, &message), (4, &message)]).await.unwrap();
    let first = get(&fixture, page(true, 10_000, None)).await.unwrap();
    assert_eq!(messages(&first).len(), 3);
    let rest = get(&fixture, page(true, 10_000, first.next_forward_token)).await.unwrap();
    assert_eq!(messages(&rest).len(), 2);
}

#[tokio::test]
async fn large_messages_come_back_whole() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let message = "\u{7}ä".repeat(limits::MESSAGE_BYTES_MAX / 3);
    fixture.put("s", &[(0, &message)]).await.unwrap();
    fixture.put("s", &[(0, "small")]).await.unwrap();
    let answer = get(&fixture, page(true, 1, None)).await.unwrap();
    assert!(messages(&answer) == [message.as_str()]);
    assert!(fixture.messages().await == [message.as_str()]);
}

#[tokio::test]
async fn batches_are_checked() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let (code, message) = told(fixture.put("s", &[(1, "a"), (0, "b")]).await);
    assert_eq!(code, "InvalidParameterException");
    assert_eq!(
        message,
        "Log events in a single PutLogEvents request must be in chronological order."
    );
    assert_eq!(
        told(fixture.put("missing", &[(0, "a")]).await).1,
        "The specified log stream does not exist."
    );
    let two_hours = 2 * 3_600_000;
    let answer = fixture.put("s", &[(0, "kept"), (two_hours + 1, "too new")]).await.unwrap();
    let rejected = answer.rejected_log_events_info.unwrap();
    assert_eq!(rejected.too_new_log_event_start_index, Some(1));
    assert_eq!(rejected.too_old_log_event_end_index, None);
    let old = -15 * 24 * 3_600_000;
    let answer = fixture.put("s", &[(old, "too old")]).await.unwrap();
    assert_eq!(answer.next_sequence_token.unwrap().len(), 56);
    let rejected = answer.rejected_log_events_info.unwrap();
    assert_eq!(rejected.too_old_log_event_end_index, Some(1));
    assert_eq!(fixture.messages().await, ["kept"]);
}

#[tokio::test]
async fn a_search_merges_streams_and_pages() {
    let fixture = Fixture::with_streams(&["web/1", "web/2", "db"]).await;
    fixture.put("web/1", &[(0, "GET a"), (20, "POST c")]).await.unwrap();
    fixture.put("db", &[(5, "SELECT")]).await.unwrap();
    fixture.put("web/2", &[(10, "GET b"), (30_000, "GET d")]).await.unwrap();
    assert_eq!(fixture.messages().await, ["GET a", "SELECT", "GET b", "POST c", "GET d"]);
    let input = |next_token| FilterLogEventsRequest {
        filter_pattern: Some("GET".into()),
        limit: Some(2),
        next_token,
        ..Default::default()
    };
    let first = fixture.filter(input(None)).await.unwrap();
    assert_eq!(found(&first), ["GET a", "GET b"]);
    assert_eq!(first.searched_log_streams.as_ref().map(Vec::len), Some(0));
    let event = &first.events.as_ref().unwrap()[1];
    assert_eq!(event.log_stream_name.as_deref(), Some("web/2"));
    assert_eq!(event.event_id.as_ref().map(String::len), Some(56));
    let rest = fixture.filter(input(first.next_token)).await.unwrap();
    assert_eq!((found(&rest), &rest.next_token), (vec!["GET d"], &None));
    let by_prefix = FilterLogEventsRequest {
        log_stream_name_prefix: Some("web/".into()),
        ..Default::default()
    };
    let answer = fixture.filter(by_prefix.clone()).await.unwrap();
    assert_eq!(found(&answer), ["GET a", "GET b", "POST c", "GET d"]);
    let by_name = FilterLogEventsRequest {
        log_stream_names: Some(vec!["db".into(), "web/1".into()]),
        ..Default::default()
    };
    let answer = fixture.filter(by_name.clone()).await.unwrap();
    assert_eq!(found(&answer), ["GET a", "SELECT", "POST c"]);
    let both = FilterLogEventsRequest { log_stream_names: by_name.log_stream_names, ..by_prefix };
    assert_eq!(told(fixture.filter(both).await).0, "InvalidParameterException");
}

#[tokio::test]
async fn searches_are_checked() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let bad_pattern =
        FilterLogEventsRequest { filter_pattern: Some("a.b".into()), ..Default::default() };
    assert_eq!(told(fixture.filter(bad_pattern).await).1, "Invalid filter pattern");
    let bad_token = FilterLogEventsRequest { next_token: Some("x".into()), ..Default::default() };
    assert_eq!(told(fixture.filter(bad_token).await).1, "The specified nextToken is invalid.");
    let missing = FilterLogEventsRequest {
        log_stream_names: Some(vec!["missing".into()]),
        ..Default::default()
    };
    assert_eq!(told(fixture.filter(missing).await).1, "The specified log stream does not exist.");
    let no_such_group = GetLogEventsRequest {
        log_group_identifier: Some("missing".into()),
        log_stream_name: "s".into(),
        ..Default::default()
    };
    let answer = get_log_events(fixture.logs.clone(), fixture.cx.clone(), no_such_group).await;
    assert_eq!(told(answer), no_group());
    for token in ["x", "f/1", "g/00000000000000000000000000000000000000000000000000000000/s"] {
        let refused = get(&fixture, page(true, 1, Some(token.into()))).await;
        assert_eq!(told(refused).1, "The specified nextToken is invalid.");
    }
}

/// A search that finds little answers in between, and the pages together have everything once.
#[tokio::test]
async fn long_searches_answer_in_between() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let padding = "x".repeat(1_000_000);
    for second in 0..40 {
        let needle = format!("needle {second:02}");
        fixture.put("s", &[(second * 1_000, &padding), (second * 1_000, &needle)]).await.unwrap();
    }
    let (mut token, mut all, mut pages) = (None, Vec::new(), 0);
    loop {
        let input = FilterLogEventsRequest {
            filter_pattern: Some("needle".into()),
            next_token: token,
            ..Default::default()
        };
        let answer = fixture.filter(input).await.unwrap();
        pages += 1;
        all.extend(found(&answer).into_iter().map(String::from));
        token = answer.next_token;
        if token.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..40).map(|second| format!("needle {second:02}")).collect();
    assert_eq!(all, expected);
    assert!(pages > 1, "{pages}");
}

#[tokio::test]
async fn expired_events_are_hidden() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "old")]).await.unwrap();
    let input = PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: 1 };
    let policy = crate::ops::put_retention_policy::put_retention_policy;
    policy(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    assert_eq!(fixture.messages().await, ["old"]);
    fixture.clock.advance(std::time::Duration::from_secs(24 * 3_600 + 1));
    assert_eq!(fixture.messages().await, [""; 0]);
    assert!(messages(&get(&fixture, page(false, 1, None)).await.unwrap()).is_empty());
    let rejected = fixture.put("s", &[(0, "expired")]).await.unwrap();
    let rejected = rejected.rejected_log_events_info.unwrap();
    assert_eq!(rejected.expired_log_event_end_index, Some(1));
}
