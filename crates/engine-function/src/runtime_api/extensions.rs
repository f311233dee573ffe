//! The extensions of one environment: who has registered, who works, who waits for the next event.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
//!
//! States: `Started -> Registered -> Ready <-> Running`; `Registered -> InitError`; `Registered | Ready | Running ->
//! ExitError`. External ones are `Started` when the sandbox launches them, internal ones when they register.
//! Invariant: an initialization, and an invocation, lasts until every extension that has a part in it is `Ready`.

use base::{RequestId, Time};

use super::refusal::Refusal;

/// Extensions of one function, external and internal together.
pub(crate) const EXTENSIONS_MAX: usize = crate::Assignment::EXTENSIONS_MAX;

/// Where an extension stands, as AWS names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExtensionState {
    Started,
    Registered,
    Ready,
    Running,
    InitError,
    ExitError,
    LaunchError,
}

impl ExtensionState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::Registered => "Registered",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::InitError => "InitError",
            Self::ExitError => "ExitError",
            Self::LaunchError => "LaunchError",
        }
    }
}

/// What an extension wants to be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) invoke: bool,
    pub(crate) shutdown: bool,
}

impl Subscription {
    /// As AWS lists them.
    pub(crate) fn names(self) -> Vec<&'static str> {
        let all = [("INVOKE", self.invoke), ("SHUTDOWN", self.shutdown)];
        all.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name).collect()
    }
}

/// What an extension is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Invoke {
        request_id: String,
        deadline: Time,
        invoked_function_arn: String,
        trace_id: Option<String>,
    },
    Shutdown {
        reason: ShutdownReason,
        deadline: Time,
    },
}

/// Why an environment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShutdownReason {
    /// It is not needed any more.
    Spindown,
    /// A deadline passed.
    Timeout,
    /// The runtime or an extension failed.
    Failure,
}

impl ShutdownReason {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Spindown => "spindown",
            Self::Timeout => "timeout",
            Self::Failure => "failure",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) name: String,
    /// The sandbox runs it as a process of its own.
    pub(crate) external: bool,
    /// Its identifier, once it has registered.
    pub(crate) id: Option<RequestId>,
    pub(crate) events: Subscription,
    pub(crate) state: ExtensionState,
    /// What it reported of its failure.
    pub(crate) error_type: Option<String>,
    /// What its waiting request will be answered with.
    pending: Option<Event>,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Extensions {
    all: Vec<Extension>,
    /// The runtime has asked for its first invocation: nobody registers any more.
    closed: bool,
}

impl Extensions {
    /// The external ones, which the sandbox launches.
    pub(crate) fn launched(names: &[String]) -> Self {
        let mut extensions = Self::default();
        for name in names {
            extensions.all.push(Extension::new(name, true));
        }
        extensions
    }

    pub(crate) fn all(&self) -> &[Extension] {
        &self.all
    }

    pub(crate) fn has_external(&self) -> bool {
        self.all.iter().any(|extension| extension.external)
    }

    /// Registers the external extension of this name, or else a new internal one.
    pub(crate) fn register(
        &mut self,
        name: &str,
        events: &[String],
        id: RequestId,
    ) -> Result<(), Refusal> {
        let place =
            self.all.iter().position(|extension| extension.external && extension.name == name);
        let events = subscription(events, place.is_some())?;
        let place = match place {
            Some(place) => place,
            None if self.closed => return Err(Refusal::RegistrationClosed),
            None if self.all.iter().any(|extension| extension.name == name) => {
                return Err(Refusal::ExtensionNameTaken);
            }
            None if self.all.len() >= EXTENSIONS_MAX => return Err(Refusal::TooManyExtensions),
            None => {
                self.all.push(Extension::new(name, false));
                self.all.len() - 1
            }
        };
        let extension = &mut self.all[place];
        if extension.state != ExtensionState::Started {
            return Err(extension.refuse(ExtensionState::Registered, name));
        }
        extension.state = ExtensionState::Registered;
        extension.events = events;
        extension.id = Some(id);
        Ok(())
    }

    pub(crate) fn close_registration(&mut self) {
        self.closed = true;
    }

    /// Its name, if there is one of this identifier.
    pub(crate) fn name(&self, id: RequestId) -> Result<String, Refusal> {
        self.place(id).map(|place| self.all[place].name.clone())
    }

    /// An extension asks for its next event: it is done with the one before.
    pub(crate) fn ask(&mut self, id: RequestId) -> Result<(), Refusal> {
        let place = self.place(id)?;
        let extension = &mut self.all[place];
        match extension.state {
            ExtensionState::Registered | ExtensionState::Running => {
                extension.state = ExtensionState::Ready;
                Ok(())
            }
            _ => Err(extension.refuse(ExtensionState::Ready, &id.to_string())),
        }
    }

    /// The event for an extension that has asked, when there is one.
    pub(crate) fn take(&mut self, id: RequestId) -> Result<Option<Event>, Refusal> {
        let place = self.place(id)?;
        let extension = &mut self.all[place];
        if extension.state != ExtensionState::Ready && extension.pending.is_none() {
            return Err(extension.refuse(ExtensionState::Ready, &id.to_string()));
        }
        Ok(extension.pending.take())
    }

    /// `POST …/init/error` or `…/exit/error`. Said twice it counts once.
    pub(crate) fn report(
        &mut self,
        id: RequestId,
        to: ExtensionState,
        error_type: String,
    ) -> Result<(), Refusal> {
        let place = self.place(id)?;
        let extension = &mut self.all[place];
        let from = extension.state;
        let fits = match to {
            ExtensionState::InitError => from == ExtensionState::Registered,
            _ => matches!(
                from,
                ExtensionState::Registered | ExtensionState::Ready | ExtensionState::Running
            ),
        };
        if from == to {
            return Ok(());
        }
        if !fits {
            return Err(extension.refuse(to, &id.to_string()));
        }
        extension.state = to;
        extension.error_type = Some(error_type);
        Ok(())
    }

    /// An external extension could not be executed.
    pub(crate) fn launch_failed(&mut self, place: usize, error_type: &str) {
        if let Some(extension) = self.all.get_mut(place) {
            extension.state = ExtensionState::LaunchError;
            extension.error_type = Some(error_type.to_owned());
        }
    }

    /// Whether every external one has registered: the runtime may begin.
    pub(crate) fn externals_registered(&self) -> bool {
        let mut externals = self.all.iter().filter(|extension| extension.external);
        externals.all(|extension| extension.state != ExtensionState::Started)
    }

    /// Whether none has anything left to do.
    pub(crate) fn all_ready(&self) -> bool {
        self.all.iter().all(|extension| extension.state == ExtensionState::Ready)
    }

    /// Whether any is told of invocations.
    pub(crate) fn follow_invocations(&self) -> bool {
        self.all.iter().any(|extension| extension.events.invoke)
    }

    /// Tells those that want to know of invocations.
    pub(crate) fn invoke(&mut self, event: impl Fn() -> Event) {
        for extension in self.all.iter_mut().filter(|extension| extension.events.invoke) {
            extension.pending = Some(event());
            extension.state = ExtensionState::Running;
        }
    }

    /// Tells the external ones that want to know of the end: how many.
    pub(crate) fn shut_down(&mut self, reason: ShutdownReason, deadline: Time) -> usize {
        let told = self.all.iter_mut().filter(|extension| {
            extension.external && extension.events.shutdown && extension.error_type.is_none()
        });
        told.map(|extension| extension.pending = Some(Event::Shutdown { reason, deadline })).count()
    }

    fn place(&self, id: RequestId) -> Result<usize, Refusal> {
        let place = self.all.iter().position(|extension| extension.id == Some(id));
        place.ok_or_else(|| Refusal::UnknownExtension(id.to_string()))
    }
}

impl Extension {
    fn new(name: &str, external: bool) -> Self {
        Self {
            name: name.to_owned(),
            external,
            id: None,
            events: Subscription::default(),
            state: ExtensionState::Started,
            error_type: None,
            pending: None,
        }
    }

    fn refuse(&self, to: ExtensionState, named: &str) -> Refusal {
        Refusal::InvalidExtensionState { from: self.state, to, extension: named.to_owned() }
    }
}

fn subscription(events: &[String], external: bool) -> Result<Subscription, Refusal> {
    let mut wanted = Subscription::default();
    for event in events {
        match event.as_str() {
            "INVOKE" => wanted.invoke = true,
            "SHUTDOWN" if external => wanted.shutdown = true,
            "SHUTDOWN" => {
                let reason = "ShutdownEventNotSupportedForInternalExtension";
                return Err(Refusal::InvalidEventType { event: event.clone(), reason });
            }
            _ => {
                let reason = "ErrorInvalidEventType";
                return Err(Refusal::InvalidEventType { event: event.clone(), reason });
            }
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;

    fn id(seed: u64) -> RequestId {
        RequestId::new(&SeededEntropy::new(seed))
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn invoke() -> Event {
        Event::Invoke {
            request_id: "r".into(),
            deadline: Time::default(),
            invoked_function_arn: "a".into(),
            trace_id: None,
        }
    }

    #[test]
    fn an_external_extension_lives() {
        let mut all = Extensions::launched(&texts(&["one"]));
        assert!(!all.externals_registered());
        all.register("one", &texts(&["INVOKE", "SHUTDOWN"]), id(1)).unwrap();
        assert!(all.externals_registered() && !all.all_ready());
        all.ask(id(1)).unwrap();
        assert!(all.all_ready());
        assert_eq!(all.take(id(1)), Ok(None));
        all.invoke(invoke);
        assert!(!all.all_ready());
        assert_eq!(all.take(id(1)), Ok(Some(invoke())));
        all.ask(id(1)).unwrap();
        assert_eq!(all.shut_down(ShutdownReason::Spindown, Time::default()), 1);
        assert!(matches!(all.take(id(1)), Ok(Some(Event::Shutdown { .. }))));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut all = Extensions::launched(&texts(&["one"]));
        let wrong = |result: Result<(), Refusal>| result.unwrap_err().render();
        let (status, body) = wrong(all.register("one", &texts(&["START"]), id(1)));
        assert_eq!(status, 403);
        assert!(body.contains("START: ErrorInvalidEventType"), "{body}");
        let (_, body) = wrong(all.register("inside", &texts(&["SHUTDOWN"]), id(2)));
        assert!(body.contains("ShutdownEventNotSupportedForInternalExtension"), "{body}");
        let (_, body) = wrong(all.ask(id(9)));
        assert!(body.contains("Extension.UnknownExtensionIdentifier"), "{body}");
        all.register("one", &[], id(1)).unwrap();
        let (_, body) = wrong(all.register("one", &[], id(3)));
        assert!(body.contains("from Registered to Registered failed for extension one"), "{body}");
        all.ask(id(1)).unwrap();
        let (_, body) = wrong(all.ask(id(1)));
        assert!(body.contains("from Ready to Ready"), "{body}");
        let (_, body) = wrong(all.report(id(1), ExtensionState::InitError, "e".into()));
        assert!(body.contains("from Ready to InitError"), "{body}");
        for n in 1..EXTENSIONS_MAX {
            all.register(&format!("inside{n}"), &[], id(10 + n as u64)).unwrap();
        }
        let (_, body) = wrong(all.register("another", &[], id(99)));
        assert!(body.contains("Extension limit (10) reached"), "{body}");
        let (_, body) = wrong(all.register("inside1", &[], id(99)));
        assert!(body.contains("already registered"), "{body}");
        all.close_registration();
        let (_, body) = wrong(all.register("another", &[], id(99)));
        assert!(body.contains("Extension.RegistrationClosed"), "{body}");
    }

    /// An extension that registers for nothing takes part in the initialization alone.
    #[test]
    fn an_extension_without_events_does_not_hold_up_invocations() {
        let mut all = Extensions::launched(&texts(&["one"]));
        all.register("one", &[], id(1)).unwrap();
        all.ask(id(1)).unwrap();
        all.invoke(invoke);
        assert!(all.all_ready());
        assert_eq!(all.shut_down(ShutdownReason::Failure, Time::default()), 0);
    }
}
