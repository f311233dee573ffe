//! Functions that mean harm: the server and other functions are unaffected.

use std::time::Duration;

use engine::Outcome;
use serde_json::json;

use crate::harness::bench;

const RUNTIME: &str = "python3.11";

const FUNCTION: &str = r#"
import os, socket, sys, threading, time
def handler(event, context):
    if event == "print":
        line = b"x" * 1023 + b"\n"
        block = line * 1024
        left = 2 * 1024
        while left:
            os.write(1, block)
            left -= 1
        return "printed"
    if event == "one line":
        for _ in range(1024): os.write(1, b"y" * 1024)
        return "printed"
    if event == "fork":
        made = 0
        try:
            while True:
                if os.fork() == 0:
                    time.sleep(1000)
                made += 1
        except OSError:
            return made
    if event == "threads":
        made = 0
        try:
            while True:
                threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
                made += 1
        except RuntimeError:
            return made
    if event == "fill":
        try:
            with open("/tmp/fill", "wb") as file:
                while True: file.write(b"z" * (1 << 20))
        except OSError as error:
            size = os.stat("/tmp/fill").st_size
            os.unlink("/tmp/fill")
            return [error.errno, size >> 20]
    if event == "read-only":
        told = []
        for path in ("/var/task/x", "/opt/x", "/x", "/usr/x", "/etc/x", "/var/runtime/x"):
            try: open(path, "w"); told.append(path)
            except OSError: pass
        return told
    if event == "connections":
        held = []
        for _ in range(500):
            s = socket.socket(); s.setblocking(False)
            try: s.connect(("127.0.0.1", 9001))
            except BlockingIOError: pass
            held.append(s)
        for s in held[:64]:
            try: s.send(b"GET /" + b"a" * 4000)
            except OSError: pass
        for s in held: s.close()
        return "closed"
    if event == "forge":
        # Answers for itself, wrongly, then rightly.
        s = socket.create_connection(("127.0.0.1", 9001))
        s.sendall(b"POST /2018-06-01/runtime/invocation/not-mine/response HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}")
        return s.recv(100).decode().split(" ")[1]
    return "fine"
"#;

#[tokio::test]
async fn floods_and_bombs() {
    let test = "hostile::floods_and_bombs";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let bystander = bench.function(RUNTIME, ("index.py", FUNCTION), "index.handler").await;
    let code = bench.package(&[("index.py", FUNCTION)]);
    let start = || async {
        let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
        // A whole processor, so that harm is done quickly.
        spec.memory_mib = 1_769;
        bench.run(spec, lines).await.unwrap()
    };

    // Two gigabytes: 32 MiB arrive, the rest is counted.
    let function = start().await;
    assert_eq!(function.json("\"print\"").await, json!("printed"));
    let texts = function.lines.texts();
    let kept: usize = texts.iter().map(String::len).sum();
    assert!(kept < 33 << 20, "{kept}");
    let lines = (2u64 << 30) / 1024 - (texts.len() as u64 - 1);
    let notice = format!(
        "{lines} more lines ({} bytes) of output were dropped: it exceeded 32 MiB",
        lines * 1023
    );
    assert_eq!(texts.last(), Some(&notice));
    assert_eq!(function.json("\"one line\"").await, json!("printed"));
    let texts = function.lines.texts();
    assert_eq!(texts.iter().map(String::len).sum::<usize>(), 1 << 20);
    assert!(texts.iter().all(|text| text.len() <= 256 << 10));
    assert_eq!(bystander.json("1").await, json!("fine"));

    for event in ["fork", "threads"] {
        let function = start().await;
        let report =
            function.invoke_within(&json!(event).to_string(), Duration::from_secs(20)).await;
        match report.outcome {
            Outcome::Response(body) => {
                let made: u32 = std::str::from_utf8(&body).unwrap().parse().unwrap();
                assert!((1..1_024).contains(&made), "{made}");
            }
            // Each process takes memory, so that may run out first.
            Outcome::Exited(status) => assert!(status.out_of_memory, "{status:?}"),
            other => panic!("{event}: {other:?}"),
        }
        assert_eq!(bystander.json("1").await, json!("fine"));
        function.environment.shut_down().await;
    }
}

#[tokio::test]
async fn files_and_connections() {
    let test = "hostile::files_and_connections";
    let Some(bench) = bench(test).await else { return };
    if !bench.has(RUNTIME, test) {
        return;
    }
    let code = bench.package(&[("index.py", FUNCTION)]);
    let (mut spec, lines) = bench.spec(RUNTIME, "index.handler", &code);
    // What stands in /tmp is memory of the sandbox.
    spec.memory_mib = 1_024;
    let function = bench.run(spec, lines).await.unwrap();
    let filled = function.json("\"fill\"").await;
    assert_eq!(filled[0], json!(28));
    assert!((500..=512).contains(&filled[1].as_u64().unwrap()), "{filled}");
    assert_eq!(function.json("\"read-only\"").await, json!([]));
    assert_eq!(function.json("\"connections\"").await, json!("closed"));
    assert_eq!(function.json("\"forge\"").await, json!("400"));
    assert_eq!(function.json("1").await, json!("fine"));
}
