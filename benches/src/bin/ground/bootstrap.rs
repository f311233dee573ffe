//! A native function that answers with its event: the Runtime API over one kept-alive connection, and nothing else.
//! Without `AWS_LAMBDA_RUNTIME_API` it ends at once, which shows what starting it takes.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else { return };
    let mut stream = TcpStream::connect(&api).expect("the Runtime API listens");
    stream.set_nodelay(true).expect("a socket");
    loop {
        let next = format!("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {api}\r\n\r\n");
        let (head, event) = exchange(&mut stream, next.as_bytes());
        let id = field(&head, "lambda-runtime-aws-request-id").expect("an id");
        let length = event.len();
        let mut answer = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: {api}\r\nContent-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        answer.extend_from_slice(&event);
        exchange(&mut stream, &answer);
    }
}

/// Sends a request; the head and the body of the answer.
fn exchange(stream: &mut TcpStream, request: &[u8]) -> (String, Vec<u8>) {
    stream.write_all(request).expect("a connection");
    let mut answer = Vec::new();
    let end = loop {
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        read(stream, &mut answer);
    };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let length = field(&head, "content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    while answer.len() < end + length {
        read(stream, &mut answer);
    }
    (head, answer[end..end + length].to_vec())
}

fn read(stream: &mut TcpStream, into: &mut Vec<u8>) {
    let mut bytes = [0; 4096];
    let length = stream.read(&mut bytes).expect("a connection");
    assert_ne!(length, 0, "the Runtime API is gone");
    into.extend_from_slice(&bytes[..length]);
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
