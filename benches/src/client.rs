//! A raw client of the signed API: one kept-alive connection, requests signed before anybody's clock starts.

use base::{Clock, OsClock};
use front::sigv4::{SigningKey, sign};
use http::{Method, Request, header};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;

/// The role that every function takes on.
pub const ROLE: &str = "arn:aws:iam::000000000000:role/f";

/// Who signs.
#[derive(Clone)]
pub struct Keys {
    /// The access key.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of a session.
    pub token: Option<String>,
}

/// One kept-alive connection.
pub struct Client {
    authority: String,
    keys: Keys,
    stream: TcpStream,
    clock: OsClock,
    /// What was read beyond the last answer's end, and room for the next.
    buffer: Vec<u8>,
}

/// An answer's status and body.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects to `127.0.0.1:4566` or another such address.
    pub fn new(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let keys = Keys { id: "test".to_owned(), secret: "test".to_owned(), token: None };
        Client {
            authority: authority.to_owned(),
            keys,
            stream,
            clock: OsClock::new(|_| Box::pin(std::future::pending())),
            buffer: Vec::new(),
        }
    }

    /// From now on somebody else than the root user signs.
    pub fn sign_as(&mut self, keys: Keys) {
        self.keys = keys;
    }

    /// The bytes of a request. The signature holds for five minutes, so they may be sent again.
    pub fn signed(
        &self,
        method: Method,
        path: &str,
        service: &str,
        content_type: &str,
        body: &[u8],
    ) -> Vec<u8> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.authority)
            .header(header::CONTENT_TYPE, content_type);
        let mut request = request.body(()).expect("a request");
        let key = SigningKey {
            access_key_id: &self.keys.id,
            secret_access_key: &self.keys.secret,
            session_token: self.keys.token.as_deref(),
            region: "us-east-1",
            service,
        };
        sign(&mut request, body, key, self.clock.now()).expect("a signature");
        let mut bytes = format!("{} {path} HTTP/1.1\r\n", request.method()).into_bytes();
        for (name, value) in request.headers() {
            bytes.extend_from_slice(format!("{name}: ").as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend_from_slice(body);
        bytes
    }

    /// The bytes of an `Invoke`.
    pub fn invocation(&self, function: &str, event: &Value) -> Vec<u8> {
        let path = path(function, "/invocations");
        self.signed(Method::POST, &path, "lambda", "application/json", event.to_string().as_bytes())
    }

    /// Sends a request without waiting.
    pub fn write(&mut self, request: &[u8]) {
        self.stream.write_all(request).expect("the server listens");
    }

    /// The next answer; its body's length must be in its head.
    pub fn read(&mut self) -> Answer {
        let end = loop {
            let end = self.buffer.windows(4).position(|window| window == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.read_more(),
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
        let status = head.get(9..12).and_then(|code| code.parse().ok()).expect("a status");
        let length = |line: &str| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        };
        let length: usize = head.lines().find_map(length).unwrap_or(0);
        while self.buffer.len() < end + length {
            self.read_more();
        }
        let body = self.buffer[end..end + length].to_vec();
        self.buffer.drain(..end + length);
        Answer { status, body }
    }

    fn read_more(&mut self) {
        let mut bytes = [0; 16_384];
        let length = self.stream.read(&mut bytes).expect("the server answers");
        assert_ne!(length, 0, "the server closed the connection");
        self.buffer.extend_from_slice(&bytes[..length]);
    }

    /// Sends and waits.
    pub fn call(&mut self, request: &[u8]) -> Answer {
        self.write(request);
        self.read()
    }

    /// Sends a request to Lambda, whose answer must have the status `expected`; its body as JSON.
    pub fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Value>,
        expected: u16,
    ) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = self.signed(method, path, "lambda", "application/json", body.as_bytes());
        let answer = self.call(&request);
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, expected, "{path}: {text}");
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// Makes the execution role of all functions. With `logs` it may write logs, as most do.
    pub fn role(&mut self, logs: bool) {
        let trust = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }] });
        self.iam(&format!("CreateRole&RoleName=f&AssumeRolePolicyDocument={}", escaped(&trust)));
        if logs {
            let policy = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow",
                "Action": "logs:*",
                "Resource": "*",
            }] });
            let policy = escaped(&policy);
            self.iam(&format!("PutRolePolicy&RoleName=f&PolicyName=logs&PolicyDocument={policy}"));
        }
    }

    /// An operation of IAM with its parameters as a form; the answer's XML.
    pub fn iam(&mut self, action: &str) -> String {
        self.query("iam", &format!("Action={action}&Version=2010-05-08"))
    }

    /// An operation of STS likewise.
    pub fn sts(&mut self, action: &str) -> String {
        self.query("sts", &format!("Action={action}&Version=2011-06-15"))
    }

    fn query(&mut self, service: &str, form: &str) -> String {
        let form_type = "application/x-www-form-urlencoded";
        let request = self.signed(Method::POST, "/", service, form_type, form.as_bytes());
        let answer = self.call(&request);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{form}: {text}");
        text
    }

    /// `CreateFunction` with the role of all, `parameters` over the defaults.
    pub fn create(&mut self, parameters: &Value) {
        let mut body = json!({ "Role": ROLE, "Handler": "index.handler" });
        let (all, own) = (body.as_object_mut(), parameters.as_object());
        all.expect("an object").extend(own.expect("an object").clone());
        self.send(Method::POST, "/2015-03-31/functions", Some(body), 201);
    }

    /// Waits until the function can be invoked.
    pub fn settled(&mut self, function: &str) {
        self.try_settled(function).expect("this host has the runtime");
    }

    /// Waits until the function can be invoked. Error: why it cannot.
    pub fn try_settled(&mut self, function: &str) -> Result<(), String> {
        let configuration = path(function, "/configuration");
        loop {
            let configuration = self.send(Method::GET, &configuration, None, 200);
            match configuration["State"].as_str() {
                Some("Active") => return Ok(()),
                Some("Failed") => return Err(configuration["StateReason"].to_string()),
                _ => std::thread::sleep(std::time::Duration::from_millis(2)),
            }
        }
    }

    /// `DeleteFunction`.
    pub fn delete(&mut self, function: &str) {
        self.send(Method::DELETE, &path(function, ""), None, 204);
    }

    /// `PutFunctionConcurrency`.
    pub fn reserve(&mut self, function: &str, concurrency: u32) {
        let path = path(function, "/concurrency").replace("2015-03-31", "2017-10-31");
        let body = json!({ "ReservedConcurrentExecutions": concurrency });
        self.send(Method::PUT, &path, Some(body), 200);
    }
}

impl Answer {
    /// Panics unless the function answered with `event`.
    pub fn echoes(&self, event: &Value) {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or(Value::Null);
        let text = String::from_utf8_lossy(&self.body);
        assert!(self.status == 200 && body == *event, "{}: {text}", self.status);
    }
}

/// A path of Lambda's API about a function.
pub fn path(function: &str, rest: &str) -> String {
    format!("/2015-03-31/functions/{function}{rest}")
}

/// The keys in an answer's XML.
pub fn keys_in(xml: &str) -> Keys {
    let text = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.to_owned())
    };
    let must = |name: &str| text(name).expect("the answer has keys");
    Keys { id: must("AccessKeyId"), secret: must("SecretAccessKey"), token: text("SessionToken") }
}

/// A document as a form's value.
pub fn escaped(document: &Value) -> String {
    document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}
