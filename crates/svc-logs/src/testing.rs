//! A service on an in-memory store and a clock that tests move.

use crate::errors::log_group_not_found;
use crate::{Deps, Logs, ops};
use base::{AccountId, Arn, BoxFut, Clock, Region, RequestId, SeededEntropy, SimClock, Time};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parking_lot::Mutex;
use seams::{
    AccessRequest, Authorizer, CallCx, Caller, FunctionAnswer, FunctionCall, FunctionInvoker,
};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;
use store::Store;
use wire::{Error, Protocol};
use wire_logs::{
    CreateLogGroupRequest, CreateLogStreamRequest, FilterLogEventsRequest, FilterLogEventsResponse,
    InputLogEvent, PutLogEventsRequest, PutLogEventsResponse,
};

/// 2023-11-14T22:13:20Z, a multiple of a chunk's interval.
pub const NOW_MS: u64 = 1_700_000_000_000;

/// Allows everything but some actions; remembers what it was asked.
#[derive(Default)]
pub struct FakeAuthorizer {
    pub denied: Mutex<Vec<&'static str>>,
    pub asked: Mutex<Vec<(String, String)>>,
}

impl Authorizer for FakeAuthorizer {
    fn authorize<'a>(
        &'a self,
        _: &'a CallCx,
        request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        self.asked.lock().push((request.action.to_string(), request.resource.clone()));
        let denied = self.denied.lock().iter().any(|action| *action == request.action);
        Box::pin(async move {
            if denied { Err(seams::Error::new(403, "AccessDenied", "no")) } else { Ok(()) }
        })
    }
}

/// Functions that take events as they are told to; remembers what they were sent, and by whom.
#[derive(Default)]
pub struct FakeFunctions {
    /// What the next calls end with; nothing is success.
    pub failures: Mutex<VecDeque<seams::Error>>,
    pub sent: Mutex<Vec<(CallCx, String, Vec<u8>)>>,
    /// The group that every function writes to.
    pub group: Mutex<Option<String>>,
}

impl FakeFunctions {
    /// The next call fails so.
    pub fn fail(&self, status: u16, code: &'static str) {
        self.failures.lock().push_back(seams::Error::new(status, code, "no"));
    }

    /// The messages of all events, by the kind of message.
    pub fn messages(&self, kind: &str) -> Vec<String> {
        let sent = self.sent.lock();
        let documents = sent.iter().map(|(_, _, payload)| opened(payload));
        documents
            .filter(|document| document["messageType"] == kind)
            .flat_map(|document| document["logEvents"].as_array().unwrap().clone())
            .map(|event| event["message"].as_str().unwrap().to_string())
            .collect()
    }
}

/// What a function finds in its event.
pub fn opened(payload: &[u8]) -> serde_json::Value {
    let outer: serde_json::Value = serde_json::from_slice(payload).unwrap();
    let compressed = STANDARD.decode(outer["awslogs"]["data"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&*compressed).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl FunctionInvoker for FakeFunctions {
    fn check<'a>(&'a self, _: &'a CallCx, _: &'a Arn) -> BoxFut<'a, Result<(), seams::Error>> {
        Box::pin(async { Ok(()) })
    }

    fn send<'a>(
        &'a self,
        cx: &'a CallCx,
        call: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        let failure = self.failures.lock().pop_front();
        let result = failure.map_or(Ok(()), Err);
        if result.is_ok() {
            let function = call.function.to_string();
            self.sent.lock().push((cx.clone(), function, call.payload));
        }
        Box::pin(async { result })
    }

    fn invoke<'a>(
        &'a self,
        _: &'a CallCx,
        _: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<FunctionAnswer, seams::Error>> {
        Box::pin(async { Err(seams::Error::internal("nobody waits for functions")) })
    }

    fn log_group<'a>(&'a self, _: &'a Arn) -> BoxFut<'a, Result<Option<String>, seams::Error>> {
        let group = self.group.lock().clone();
        Box::pin(async { Ok(group) })
    }
}

pub struct Fixture {
    pub functions: Arc<FakeFunctions>,
    pub logs: Arc<Logs>,
    pub store: Store,
    pub clock: Arc<SimClock>,
    pub authorizer: Arc<FakeAuthorizer>,
    pub cx: Arc<CallCx>,
}

impl Fixture {
    /// An empty service.
    pub fn empty() -> Self {
        Self::over(Store::in_memory())
    }

    /// A service that finds what an earlier one left.
    pub fn over(store: Store) -> Self {
        let functions = Arc::new(FakeFunctions::default());
        let clock = Arc::new(SimClock::new(Time::from_unix_ms(NOW_MS)));
        let authorizer = Arc::new(FakeAuthorizer::default());
        let entropy = Arc::new(SeededEntropy::new(1));
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            authorizer: authorizer.clone(),
            keys: Arc::new(NoKeys),
            functions: functions.clone(),
        };
        let cx = CallCx::internal(
            Arc::new(Caller::root(AccountId::DEFAULT, None)),
            Region::default(),
            RequestId::new(&*entropy),
            clock.now(),
            None,
        );
        Fixture { functions, logs: Logs::new(deps), store, clock, authorizer, cx: Arc::new(cx) }
    }

    /// With group `g` and streams.
    pub async fn with_streams(streams: &[&str]) -> Self {
        let fixture = Self::empty();
        fixture.create_group("g").await.unwrap();
        for stream in streams {
            fixture.create_stream("g", stream).await.unwrap();
        }
        fixture
    }

    pub async fn create_group(&self, name: &str) -> Result<(), Error> {
        let input = CreateLogGroupRequest { log_group_name: name.into(), ..Default::default() };
        let created =
            ops::create_log_group::create_log_group(self.logs.clone(), self.cx.clone(), input);
        created.await.map(drop)
    }

    pub async fn create_stream(&self, group: &str, name: &str) -> Result<(), Error> {
        let input =
            CreateLogStreamRequest { log_group_name: group.into(), log_stream_name: name.into() };
        let created =
            ops::create_log_stream::create_log_stream(self.logs.clone(), self.cx.clone(), input);
        created.await.map(drop)
    }

    /// Puts events of group `g`, given by their time relative to [`NOW_MS`].
    pub async fn put(
        &self,
        stream: &str,
        events: &[(i64, &str)],
    ) -> Result<PutLogEventsResponse, Error> {
        let event = |(offset_ms, message): &(i64, &str)| InputLogEvent {
            timestamp: NOW_MS as i64 + offset_ms,
            message: (*message).into(),
        };
        let input = PutLogEventsRequest {
            log_group_name: "g".into(),
            log_stream_name: stream.into(),
            log_events: events.iter().map(event).collect(),
            ..Default::default()
        };
        ops::put_log_events::put_log_events(self.logs.clone(), self.cx.clone(), input).await
    }

    pub async fn filter(
        &self,
        input: FilterLogEventsRequest,
    ) -> Result<FilterLogEventsResponse, Error> {
        let input = FilterLogEventsRequest { log_group_name: Some("g".into()), ..input };
        ops::filter_log_events::filter_log_events(self.logs.clone(), self.cx.clone(), input).await
    }

    /// All messages of group `g`, in the order of FilterLogEvents.
    pub async fn messages(&self) -> Vec<String> {
        let answer = self.filter(FilterLogEventsRequest::default()).await.unwrap();
        answer.events.unwrap().into_iter().map(|event| event.message.unwrap()).collect()
    }
}

/// Code and text of an error.
pub fn told<T>(result: Result<T, Error>) -> (String, String) {
    let error = result.err().expect("an error");
    let code = error.code(&wire_logs::SERVICE, Protocol::AwsJson).into_owned();
    (code, error.message().to_string())
}

/// `ResourceNotFoundException` with its text for groups.
pub fn no_group() -> (String, String) {
    told(Err::<(), Error>(log_group_not_found()))
}

/// No key at all: these groups have none.
struct NoKeys;

fn no_key<'a, T: Send + 'a>() -> BoxFut<'a, Result<T, seams::Error>> {
    Box::pin(async { Err(seams::Error::new(400, "NotFoundException", "no")) })
}

impl seams::Keys for NoKeys {
    fn key_arn<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
    ) -> BoxFut<'a, Result<String, seams::Error>> {
        no_key()
    }

    fn encrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        _: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        no_key()
    }

    fn decrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        _: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, seams::Error>> {
        no_key()
    }

    fn generate_data_key<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
    ) -> BoxFut<'a, Result<seams::DataKey, seams::Error>> {
        no_key()
    }

    fn grant_decrypt<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a seams::KeyUse<'a>,
        _: &'a str,
    ) -> BoxFut<'a, Result<(), seams::Error>> {
        no_key()
    }
}
