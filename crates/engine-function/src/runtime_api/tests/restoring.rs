//! `GET /runtime/restore/next`: runtimes that have been initialized and wait to be wanted.

use super::*;

const RESTORE: &str = "GET /2018-06-01/runtime/restore/next HTTP/1.1\r\nhost: x\r\n\r\n";

fn bench_of(restores: Restores) -> Bench {
    bench_with(Inside { restores, ..Inside::default() })
}

#[tokio::test]
async fn without_a_snapshot_it_goes_on_at_once() {
    let mut bench = bench_of(Restores::AtOnce);
    let mut client = bench.connect().await;
    client.send(RESTORE).await;
    let (status, _, body) = client.receive().await;
    assert_eq!((status, body.as_str()), (200, "{}"));
    assert!(!bench.conversation.awaits_restore());
    // Only now it is initialized.
    assert!(bench.init.as_mut().unwrap().try_recv().is_err());
    client.next().await;
    bench.is_ready().await;
    drop(bench.api);
}

#[tokio::test]
async fn it_goes_on_when_it_is_wanted_and_once() {
    let mut bench = bench_of(Restores::WhenWanted);
    let mut client = bench.connect().await;
    client.send(RESTORE).await;
    bench.is_ready().await;
    assert!(bench.conversation.awaits_restore());
    let mut second = bench.connect().await;
    second.send(RESTORE).await;
    assert_eq!(second.receive().await.0, 403);
    let told = r#"{"environment":{"A":"b"}}"#;
    let restored = bench.conversation.restore(told.into());
    let (status, _, body) = client.receive().await;
    assert_eq!((status, body.as_str()), (200, told));
    client.next().await;
    assert_eq!(restored.await, Ok(InitOutcome::Ready));
    drop(bench.api);
}

#[tokio::test]
async fn a_hook_that_fails_ends_the_restoration() {
    let mut bench = bench_of(Restores::WhenWanted);
    let mut client = bench.connect().await;
    client.send(RESTORE).await;
    bench.is_ready().await;
    let restored = bench.conversation.restore("{}".into());
    client.receive().await;
    assert_eq!(client.post("/runtime/restore/error", "{}").await.0, 202);
    assert!(matches!(restored.await, Ok(InitOutcome::Reported { .. })));
    drop(bench.api);
}

#[tokio::test]
async fn a_runtime_that_died_is_not_restored() {
    let mut bench = bench_of(Restores::WhenWanted);
    let mut client = bench.connect().await;
    client.send(RESTORE).await;
    bench.is_ready().await;
    let killed = ExitStatus { code: None, signal: Some(9), out_of_memory: false };
    bench.conversation.end(Ended::Exited(killed));
    assert!(bench.conversation.restore("{}".into()).await.is_err());
    drop(bench.api);
}
