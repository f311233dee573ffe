//! The services, wired to each other: made first, started then, stopped in the opposite order.

use crate::data_dir::DataDir;
use crate::environment;
use crate::failure::{Attempt, Failure, Result};
use crate::key_check;
use base::{BoxFut, Clock, Entropy, OsEntropy};
use blobs::Blobs;
use engine::FunctionEngine;
use engine_function::{SandboxEngine, SandboxEngineConfig, ServeEndpoint};
use front::{Download, Front, Parts, Reach, Reset, Serving};
use outbound::Outbound;
use rt::{Service, Tasks};
use sealing::RootKey;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use store::Store;
use svc_cloudtrail::CloudTrail;
use svc_cloudtrail::between::Watch;
use svc_iam::Iam;
use svc_kms::Kms;
use svc_lambda::{FunctionUrls, Invoker, Lambda};
use svc_logs::Logs;
use svc_s3::{Objects, S3};
use svc_sts::{RootAccessKey, Sts, TokenIssuers};
use usage::Meter;

/// Longest wait for requests that run at shutdown.
const REQUESTS_GRACE: Duration = front::limits::SHUTDOWN_GRACE;
/// Longest wait for each further step of the shutdown.
const STEP_GRACE: Duration = Duration::from_secs(5);
/// Empty sandboxes that are kept ready for each runtime.
const POOL_SIZE: usize = 4;
/// The part of the machine's memory that stays free when functions are started, in percent.
const MEMORY_RESERVE_PERCENT: u64 = 5;
/// The part of the machine's memory that is set aside for provisioned concurrency, as far as it is asked for, in percent.
const PROVISIONED_MEMORY_PERCENT: u64 = 75;
/// The part of the machine's memory that idle environments may keep.
const IDLE_MEMORY_SHARE: u64 = 4;

/// What the cloud is started with.
pub struct Config<'a> {
    /// Where unpacked packages are.
    pub state: &'a Path,
    /// Where sandboxes are while the cloud runs.
    pub run: &'a Path,
    /// Where rows and bodies are kept; None keeps them in memory.
    pub data_dir: Option<&'a DataDir>,
    /// Where language runtimes and SDKs are installed.
    pub runtimes_dir: PathBuf,
    /// Interpreters chosen for runtime names.
    pub interpreters: std::collections::BTreeMap<String, PathBuf>,
    /// Whether other machines can reach the listener.
    pub beyond_loopback: bool,
    /// How many executions of an account in a region may run at once.
    pub concurrent_executions: u32,
    /// Whether Lambda takes only ten requests a second for each concurrent execution.
    pub request_rates: bool,
    /// Further names of this machine.
    pub host_names: &'a [String],
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// A running cloud.
pub struct Cloud {
    services: Vec<Arc<dyn Service>>,
    engine: Arc<SandboxEngine>,
    meter: Arc<Meter>,
    serving: Serving,
    /// Connections; they end first.
    connections: Tasks,
    /// The services' loops.
    loops: Tasks,
}

impl Cloud {
    /// Starts everything; requests are served when this answers.
    pub async fn start(config: Config<'_>, listener: TcpListener) -> Result<Self> {
        let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
        let address = listener.local_addr().attempt("the listener has no address")?;
        let (connections, loops) = (Tasks::new(), Tasks::new());
        let front_slot: Arc<OnceLock<Weak<Front>>> = Arc::default();
        let root_key = match config.data_dir {
            Some(directory) => directory.root_key(&*entropy)?,
            None => random_key(&*entropy),
        };
        let (store, blobs) = open_state(config.data_dir)?;
        key_check::check(&store, &RootKey::new(root_key)).await?;
        let engine = start_engine(&config, address, &connections, &front_slot).await?;
        let meter = open_meter(&config, &store).await?;
        // A key that was given to somebody goes on to count when the cloud listens on loopback alone again.
        let root_access_key = match config.data_dir {
            Some(directory) if config.beyond_loopback || directory.has_root_credentials() => {
                let (id, secret) = directory.root_credentials(&*entropy)?;
                Some(RootAccessKey { id, secret })
            }
            _ => None,
        };
        let cloudtrail = Arc::new(CloudTrail::new(svc_cloudtrail::Deps {
            store: store.clone(),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
        }));
        let iam = Arc::new(Iam::new(svc_iam::Deps {
            store: store.clone(),
            root_key: RootKey::new(root_key),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
            endpoint_url: format!("http://127.0.0.1:{}", address.port()),
        }));
        let sts = Arc::new(Sts::new(svc_sts::Deps {
            root_key,
            root_access_key,
            identities: iam.clone(),
            authorizer: iam.clone(),
            web: Arc::new(Outbound::new(config.clock.clone())),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
        }));
        let kms = Kms::new(svc_kms::Deps {
            store: store.clone(),
            root_key: RootKey::new(root_key),
            authorizer: iam.clone(),
            identities: iam.clone(),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
        });
        // What services do for each other is in the audit trail too.
        let watch = Watch::new(cloudtrail.clone(), iam.clone());
        let keys = watch.keys(kms.clone());
        // Functions write logs, and logs go to functions.
        let functions = Arc::new(Invoker::default());
        let logs = Logs::new(svc_logs::Deps {
            store: store.clone(),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
            authorizer: iam.clone(),
            keys: keys.clone(),
            functions: watch.functions(functions.clone()),
        });
        let s3 = S3::new(svc_s3::Deps {
            store: store.clone(),
            blobs: blobs.clone(),
            root_key: RootKey::new(root_key),
            authorizer: iam.clone(),
            keys: keys.clone(),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
        });
        let objects = Objects::new(s3.clone());
        let lambda = Lambda::new(svc_lambda::Deps {
            store: store.clone(),
            blobs: blobs.clone(),
            engine: engine.clone(),
            authorizer: iam.clone(),
            roles: watch.roles(sts.clone()),
            principals: iam.clone(),
            keys,
            objects: Arc::new(objects.clone()),
            logs: logs.clone(),
            meter: meter.clone(),
            clock: config.clock.clone(),
            entropy: entropy.clone(),
            tasks: loops.clone(),
            code_directory: config.state.join("code"),
            boot_id: boot_id(),
            endpoint_url: format!("http://127.0.0.1:{}", address.port()),
            concurrent_executions: config.concurrent_executions,
            holds_request_rates: config.request_rates,
            memory_reserve_bytes: memory_bytes() / 100 * MEMORY_RESERVE_PERCENT,
            provisioned_memory_bytes_max: memory_bytes() / 100 * PROVISIONED_MEMORY_PERCENT,
            event_sources: Vec::new(),
            event_targets: vec![Arc::new(objects)],
            idle_memory_bytes_max: memory_bytes() / IDLE_MEMORY_SHARE,
        });
        let lambda = lambda.attempt("the directory of packages can not be made")?;
        functions.connect(&lambda);
        let services: Vec<Arc<dyn Service>> = vec![
            cloudtrail.clone(),
            iam.clone(),
            sts.clone(),
            kms.clone(),
            logs.clone(),
            s3.clone(),
            lambda.clone(),
        ];
        let front = Front::new(Parts {
            routes: services.iter().map(|service| service.clone().routes()).collect(),
            known: vec![&wire_sqs::SERVICE],
            credentials: sts.clone(),
            authorizer: iam,
            audit: cloudtrail.clone(),
            clock: config.clock.clone(),
            entropy,
            tasks: connections.clone(),
            version: env!("CARGO_PKG_VERSION"),
            host_names: config.host_names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            sites: vec![
                Arc::new(FunctionUrls::new(lambda.clone())),
                Arc::new(TokenIssuers::new(sts)),
            ],
            downloads: vec![packages(&lambda)],
            reports: vec![
                crate::usage_report::report(&store, &meter),
                crate::audit_report::report(&cloudtrail),
            ],
            limitations: limitations(&engine),
            reset: config.data_dir.is_none().then(|| reset(&store, &blobs, &meter, &services)),
        });
        let _ = front_slot.set(Arc::downgrade(&front));
        for service in &services {
            service.clone().start(&loops);
        }
        add_up(&loops, &meter, &config.clock);
        fold_up(&loops, &store, &config.clock);
        let reach = if config.beyond_loopback { Reach::Network } else { Reach::Loopback };
        let serving = front.serve(listener, reach).attempt("the listener can not be served")?;
        Ok(Cloud { services, engine, meter, serving, connections, loops })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.serving.address()
    }

    /// A runtime was installed, so that functions may use it from now on.
    pub fn runtimes_changed(&self) {
        self.engine.runtimes_changed();
        tracing::info!("runtimes are looked for anew");
    }

    /// Requests first, then what they left running, then the sandboxes; in the end the store is closed.
    pub async fn stop(self) {
        drop(self.serving);
        if !self.connections.shut_down(REQUESTS_GRACE).await {
            tracing::warn!("requests were still running when the cloud stopped");
        }
        for service in self.services.iter().rev() {
            service.stop().await;
        }
        if !self.loops.shut_down(STEP_GRACE).await {
            tracing::warn!("background work was still running when the cloud stopped");
        }
        self.engine.shut_down().await;
        if let Err(error) = self.meter.flush().await {
            tracing::warn!(%error, "what was used last is added to the bill at the next start");
        }
    }
}

async fn start_engine(
    config: &Config<'_>,
    address: SocketAddr,
    connections: &Tasks,
    front: &Arc<OnceLock<Weak<Front>>>,
) -> Result<Arc<SandboxEngine>> {
    let engine = SandboxEngine::start(SandboxEngineConfig {
        data_dir: config.runtimes_dir.clone(),
        state_dir: config.run.join("engine"),
        spawner: PathBuf::from("/proc/self/exe"),
        endpoint_port: address.port(),
        serve_endpoint: endpoint_in_sandboxes(connections, front),
        pool_size: POOL_SIZE,
        path: environment::variable("PATH").unwrap_or_default().into(),
        home: environment::home().ok(),
        mapped: config.interpreters.clone(),
        clock: config.clock.clone(),
    })
    .await;
    engine.map(Arc::new).map_err(|error| {
        let mut message = format!("functions can not be run on this machine: {error}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message += &format!(": {cause}");
            source = cause.source();
        }
        Failure::new(message)
    })
}

/// Functions reach this cloud through a listener inside their own sandbox.
fn endpoint_in_sandboxes(connections: &Tasks, front: &Arc<OnceLock<Weak<Front>>>) -> ServeEndpoint {
    let (connections, front) = (connections.clone(), front.clone());
    Arc::new(move |listener: TcpListener, until: BoxFut<'static, ()>| {
        let Some(front) = front.get().and_then(Weak::upgrade) else { return };
        match front.serve(listener, Reach::Sandbox) {
            Ok(serving) => {
                let stopping = connections.stopping();
                connections.spawn("cloud.sandbox_endpoint", async move {
                    tokio::select! {
                        () = until => {}
                        () = stopping => {}
                    }
                    drop(serving);
                });
            }
            Err(error) => tracing::warn!(%error, "a sandbox's endpoint can not be served"),
        }
    })
}

fn open_state(data_dir: Option<&DataDir>) -> Result<(Store, Blobs)> {
    let Some(directory) = data_dir else { return Ok((Store::in_memory(), Blobs::in_memory())) };
    let rows =
        store_embedded::open(&directory.store_path()).attempt("the store can not be opened")?;
    let bodies =
        Blobs::open(&directory.path().join("blobs")).attempt("the bodies can not be opened")?;
    Ok((Store::new(rows), bodies))
}

/// The meter, with what a killed cloud left in its journals.
async fn open_meter(config: &Config<'_>, store: &Store) -> Result<Arc<Meter>> {
    let directory = config.data_dir.map(|directory| directory.path().join("usage"));
    let meter = Meter::open(store.clone(), directory.as_deref()).await;
    Ok(Arc::new(meter.attempt("the journals of what was used can not be read")?))
}

/// Adds what was used to its rows, again and again.
fn add_up(loops: &Tasks, meter: &Arc<Meter>, clock: &Arc<dyn Clock>) {
    let (meter, clock) = (meter.clone(), clock.clone());
    loops.spawn_loop("usage.flush", usage::limits::FLUSH_PERIOD, move || {
        let (meter, clock) = (meter.clone(), clock.clone());
        async move {
            clock.sleep(usage::limits::FLUSH_PERIOD).await;
            if let Err(error) = meter.flush().await {
                tracing::error!(%error, "what was used could not be added to the bill; it is tried again");
            }
        }
    });
}

/// Folds what was used long ago.
fn fold_up(loops: &Tasks, store: &Store, clock: &Arc<dyn Clock>) {
    let (store, clock) = (store.clone(), clock.clone());
    loops.spawn_loop("usage.fold", usage::limits::FOLD_PERIOD, move || {
        let (store, clock) = (store.clone(), clock.clone());
        async move {
            if let Err(error) = usage::fold(&store, clock.now()).await {
                tracing::error!(%error, "old usage could not be folded; it is tried again");
            }
            clock.sleep(usage::limits::FOLD_PERIOD).await;
        }
    });
}

/// What `GetFunction` gives as the location of a package.
fn packages(lambda: &Arc<Lambda>) -> Download {
    let lambda = Arc::downgrade(lambda);
    Download {
        prefix: svc_lambda::CODE_DOWNLOAD_PATH,
        get: Arc::new(move |token: String| {
            let lambda = lambda.upgrade();
            Box::pin(async move { lambda?.code_download(&token).await })
        }),
    }
}

fn limitations(engine: &Arc<SandboxEngine>) -> front::Limitations {
    let engine = Arc::downgrade(engine);
    Arc::new(move || engine.upgrade().map(|engine| engine.limitations()).unwrap_or_default())
}

/// Rows and bodies first: what services keep beside them is then found to be of no use.
fn reset(store: &Store, blobs: &Blobs, meter: &Arc<Meter>, services: &[Arc<dyn Service>]) -> Reset {
    let (store, blobs, meter) = (store.clone(), blobs.clone(), meter.clone());
    let services: Vec<Weak<dyn Service>> = services.iter().map(Arc::downgrade).collect();
    Arc::new(move || {
        let (store, blobs, services) = (store.clone(), blobs.clone(), services.clone());
        let meter = meter.clone();
        Box::pin(async move {
            store.clear().await.map_err(|error| error.to_string())?;
            blobs.clear().await.map_err(|error| error.to_string())?;
            meter.clear().await;
            for service in services.iter().filter_map(Weak::upgrade) {
                service.reset().await;
            }
            Ok(())
        })
    })
}

fn random_key(entropy: &dyn Entropy) -> [u8; 32] {
    let mut key = [0; 32];
    entropy.fill(&mut key);
    key
}

/// Names this run of the kernel: what lay in memory or in half-written files is gone in the next one.
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().into()
}

/// The machine's memory.
fn memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    (info.totalram as u64).saturating_mul(u64::from(info.mem_unit))
}
