//! AWS Lambda: functions, their versions and aliases, and their invocations.
//!
//! - Owns: functions, packages, layers, durable executions, warm environments, asynchronous events, event source mappings.
//! - Tables: [`tables`], [`durable::tables`]. Limits: [`limits`]. Texts: [`errors`].
//! - States: `Pending -> Active | Failed`, and `LastUpdateStatus`: [`model::version`].
//! - Loops: reconciling versions, provisioned concurrency, environments on managed instances, asynchronous events, timers and work of durable executions,
//!   readers of event source mappings, deliveries to destinations, writing logs, ending idle environments, sweeping
//!   packages ([`loops`]).
//! - Seams used: `Roles`, `Principals`, `Keys`, `LogSink`, `EventSource`, `EventTarget`. Offered: `FunctionInvoker` ([`Invoker`]).
//!
//! # Invariants
//! - A changed function never meets an old environment: environments are found by the configuration's revision.
//! - An asynchronous invocation is acknowledged when its row is durable, and the row is removed when the event was
//!   handled or given up: every acknowledged event runs at least once.
//! - The way of a warm invocation reads no disk.
//! - Environment variables are in rows only as ciphertexts of KMS ([`variables`]).
//! - A parameter that is not carried out is refused with 501, never ignored.
//!
//! # Known gaps
//! The managed instances of a capacity provider are this host. Its subnets, security groups, instance types and key are
//! checked in form, kept and shown, and the operator role is one that Lambda may take on, but none of them does anything; its
//! architecture, its vCPUs and its target value count. The target is that of each version's environments, because there is one
//! instance only: they scale out when they use more of their processors while this host has others, or when all workers are
//! busy, and back when they have been idle. Such functions are not durable here, `LogType=Tail` gives an empty log, and rates
//! of requests about capacity providers are not held.
//!
//! Traces are passed on, but nothing keeps them (no X-Ray). Telemetry has no span of the runtime's overhead behind its answer.
//!
//! Container images, VPC, file systems. SnapStart of Java and .NET keeps no snapshot but one environment
//! that is initialized ahead; what is wanted at the same time, and versions with extensions, are initialized when they are
//! wanted. After a restart nothing is initialized ahead until the first invocation. A client that a function made before its
//! snapshot keeps the credentials of that time.
//!
//! Archives of packages are encrypted under customers' keys, the files that sandboxes mount are not.
//!
//! Code signing knows no signatures, which AWS Signer makes: where a function's configuration enforces them, nothing can
//! be deployed. There is one version of each runtime, that of this host, so runtime management can pin that one only.
//!
//! Event source mappings, dead-letter queues and destinations in other services work through the seams `EventSource` and
//! `EventTarget`. Of the services of this cloud S3 is a target; the others are refused at configuration. Mappings have no
//! parallelization, tumbling windows, provisioned pollers, metrics, logs or encrypted filters; Kafka, Amazon MQ and Amazon
//! DocumentDB are refused after validation.
//!
//! Streamed answers are as fast as their readers: AWS's limit of 2 MB/s behind the first 6 MB is not imposed. URLs of
//! functions have no TLS.
//!
//! Durable functions have no customer keys: `DurableConfig.KMSKeyArn` is in models newer than the one that is pinned, which
//! bring parameters of every service along.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod bodies;
pub mod code;
pub mod durable;
pub mod environments;
pub mod errors;
mod failure;
mod invocation;
pub mod limits;
pub mod loops;
mod metering;
pub mod model;
mod ops;
mod outcome;
mod poll;
mod recursion;
mod resolve;
mod response_stream;
mod routes;
mod seams;
pub mod tables;
mod targets;
mod urls;
mod variables;

use ::seams::{
    Authorizer, EventSource, EventTarget, Keys, LogSink, ObjectReader, Principals, Roles,
};
use base::{BoxFut, Clock, Entropy};
use blobs::{Blobs, Digest};
use bytes::Bytes;
use code::Packages;
use code::customer_key;
use code::location::{Located, LocatedKey, Locations};
use engine::FunctionEngine;
use environments::concurrency::Concurrency;
use environments::log::LogWriter;
use environments::managed::ManagedInstances;
use environments::memory::HostMemory;
use environments::pool::Pool;
use environments::snapshots::Snapshots;
use environments::starts::Starts;
use loops::async_dispatch::Events;
use loops::provisioned_reconcile::Provisioning;
use resolve::Resolver;
use rt::{Routes, Service, Tasks};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use store::Store;
use usage::Meter;

pub use crate::seams::Invoker;
pub use failure::Failure;
pub use urls::FunctionUrls;
pub(crate) use wire::Error;

/// What operations return.
pub type Result<T> = std::result::Result<T, Error>;

/// The path below which the front end routes downloads of packages: `GET <prefix><token>` to
/// [`Lambda::code_download`].
pub const CODE_DOWNLOAD_PATH: &str = "/_nuage/lambda/code/";

/// What the service needs.
pub struct Deps {
    /// Where rows are.
    pub store: Store,
    /// Where packages and large events are.
    pub blobs: Blobs,
    /// Runs functions.
    pub engine: Arc<dyn FunctionEngine>,
    /// Decides what execution roles may do.
    pub authorizer: Arc<dyn Authorizer>,
    /// Execution roles.
    pub roles: Arc<dyn Roles>,
    /// Users and roles that functions' policies name.
    pub principals: Arc<dyn Principals>,
    /// Seals environment variables.
    pub keys: Arc<dyn Keys>,
    /// Reads packages that are in buckets.
    pub objects: Arc<dyn ObjectReader>,
    /// Functions' logs.
    pub logs: Arc<dyn LogSink>,
    /// Takes in what functions use, for the bill.
    pub meter: Arc<Meter>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Background work.
    pub tasks: Tasks,
    /// Where packages are unpacked.
    pub code_directory: PathBuf,
    /// Names this run of the host: packages that were unpacked in another are unpacked again.
    pub boot_id: String,
    /// Where callers, and functions from inside their sandboxes, reach this cloud, without a slash at the end:
    /// `http://127.0.0.1:4566`.
    pub endpoint_url: String,
    /// How many executions of an account in a region may run at once; [`limits::CONCURRENT_EXECUTIONS`] on AWS.
    pub concurrent_executions: u32,
    /// Whether requests are held to ten a second for each concurrent execution, as on AWS.
    pub holds_request_rates: bool,
    /// Memory of this host that no environment is started into, in bytes.
    pub memory_reserve_bytes: u64,
    /// Memory that provisioned environments may be promised together, in bytes.
    pub provisioned_memory_bytes_max: u64,
    /// The queues and streams of this cloud.
    pub event_sources: Vec<Arc<dyn EventSource>>,
    /// The destinations of this cloud, besides functions.
    pub event_targets: Vec<Arc<dyn EventTarget>>,
    /// Memory that idle environments may keep in use, in bytes, and as much again for snapshots.
    pub idle_memory_bytes_max: u64,
}

/// The service.
pub struct Lambda {
    deps: Deps,
    packages: Arc<Packages>,
    locations: Locations,
    resolver: Resolver,
    concurrency: Arc<Concurrency>,
    pool: Arc<Pool>,
    log_writer: Arc<LogWriter>,
    provisioning: Provisioning,
    starts: Arc<Starts>,
    memory: Arc<HostMemory>,
    events: Events,
    snapshots: Snapshots,
    managed: Arc<ManagedInstances>,
    /// Asynchronous events that wait, roughly.
    async_waiting: AtomicU64,
    /// Callers that wait for durable executions.
    durable_waiting: durable::waiting::Waiting,
}

impl Lambda {
    /// The service over what it needs. Error: the directory for packages cannot be made.
    pub fn new(deps: Deps) -> std::io::Result<Arc<Self>> {
        let packages = Packages::open(
            deps.blobs.clone(),
            &deps.code_directory,
            &deps.boot_id,
            deps.entropy.clone(),
        )?;
        let log_writer = LogWriter::new(
            deps.logs.clone(),
            deps.clock.clone(),
            deps.entropy.clone(),
            deps.tasks.clone(),
        );
        Ok(Arc::new(Lambda {
            packages: Arc::new(packages),
            locations: Locations::new(&*deps.entropy),
            resolver: Resolver::new(deps.store.clone(), deps.principals.clone()),
            concurrency: Arc::new(Concurrency::new(
                deps.store.clone(),
                deps.concurrent_executions,
                deps.holds_request_rates,
            )),
            pool: Arc::new(Pool::new(deps.idle_memory_bytes_max)),
            log_writer: Arc::new(log_writer),
            provisioning: Provisioning::default(),
            starts: Arc::default(),
            memory: Arc::new(HostMemory::new(deps.memory_reserve_bytes)),
            events: Events::new(),
            snapshots: Snapshots::new(deps.idle_memory_bytes_max),
            managed: Arc::default(),
            async_waiting: AtomicU64::new(0),
            durable_waiting: durable::waiting::Waiting::default(),
            deps,
        }))
    }

    /// Ends the environments and snapshots that `ended` names by function and configuration revision.
    fn retire(&self, ended: impl Fn(&model::name::FunctionKey, &str) -> bool) {
        self.pool.retire(&ended);
        self.snapshots.retire(&ended);
        self.managed.retire(&ended);
    }

    /// The package that a location from `GetFunction` names; None if the token is not one, or its time is over.
    pub async fn code_download(&self, token: &str) -> Option<Bytes> {
        let Located { digest, key } = self.locations.check(token, self.deps.clock.now())?;
        let key = match key {
            Some(LocatedKey { function_arn, data_key }) => {
                let opened = customer_key::open_data_key(self, &function_arn, &data_key).await;
                let told = |error| tracing::debug!(?error, "a package's key does not open");
                Some(opened.map_err(told).ok()?)
            }
            None => None,
        };
        match self.packages.archive(&digest, key).await {
            Ok(archive) => Some(archive),
            Err(error) => {
                tracing::debug!(%error, "a package that was located is gone");
                None
            }
        }
    }

    /// Where a package can be downloaded for [`limits::CODE_LOCATION_LIFETIME`], as if from S3.
    /// `function_arn` names the function whose package it is.
    fn code_location(&self, code: &tables::CodeRecord, function_arn: &str) -> Result<String> {
        let key = code.key.as_ref().map(|key| LocatedKey {
            function_arn: function_arn.to_string(),
            data_key: key.data_key.clone(),
        });
        let package = Located { digest: parse_digest(&code.digest)?, key };
        let now = self.deps.clock.now();
        let token = self.locations.token(&package, now, limits::CODE_LOCATION_LIFETIME);
        Ok(format!("{}{CODE_DOWNLOAD_PATH}{token}", self.deps.endpoint_url))
    }

    /// Environments that are idle, and executions that run.
    pub fn environment_counts(&self) -> (usize, usize) {
        self.pool.counts()
    }
}

impl Service for Lambda {
    fn routes(self: Arc<Self>) -> Routes {
        routes::routes(&self)
    }

    fn start(self: Arc<Self>, tasks: &Tasks) {
        loops::start(&self, tasks);
    }

    fn reset(&self) -> BoxFut<'_, ()> {
        Box::pin(async {
            self.retire(|_, _| true);
            self.provisioning.clear();
            self.resolver.clear();
            self.durable_waiting.tell_all();
            self.packages.clear();
        })
    }

    fn stop(&self) -> BoxFut<'_, ()> {
        Box::pin(async {
            self.retire(|_, _| true);
            self.log_writer.flush().await;
        })
    }
}

/// A failure of another service, where it is not a fault that this one answers.
fn from_seam(error: ::seams::Error) -> Error {
    if error.is_internal() {
        return errors::internal(error);
    }
    Error::other(error.status, error.code, error.message)
}

/// A digest from a row.
fn parse_digest(text: &str) -> Result<Digest> {
    Digest::parse(text).ok_or_else(|| errors::internal(format!("a row has the digest {text}")))
}
