use super::{deletion, retention_sweep};
use crate::limits;
use crate::ops::delete_log_group::delete_log_group;
use crate::ops::delete_log_stream::delete_log_stream;
use crate::ops::put_retention_policy::put_retention_policy;
use crate::tables::*;
use crate::testing::Fixture;
use std::time::Duration;
use store::Prefix;
use wire_logs::{DeleteLogGroupRequest, DeleteLogStreamRequest, PutRetentionPolicyRequest};

/// How many rows there are of chunks, their order by time, parts, streams, their names, and deletions.
async fn rows(fixture: &Fixture) -> [usize; 6] {
    let counted = fixture.store.view(|view| {
        Ok::<_, store::Error>([
            view.scan_keys(&CHUNKS, Prefix::all(), 10_000)?.len(),
            view.scan_keys(&CHUNKS_BY_TIME, Prefix::all(), 10_000)?.len(),
            view.scan_keys(&LARGE_MESSAGES, Prefix::all(), 10_000)?.len(),
            view.scan_keys(&STREAMS, Prefix::all(), 10_000)?.len(),
            view.scan_keys(&STREAM_NAMES, Prefix::all(), 10_000)?.len(),
            view.scan_keys(&DELETIONS, Prefix::all(), 10_000)?.len(),
        ])
    });
    counted.await.unwrap()
}

async fn stored_bytes(fixture: &Fixture) -> Vec<u64> {
    let rows = fixture.store.view(|view| view.scan(&STORED_BYTES, Prefix::all(), 10));
    let rows: Result<Vec<_>, store::Error> = rows.await;
    rows.unwrap().into_iter().map(|(_, stored)| stored.bytes).collect()
}

#[tokio::test]
async fn deleted_groups_leave_nothing() {
    let fixture = Fixture::with_streams(&["s", "t"]).await;
    let large = "x".repeat(limits::MESSAGE_BYTES_MAX);
    fixture.put("s", &[(0, &large)]).await.unwrap();
    // More rows than one transaction removes.
    for i in 0..300 {
        fixture.put("t", &[(i, "line")]).await.unwrap();
    }
    assert_eq!(rows(&fixture).await, [301, 301, 2, 2, 2, 0]);
    let input = DeleteLogGroupRequest { log_group_name: "g".into() };
    delete_log_group(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    assert_eq!(rows(&fixture).await, [301, 301, 2, 2, 2, 1]);
    deletion::remove_all(&fixture.logs).await.unwrap();
    assert_eq!(rows(&fixture).await, [0; 6]);
    assert!(stored_bytes(&fixture).await.is_empty());
}

#[tokio::test]
async fn deleted_streams_leave_the_others() {
    let fixture = Fixture::with_streams(&["s", "t"]).await;
    for i in 0..300 {
        fixture.put("s", &[(i, "line")]).await.unwrap();
    }
    fixture.put("t", &[(0, "kept")]).await.unwrap();
    let input = DeleteLogStreamRequest { log_group_name: "g".into(), log_stream_name: "s".into() };
    delete_log_stream(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    deletion::remove_all(&fixture.logs).await.unwrap();
    assert_eq!(rows(&fixture).await, [1, 1, 0, 1, 1, 0]);
    assert_eq!(stored_bytes(&fixture).await, [4 + limits::EVENT_OVERHEAD_BYTES as u64]);
    assert_eq!(fixture.messages().await, ["kept"]);
}

#[tokio::test]
async fn expired_chunks_are_removed() {
    let fixture = Fixture::with_streams(&["s"]).await;
    let large = "x".repeat(limits::MESSAGE_BYTES_MAX);
    fixture.put("s", &[(0, &large)]).await.unwrap();
    for i in 0..300 {
        fixture.put("s", &[(i, "old")]).await.unwrap();
    }
    fixture.put("s", &[(1_000, "older"), (5_000, "kept")]).await.unwrap();
    let input = PutRetentionPolicyRequest { log_group_name: "g".into(), retention_in_days: 1 };
    put_retention_policy(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    retention_sweep::sweep(&fixture.logs).await.unwrap();
    assert_eq!(rows(&fixture).await[..3], [302, 302, 2]);
    fixture.clock.advance(Duration::from_millis(limits::DAY_MS + 3_000));
    retention_sweep::sweep(&fixture.logs).await.unwrap();
    // The chunk over the edge stays; its expired event is hidden.
    assert_eq!(rows(&fixture).await[..3], [1, 1, 0]);
    assert_eq!(fixture.messages().await, ["kept"]);
    fixture.clock.advance(Duration::from_secs(10));
    retention_sweep::sweep(&fixture.logs).await.unwrap();
    assert_eq!((rows(&fixture).await[0], stored_bytes(&fixture).await), (0, vec![0]));
}

/// The loop wakes up by itself, and shutdown ends it.
#[tokio::test]
async fn the_loop_follows_deletions() {
    let fixture = Fixture::with_streams(&["s"]).await;
    fixture.put("s", &[(0, "line")]).await.unwrap();
    let tasks = rt::Tasks::new();
    rt::Service::start(fixture.logs.clone(), &tasks);
    let mut seen = fixture.store.generation(&CHUNKS);
    let input = DeleteLogGroupRequest { log_group_name: "g".into() };
    delete_log_group(fixture.logs.clone(), fixture.cx.clone(), input).await.unwrap();
    while rows(&fixture).await[0] > 0 {
        seen = fixture.store.changed(&CHUNKS, seen).await;
    }
    assert!(tasks.shut_down(Duration::from_secs(10)).await);
}
