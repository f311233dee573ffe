//! The Runtime API as its clients see it, over real sockets.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, OsClock, RequestId, SeededEntropy, Time};
use bytes::Bytes;
use engine::{ExitStatus, Invocation};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::conversation::Supervision;
use super::*;

mod restoring;
mod streaming;

/// Counts what it is told.
#[derive(Default)]
struct RecordedFreezer(Mutex<Vec<bool>>);

impl Freezer for RecordedFreezer {
    fn set_frozen(&self, frozen: bool) {
        self.0.lock().push(frozen);
    }
}

fn os_clock() -> Arc<dyn Clock> {
    #[expect(clippy::disallowed_methods, reason = "tests of real sockets run on real time")]
    let sleep = |by| -> base::BoxFut<'static, ()> { Box::pin(tokio::time::sleep(by)) };
    Arc::new(OsClock::new(sleep))
}

struct Bench {
    conversation: Arc<Conversation>,
    init: Option<oneshot::Receiver<InitOutcome>>,
    address: std::net::SocketAddr,
    api: RuntimeApi,
}

fn bench() -> Bench {
    bench_with(Inside::default())
}

fn bench_with(inside: Inside) -> Bench {
    let (conversation, init) =
        Conversation::new(os_clock(), Arc::new(RecordedFreezer::default()), inside);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let api = RuntimeApi::serve(listener, Arc::clone(&conversation)).unwrap();
    Bench { conversation, init: Some(init), address, api }
}

fn invocation(seed: u64, payload: &str) -> Invocation {
    Invocation {
        request_id: RequestId::new(&SeededEntropy::new(seed)),
        deadline: Time::from_unix_s(4_000_000_000),
        invoked_function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        trace_id: Some("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".into()),
        client_context: Some(r#"{"custom":{"a":"ü"}}"#.into()),
        cognito_identity: None,
        tenant_id: None,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        response: None,
    }
}

impl Bench {
    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap(), Vec::new())
    }

    async fn is_ready(&mut self) {
        assert_eq!(self.init.take().unwrap().await, Ok(InitOutcome::Ready));
    }
}

/// Speaks HTTP by hand, so that malformed requests can be sent.
struct Client(TcpStream, Vec<u8>);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    async fn next(&mut self) {
        self.send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: x\r\n\r\n").await;
    }

    async fn post(&mut self, path: &str, body: &str) -> (u16, String) {
        let head = format!(
            "POST /2018-06-01{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.send(&(head + body)).await;
        let (status, _, body) = self.receive().await;
        (status, body)
    }

    /// Status, head in lower case, body.
    async fn receive(&mut self) -> (u16, String, String) {
        loop {
            if let Some(end) = self.1.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.1[..end]).to_ascii_lowercase();
                let length: usize = head
                    .split("content-length: ")
                    .nth(1)
                    .unwrap()
                    .lines()
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap();
                if self.1.len() >= end + 4 + length {
                    let body =
                        String::from_utf8(self.1[end + 4..end + 4 + length].to_vec()).unwrap();
                    self.1.drain(..end + 4 + length);
                    return (head[9..12].parse().unwrap(), head, body);
                }
            }
            assert_ne!(
                self.0.read_buf(&mut self.1).await.unwrap(),
                0,
                "the server closed the connection"
            );
        }
    }
}

const OK: &str = "{\"status\":\"OK\"}\n";

#[tokio::test]
async fn invocations_go_round_on_one_connection() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    for seed in 1..4 {
        client.next().await;
        if seed == 1 {
            bench.is_ready().await;
        }
        bench.conversation.runtime_done().await.unwrap();
        let invocation = invocation(seed, "{\"n\":1}");
        let id = invocation.request_id;
        let answer = bench.conversation.invoke(invocation).unwrap();
        let (status, head, body) = client.receive().await;
        assert_eq!((status, body.as_str()), (200, "{\"n\":1}"));
        for expected in [
            format!("lambda-runtime-aws-request-id: {id}"),
            "lambda-runtime-deadline-ms: 4000000000000".into(),
            "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:000000000000:function:f"
                .into(),
            "lambda-runtime-trace-id: root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".into(),
            "lambda-runtime-client-context: {\"custom\":{\"a\":\"ü\"}}".into(),
            "content-type: application/json".into(),
        ] {
            assert!(head.contains(&expected), "{expected} is not in {head}");
        }
        let posted = client.post(&format!("/runtime/invocation/{id}/response"), "\"yes\"").await;
        assert_eq!(posted, (202, OK.to_owned()));
        assert_eq!(answer.await.unwrap().answer, Answer::Response(Bytes::from_static(b"\"yes\"")));
    }
}

#[tokio::test]
async fn errors_carry_their_type_and_leave_out_the_cause() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let invocation = invocation(1, "{}");
    let id = invocation.request_id;
    let answer = bench.conversation.invoke(invocation).unwrap();
    client.receive().await;
    let body = r#"{"errorMessage":"m","errorType":"T","stackTrace":[],"errorCause":{"paths":[]}}"#;
    client
        .send(&format!(
            "POST /2018-06-01/runtime/invocation/{id}/error HTTP/1.1\r\nhost: x\r\n\
             Lambda-Runtime-Function-Error-Type: Unhandled\r\n\
             content-type: application/vnd.aws.lambda.error.cause+json\r\n\
             transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        ))
        .await;
    assert_eq!(client.receive().await.0, 202);
    let expected = r#"{"errorMessage":"m","errorType":"T","stackTrace":[]}"#;
    let expected = Answer::Error { error_type: "Unhandled".into(), body: Bytes::from(expected) };
    assert_eq!(answer.await.unwrap().answer, expected);
}

#[tokio::test]
async fn wrong_ids_and_wrong_order_are_refused() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    let (status, body) = client.post("/runtime/invocation/nonsense/response", "1").await;
    let invalid_id =
        "{\"errorMessage\":\"Invalid request ID\",\"errorType\":\"InvalidRequestID\"}\n";
    assert_eq!((status, body.as_str()), (400, invalid_id));
    client.next().await;
    bench.is_ready().await;
    let invocation = invocation(1, "{}");
    let path = format!("/runtime/invocation/{}/response", invocation.request_id);
    let answer = bench.conversation.invoke(invocation).unwrap();
    client.receive().await;
    // Asked again, the same invocation comes again.
    let mut second = bench.connect().await;
    second.next().await;
    assert_eq!(second.receive().await.0, 200);
    assert_eq!(client.post(&path, "1").await.0, 202);
    assert_eq!(answer.await.unwrap().answer, Answer::Response(Bytes::from_static(b"1")));
    let (status, body) = client.post(&path, "2").await;
    assert_eq!(status, 403);
    assert_eq!(
        body,
        "{\"errorMessage\":\"State transition from ResponseSent to InvocationResponse failed for runtime. Error: \
         State transition is not allowed\",\"errorType\":\"InvalidStateTransition\"}\n"
    );
    assert_eq!(client.post("/runtime/init/error", "{}").await.0, 403);
}

#[tokio::test]
async fn a_refused_client_goes_on_with_its_connection() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    let path = "/2018-06-01/runtime/invocation/nonsense/response";
    client.send(&format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n")).await;
    // Time for the server to refuse what it has seen so far.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    client.send("42").await;
    assert_eq!(client.receive().await.0, 400);
    client.next().await;
    bench.is_ready().await;
}

#[tokio::test]
async fn init_errors_end_the_conversation() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client
        .send(
            "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\
             lambda-runtime-function-error-type: Runtime.ImportModuleError\r\n\r\n{}",
        )
        .await;
    assert_eq!(client.receive().await.2, OK);
    let reported = InitOutcome::Reported {
        error_type: "Runtime.ImportModuleError".into(),
        body: Bytes::from_static(b"{}"),
    };
    assert_eq!(bench.init.take().unwrap().await, Ok(reported));
    client.next().await;
    assert_eq!(client.receive().await.0, 403);
}

#[tokio::test]
async fn answers_that_are_too_large_are_told_apart() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    for (seed, excess) in [(1, 1), (2, 0)] {
        let invocation = invocation(seed, "{}");
        let path = format!("/runtime/invocation/{}/response", invocation.request_id);
        if seed > 1 {
            // An answer that was too large costs the connection, not the environment.
            client = bench.connect().await;
            client.next().await;
            bench.conversation.runtime_done().await.unwrap();
        }
        let answer = bench.conversation.invoke(invocation).unwrap();
        client.receive().await;
        let body = "x".repeat(RESPONSE_BYTES_MAX + excess);
        let (status, text) = client.post(&path, &body).await;
        if excess > 0 {
            assert_eq!(status, 413);
            assert!(
                text.contains("Exceeded maximum allowed payload size (6291556 bytes)."),
                "{text}"
            );
            assert_eq!(answer.await.unwrap().answer, Answer::TooLarge { bytes: body.len() as u64 });
        } else {
            assert_eq!(status, 202);
            assert_eq!(answer.await.unwrap().answer, Answer::Response(body.into()));
        }
    }
}

#[tokio::test]
async fn a_broken_answer_gives_the_turn_back() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let invocation = invocation(1, "{}");
    let path = format!("/runtime/invocation/{}/response", invocation.request_id);
    let mut answer = bench.conversation.invoke(invocation).unwrap();
    client.receive().await;
    client
        .send(&format!(
            "POST /2018-06-01{path} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nhalf"
        ))
        .await;
    drop(client);
    let mut second = bench.connect().await;
    loop {
        match second.post(&path, "whole").await.0 {
            202 => break,
            403 => assert!(answer.try_recv().is_err()),
            other => panic!("{other}"),
        }
    }
    assert_eq!(answer.await.unwrap().answer, Answer::Response(Bytes::from_static(b"whole")));
}

#[tokio::test]
async fn hostile_requests_do_no_harm() {
    let mut bench = bench();
    let long = format!("GET /{} HTTP/1.1\r\n", "x".repeat(HEAD_BYTES_MAX * 2));
    for text in ["\r\n\r\n\r\n", "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}", &long]
    {
        let mut client = bench.connect().await;
        let _ = client.0.write_all(text.as_bytes()).await;
        let _ = client.0.shutdown().await;
        let mut rest = Vec::new();
        let _ = client.0.read_to_end(&mut rest).await;
    }
    for (request, status) in [
        ("GET /", 404),
        ("GET /2018-06-01/runtime/invocation/", 404),
        ("GET /2018-06-01/runtime/invocation/x/response", 405),
        ("POST /2018-06-01/runtime/invocation/next", 405),
        ("GET /2020-01-01/extension/event/next", 403),
        ("POST /2020-01-01/extension/event/next", 405),
        ("GET /2020-01-01/extension/event", 404),
    ] {
        let mut client = bench.connect().await;
        client.send(&format!("{request} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
        assert_eq!(client.receive().await.0, status, "{request}");
    }
    // As many connections as one may open, all idle: those beyond them wait, and the server goes on when some leave.
    let mut idle = Vec::new();
    for _ in 0..CONNECTIONS_MAX + 8 {
        idle.push(bench.connect().await);
    }
    drop(idle);
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
}

#[tokio::test]
async fn the_end_is_told_to_whoever_waits() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let answer = bench.conversation.invoke(invocation(1, "{}")).unwrap();
    client.receive().await;
    let exited = Ended::Exited(ExitStatus { code: Some(1), signal: None, out_of_memory: false });
    drop(client);
    bench.api.drain(Duration::from_secs(10)).await;
    bench.conversation.end(exited.clone());
    bench.conversation.end(Ended::TimedOut);
    assert_eq!(answer.await.unwrap().answer, Answer::Ended(exited.clone()));
    assert_eq!(bench.conversation.ended(), Some(exited.clone()));
    assert_eq!(bench.conversation.invoke(invocation(2, "{}")).unwrap_err(), exited);
}

#[tokio::test]
async fn a_runtime_that_waits_is_left_waiting() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    bench.conversation.end(Ended::TimedOut);
    let said = tokio::time::timeout(Duration::from_millis(50), client.receive()).await;
    assert!(said.is_err(), "{said:?}");
}

#[tokio::test]
async fn the_last_words_of_a_new_connection_are_heard() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    let answer = bench.conversation.invoke(invocation(1, "{}")).unwrap();
    client.receive().await;
    let id = invocation(1, "{}").request_id;
    // Connected, said and gone before the server runs again: nothing here waits for it.
    let mut last = std::net::TcpStream::connect(bench.address).unwrap();
    let head = format!("POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nhost: x\r\n");
    std::io::Write::write_all(&mut last, (head + "content-length: 2\r\n\r\n42").as_bytes())
        .unwrap();
    drop((last, client));
    bench.api.drain(Duration::from_secs(10)).await;
    assert_eq!(answer.await.unwrap().answer, Answer::Response("42".into()));
}

#[tokio::test]
async fn whoever_gave_up_waiting_takes_no_invocation() {
    let mut bench = bench();
    let mut client = bench.connect().await;
    client.next().await;
    bench.is_ready().await;
    drop(client);
    let mut client = bench.connect().await;
    client.next().await;
    // Time for the server to see the one go and the other come. The kernel knows of both already.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    let _answer = bench.conversation.invoke(invocation(1, "{}")).unwrap();
    let received = tokio::time::timeout(Duration::from_secs(10), client.receive()).await;
    assert_eq!(received.expect("the invocation went to whoever is gone").0, 200);
}

#[tokio::test]
async fn an_idle_sandbox_is_frozen_and_thawed_for_work() {
    let clock = Arc::new(base::SimClock::new(Time::from_unix_s(1_000)));
    let freezer = Arc::new(RecordedFreezer::default());
    let (conversation, _init) =
        Conversation::new(clock.clone(), freezer.clone(), Inside::default());
    assert_eq!(conversation.supervise(), Supervision::Wait(None));
    let runtime = conversation.clone();
    let asking = tokio::task::LocalSet::new();
    asking
        .run_until(async {
            let asked = tokio::task::spawn_local(async move {
                runtime.next().await.map(|pending| pending.id.clone())
            });
            conversation.changed().await;
            let Supervision::Wait(Some(at)) = conversation.supervise() else {
                panic!("nothing is frozen yet")
            };
            assert!(freezer.0.lock().is_empty());
            clock.advance(at.since(clock.now()));
            assert_eq!(conversation.supervise(), Supervision::Wait(None));
            assert_eq!(*freezer.0.lock(), [true]);
            let mut invocation = invocation(1, "{}");
            invocation.deadline = clock.now() + Duration::from_secs(3);
            let deadline = invocation.deadline;
            let _answer = conversation.invoke(invocation).unwrap();
            assert_eq!(*freezer.0.lock(), [true, false]);
            let id = asked.await.unwrap().unwrap();
            conversation.changed().await;
            assert_eq!(conversation.supervise(), Supervision::Wait(Some(deadline)));
            // Having answered, it must come back before the deadline too.
            conversation.answer(&id, false).unwrap().finish(Answer::Response(Bytes::new()));
            clock.advance(Duration::from_secs(3));
            assert_eq!(conversation.supervise(), Supervision::Kill);
        })
        .await;
}
