//! A front end on a free port.

use base::{AccountId, BoxFut, Clock, OsEntropy};
use bytes::Bytes;
use front::sigv4::{SigningKey, sign};
use front::{Front, Parts, Reach, Serving};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rt::{Access, Routes, Site, Tasks};
use seams::{
    AccessRequest, Audit, AuditedCall, Authorizer, CallCx, Caller, Credential, CredentialError,
    Credentials,
};
use std::net::TcpListener;
use std::sync::Arc;
use tokio::net::TcpStream;
use wire_sts::ops::{GetCallerIdentity, GetSessionToken};
use wire_sts::{GetCallerIdentityResponse, GetSessionTokenResponse};

pub const ACCOUNT: &str = "000000000042";

pub struct Cloud {
    pub tasks: Tasks,
    serving: Serving,
}

/// One key for everybody and the development key.
struct Keys;

impl Credentials for Keys {
    fn look_up<'a>(
        &'a self,
        access_key_id: &'a str,
        _session_token: Option<&'a str>,
        from_loopback: bool,
    ) -> BoxFut<'a, Result<Arc<Credential>, CredentialError>> {
        let account = match access_key_id {
            "test" if from_loopback => AccountId::DEFAULT,
            "test" => return Box::pin(async { Err(CredentialError::NotFromLoopback) }),
            "AKIDEXAMPLE" => AccountId::parse(ACCOUNT).unwrap(),
            _ => return Box::pin(async { Err(CredentialError::UnknownAccessKey) }),
        };
        let caller = Arc::new(Caller::root(account, Some(access_key_id.to_string())));
        let credential = Credential { secret_access_key: "secret".to_string(), caller };
        Box::pin(async { Ok(Arc::new(credential)) })
    }
}

struct Everybody;

/// Remembers no calls.
struct Nothing;

impl Audit for Nothing {
    fn is_data(&self, _: &str, _: &str) -> bool {
        true
    }

    fn record(&self, _: &CallCx, _: AuditedCall) {}
}

impl Authorizer for Everybody {
    fn authorize<'a>(
        &'a self,
        _cx: &'a CallCx,
        _request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        Box::pin(async { Ok(()) })
    }
}

fn routes() -> Routes {
    Routes::new(&wire_sts::SERVICE)
        .on(
            GetCallerIdentity,
            &Arc::new(()),
            |_, _, _| Ok(Access::open()),
            |_, cx, _| async move {
                Ok(GetCallerIdentityResponse {
                    account: Some(cx.account.to_string()),
                    arn: Some(cx.caller.arn.clone()),
                    user_id: Some(cx.region.to_string()),
                })
            },
        )
        .on(
            GetSessionToken,
            &Arc::new(()),
            |_, _, _| Ok(Access::open()),
            |_, _, _| async move {
                if true {
                    panic!("on purpose");
                }
                Ok(GetSessionTokenResponse::default())
            },
        )
}

impl Cloud {
    pub fn start(reach: Reach) -> Cloud {
        Self::start_with(reach, Arc::new(rt::os_clock()), Vec::new())
    }

    pub fn start_with(reach: Reach, clock: Arc<dyn Clock>, sites: Vec<Arc<dyn Site>>) -> Cloud {
        let tasks = Tasks::new();
        let front = Front::new(Parts {
            routes: vec![routes()],
            known: vec![&wire_sts::SERVICE, &wire_sqs::SERVICE],
            credentials: Arc::new(Keys),
            authorizer: Arc::new(Everybody),
            audit: Arc::new(Nothing),
            clock,
            entropy: Arc::new(OsEntropy),
            tasks: tasks.clone(),
            version: "0",
            host_names: Vec::new(),
            sites,
            downloads: Vec::new(),
            reports: Vec::new(),
            limitations: Arc::new(Vec::new),
            reset: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let serving = front.serve(listener, reach).unwrap();
        Cloud { tasks, serving }
    }

    /// `127.0.0.1:port`.
    pub fn authority(&self) -> String {
        self.serving.address().to_string()
    }

    /// Over a connection of its own; HTTP/2 with prior knowledge if `h2`.
    pub async fn send(&self, request: Request<Bytes>, h2: bool) -> Response<String> {
        let stream = TcpStream::connect(self.serving.address()).await.unwrap();
        let io = TokioIo::new(stream);
        let request = request.map(Full::new);
        let response = if h2 {
            let (parts, body) = request.into_parts();
            let mut request = Request::from_parts(parts, body);
            let uri = format!("http://{}{}", self.authority(), request.uri());
            *request.uri_mut() = uri.parse().unwrap();
            request.headers_mut().remove("host");
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), io).await.unwrap();
            self.tasks.spawn("test", async { drop(connection.await) });
            sender.send_request(request).await.unwrap()
        } else {
            let (mut sender, connection) = http1::handshake(io).await.unwrap();
            self.tasks.spawn("test", async { drop(connection.await) });
            sender.send_request(request).await.unwrap()
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(parts, String::from_utf8_lossy(&body).into_owned())
    }

    /// A signed query request for STS.
    pub fn query(&self, key: &str, secret: &str, form: &'static str) -> Request<Bytes> {
        let mut request = Request::post("/")
            .header("host", self.authority())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from_static(form.as_bytes()))
            .unwrap();
        let key = SigningKey {
            access_key_id: key,
            secret_access_key: secret,
            session_token: None,
            region: "eu-west-1",
            service: "sts",
        };
        sign(&mut request, form.as_bytes(), key, rt::os_clock().now()).unwrap();
        request
    }
}

pub const IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
