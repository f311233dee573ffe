//! Hosts that belong to a service alone.

use crate::cloud::Cloud;
use base::{BoxFut, Clock, SimClock, Time};
use bytes::Bytes;
use front::Reach;
use futures_util::stream::{self, StreamExt};
use http::HeaderMap;
use rt::{Site, Visit};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::{Body, Response, Service};

const PIECE: Bytes = Bytes::from_static(&[b'x'; 64 * 1024]);

/// Hosts of the form `<anything>.test-site`. `/endless` never ends, everything else tells of its request.
#[derive(Default)]
struct TestSite {
    /// Endless answers that somebody still takes.
    endless: Arc<AtomicUsize>,
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Site for TestSite {
    fn operation(&self) -> &'static str {
        "Test"
    }

    fn service(&self) -> &'static Service {
        &wire_sts::SERVICE
    }

    fn owns(&self, labels: &[String]) -> bool {
        matches!(labels, [_, label] if label == "test-site")
    }

    fn body_bytes_max(&self) -> u64 {
        10
    }

    fn answer(&self, visit: Visit) -> BoxFut<'_, Response> {
        let body = if visit.request.path == "/endless" {
            self.endless.fetch_add(1, Ordering::Relaxed);
            let guard = Counted(self.endless.clone());
            let pieces = stream::repeat_with(move || {
                let _ = &guard;
                Ok(PIECE)
            });
            Body::stream(pieces.boxed())
        } else {
            let signed = visit.signed.map_err(|error| error.message().to_string());
            let Visit { labels, request, cx, .. } = visit;
            let body = String::from_utf8_lossy(request.body.full().unwrap()).into_owned();
            format!("{} {} {body} {signed:?} {}", labels[0], request.path, cx.caller.arn).into()
        };
        Box::pin(async { Response { status: 200, headers: HeaderMap::new(), body } })
    }
}

async fn ask(cloud: &Cloud, host: &str, path: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(cloud.authority()).await.unwrap();
    let request = format!("POST {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn cloud() -> Cloud {
    let clock = Arc::new(rt::os_clock());
    Cloud::start_with(Reach::Loopback, clock, vec![Arc::new(TestSite::default())])
}

#[tokio::test]
async fn a_site_has_its_host_to_itself() {
    let cloud = cloud();
    for host in
        ["Abc.test-site.localhost:4566", "abc.test-site.on.aws", "abc.test-site.amazonaws.com"]
    {
        let answer = ask(&cloud, host, "/_nuage/health", "content-length: 2\r\n\r\nhi").await;
        assert!(answer.ends_with("abc /_nuage/health hi Ok(false) anonymous"), "{answer}");
    }
    for host in
        ["localhost", "test-site.localhost", "a.b.test-site.localhost", "abc.test-site.example.com"]
    {
        let answer = ask(&cloud, host, "/", "content-length: 0\r\n\r\n").await;
        assert!(!answer.contains("Ok(false)"), "{host}: {answer}");
    }
}

#[tokio::test]
async fn its_bodies_are_bounded() {
    let cloud = cloud();
    let answer =
        ask(&cloud, "abc.test-site.localhost", "/", "content-length: 11\r\n\r\n01234567890").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.ends_with(r#"{"message":"Request Entity Too Large"}"#), "{answer}");
}

#[tokio::test]
async fn signatures_are_for_its_service() {
    let cloud = cloud();
    let signed = |service: &str| {
        format!(
            "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=0\r\nx-amz-date: 20150830T123600Z\r\ncontent-length: 0\r\n\r\n"
        )
    };
    for (service, expected) in [("s3", "correct service: 'sts'"), ("sts", "Signature expired")] {
        let answer = ask(&cloud, "abc.test-site.localhost", "/", &signed(service)).await;
        assert!(answer.contains(expected) && answer.ends_with(" anonymous"), "{answer}");
    }
}

/// Of two clients with an endless answer, one reads and one does not. After a minute the second is rid of.
#[tokio::test]
async fn clients_that_take_nothing_are_left() {
    let clock = Arc::new(SimClock::new(Time::from_unix_s(1_700_000_000)));
    let site = Arc::new(TestSite::default());
    let endless = site.endless.clone();
    let cloud = Cloud::start_with(Reach::Loopback, clock.clone(), vec![site]);
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(cloud.authority()).await.unwrap();
        stream
            .write_all(b"GET /endless HTTP/1.1\r\nhost: a.test-site.localhost\r\n\r\n")
            .await
            .unwrap();
        stream.read_exact(&mut [0; 64]).await.unwrap();
        streams.push(stream);
    }
    assert_eq!(endless.load(Ordering::Relaxed), 2);
    let (mut reader, began) = (streams.remove(0), clock.monotonic());
    // More than all buffers between the two hold, so that the server has written meanwhile.
    let mut buffer = vec![0; 32 << 20];
    while endless.load(Ordering::Relaxed) == 2
        || clock.monotonic() - began < Duration::from_secs(120)
    {
        clock.advance(Duration::from_secs(5));
        assert!(clock.monotonic() - began < Duration::from_secs(1_200), "it is still served");
        reader.read_exact(&mut buffer).await.unwrap();
    }
    assert_eq!(endless.load(Ordering::Relaxed), 1);
}
