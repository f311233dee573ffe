//! The engine of functions: what `svc-lambda` starts environments with.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Weak};

use base::{BoxFut, Clock};
use engine::{
    Environment, EnvironmentSpec, FunctionEngine, Ground, InitError, Reservation, RuntimeStatus,
    RuntimeUnavailable, Snapshot, SnapshotError,
};
use futures_util::future::join_all;
use parking_lot::Mutex;

use crate::awake::Awake;
use crate::class_archive::ClassArchives;
use crate::environment::{FunctionEnvironment, ServeEndpoint, Surroundings, no_bootstrap};
use crate::kept::KeptSnapshot;
use crate::pool::Pool;
use crate::runtime_api::Restores;
use crate::runtimes::{ArchiveOrder, CompiledSdk, Form, Places, Plan, Program, Runtime, Runtimes};
use crate::sandbox::{Assignment, Binding};
use crate::snapshot::ForkedSnapshot;
use crate::spawners::Spawners;
use crate::zygotes::{Wanted, Zygotes};
use crate::{Result, Sandbox, SpawnerConfig};

/// How the engine works.
#[derive(Clone)]
pub struct SandboxEngineConfig {
    /// Installed runtimes and SDKs are kept below it.
    pub data_dir: PathBuf,
    /// A folder of this process's own, gone when it ends: interface clients and the spawner's mounts.
    pub state_dir: PathBuf,
    /// Executed with [`crate::spawner::SUBCOMMAND`] to be the spawner; normally `/proc/self/exe`.
    pub spawner: PathBuf,
    /// The port inside every sandbox where the cloud's own endpoint is reachable, usually 4566.
    pub endpoint_port: u16,
    /// Serves that endpoint.
    pub serve_endpoint: ServeEndpoint,
    /// Empty sandboxes that are kept ready for each runtime that has functions. 0: none.
    pub pool_size: usize,
    /// The value of `PATH`, where interpreters are looked for.
    pub path: OsString,
    /// The user's home folder, for interpreters of version managers.
    pub home: Option<PathBuf>,
    /// Runtime names and the interpreters that somebody chose for them, whatever their version. An installed image of the
    /// runtime still comes first.
    pub mapped: std::collections::BTreeMap<String, PathBuf>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// Runs functions in sandboxes of this host.
pub struct SandboxEngine {
    makers: Makers,
    pool_size: usize,
    runtimes: Arc<Runtimes>,
    class_archives: ClassArchives,
}

impl SandboxEngine {
    /// Starts the spawner. Call it within a tokio runtime, which must outlive the engine.
    ///
    /// Errors when the state folder cannot be written or this host cannot run sandboxes at all.
    pub async fn start(config: SandboxEngineConfig) -> Result<Self> {
        let places = Places {
            data_dir: config.data_dir,
            clients_dir: config.state_dir.join("interface-clients"),
            path: config.path,
            home: config.home,
            mapped: config.mapped,
        };
        let written = places.write_clients();
        written.map_err(|source| crate::Error::System {
            action: "writing the interface clients",
            source,
        })?;
        let spawner = SpawnerConfig {
            state_dir: config.state_dir.join("spawner"),
            endpoint_port: config.endpoint_port,
        };
        let clock = Arc::clone(&config.clock);
        let spawners = Arc::new(Spawners::start(config.spawner, spawner, clock).await?);
        let zygotes = Arc::new(Zygotes::new(Arc::clone(&spawners)));
        let awake = Awake::new(Arc::clone(&config.clock));
        Ok(Self {
            makers: Makers {
                pool: Pool::new(Arc::clone(&zygotes), Arc::clone(&config.clock)),
                zygotes,
                spawners,
                around: Surroundings {
                    clock: config.clock,
                    awake,
                    serve_endpoint: config.serve_endpoint,
                },
                environments: Arc::default(),
                misfits: Arc::default(),
            },
            pool_size: config.pool_size,
            runtimes: Arc::new(Runtimes::new(places)),
            class_archives: ClassArchives::default(),
        })
    }

    /// Looks for runtimes anew: one has been installed. Empty sandboxes of before are ended.
    pub fn runtimes_changed(&self) {
        self.runtimes.forget();
        self.makers.zygotes.clear();
        drop(self.makers.pool.clear());
    }

    /// How many empty sandboxes are ready, and how many are kept ready.
    pub fn pool_level(&self) -> (usize, usize) {
        self.makers.pool.fill_level()
    }

    /// Makes an archive of classes, then fills the pool: what has no archive starts slowly and takes more memory.
    fn make_archive(&self, runtime: Arc<Runtime>, order: ArchiveOrder, form: Form) {
        let (pool, size) = (Arc::clone(&self.makers.pool), self.pool_size);
        let then = move || pool.expect(&runtime, form, size);
        self.class_archives.make(&self.makers.spawners, order, self.makers.pool.handle(), then);
    }

    /// Compiles an SDK; sandboxes that are made from then on have it. In a thread of its own, for which nobody waits.
    fn compile_sdk(&self, sdk: CompiledSdk, name: &'static str, form: Form) {
        let (runtimes, pool) = (Arc::clone(&self.runtimes), Arc::clone(&self.makers.pool));
        let size = self.pool_size;
        std::thread::spawn(move || {
            if !sdk.make() {
                return tracing::warn!(runtime = name, "the AWS SDK could not be compiled ahead");
            }
            runtimes.forget_one(name);
            if let Ok(runtime) = runtimes.get(name) {
                pool.expect(&runtime, form, size);
            }
        });
    }
}

/// What environments are made with, and where account is kept of them.
#[derive(Clone)]
pub(crate) struct Makers {
    pub(crate) spawners: Arc<Spawners>,
    pub(crate) zygotes: Arc<Zygotes>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) around: Surroundings,
    /// Those that may be alive.
    pub(crate) environments: Arc<Environments>,
    /// Packages for which a sandbox was reserved in vain.
    misfits: Arc<Mutex<HashSet<PathBuf>>>,
}

/// Packages to remember as such.
const MISFITS_MAX: usize = 10_000;

impl Makers {
    /// Initializes an environment.
    pub(crate) async fn environment(
        &self,
        runtime: &Arc<Runtime>,
        spec: &EnvironmentSpec,
        standstill: Restores,
    ) -> std::result::Result<Arc<FunctionEnvironment>, InitError> {
        let began = self.around.clock.monotonic();
        let mut plan = match runtime.plan(spec) {
            Ok(plan) => plan,
            Err(Program::NoBootstrap) => {
                return Err(no_bootstrap(self.around.clock.monotonic().saturating_sub(began)));
            }
            Err(Program::Extension(failure)) => {
                let duration = self.around.clock.monotonic().saturating_sub(began);
                return Err(InitError::Extension { failure, duration, memory_peak_bytes: 0 });
            }
        };
        plan.standstill = standstill;
        // A waiting sandbox of a managed runtime is rare, so none is kept ready.
        let key = (runtime.name, plan.form);
        let ready = self.reserved(spec, &plan).or_else(|| Some((self.pool.take(key)?, None)));
        let (sandbox, binding) = match ready {
            Some(ready) => ready,
            None => {
                plan = runtime.plan_unpooled(plan, spec);
                let made = self.zygotes.sandbox(runtime, plan.form, Wanted::AtOnce).await;
                (made.map_err(|error| InitError::Sandbox(error.to_string()))?, None)
            }
        };
        let started =
            FunctionEnvironment::start(sandbox, binding, plan, spec, &self.around, began).await;
        self.pool.refill(key);
        self.environments.add(started?).await
    }
}

/// What [`FunctionEngine::reserve`] holds.
struct Reserved {
    makers: Makers,
    key: (&'static str, Form),
    /// What the sandbox is being bound to.
    assignment: Assignment,
    /// Taken by the start that it is for.
    bound: Mutex<Option<(Sandbox, Binding)>>,
}

impl Makers {
    async fn reserve(&self, runtime: &Runtime, ground: &Ground) -> Option<Reservation> {
        if self.misfits.lock().contains(&ground.code) {
            return None;
        }
        let (form, assignment) = runtime.plan_ground(ground)?;
        let key = (runtime.name, form);
        let sandbox = self.pool.take(key)?;
        // An error shows again where the sandbox is made that is taken then.
        let binding = sandbox.bind(&assignment).await.ok()?;
        let bound = Mutex::new(Some((sandbox, binding)));
        Some(Reservation::new(Reserved { makers: self.clone(), key, assignment, bound }))
    }

    /// The sandbox that was reserved, if it is what is needed.
    fn reserved(&self, spec: &EnvironmentSpec, plan: &Plan) -> Option<(Sandbox, Option<Binding>)> {
        let reserved = spec.reservation.as_ref()?.get::<Reserved>()?;
        let fits =
            reserved.key.1 == plan.form && reserved.assignment.is_ground_of(&plan.assignment);
        if !fits {
            return None;
        }
        let (sandbox, binding) = reserved.bound.lock().take()?;
        (!sandbox.has_ended()).then_some((sandbox, Some(binding)))
    }
}

impl Drop for Reserved {
    /// What was not used will not be the next time either: the variables ask for another sandbox, or there is no role session
    /// for the function. So it costs one sandbox, not one with every invocation that fails.
    fn drop(&mut self) {
        let Some(code) = self.assignment.code.take().filter(|_| self.bound.lock().is_some()) else {
            return;
        };
        let mut misfits = self.makers.misfits.lock();
        if misfits.len() >= MISFITS_MAX {
            misfits.clear();
        }
        misfits.insert(code);
        drop(misfits);
        self.makers.pool.refill(self.key);
    }
}

/// The environments that may be alive, for the end of the engine.
pub(crate) struct Environments(Mutex<Option<Vec<Weak<FunctionEnvironment>>>>);

impl Default for Environments {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Environments {
    /// Adds one; ends it if the engine is ending.
    pub(crate) async fn add(
        &self,
        environment: FunctionEnvironment,
    ) -> std::result::Result<Arc<FunctionEnvironment>, InitError> {
        let environment = Arc::new(environment);
        let added = self.0.lock().as_mut().map(|environments| {
            if environments.len() == environments.capacity() {
                environments.retain(|environment| environment.strong_count() > 0);
            }
            environments.push(Arc::downgrade(&environment));
        });
        if added.is_some() {
            return Ok(environment);
        }
        environment.shut_down().await;
        Err(InitError::Sandbox("the engine is shutting down".to_owned()))
    }

    fn take(&self) -> Vec<Arc<FunctionEnvironment>> {
        let environments = self.0.lock().take();
        environments.into_iter().flatten().filter_map(|weak| weak.upgrade()).collect()
    }
}

impl FunctionEngine for SandboxEngine {
    fn runtimes(&self) -> Vec<RuntimeStatus> {
        self.runtimes.list()
    }

    fn check_runtime(&self, runtime: &str) -> std::result::Result<(), RuntimeUnavailable> {
        self.runtimes.get(runtime).map(|_| ())
    }

    fn expect_runtime(&self, runtime: &str, memory_mib: u32) {
        if self.pool_size > 0
            && let Ok(runtime) = self.runtimes.get(runtime)
        {
            let form = runtime.usual_form(memory_mib);
            if let Some(sdk) = self.runtimes.sdk_to_compile(runtime.name) {
                self.compile_sdk(sdk, runtime.name, form);
            }
            match runtime.archive_order() {
                Some(order) => self.make_archive(runtime, order, form),
                None => self.makers.pool.expect(&runtime, form, self.pool_size),
            }
        }
    }

    fn expect_start(&self) {
        self.makers.around.awake.stay();
    }

    fn reserve(&self, ground: Ground) -> BoxFut<'_, Option<Reservation>> {
        Box::pin(async move {
            let runtime = self.runtimes.get(&ground.runtime).ok()?;
            self.makers.reserve(&runtime, &ground).await
        })
    }

    fn start(
        &self,
        spec: EnvironmentSpec,
    ) -> BoxFut<'_, std::result::Result<Arc<dyn Environment>, InitError>> {
        Box::pin(async move {
            let runtime = self.runtimes.get(&spec.runtime).map_err(InitError::Unavailable)?;
            let environment = self.makers.environment(&runtime, &spec, Restores::AtOnce).await?;
            Ok(environment as Arc<dyn Environment>)
        })
    }

    fn memory_available_bytes(&self) -> u64 {
        crate::memory::available_bytes()
    }

    fn processors(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    fn snapshot(
        &self,
        spec: EnvironmentSpec,
    ) -> BoxFut<'_, std::result::Result<Arc<dyn Snapshot>, SnapshotError>> {
        Box::pin(async move {
            let runtime = self.runtimes.get(&spec.runtime);
            let runtime = runtime.map_err(|unavailable| {
                SnapshotError::Failed(InitError::Unavailable(unavailable))
            })?;
            let makers = self.makers.clone();
            if runtime.renews_variables(&spec) {
                let snapshot = KeptSnapshot::make(makers, runtime, spec).await?;
                return Ok(Arc::new(snapshot) as Arc<dyn Snapshot>);
            }
            let snapshot = ForkedSnapshot::make(makers, runtime, spec).await?;
            Ok(Arc::new(snapshot) as Arc<dyn Snapshot>)
        })
    }

    fn limitations(&self) -> Vec<String> {
        self.makers.spawners.capabilities().missing.clone()
    }

    fn shut_down(&self) -> BoxFut<'_, ()> {
        Box::pin(async move {
            let alive = self.makers.environments.take();
            self.class_archives.shut_down();
            self.makers.pool.shut_down().await;
            self.makers.zygotes.clear();
            join_all(alive.iter().map(|environment| environment.shut_down())).await;
            self.makers.spawners.shut_down().await;
        })
    }
}
