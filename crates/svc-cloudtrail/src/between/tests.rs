use super::*;
use crate::Deps;
use crate::tables::{EVENTS, EventRecord};
use base::{Clock, SeededEntropy, SimClock, Time};
use parking_lot::Mutex;
use seams::AccessRequest;
use store::{Prefix, Store};

/// Functions of which each call ends with the next of these.
#[derive(Default)]
struct Functions(Mutex<Vec<Result<(), Error>>>);

impl Functions {
    fn next<'a, T: Send + 'a>(&self, value: T) -> BoxFut<'a, Result<T, Error>> {
        let result = self.0.lock().remove(0).map(|()| value);
        Box::pin(async { result })
    }
}

impl FunctionInvoker for Functions {
    fn check<'a>(&'a self, _: &'a CallCx, _: &'a Arn) -> BoxFut<'a, Result<(), Error>> {
        self.next(())
    }

    fn send<'a>(&'a self, _: &'a CallCx, _: FunctionCall<'a>) -> BoxFut<'a, Result<(), Error>> {
        self.next(())
    }

    fn invoke<'a>(
        &'a self,
        _: &'a CallCx,
        _: FunctionCall<'a>,
    ) -> BoxFut<'a, Result<FunctionAnswer, Error>> {
        let (version, payload) = ("$LATEST".to_string(), Vec::new());
        self.next(FunctionAnswer { version, payload, function_error: None })
    }

    fn log_group<'a>(&'a self, _: &'a Arn) -> BoxFut<'a, Result<Option<String>, Error>> {
        self.next(None)
    }
}

/// Remembers why everything was denied.
struct Explains;

impl Authorizer for Explains {
    fn authorize<'a>(
        &'a self,
        _: &'a CallCx,
        _: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async { Ok(()) })
    }

    fn explanation(&self, _: RequestId) -> Option<String> {
        Some("{}".to_string())
    }
}

/// A service in one account invokes a function of another: the denied call is in the trail of the function's account, and
/// what was not denied is in none.
#[tokio::test]
async fn denied_invocations_are_the_owners_to_see() {
    let store = Store::in_memory();
    let clock = Arc::new(SimClock::new(Time::from_unix_s(1_700_000_000)));
    let entropy = Arc::new(SeededEntropy::new(1));
    let deps = Deps { store: store.clone(), clock: clock.clone(), entropy: entropy.clone() };
    let cloudtrail = Arc::new(CloudTrail::new(deps));
    let inner = Arc::new(Functions::default());
    let throttled = Err(Error::new(429, "TooManyRequestsException", "busy"));
    let denied = Err(Error::new(403, "AccessDeniedException", "no"));
    *inner.0.lock() = vec![Ok(()), throttled, denied.clone(), denied.clone(), denied];
    let functions = Watch::new(cloudtrail.clone(), Arc::new(Explains)).functions(inner);
    let account = AccountId::parse("111111111111").unwrap();
    let caller = Arc::new(Caller::service(account, "s3.amazonaws.com"));
    let (id, source) = (RequestId::new(&*entropy), Arn::parse("arn:aws:s3:::bucket"));
    let cx = CallCx::internal(caller, Region::default(), id, clock.now(), source);
    let function = Arn::parse("arn:aws:lambda:eu-west-1:222222222222:function:f").unwrap();
    functions.send(&cx, FunctionCall::new(&function, "{}")).await.unwrap();
    functions.send(&cx, FunctionCall::new(&function, "{}")).await.unwrap_err();
    functions.check(&cx, &function).await.unwrap_err();
    functions.send(&cx, FunctionCall::new(&function, "{}")).await.unwrap_err();
    functions.invoke(&cx, FunctionCall::new(&function, "{}")).await.unwrap_err();
    cloudtrail.write_all().await.unwrap();
    let rows: Result<Vec<_>, store::Error> =
        store.read(|view| view.scan(&EVENTS, Prefix::all(), 10));
    let rows: Vec<(_, EventRecord)> = rows.unwrap();
    let mut kinds = Vec::new();
    for ((account, region, ..), record) in rows {
        assert_eq!((account.to_string().as_str(), region.as_str()), ("222222222222", "eu-west-1"));
        assert!(record.is_data && record.explanation.is_some());
        let event: Value = serde_json::from_str(&record.event).unwrap();
        let identity = json!({ "type": "AWSService", "invokedBy": "s3.amazonaws.com" });
        assert_eq!(event["userIdentity"], identity);
        assert_eq!(event["recipientAccountId"], "222222222222");
        assert_eq!(event["errorCode"], "AccessDeniedException");
        assert_ne!(event["requestID"], id.to_string());
        kinds.push(event["requestParameters"]["invocationType"].as_str().unwrap().to_string());
    }
    kinds.sort();
    assert_eq!(kinds, ["DryRun", "Event", "RequestResponse"]);
}
