//! Keeps as many environments on managed instances as versions want, and brings versions and capacity providers to the states
//! that follow from that.
//!
//! What is wanted stands in rows, so a restart begins anew. While `$LATEST.PUBLISHED` is published again, what it was before
//! goes on until the new environments are there.

use crate::environments::managed::{CpuTarget, FleetCount, init_timeout};
use crate::environments::pool::Warm;
use crate::environments::start::{self, Initialization};
use crate::environments::starts::{Turn, hold};
use crate::invocation::INVALID_ENTRYPOINT;
use crate::model::managed_instances::{FUNCTION_SCALING_DEFAULT, vcpus};
use crate::model::name::{FunctionKey, function_arn};
use crate::model::report::Status;
use crate::model::version::{self, Change};
use crate::ops::rows::TxResult;
use crate::resolve::Target;
use crate::tables::{
    CAPACITY_PROVIDER_VERSIONS, CAPACITY_PROVIDERS, CapacityProviderState, FUNCTION_SCALING,
    FunctionScalingRecord, RECONCILES, ReasonRecord, ScalingRecord, StateRecord, UpdateRecord,
    VERSIONS, VersionRecord,
};
use crate::{Failure, Lambda, limits};
use base::{AccountId, Region};
use engine::InitError;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Tx, View};
use usage::Resource;

type VersionKey = (AccountId, Region, String, u64);
type ProviderRow = (AccountId, Region, String);

/// A version as its rows say.
struct Desired {
    key: VersionKey,
    record: VersionRecord,
    scaling: FunctionScalingRecord,
    provider: ProviderRow,
    /// vCPUs that all environments of the provider may have together.
    vcpus_max: f64,
    /// What environments should use of their processors on average, in percent.
    cpu_percent: f64,
    /// Whether its package and its runtime have been found to be there.
    checked: bool,
}

/// Compares what there is with what is wanted, begins to mend it, and sleeps until either may have changed.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let store = &lambda.deps.store;
    let versions = store.generation(&VERSIONS);
    let members = store.generation(&CAPACITY_PROVIDER_VERSIONS);
    let scaling = store.generation(&FUNCTION_SCALING);
    let providers = store.generation(&CAPACITY_PROVIDERS);
    let period = match reconcile(&lambda).await {
        Ok(true) => limits::MANAGED_GRACE,
        Ok(false) => limits::MANAGED_PERIOD,
        Err(error) => {
            tracing::error!(?error, "managed instances could not be reconciled");
            return lambda.deps.clock.sleep(limits::MANAGED_RETRY).await;
        }
    };
    tokio::select! {
        _ = store.changed(&VERSIONS, versions) => {}
        _ = store.changed(&CAPACITY_PROVIDER_VERSIONS, members) => {}
        _ = store.changed(&FUNCTION_SCALING, scaling) => {}
        _ = store.changed(&CAPACITY_PROVIDERS, providers) => {}
        () = lambda.managed.changed.notified() => {}
        () = lambda.deps.clock.sleep(period) => {}
    }
}

/// Whether there is something to end a little later.
async fn reconcile(lambda: &Arc<Lambda>) -> Result<bool, Failure> {
    settle_providers(lambda).await?;
    let all = lambda.deps.store.view(read_all).await?;
    let mut wanted = HashSet::new();
    let mut vcpus_used: HashMap<ProviderRow, f64> = HashMap::new();
    let each: HashMap<String, f64> = all
        .iter()
        .flat_map(Desired::targets)
        .filter_map(|(target, _)| {
            let configuration = &target.record.configuration;
            let vcpus = vcpus(configuration, configuration.managed.as_ref()?);
            Some((target.record.configuration_revision.clone(), vcpus))
        })
        .collect();
    let of = |revision: &str| each.get(revision).copied().unwrap_or_default();
    let idle_vcpus = lambda.deps.engine.processors() as f64 - lambda.managed.vcpus(of);
    for desired in &all {
        for (target, counts) in desired.targets() {
            wanted.insert(target.record.configuration_revision.clone());
            let used = vcpus_used.entry(desired.provider.clone()).or_default();
            let max = if counts { desired.vcpus_max } else { f64::INFINITY };
            let vcpus = of(&target.record.configuration_revision);
            let spare = (idle_vcpus.max(0.0) / vcpus.max(1.0)) as usize;
            let cpu = CpuTarget { vcpus, percent: desired.cpu_percent, spare };
            let full = grow(lambda, target, desired.scaling, cpu, used, max);
            if let Some(reason) = full.filter(|_| counts && desired.is_settling()) {
                settle(lambda, desired, Err(reason)).await?;
            }
        }
        settle_if_done(lambda, desired).await?;
    }
    Ok(lambda.managed.retire_unwanted(&wanted, lambda.deps.clock.now()))
}

/// Capacity providers that were made become active, those that are to go are gone: nothing runs on them any more.
async fn settle_providers(lambda: &Lambda) -> Result<(), Failure> {
    let unsettled = lambda.deps.store.view(unsettled_providers).await?;
    if unsettled.is_empty() {
        return Ok(());
    }
    let settle = move |tx: &mut Tx<'_>| {
        for key in &unsettled {
            let Some(mut record) = tx.get(&CAPACITY_PROVIDERS, key)? else { continue };
            match record.state {
                CapacityProviderState::Active => {}
                CapacityProviderState::Pending => {
                    record.state = CapacityProviderState::Active;
                    tx.put(&CAPACITY_PROVIDERS, key, &record)?;
                }
                CapacityProviderState::Deleting => tx.delete(&CAPACITY_PROVIDERS, key)?,
            }
        }
        Ok::<_, Failure>(())
    };
    lambda.deps.store.transact(settle).await
}

fn unsettled_providers(view: &View<'_>) -> TxResult<Vec<ProviderRow>> {
    let mut unsettled = Vec::new();
    let mut last: Option<ProviderRow> = None;
    loop {
        let range = match &last {
            Some(last) => Prefix::all().after(last),
            None => Prefix::all(),
        };
        let rows = view.scan(&CAPACITY_PROVIDERS, range, SCAN_ROWS_MAX)?;
        let more = rows.len() == SCAN_ROWS_MAX;
        last = rows.last().map(|(key, _)| key.clone());
        let waiting = rows.into_iter().filter(|(_, r)| r.state != CapacityProviderState::Active);
        unsettled.extend(waiting.map(|(key, _)| key));
        if !more {
            return Ok(unsettled);
        }
    }
}

/// The published versions on capacity providers that have been checked.
fn read_all(view: &View<'_>) -> TxResult<Vec<Desired>> {
    let mut all = Vec::new();
    let mut last = None;
    loop {
        let range = match &last {
            Some(last) => Prefix::all().after(last),
            None => Prefix::all(),
        };
        let rows = view.scan_keys(&CAPACITY_PROVIDER_VERSIONS, range, SCAN_ROWS_MAX)?;
        let more = rows.len() == SCAN_ROWS_MAX;
        last = rows.last().cloned();
        for (account, region, provider, function, number) in rows {
            let key = (account, region.clone(), function, number);
            let provider = (account, region, provider);
            // `$LATEST` has no environments.
            if number == 0 {
                continue;
            }
            let checked = !view.contains(&RECONCILES, &key)?;
            let Some(record) = view.get(&VERSIONS, &key)? else { continue };
            let scaling = view.get(&FUNCTION_SCALING, &key)?.unwrap_or(FUNCTION_SCALING_DEFAULT);
            let found = view.get(&CAPACITY_PROVIDERS, &provider)?;
            let vcpus_max = found.as_ref().map_or(0.0, |found| f64::from(found.max_vcpu_count));
            // Of several targets the strictest counts.
            let targets = found.iter().flat_map(|found| &found.scaling_targets).copied();
            let cpu_percent =
                targets.reduce(f64::min).unwrap_or(limits::MANAGED_CPU_PERCENT_DEFAULT);
            all.push(Desired { key, record, scaling, provider, vcpus_max, cpu_percent, checked });
        }
        if !more {
            return Ok(all);
        }
    }
}

impl Desired {
    fn function(&self) -> FunctionKey {
        (self.key.0, self.key.1.clone(), self.key.2.clone())
    }

    fn target(&self, record: VersionRecord) -> Arc<Target> {
        let function = self.function();
        let (account, region, arn) = (function.0, function.1.clone(), function_arn(&function));
        Arc::new(Target {
            function,
            resource: Arc::new(Resource { account, region, arn }),
            version: version::number_name(self.key.3),
            record,
            reserved_concurrency: None,
            tenant: None,
        })
    }

    /// Whether it has to become active, or again so.
    fn is_settling(&self) -> bool {
        self.record.state == StateRecord::Pending
            || (self.record.state == StateRecord::Active
                && self.record.last_update == Some(UpdateRecord::InProgress))
    }

    /// What shall have environments, and whether these count against the capacity provider: those of what is being replaced
    /// do not, or nothing could replace them.
    fn targets(&self) -> Vec<(Arc<Target>, bool)> {
        match &self.record.state {
            StateRecord::Pending | StateRecord::Active => {}
            _ => return Vec::new(),
        }
        let in_force = self.record.clone().in_force();
        if !self.checked {
            let replaced = in_force.configuration_revision != self.record.configuration_revision;
            return replaced.then(|| (self.target(in_force), false)).into_iter().collect();
        }
        if self.is_settling()
            && in_force.configuration_revision != self.record.configuration_revision
        {
            return vec![(self.target(in_force), false), (self.target(self.record.clone()), true)];
        }
        vec![(self.target(in_force), true)]
    }
}

/// Starts what is missing, as far as the capacity provider has room. The reason, if the least number has none.
fn grow(
    lambda: &Arc<Lambda>,
    target: Arc<Target>,
    scaling: FunctionScalingRecord,
    cpu: CpuTarget,
    vcpus_used: &mut f64,
    vcpus_max: f64,
) -> Option<ReasonRecord> {
    let configuration = &target.record.configuration;
    let managed = configuration.managed.as_ref()?;
    let (revision, each) = (&target.record.configuration_revision, cpu.vcpus);
    let count = lambda.managed.want(&target, managed.max_concurrency);
    let missing = lambda.managed.balance(revision, scaling.requested, cpu, lambda.deps.clock.now());
    let there = count.ready + count.starting;
    *vcpus_used += each * there as f64;
    for started in 0..missing {
        if *vcpus_used + each > vcpus_max {
            let below = there + started < scaling.requested.min as usize;
            return below.then(|| ReasonRecord {
                code: "CapacityProviderScalingLimitExceeded".to_string(),
                text: format!(
                    "The capacity provider {} has no vCPUs left for the execution environments of this version.",
                    managed.capacity_provider_arn
                ),
            });
        }
        *vcpus_used += each;
        lambda.managed.begin_start(revision);
        let (starting, target) = (lambda.clone(), target.clone());
        lambda.deps.tasks.spawn("lambda.managed_start", async move {
            let result = start_one(&starting, &target).await;
            let now = starting.deps.clock.now();
            let result = result.map_err(|reason| (reason, now + limits::MANAGED_RETRY));
            starting.managed.end_start(&target.record.configuration_revision, result, now);
        });
    }
    None
}

async fn settle_if_done(lambda: &Arc<Lambda>, desired: &Desired) -> Result<(), Failure> {
    let revision = &desired.record.configuration_revision;
    let FleetCount { ready, starting, leaving, failed } =
        lambda.managed.count(revision).unwrap_or_default();
    let wanted = desired.scaling.requested;
    let enough = ready >= wanted.min as usize;
    // What was begun when there might be more still comes to an end.
    let within = wanted.max.is_none_or(|max| ready + starting <= max as usize);
    let scaling = if within { wanted } else { desired.scaling.applied };
    if !desired.checked {
        return Ok(());
    }
    match &desired.record.state {
        _ if desired.is_settling() && enough => {
            settle(lambda, desired, Ok((StateRecord::Active, scaling))).await
        }
        _ if desired.is_settling() => match failed {
            Some(reason) => settle(lambda, desired, Err(reason)).await,
            None => Ok(()),
        },
        StateRecord::Deactivating if ready + starting + leaving == 0 => {
            settle(lambda, desired, Ok((StateRecord::Deactivated, wanted))).await
        }
        StateRecord::Active if enough && desired.scaling.applied != scaling => {
            settle(lambda, desired, Ok((StateRecord::Active, scaling))).await
        }
        _ => Ok(()),
    }
}

/// Stores what became of a version, and the scaling that is in force for it, unless it has changed meanwhile.
async fn settle(
    lambda: &Arc<Lambda>,
    desired: &Desired,
    outcome: Result<(StateRecord, ScalingRecord), ReasonRecord>,
) -> Result<(), Failure> {
    let change = Change::new(lambda.deps.clock.now(), &*lambda.deps.entropy);
    let (key, seen, scaling) = (desired.key.clone(), desired.record.clone(), desired.scaling);
    let store = move |tx: &mut Tx<'_>| {
        let Some(mut record) = tx.get(&VERSIONS, &key)? else { return Ok::<_, Failure>(()) };
        let now = tx.get(&FUNCTION_SCALING, &key)?.unwrap_or(FUNCTION_SCALING_DEFAULT);
        if record.revision_id != seen.revision_id || record.state != seen.state || now != scaling {
            return Ok(());
        }
        if let Ok((_, applied)) = outcome
            && scaling.applied != applied
        {
            tx.put(&FUNCTION_SCALING, &key, &FunctionScalingRecord { applied, ..scaling })?;
        }
        match outcome.clone() {
            Ok((StateRecord::Active, _)) => {
                if record.state == StateRecord::Active
                    && record.last_update != Some(UpdateRecord::InProgress)
                {
                    return Ok(());
                }
                record.finish(Ok(()), &change);
            }
            Ok((state, _)) => record.state = state,
            Err(reason) => record.finish(Err(reason), &change),
        }
        Ok(tx.put(&VERSIONS, &key, &record)?)
    };
    lambda.deps.store.transact(store).await
}

/// Initializes one environment. Error: why it cannot be.
async fn start_one(lambda: &Arc<Lambda>, target: &Arc<Target>) -> Result<Arc<Warm>, ReasonRecord> {
    let reason = |code: &str, text: String| ReasonRecord { code: code.to_string(), text };
    let internal = |text: String| reason("InternalError", text);
    let prepared = start::prepare(lambda, target, Initialization::ManagedInstances, None).await;
    let mut preparation = prepared.map_err(|error| match error.internal_cause() {
        Some(cause) => internal(cause.to_string()),
        None => reason("FunctionError", error.message().to_string()),
    })?;
    let timeout = Duration::from_secs(target.record.configuration.timeout_s.into());
    preparation.spec.init_timeout = init_timeout(timeout);
    let log = &preparation.log;
    let full = || reason("InsufficientCapacity", "This host is full.".to_string());
    let permit = match lambda.starts.ask(&target.function).ok_or_else(full)? {
        Turn::Now(permit) => permit,
        Turn::Later(turn) => turn.await.map_err(|_| full())?,
    };
    let room = lambda.memory.room(lambda, target);
    let _room = room.ok_or_else(full)?;
    log.put(log.platform.init_start(lambda.deps.clock.now()));
    let begun = lambda.deps.clock.monotonic();
    let starting = lambda.deps.engine.start(preparation.spec);
    let error = match hold(permit, &*lambda.deps.clock, starting).await {
        Ok(environment) => {
            let id = lambda.pool.next_id();
            watch(lambda, target, environment.clone(), id);
            return Ok(Arc::new(Warm {
                environment,
                log: log.clone(),
                credentials_end_at: preparation.credentials_end_at,
                id,
                provisioned: false,
            }));
        }
        Err(error) => error,
    };
    let (code, text, status, duration) = match error {
        InitError::Unavailable(unavailable) => {
            return Err(reason(super::function_reconcile::INVALID_RUNTIME, unavailable.reason));
        }
        InitError::Sandbox(cause) => return Err(internal(cause)),
        InitError::Reported { error_type, body, duration, .. } => {
            let text = String::from_utf8_lossy(&body).into_owned();
            ("FunctionError.RuntimeInitError", text, Status::Failure(error_type), duration)
        }
        InitError::Exited { duration, .. } => {
            let text = "The runtime ended during its initialization.".to_string();
            let status = Status::Failure("Runtime.ExitError".to_string());
            ("FunctionError.RuntimeInitError", text, status, duration)
        }
        InitError::Entrypoint { cause, duration, .. } => {
            let status = Status::Failure(INVALID_ENTRYPOINT.to_string());
            ("FunctionError.InvalidEntryPoint", cause, status, duration)
        }
        InitError::Extension { failure, duration, .. } => {
            let status = Status::Failure(failure.error_type);
            ("FunctionError.ExtensionInitError", failure.cause, status, duration)
        }
        InitError::TimedOut { .. } => {
            let duration = lambda.deps.clock.monotonic().saturating_sub(begun);
            let text = "The initialization took too long.".to_string();
            ("FunctionError.InitTimeout", text, Status::Timeout, duration)
        }
    };
    log.put(log.platform.init_failed(lambda.deps.clock.now(), "init", duration, &status));
    Err(reason(code, text))
}

/// Takes an environment out when it dies; the loop replaces it.
fn watch(
    lambda: &Arc<Lambda>,
    target: &Arc<Target>,
    environment: Arc<dyn engine::Environment>,
    id: u64,
) {
    let (watching, target) = (lambda.clone(), target.clone());
    lambda.deps.tasks.spawn("lambda.environment_watch", async move {
        environment.died().await;
        watching.managed.forget(&target.record.configuration_revision, id);
    });
}
