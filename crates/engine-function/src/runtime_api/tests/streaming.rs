//! Answers that are streamed.

use super::*;
use base::BoxFut;
use engine::{ResponseSink, StreamError};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;

/// Has room for two pieces.
struct Sink {
    content_type: Mutex<Option<String>>,
    /// Pieces so far.
    offered: AtomicUsize,
    pieces: mpsc::Sender<Bytes>,
}

impl ResponseSink for Sink {
    fn begin(&self, content_type: Option<&str>) {
        *self.content_type.lock() = content_type.map(str::to_owned);
    }

    fn write(&self, piece: Bytes) -> BoxFut<'_, ()> {
        self.offered.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            let _ = self.pieces.send(piece).await;
        })
    }
}

/// An invocation that a runtime has fetched and begins to answer.
struct Streamed {
    bench: Bench,
    client: Client,
    sink: Arc<Sink>,
    pieces: mpsc::Receiver<Bytes>,
    answer: oneshot::Receiver<Answered>,
    path: String,
}

async fn streamed(headers: &str) -> Streamed {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let (sender, pieces) = mpsc::channel(2);
    let sink = Arc::new(Sink {
        content_type: Mutex::default(),
        offered: AtomicUsize::new(0),
        pieces: sender,
    });
    let invocation = Invocation { response: Some(sink.clone()), ..invocation(1, "{}") };
    let path = format!("/2018-06-01/runtime/invocation/{}/response", invocation.request_id);
    let answer = bench.conversation.invoke(invocation).unwrap();
    client.receive().await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nlambda-runtime-function-response-mode: streaming\r\n\
         transfer-encoding: chunked\r\n{headers}\r\n"
    );
    client.send(&head).await;
    Streamed { bench, client, sink, pieces, answer, path }
}

async fn chunk(client: &mut Client, text: &str) {
    client.send(&format!("{:x}\r\n{text}\r\n", text.len())).await;
}

#[tokio::test]
async fn pieces_arrive_before_the_end() {
    let mut s = streamed("content-type: text/plain\r\n").await;
    for text in ["one", "two"] {
        chunk(&mut s.client, text).await;
        assert_eq!(s.pieces.recv().await.unwrap(), text);
        assert!(s.answer.try_recv().is_err());
    }
    assert_eq!(s.sink.content_type.lock().as_deref(), Some("text/plain"));
    s.client.send("0\r\n\r\n").await;
    assert_eq!(s.client.receive().await.0, 202);
    assert_eq!(s.answer.await.unwrap().answer, Answer::Streamed { error: None });
}

#[tokio::test]
async fn trailers_tell_of_a_failure() {
    let trailers =
        "trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n";
    let mut s = streamed(trailers).await;
    chunk(&mut s.client, "begin").await;
    s.client
        .send(
            "0\r\nLambda-Runtime-Function-Error-Type: Runtime.Bad\r\n\
             Lambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n\r\n",
        )
        .await;
    assert_eq!(s.client.receive().await.0, 202);
    let body = Bytes::from_static(b"{\"a\":1}");
    let error = Some(StreamError { error_type: "Runtime.Bad".into(), body });
    assert_eq!(s.answer.await.unwrap().answer, Answer::Streamed { error });
    assert_eq!(s.pieces.recv().await.unwrap(), "begin");
}

#[tokio::test]
async fn whoever_wants_it_whole_gets_it_whole() {
    for (trailers, expected) in [
        ("\r\n", Answer::Response(Bytes::from_static(b"onetwo"))),
        (
            "Lambda-Runtime-Function-Error-Type: T\r\nLambda-Runtime-Function-Error-Body: e30=\r\n\r\n",
            Answer::Error { error_type: "T".into(), body: Bytes::from_static(b"{}") },
        ),
    ] {
        let mut bench = bench();
        let mut client = bench.connect().await;
        client.next().await;
        bench.is_ready().await;
        let invocation = invocation(1, "{}");
        let id = invocation.request_id;
        let answer = bench.conversation.invoke(invocation).unwrap();
        client.receive().await;
        client
            .send(&format!(
                "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n\
                 lambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked\r\n\
                 trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n\
                 3\r\none\r\n3\r\ntwo\r\n0\r\n{trailers}"
            ))
            .await;
        assert_eq!(client.receive().await.0, 202);
        assert_eq!(answer.await.unwrap().answer, expected);
    }
}

/// What the sink has no room for stays with the runtime.
#[tokio::test]
async fn a_full_sink_holds_the_runtime_back() {
    const PIECE: usize = 64 * 1024;
    let s = streamed("").await;
    let Streamed { mut client, mut pieces, sink, bench, answer, .. } = s;
    let writer = async move {
        let piece = format!("{PIECE:x}\r\n{}\r\n", "x".repeat(PIECE));
        for _ in 0..64 {
            client.send(&piece).await;
        }
        client.send("0\r\n\r\n").await;
        client.receive().await.0
    };
    let reader = async move {
        let (mut taken, mut bytes) = (0, 0);
        while bytes < 64 * PIECE {
            bytes += pieces.recv().await.unwrap().len();
            taken += 1;
            let offered = sink.offered.load(Ordering::Relaxed);
            // Two wait in the sink and one before it.
            assert!(offered <= taken + 3, "{offered} were offered when {taken} were taken");
        }
    };
    assert_eq!(tokio::join!(writer, reader).0, 202);
    assert_eq!(answer.await.unwrap().answer, Answer::Streamed { error: None });
    drop(bench);
}

/// A runtime whose connection broke can still say why, or end, or go on.
#[tokio::test]
async fn a_broken_stream_waits_for_a_reason() {
    for reason in ["error", "next", "end"] {
        let mut s = streamed("").await;
        chunk(&mut s.client, "begin").await;
        assert_eq!(s.pieces.recv().await.unwrap(), "begin");
        drop(s.client);
        match reason {
            "error" => {
                let path = s.path.replace("/2018-06-01", "").replace("/response", "/error");
                // Until the server has seen the end of the first connection, the answer is still under way.
                let mut second = s.bench.connect().await;
                while second.post(&path, "{}").await.0 != 202 {}
                let body = Bytes::from_static(b"{}");
                let expected = Answer::Error { error_type: String::new(), body };
                assert_eq!(s.answer.await.unwrap().answer, expected);
            }
            "next" => {
                let answer = loop {
                    // Refused until the server has seen that the connection broke.
                    tokio::select! {
                        answer = &mut s.answer => break answer,
                        _ = s.bench.conversation.next() => tokio::task::yield_now().await,
                    }
                };
                let Answer::Streamed { error: Some(error) } = answer.unwrap().answer else {
                    panic!("the answer has no error")
                };
                assert_eq!(error.error_type, "Runtime.TruncatedResponse");
            }
            _ => {
                s.bench.conversation.end(Ended::TimedOut);
                assert_eq!(s.answer.await.unwrap().answer, Answer::Ended(Ended::TimedOut));
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_mode_is_refused() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let invocation = invocation(1, "{}");
    let id = invocation.request_id;
    let _answer = bench.conversation.invoke(invocation).unwrap();
    client.receive().await;
    client
        .send(&format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n\
             lambda-runtime-function-response-mode: Streamed\r\ncontent-length: 0\r\n\r\n"
        ))
        .await;
    let (status, _, body) = client.receive().await;
    assert_eq!(status, 400);
    assert!(body.contains("InvalidFunctionResponseMode"), "{body}");
}

#[tokio::test]
async fn a_stream_has_a_limit() {
    let mut s = streamed("").await;
    let reader = async move {
        let mut bytes = 0;
        while bytes < STREAMED_BYTES_MAX {
            bytes += s.pieces.recv().await.unwrap().len() as u64;
        }
        bytes
    };
    let piece = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let writer = async move {
        for _ in 0..STREAMED_BYTES_MAX >> 20 {
            s.client.send(&piece).await;
        }
        chunk(&mut s.client, "x").await;
        s.client.send("0\r\n\r\n").await;
        s.client.receive().await.0
    };
    assert_eq!(tokio::join!(writer, reader), (413, STREAMED_BYTES_MAX));
    let bytes = STREAMED_BYTES_MAX + 1;
    assert_eq!(s.answer.await.unwrap().answer, Answer::TooLarge { bytes });
}
