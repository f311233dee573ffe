//! A service on an in-memory store and a clock that tests move.

use crate::errors::log_group_not_found;
use crate::{Deps, Logs, ops};
use base::{AccountId, BoxFut, Clock, Region, RequestId, SeededEntropy, SimClock, Time};
use parking_lot::Mutex;
use seams::{AccessRequest, Authorizer, CallCx, Caller};
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

pub struct Fixture {
    pub logs: Arc<Logs>,
    pub store: Store,
    pub clock: Arc<SimClock>,
    pub authorizer: Arc<FakeAuthorizer>,
    pub cx: Arc<CallCx>,
}

impl Fixture {
    /// An empty service.
    pub fn empty() -> Self {
        let store = Store::in_memory();
        let clock = Arc::new(SimClock::new(Time::from_unix_ms(NOW_MS)));
        let authorizer = Arc::new(FakeAuthorizer::default());
        let entropy = Arc::new(SeededEntropy::new(1));
        let deps = Deps {
            store: store.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
            authorizer: authorizer.clone(),
            keys: Arc::new(NoKeys),
        };
        let cx = CallCx::internal(
            Arc::new(Caller::root(AccountId::DEFAULT, None)),
            Region::default(),
            RequestId::new(&*entropy),
            clock.now(),
            None,
        );
        Fixture { logs: Logs::new(deps), store, clock, authorizer, cx: Arc::new(cx) }
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
