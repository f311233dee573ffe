//! A small client of the running cloud: one signed request to a connection.

use crate::cli::Global;
use crate::environment::{self, variable};
use crate::failure::{Attempt, Failure, Result};
use base::Clock;
use bytes::Bytes;
use front::sigv4::{SigningKey, sign};
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::future::Future;
use tokio::net::TcpStream;

/// Largest answer that is read, in bytes: the answer of a function with its log, in base64.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Whom to talk to, and as whom.
pub struct Client {
    authority: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
    region: String,
    tasks: rt::Tasks,
}

/// Runs `work` to its end.
pub fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.attempt("the async runtime could not be started")?.block_on(work)
}

impl Client {
    /// From options and environment. Without a key in the environment it is the one that the cloud gave its root user, as
    /// far as that is readable, else the development key.
    pub fn new(global: &Global) -> Result<Self> {
        let endpoint = environment::endpoint(global);
        let Some(rest) = endpoint.strip_prefix("http://") else {
            return Err(Failure::new(format!("{endpoint} is no plain HTTP endpoint"))
                .hint("the cloud speaks HTTP; name it with --endpoint http://HOST:PORT"));
        };
        let authority = rest.trim_end_matches('/').to_string();
        if authority.is_empty() || authority.contains('/') {
            return Err(Failure::new(format!("{endpoint} is no endpoint"))
                .hint("name the cloud with --endpoint http://HOST:PORT"));
        }
        let key = (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"));
        let (access_key_id, secret_access_key) = match key {
            (Some(id), Some(secret)) => (id, secret),
            _ => (environment::DEVELOPMENT_KEY.into(), environment::DEVELOPMENT_KEY.into()),
        };
        Ok(Client {
            authority,
            access_key_id,
            secret_access_key,
            session_token: variable("AWS_SESSION_TOKEN"),
            region: environment::region(global),
            tasks: rt::Tasks::new(),
        })
    }

    /// `http://host:port`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// Sends `request`, whose URI is a path, signed for `service` where one is given.
    pub async fn send(
        &self,
        service: Option<&str>,
        request: http::request::Builder,
        body: Bytes,
    ) -> Result<Response<Bytes>> {
        let request = request.header(header::HOST, &self.authority).body(Full::new(body.clone()));
        let mut request = request.attempt("the request could not be made")?;
        if let Some(service) = service {
            let key = SigningKey {
                access_key_id: &self.access_key_id,
                secret_access_key: &self.secret_access_key,
                session_token: self.session_token.as_deref(),
                region: &self.region,
                service,
            };
            let now = rt::os_clock().now();
            sign(&mut request, &body, key, now).attempt("the credentials can not be sent")?;
        }
        let stream = TcpStream::connect(self.address()).await.map_err(|error| {
            let message = format!("nothing answers on {}: {error}", self.authority);
            Failure::new(message)
                .hint("start the cloud with `nuage up`, or name it with --endpoint")
        })?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.attempt("the connection broke")?;
        // Its error, if any, is the error of the request too.
        self.tasks.spawn("client.connection", async { drop(connection.await) });
        let response = sender.send_request(request).await.attempt("the connection broke")?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Failure::new(format!("the answer broke off: {error}")))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }

    /// Calls an operation of a service that speaks awsJson 1.1.
    pub async fn call(&self, service: &str, target: &str, input: &Value) -> Result<Value> {
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let response = self.send(Some(service), request, input.to_string().into()).await?;
        if response.status() != StatusCode::OK {
            return Err(refusal(&response));
        }
        serde_json::from_slice(response.body()).attempt("the answer is no JSON")
    }

    /// With a port, where the endpoint names none.
    fn address(&self) -> String {
        let has_port = self
            .authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()));
        match has_port {
            true => self.authority.clone(),
            false => format!("{}:80", self.authority),
        }
    }
}

/// An error answer of any JSON protocol as a failure.
pub fn refusal(response: &Response<Bytes>) -> Failure {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let header = response.headers().get("x-amzn-errortype").and_then(|code| code.to_str().ok());
    let code = header.or_else(|| body["__type"].as_str()).unwrap_or("Error");
    let message = body["message"].as_str().or_else(|| body["Message"].as_str()).unwrap_or_default();
    let failure = Failure::new(format!("{code}: {message} ({})", response.status()));
    match code {
        "UnrecognizedClientException" | "InvalidSignatureException" => failure.hint(
            "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `nuage env` prints those of this cloud",
        ),
        _ => failure,
    }
}
