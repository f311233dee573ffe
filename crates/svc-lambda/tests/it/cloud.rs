//! The service with everything around it in memory, called as the front end calls it.

use crate::engine::FakeEngine;
use base::{AccountId, BoxFut, Clock, Region, RequestId, SeededEntropy, SimClock, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use rt::{Routes, Service, Tasks};
use seams::{
    AccessRequest, Authorizer, CallCx, Caller, Error, EventSource, EventTarget, LogEvent, LogSink,
    Principal, Principals, Roles, ServiceSession, TemporaryCredentials,
};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::sync::{Arc, Mutex};
use store::Store;
use svc_lambda::{Deps, Lambda};
use usage::Meter;
use wire::{Body, Request};
use zip::write::SimpleFileOptions;

/// Room for 40 environments of 128 MiB.
pub const PROVISIONED_MEMORY_BYTES_MAX: u64 = 5 << 30;
pub const ROLE: &str = "arn:aws:iam::111111111111:role/r";

#[derive(Default)]
pub struct FakeLogs(pub Mutex<Vec<(String, String, LogEvent)>>);

impl LogSink for FakeLogs {
    fn append<'a>(
        &'a self,
        cx: &'a CallCx,
        group: &'a str,
        stream: &'a str,
        events: Vec<LogEvent>,
    ) -> BoxFut<'a, Result<(), Error>> {
        assert!(matches!(cx.caller.principal, Principal::AssumedRole { .. }));
        let add = |event| (group.to_string(), stream.to_string(), event);
        self.0.lock().unwrap().extend(events.into_iter().map(add));
        Box::pin(async { Ok(()) })
    }
}

/// A role exists if its name begins with `r`, and may be passed unless its name says not.
pub struct FakeRoles(Arc<SimClock>);

impl Roles for FakeRoles {
    fn check_assumable<'a>(
        &'a self,
        _: AccountId,
        role: &'a str,
        _: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        let exists = role.contains("role/r");
        let missing = Error::new(404, "NoSuchEntity", "no such role");
        Box::pin(async move { if exists { Ok(()) } else { Err(missing) } })
    }

    fn check_pass<'a>(
        &'a self,
        _: &'a CallCx,
        role: &'a str,
        _: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        let denied = role.contains("not-passed");
        Box::pin(async move {
            if denied { Err(Error::new(403, "AccessDenied", "not passed")) } else { Ok(()) }
        })
    }

    fn assume_for_service<'a>(
        &'a self,
        account: AccountId,
        _: &'a Region,
        role: &'a str,
        _: &'a str,
        ServiceSession { name: session, duration, .. }: ServiceSession<'a>,
    ) -> BoxFut<'a, Result<TemporaryCredentials, Error>> {
        Box::pin(async move {
            let arn = format!("arn:aws:sts::{account}:assumed-role/r/{session}");
            let principal = Principal::AssumedRole {
                role_name: "r".into(),
                role_arn: role.into(),
                session_name: session.into(),
            };
            let caller = Caller {
                account,
                principal,
                arn,
                user_id: format!("AROA:{session}"),
                access_key_id: None,
                session: None,
            };
            Ok(TemporaryCredentials {
                access_key_id: "ASIA".into(),
                secret_access_key: "secret".into(),
                session_token: "token".into(),
                expires_at: self.0.now() + duration,
                caller: Arc::new(caller),
            })
        })
    }
}

/// Everybody is there.
pub struct FakePrincipals;

impl Principals for FakePrincipals {
    fn stamp(&self) -> u64 {
        0
    }

    fn unique_id(&self, _: &str) -> Result<Option<String>, Error> {
        Ok(Some("AROA".into()))
    }
}

/// Allows everything but what it is told, and remembers what it was asked.
#[derive(Default)]
pub struct FakeAuthorizer {
    pub denied: Mutex<Option<&'static str>>,
    pub asked: Mutex<Vec<(String, String)>>,
    /// The last question, and whose it was.
    pub last: Mutex<Option<(CallCx, AccessRequest)>>,
}

/// There is no bucket.
struct NoObjects;

impl seams::ObjectReader for NoObjects {
    fn open<'a>(
        &'a self,
        _cx: &'a seams::CallCx,
        _object: seams::ObjectRef<'a>,
    ) -> base::BoxFut<'a, Result<seams::OpenObject, seams::Error>> {
        let text = "The specified bucket does not exist";
        Box::pin(async move { Err(seams::Error::new(404, "NoSuchBucket", text)) })
    }
}

impl Authorizer for FakeAuthorizer {
    fn authorize<'a>(
        &'a self,
        cx: &'a CallCx,
        request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), Error>> {
        self.asked.lock().unwrap().push((request.action.to_string(), request.resource.clone()));
        *self.last.lock().unwrap() = Some((cx.clone(), request.clone()));
        let denied = self.denied.lock().unwrap().is_some_and(|denied| denied == request.action);
        Box::pin(async move {
            if denied { Err(Error::new(403, "AccessDenied", "denied")) } else { Ok(()) }
        })
    }
}

pub struct Cloud {
    pub lambda: Arc<Lambda>,
    pub store: Store,
    pub meter: Arc<Meter>,
    pub engine: Arc<FakeEngine>,
    pub logs: Arc<FakeLogs>,
    pub clock: Arc<SimClock>,
    pub authorizer: Arc<FakeAuthorizer>,
    pub tasks: Tasks,
    pub entropy: Arc<SeededEntropy>,
    routes: Routes,
    _directory: tempfile::TempDir,
}

pub struct Answer {
    pub status: u16,
    pub headers: http::HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.headers.get("x-amzn-errortype").map_or("", |value| value.to_str().unwrap())
    }

    pub fn message(&self) -> &str {
        ["message", "Message"].iter().find_map(|name| self.body[*name].as_str()).unwrap_or("")
    }
}

impl Cloud {
    pub fn new() -> Self {
        Self::over(Store::in_memory(), blobs::Blobs::in_memory(), 1)
    }

    /// With queues and streams to read from, and targets to tell.
    pub fn connected(
        sources: Vec<Arc<dyn EventSource>>,
        targets: Vec<Arc<dyn EventTarget>>,
    ) -> Self {
        Self::build(Store::in_memory(), blobs::Blobs::in_memory(), 1, sources, targets)
    }

    /// A process over what an earlier one left.
    pub fn over(store: Store, blobs: blobs::Blobs, seed: u64) -> Self {
        Self::build(store, blobs, seed, Vec::new(), Vec::new())
    }

    fn build(
        store: Store,
        blobs: blobs::Blobs,
        seed: u64,
        event_sources: Vec<Arc<dyn EventSource>>,
        event_targets: Vec<Arc<dyn EventTarget>>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(SimClock::new(Time::from_unix_s(1_790_000_000)));
        let (engine, logs) = (Arc::new(FakeEngine::default()), Arc::new(FakeLogs::default()));
        let (tasks, entropy) = (Tasks::new(), Arc::new(SeededEntropy::new(seed)));
        let authorizer = Arc::new(FakeAuthorizer::default());
        let meter = Meter::open(store.clone(), None).now_or_never().unwrap().unwrap();
        let meter = Arc::new(meter);
        let lambda = Lambda::new(Deps {
            meter: meter.clone(),
            store: store.clone(),
            blobs,
            engine: engine.clone(),
            authorizer: authorizer.clone(),
            roles: Arc::new(FakeRoles(clock.clone())),
            principals: Arc::new(FakePrincipals),
            keys: Arc::new(FakeKeys),
            objects: Arc::new(NoObjects),
            logs: logs.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            tasks: tasks.clone(),
            code_directory: directory.path().join("code"),
            boot_id: "boot".into(),
            endpoint_url: "http://127.0.0.1:4566".into(),
            concurrent_executions: svc_lambda::limits::CONCURRENT_EXECUTIONS,
            holds_request_rates: true,
            memory_reserve_bytes: 1 << 30,
            provisioned_memory_bytes_max: PROVISIONED_MEMORY_BYTES_MAX,
            event_sources,
            event_targets,
            idle_memory_bytes_max: 1 << 30,
        })
        .unwrap();
        lambda.clone().start(&tasks);
        let routes = lambda.clone().routes();
        Cloud {
            lambda,
            store,
            meter,
            engine,
            logs,
            clock,
            authorizer,
            tasks,
            entropy,
            routes,
            _directory: directory,
        }
    }

    pub async fn call(&self, method: &str, target: &str, body: Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, target, &[], body).await
    }

    pub async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let request = Request {
            method: method.parse().unwrap(),
            path: path.into(),
            query: query.into(),
            headers: map,
            body: Body::from(body),
        };
        let account = AccountId::parse("111111111111").unwrap();
        let cx = CallCx::internal(
            Arc::new(Caller::root(account, None)),
            Region::default(),
            RequestId::new(&*self.entropy),
            self.clock.now(),
            None,
        );
        let request_id = cx.request_id.to_string();
        let (protocol, operation) = wire_lambda::SERVICE.find(&request);
        let operation = operation.unwrap();
        let called =
            self.routes.call(protocol, operation, request, Arc::new(cx), &*self.authorizer).await;
        let response = called.unwrap_or_else(|error| {
            if let Some(cause) = error.internal_cause() {
                panic!("{method} {target}: {cause:?}");
            }
            wire_lambda::SERVICE.error(protocol, &error, &request_id)
        });
        let bytes = response.body.full().cloned().unwrap_or_default();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer { status: response.status, headers: response.headers, body }
    }

    /// Makes a function and waits until it is active.
    pub async fn create(&self, name: &str, handler: &str, more: Value) -> Answer {
        let created = self.try_create(name, handler, more).await;
        assert_eq!(created.status, 201, "{}", created.body);
        self.settled(name).await;
        created
    }

    pub async fn try_create(&self, name: &str, handler: &str, more: Value) -> Answer {
        let mut body = json!({
            "FunctionName": name,
            "Runtime": "python3.12",
            "Handler": handler,
            "Role": ROLE,
            "Code": { "ZipFile": STANDARD.encode(package("1")) },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.call("POST", "/2015-03-31/functions", body).await
    }

    /// The configuration once neither creation nor an update is going on.
    pub async fn settled(&self, name: &str) -> Value {
        let target = format!("/2015-03-31/functions/{name}/configuration");
        for _ in 0..100_000 {
            let shown = self.call("GET", &target, Value::Null).await.body;
            if shown["State"] != "Pending" && shown["LastUpdateStatus"] != "InProgress" {
                return shown;
            }
            tokio::task::yield_now().await;
        }
        panic!("{name} does not settle");
    }

    pub async fn invoke(&self, name: &str, payload: &str) -> Answer {
        let target = format!("/2015-03-31/functions/{name}/invocations");
        let headers = [("x-amz-log-type", "Tail")];
        self.send("POST", &target, &headers, payload.into()).await
    }

    pub async fn invoke_event(&self, name: &str, payload: &str) -> Answer {
        let target = format!("/2015-03-31/functions/{name}/invocations");
        let headers = [("x-amz-invocation-type", "Event")];
        self.send("POST", &target, &headers, payload.into()).await
    }

    /// Yields until `done`, or fails after a while without it.
    pub async fn eventually(&self, what: &str, mut done: impl FnMut() -> bool) {
        for _ in 0..200_000 {
            if done() {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("never: {what}");
    }

    /// Lets everything that can run without time passing run. The store's writer is another thread: each round waits
    /// for what was asked of it before.
    pub async fn quiet(&self) {
        for _ in 0..20 {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            let nothing = |_: &mut store::Tx<'_>| Ok::<_, store::Error>(());
            self.store.transact(nothing).await.unwrap();
        }
    }

    /// The bill so far, by function.
    pub async fn billed(&self) -> Vec<usage::Line> {
        self.meter.flush().await.unwrap();
        let query = usage::Query {
            account: AccountId::parse("111111111111").unwrap(),
            since: Time::default(),
            by: usage::By::Resource,
            resource: None,
            free_tier: false,
        };
        usage::bill(&self.store, &query).unwrap().lines
    }

    pub fn invocations(&self) -> usize {
        self.engine.invocations.lock().unwrap().len()
    }
}

pub fn package(content: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("index.py", SimpleFileOptions::default()).unwrap();
    zip.write_all(content.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

pub fn encoded_package(content: &str) -> String {
    STANDARD.encode(package(content))
}

pub fn log_tail(answer: &Answer) -> String {
    let header = answer.headers["x-amz-log-result"].to_str().unwrap();
    String::from_utf8(STANDARD.decode(header).unwrap()).unwrap()
}

/// Turns bytes around: the ciphertext is not the plaintext, and no key is kept.
struct FakeKeys;

impl FakeKeys {
    fn turned(bytes: &[u8]) -> Result<Vec<u8>, seams::Error> {
        Ok(bytes.iter().map(|byte| !byte).collect())
    }
}

impl seams::Keys for FakeKeys {
    fn key_arn<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
    ) -> BoxFut<'a, Result<String, seams::Error>> {
        Box::pin(async { Ok("arn:aws:kms:us-east-1:000000000000:key/k".to_string()) })
    }

    fn encrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        plaintext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        Box::pin(async { Self::turned(plaintext) })
    }

    fn decrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        ciphertext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        Box::pin(async { Self::turned(ciphertext) })
    }

    fn generate_data_key<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
    ) -> BoxFut<'a, Result<seams::DataKey, seams::Error>> {
        Box::pin(async { Ok(seams::DataKey { plaintext: [0; 32], ciphertext: vec![255; 32] }) })
    }

    fn grant_decrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        _: &'a str,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        Box::pin(async { Ok(()) })
    }
}
