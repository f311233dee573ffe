use crate::cloud::{Cloud, IDENTITY};
use front::Reach;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_panic_is_an_answer() {
    let cloud = Cloud::start(Reach::Loopback);
    let form = "Action=GetSessionToken&Version=2011-06-15";
    let answer = cloud.send(cloud.query("test", "secret", form), false).await;
    assert_eq!(answer.status(), 500);
    assert!(answer.body().contains("<Code>InternalFailure</Code>"), "{}", answer.body());
    assert!(!answer.body().contains("purpose"));
    let answer = cloud.send(cloud.query("test", "secret", IDENTITY), false).await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn what_is_not_built_says_so() {
    let cloud = Cloud::start(Reach::Loopback);
    let form = "Action=AssumeRoleWithSAML&Version=2011-06-15";
    let answer = cloud.send(cloud.query("test", "secret", form), false).await;
    assert_eq!(answer.status(), 501);
    assert!(answer.body().contains("<Code>NotImplemented</Code>"), "{}", answer.body());
    let answer = cloud
        .send(cloud.query("test", "secret", "Action=Nonsense&Version=2011-06-15"), false)
        .await;
    assert_eq!(answer.status(), 400);
    assert!(answer.body().contains("<Code>InvalidAction</Code>"), "{}", answer.body());
}

/// Bytes as a client sends them, and the whole answer; the client closes its side at the end.
async fn raw(cloud: &Cloud, request: &str) -> String {
    let mut stream = TcpStream::connect(cloud.authority()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn bodies_that_end_early_or_are_too_large() {
    let cloud = Cloud::start(Reach::Loopback);
    let head = "POST / HTTP/1.1\r\nhost: sts.localhost\r\nconnection: close\r\n";
    let answer = raw(&cloud, &format!("{head}content-length: 100\r\n\r\nAction=Get")).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("<Code>IncompleteBody</Code>"), "{answer}");
    let answer = raw(&cloud, &format!("{head}content-length: 99999999999\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("<Code>RequestEntityTooLarge</Code>"), "{answer}");
    let answer =
        raw(&cloud, &format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\nab")).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    let answer = raw(&cloud, &format!("{head}x: {}\r\n\r\n", "x".repeat(100_000))).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn running_requests_are_finished_at_shutdown() {
    let cloud = Cloud::start(Reach::Loopback);
    let mut stream = TcpStream::connect(cloud.authority()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: sts.localhost\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let tasks = cloud.tasks.clone();
    let authority = cloud.authority();
    let stop = async { tasks.shut_down(Duration::from_secs(10)).await };
    let client = async {
        while TcpStream::connect(&authority).await.is_ok() {
            tokio::task::yield_now().await;
        }
        stream.write_all(b"body").await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (stopped, answer) = tokio::join!(stop, client);
    assert!(stopped);
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
}
