//! From an operation's name to the function that carries it out.

use base::BoxFut;
use seams::{AccessRequest, Authorizer, CallCx};
use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use wire::{Common, Error, Op, Operation, Protocol, Request, Response, Shown};

/// What a caller must be allowed before an operation runs.
///
/// Access rules run after the input was validated and before the operation reads anything on the caller's behalf.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// All of them must be allowed.
    pub requests: Vec<AccessRequest>,
}

impl Access {
    /// `action` on `resource`; the whole of most rules.
    pub fn to(action: &'static str, resource: impl Into<String>) -> Self {
        Access { requests: vec![AccessRequest::new(action, resource)] }
    }

    /// `action`, which has no resource.
    pub fn to_any(action: &'static str) -> Self {
        Self::to(action, "*")
    }

    /// Nothing: anyone with valid credentials may, such as `sts:GetCallerIdentity`.
    pub fn open() -> Self {
        Self::default()
    }

    /// Another permission that is needed too.
    pub fn and(mut self, request: AccessRequest) -> Self {
        self.requests.push(request);
        self
    }
}

impl From<AccessRequest> for Access {
    fn from(request: AccessRequest) -> Self {
        Access { requests: vec![request] }
    }
}

/// What an audit trail shows of a call, as JSON objects without secrets.
#[derive(Default)]
pub struct Notes {
    /// The input, once it was read.
    pub parameters: OnceLock<String>,
    /// The answer, if there was one.
    pub answer: OnceLock<String>,
}

impl Notes {
    /// Longer texts are left out, in bytes, as CloudTrail leaves out what is longer than 100 KB.
    const BYTES_MAX: usize = 100_000;

    fn take(slot: &OnceLock<String>, shape: &dyn wire::Shape, how: Shown) {
        let text = serde_json::Value::from(wire::shown(shape, how)).to_string();
        if text.len() <= Self::BYTES_MAX {
            let _ = slot.set(text);
        }
    }
}

/// The operations of one service that are built.
pub struct Routes {
    service: &'static wire::Service,
    routes: HashMap<&'static str, Box<dyn Route>>,
}

impl Routes {
    /// None yet.
    pub fn new(service: &'static wire::Service) -> Self {
        Routes { service, routes: HashMap::new() }
    }

    /// Adds `operation`: `access` says what the caller needs, `run` does the work.
    ///
    /// Panics if it was added before.
    pub fn on<O, S, A, F, Fut>(mut self, _operation: O, service: &Arc<S>, access: A, run: F) -> Self
    where
        O: Op,
        S: Send + Sync + 'static,
        A: Fn(&S, &CallCx, &O::Input) -> Result<Access, Error> + Send + Sync + 'static,
        F: Fn(Arc<S>, Arc<CallCx>, O::Input) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<O::Output, Error>> + Send + 'static,
    {
        let state = service.clone();
        let allowed = move |cx: &CallCx, input: &O::Input| access(&state, cx, input);
        let state = service.clone();
        let run = move |cx: Arc<CallCx>, input: O::Input| run(state.clone(), cx, input);
        let route =
            Typed::<O, _, _> { service: self.service, allowed, run, operation: Default::default() };
        let before = self.routes.insert(O::OPERATION.name, Box::new(route));
        assert!(before.is_none(), "{} is routed twice", O::OPERATION.name);
        self
    }

    /// The service that they belong to.
    pub fn service(&self) -> &'static wire::Service {
        self.service
    }

    /// The names of the operations that are built, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.routes.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// Decodes, authorizes, runs and encodes; 501 if `operation` is not built.
    pub async fn call(
        &self,
        protocol: Protocol,
        operation: &'static Operation,
        request: Request,
        cx: Arc<CallCx>,
        authorizer: &dyn Authorizer,
    ) -> Result<Response, Error> {
        self.call_noted(protocol, operation, request, cx, authorizer, None).await
    }

    /// As [`Routes::call`], and takes down in `notes` what an audit trail shows of the call.
    pub async fn call_noted(
        &self,
        protocol: Protocol,
        operation: &'static Operation,
        request: Request,
        cx: Arc<CallCx>,
        authorizer: &dyn Authorizer,
        notes: Option<&Notes>,
    ) -> Result<Response, Error> {
        match self.routes.get(operation.name) {
            Some(route) => route.call(protocol, request, cx, authorizer, notes).await,
            None => Err(Error::not_implemented(self.service, operation.name)),
        }
    }
}

/// A route whose types are erased.
trait Route: Send + Sync {
    fn call<'a>(
        &'a self,
        protocol: Protocol,
        request: Request,
        cx: Arc<CallCx>,
        authorizer: &'a dyn Authorizer,
        notes: Option<&'a Notes>,
    ) -> BoxFut<'a, Result<Response, Error>>;
}

struct Typed<O, A, F> {
    service: &'static wire::Service,
    allowed: A,
    run: F,
    operation: std::marker::PhantomData<fn() -> O>,
}

impl<O, A, F, Fut> Route for Typed<O, A, F>
where
    O: Op,
    A: Fn(&CallCx, &O::Input) -> Result<Access, Error> + Send + Sync,
    F: Fn(Arc<CallCx>, O::Input) -> Fut + Send + Sync,
    Fut: Future<Output = Result<O::Output, Error>> + Send,
{
    fn call<'a>(
        &'a self,
        protocol: Protocol,
        mut request: Request,
        cx: Arc<CallCx>,
        authorizer: &'a dyn Authorizer,
        notes: Option<&'a Notes>,
    ) -> BoxFut<'a, Result<Response, Error>> {
        Box::pin(async move {
            let input = self.service.decode_as::<O>(protocol, &mut request)?;
            drop(request);
            if let Some(notes) = notes {
                Notes::take(&notes.parameters, &input, Shown::Request);
            }
            let access = (self.allowed)(&cx, &input)?;
            check(&cx, &access, authorizer).await?;
            let request_id = cx.request_id.to_string();
            let mut output = (self.run)(cx, input).await?;
            if let Some(notes) = notes {
                Notes::take(&notes.answer, &output, Shown::Answer);
            }
            Ok(self.service.encode(protocol, O::OPERATION, &mut output, &request_id))
        })
    }
}

async fn check(cx: &CallCx, access: &Access, authorizer: &dyn Authorizer) -> Result<(), Error> {
    for request in &access.requests {
        authorizer.authorize(cx, request).await.map_err(denied)?;
    }
    Ok(())
}

/// A denial gets the code of the service's protocol; the authorizer's own failure stays internal.
fn denied(error: seams::Error) -> Error {
    if error.is_internal() {
        return Error::internal(error);
    }
    Error::common(Common::AccessDenied, error.message)
}
