//! SnapStart where an interpreter cannot be forked: an environment that has been initialized waits until it is wanted.
//!
//! # Invariants
//! - It serves one configuration of one version, and whoever takes it gets it alone, with variables of its own: what the
//!   function was initialized with, credentials above all, is replaced.
//! - One stands ready at most; another takes its place in the background.
//! - It stands still until it is taken.

use std::sync::{Arc, Weak};
use std::time::Duration;

use engine::{
    Environment, EnvironmentSpec, InitError, Initialized, OutputLine, OutputSink, Snapshot,
    SnapshotError,
};
use parking_lot::Mutex;

use crate::engine::Makers;
use crate::environment::FunctionEnvironment;
use crate::runtime_api::{Freezer as _, Restores};
use crate::runtimes::Runtime;
use crate::task::Task;

/// Before another environment is initialized: the invocation that took the last one is answered meanwhile, undisturbed.
const REFILL_AFTER: Duration = Duration::from_millis(250);

/// Initializations after the first that may fail before no other is tried.
const FAILURES_MAX: u32 = 3;

/// What environments are initialized from, and the one that waits.
pub(crate) struct KeptSnapshot(Arc<Kept>);

struct Kept {
    makers: Makers,
    runtime: Arc<Runtime>,
    /// With the variables and the log of the initialization.
    spec: EnvironmentSpec,
    initialized: Initialized,
    state: Mutex<State>,
    this: Weak<Self>,
}

#[derive(Default)]
struct State {
    ready: Option<Waiting>,
    /// Makes the next one.
    filler: Option<Task>,
    failures: u32,
}

/// An environment that has been initialized.
struct Waiting {
    environment: Arc<FunctionEnvironment>,
    output: Arc<Turned>,
}

/// Output goes to the log of the initialization, and to that of the environment once it is taken.
struct Turned(Mutex<Arc<dyn OutputSink>>);

impl Turned {
    fn to(&self) -> Arc<dyn OutputSink> {
        Arc::clone(&self.0.lock())
    }
}

impl OutputSink for Turned {
    fn line(&self, line: OutputLine) {
        self.to().line(line);
    }

    fn platform(&self, time: base::Time, kind: &str, record: &str) {
        self.to().platform(time, kind, record);
    }
}

impl KeptSnapshot {
    /// Initializes the function.
    pub(crate) async fn make(
        makers: Makers,
        runtime: Arc<Runtime>,
        spec: EnvironmentSpec,
    ) -> Result<Self, SnapshotError> {
        let unsupported = |reason: &str| SnapshotError::Unsupported(reason.to_owned());
        let brings = runtime.plan(&spec).map(|plan| !plan.assignment.extensions.is_empty());
        if brings.unwrap_or(true) {
            // Their variables, and the credentials in them, stay what they were.
            return Err(unsupported("it has extensions, which are programs of their own"));
        }
        let waiting = initialize(&makers, &runtime, &spec).await.map_err(SnapshotError::Failed)?;
        if !waiting.environment.awaits_restore() {
            return Err(unsupported("its interpreter keeps the variables that it began with"));
        }
        let initialized = waiting.environment.initialized();
        let state = Mutex::new(State { ready: Some(waiting), ..State::default() });
        Ok(Self(Arc::new_cyclic(|this| Kept {
            makers,
            runtime,
            spec,
            initialized,
            state,
            this: this.clone(),
        })))
    }
}

async fn initialize(
    makers: &Makers,
    runtime: &Arc<Runtime>,
    spec: &EnvironmentSpec,
) -> Result<Waiting, InitError> {
    let output = Arc::new(Turned(Mutex::new(Arc::clone(&spec.output))));
    let spec = EnvironmentSpec { output: Arc::clone(&output) as _, ..spec.clone() };
    let environment = makers.environment(runtime, &spec, Restores::WhenWanted).await?;
    environment.handle().set_frozen(true);
    Ok(Waiting { environment, output })
}

impl Kept {
    fn refill(&self) {
        let mut state = self.state.lock();
        let full = state.ready.as_ref().is_some_and(|ready| ready.environment.is_alive());
        if !full && state.filler.is_none() && state.failures < FAILURES_MAX {
            state.ready = None;
            let (makers, runtime) = (self.makers.clone(), Arc::clone(&self.runtime));
            let (spec, this) = (self.spec.clone(), self.this.clone());
            let _entered = self.makers.pool.handle().enter();
            state.filler = Some(Task::spawn(async move {
                makers.around.clock.sleep(REFILL_AFTER).await;
                let made = initialize(&makers, &runtime, &spec).await;
                if let Some(kept) = this.upgrade() {
                    kept.shelve(made);
                }
            }));
        }
    }

    fn shelve(&self, made: Result<Waiting, InitError>) {
        let mut state = self.state.lock();
        state.filler = None;
        match made {
            Ok(waiting) => state.ready = Some(waiting),
            Err(error) => {
                state.failures += 1;
                let runtime = self.runtime.name;
                tracing::warn!(
                    runtime,
                    ?error,
                    "a function with SnapStart was not initialized again"
                );
            }
        }
    }
}

impl Snapshot for KeptSnapshot {
    fn initialized(&self) -> Initialized {
        self.0.initialized
    }

    fn restore(
        &self,
        spec: EnvironmentSpec,
    ) -> base::BoxFut<'_, Result<Arc<dyn Environment>, InitError>> {
        Box::pin(async move {
            let began = self.0.makers.around.clock.monotonic();
            let none = |reason: &str| InitError::Sandbox(reason.to_owned());
            let plan = self.0.runtime.plan(&spec).map_err(|_| none("no program"))?;
            let taken = self.0.state.lock().ready.take();
            self.0.refill();
            let Waiting { environment, output } = taken
                .filter(|taken| taken.environment.is_alive())
                .ok_or_else(|| none("none that has been initialized is ready"))?;
            *output.0.lock() = Arc::clone(&spec.output);
            environment.go_on(&spec, &plan.assignment.environment, began).await?;
            Ok(environment as Arc<dyn Environment>)
        })
    }

    fn is_ready(&self) -> bool {
        // One that has died by itself is replaced.
        self.0.refill();
        self.0.state.lock().ready.is_some()
    }

    fn memory_bytes(&self) -> u64 {
        let state = self.0.state.lock();
        state.ready.as_ref().map_or(0, |ready| ready.environment.memory_bytes())
    }

    fn is_alive(&self) -> bool {
        self.0.state.lock().failures < FAILURES_MAX
    }
}
