//! SnapStart: a function that has been initialized once, and whose interpreter is forked into every new environment.
//!
//! # Invariants
//! - A template serves one configuration of one version, and no invocation.
//! - It is as confined as an environment; only its forks get invocations, each in a sandbox of its own.
//! - It stands still but while it is forked, and while a sandbox is born below it.

use std::sync::Arc;
use std::time::Duration;

use engine::{
    Environment, EnvironmentSpec, Ground, InitError, Initialized, Reservation, Snapshot,
    SnapshotError,
};
use parking_lot::Mutex;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::engine::Makers;
use crate::environment::FunctionEnvironment;
use crate::runtime_api::Restores;
use crate::runtimes::{Form, Runtime};
use crate::sandbox::{Assignment, Binding};
use crate::task::Task;
use crate::{Sandbox, SandboxHandle, Spawner};

/// With this type the interface client says that a fork of it would not be what it is.
const NOT_FORKABLE: &str = "Nuage.NotForkable";

/// A template and what its forks need. Shared with what is reserved of it.
pub(crate) struct ForkedSnapshot(Arc<Forks>);

struct Forks {
    makers: Makers,
    runtime: Arc<Runtime>,
    template: Arc<FunctionEnvironment>,
    /// Forks under way; the template runs while there are some.
    under_way: Mutex<u32>,
    /// Read by whoever lets the template run; written while a sandbox is born below it. For the moment of its birth that is a
    /// copy of the spawner which the template, as the owner of its namespaces, might look into.
    standstill: Arc<RwLock<()>>,
    ahead: Arc<Ahead>,
}

/// A sandbox below the template that is made while nobody waits. It has no program: that is forked when it is assigned.
#[derive(Default)]
struct Ahead {
    sandbox: Mutex<Option<Sandbox>>,
    maker: Mutex<Option<Task>>,
}

/// Before the next one is made: the invocation that took the last is answered meanwhile, undisturbed.
const REFILL_AFTER: Duration = Duration::from_millis(8);

impl ForkedSnapshot {
    /// Initializes the function.
    pub(crate) async fn make(
        makers: Makers,
        runtime: Arc<Runtime>,
        spec: EnvironmentSpec,
    ) -> Result<Self, SnapshotError> {
        let unsupported = |reason: &str| SnapshotError::Unsupported(reason.to_owned());
        let began = makers.around.clock.monotonic();
        if !makers.spawners.capabilities().root {
            return Err(unsupported("snapshots need the server to run as root"));
        }
        let sandbox = runtime.template();
        let sandbox = sandbox
            .ok_or_else(|| unsupported("environments of this runtime start from a warm pool"))?;
        let mut plan =
            runtime.plan(&spec).map_err(|_| unsupported("it brings a program of its own"))?;
        plan.standstill = Restores::InForks;
        if plan.form != Form::Booted {
            return Err(unsupported(
                "its variables or libraries need an interpreter that starts with them",
            ));
        }
        if !plan.assignment.extensions.is_empty() {
            return Err(unsupported("it has extensions, which are programs of their own"));
        }
        let broken = |error: crate::Error| InitError::Sandbox(error.to_string());
        let failed = |error| SnapshotError::Failed(broken(error));
        let spawner = makers.spawners.living().await.map_err(failed)?;
        let sandbox = spawner.create(sandbox).await.map_err(failed)?;
        let started =
            FunctionEnvironment::start(sandbox, None, plan, &spec, &makers.around, began).await;
        let template = match started {
            Ok(template) => makers.environments.add(template).await,
            Err(error) => Err(error),
        };
        let template = template.map_err(|error| match error {
            InitError::Reported { error_type, body, .. } if error_type == NOT_FORKABLE => {
                SnapshotError::Unsupported(String::from_utf8_lossy(&body).into_owned())
            }
            error => SnapshotError::Failed(error),
        })?;
        let (_, assignment) = runtime
            .plan_ground(&spec.ground())
            .ok_or_else(|| unsupported("its files cannot be bound ahead"))?;
        let handle = template.handle();
        let _ = handle.freeze();
        let first = spawner.fork_at_assignment(handle, runtime.root().clone()).await;
        let _ = handle.thaw();
        // It has told that it is initialized and is still making itself ready to be forked. What the first fork waits for
        // would otherwise be waited for by an invocation, and while the template stands still it gets no further. This one
        // never gets its variables.
        let first = async { first?.bind(&assignment).await?.whole().await };
        let first = tokio::select! {
            stands = first => stands.map(drop),
            () = makers.around.clock.sleep(spec.init_timeout) => Err(crate::Error::SandboxEnded),
        };
        first.map_err(|error| unsupported(&format!("it cannot be forked: {error}")))?;
        let (under_way, standstill, ahead) = (Mutex::new(0), Arc::default(), Arc::default());
        let forks = Forks { makers, runtime, template, under_way, standstill, ahead };
        let _ = forks.handle().freeze();
        forks.refill(spawner);
        Ok(Self(Arc::new(forks)))
    }
}

impl Forks {
    /// Makes the sandbox for the next restoration, in the background.
    fn refill(&self, spawner: Spawner) {
        let (template, root) = (Arc::clone(self.handle()), self.runtime.root().clone());
        let (ahead, clock) = (Arc::downgrade(&self.ahead), Arc::clone(&self.makers.around.clock));
        let standstill = Arc::clone(&self.standstill);
        *self.ahead.maker.lock() = Some(Task::spawn(async move {
            clock.sleep(REFILL_AFTER).await;
            let _still = standstill.write().await;
            // Without it the next restoration makes its own, and tells what is wrong.
            let Ok(made) = spawner.fork_at_assignment(&template, root).await else { return };
            if let Some(ahead) = ahead.upgrade() {
                *ahead.sandbox.lock() = Some(made);
            }
        }));
    }

    /// Counts a fork, and lets the template run until the last is over.
    async fn run(self: &Arc<Self>) -> Running {
        let runs = Arc::clone(&self.standstill).read_owned().await;
        let mut under_way = self.under_way.lock();
        if *under_way == 0 {
            let _ = self.handle().thaw();
        }
        *under_way += 1;
        Running { forks: Arc::clone(self), _runs: runs }
    }

    fn handle(&self) -> &Arc<SandboxHandle> {
        self.template.handle()
    }

    /// A sandbox that waits for its assignment.
    async fn sandbox(&self, spawner: &Spawner) -> crate::Result<Sandbox> {
        let ready = || self.ahead.sandbox.lock().take().filter(|sandbox| !sandbox.has_ended());
        if let Some(sandbox) = ready() {
            return Ok(sandbox);
        }
        let _still = self.standstill.write().await;
        // It may have been made meanwhile.
        match ready() {
            Some(sandbox) => Ok(sandbox),
            None => spawner.fork_at_assignment(self.handle(), self.runtime.root().clone()).await,
        }
    }
}

/// While it is there, the template runs.
struct Running {
    forks: Arc<Forks>,
    _runs: OwnedRwLockReadGuard<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut under_way = self.forks.under_way.lock();
        *under_way -= 1;
        if *under_way == 0 {
            let _ = self.forks.handle().freeze();
        }
    }
}

/// A fork that is under way before its variables are known.
struct Reserved {
    forks: Arc<Forks>,
    spawner: Spawner,
    /// What its sandbox is being bound to.
    assignment: Assignment,
    /// Taken by the restoration that it is for.
    bound: Mutex<Option<(Sandbox, Binding, Running)>>,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.bound.lock().take().is_some() {
            self.forks.refill(self.spawner.clone());
        }
    }
}

impl Snapshot for ForkedSnapshot {
    fn initialized(&self) -> Initialized {
        self.0.template.initialized()
    }

    fn reserve(&self, ground: Ground) -> base::BoxFut<'_, Option<Reservation>> {
        Box::pin(async move {
            let forks = &self.0;
            let (form, assignment) = forks.runtime.plan_ground(&ground)?;
            if form != Form::Booted {
                return None;
            }
            // First: a template that lives is then one of this spawner's.
            let spawner = forks.makers.spawners.living().await.ok()?;
            if !forks.template.is_alive() {
                return None;
            }
            // An error shows again where the restoration makes its own.
            let sandbox = forks.sandbox(&spawner).await.ok()?;
            let running = forks.run().await;
            let binding = sandbox.bind(&assignment).await.ok()?;
            let bound = Mutex::new(Some((sandbox, binding, running)));
            let reserved = Reserved { forks: Arc::clone(forks), spawner, assignment, bound };
            Some(Reservation::new(reserved))
        })
    }

    fn restore(
        &self,
        mut spec: EnvironmentSpec,
    ) -> base::BoxFut<'_, Result<Arc<dyn Environment>, InitError>> {
        Box::pin(async move {
            let forks = &self.0;
            let around = &forks.makers.around;
            let began = around.clock.monotonic();
            let none = |reason: &str| InitError::Sandbox(reason.to_owned());
            let mut plan = forks.runtime.plan(&spec).map_err(|_| none("no program"))?;
            plan.restores = true;
            let reserved = spec.reservation.take().and_then(|reservation| {
                let reserved = reservation.get::<Reserved>()?;
                let fits = Arc::ptr_eq(&reserved.forks, forks)
                    && reserved.assignment.is_ground_of(&plan.assignment);
                let bound = if fits { reserved.bound.lock().take() } else { None };
                let alive = bound.filter(|(sandbox, ..)| !sandbox.has_ended());
                Some((reserved.spawner.clone(), alive?))
            });
            let (spawner, sandbox, binding, running) = match reserved {
                Some((spawner, (sandbox, binding, running))) => {
                    (spawner, sandbox, Some(binding), running)
                }
                None => {
                    // First, as above.
                    let spawner = forks.makers.spawners.living().await;
                    let spawner = spawner.map_err(|error| none(&error.to_string()))?;
                    if !forks.template.is_alive() {
                        return Err(none("the template has ended"));
                    }
                    let made = forks.sandbox(&spawner).await;
                    let sandbox = made.map_err(|error| none(&error.to_string()))?;
                    (spawner, sandbox, None, forks.run().await)
                }
            };
            let start = FunctionEnvironment::start(sandbox, binding, plan, &spec, around, began);
            // The template has run the function's code, so it may do anything, also nothing. What it forked has its own
            // time to begin, behind the fork.
            let started = tokio::select! {
                started = start => started,
                () = around.clock.sleep(2 * spec.init_timeout) => Err(none("no fork in time")),
            };
            drop(running);
            forks.refill(spawner);
            let environment = forks.makers.environments.add(started?).await?;
            Ok(environment as Arc<dyn Environment>)
        })
    }

    fn is_alive(&self) -> bool {
        self.0.template.is_alive()
    }
}
