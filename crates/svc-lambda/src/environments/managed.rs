//! Environments of functions on Lambda Managed Instances: each takes several invocations at once, is never frozen, and is
//! there before an invocation comes.
//!
//! How many there shall be is decided by a loop ([`crate::loops::managed_reconcile`]); an invocation takes a free worker of
//! one that is there, or is throttled.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>

mod load;

pub use load::CpuTarget;

use crate::environments::pool::Warm;
use crate::model::name::FunctionKey;
use crate::resolve::Target;
use crate::tables::{ReasonRecord, ScalingRecord};
use crate::{errors, limits};
use base::{Clock, Time};
use futures_util::FutureExt;
use futures_util::future::select_all;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use wire_lambda::ThrottleReason;

/// All environments, by the configuration's revision.
#[derive(Default)]
pub struct ManagedInstances {
    fleets: Mutex<HashMap<String, Fleet>>,
    /// Tells the loop that something happened to them.
    pub changed: Notify,
}

/// The environments of one configuration revision.
struct Fleet {
    function: FunctionKey,
    instances: Vec<Instance>,
    /// No invocation goes to them any more; they end with their last one.
    leaving: Vec<Instance>,
    starting: usize,
    /// How many there should be, as far as invocations tell.
    wanted: usize,
    /// How many there may be: what was begun when there might be more is ended when it is there.
    max: usize,
    max_concurrency: usize,
    /// Why one could not be initialized, and when another may be started.
    failed: Option<(ReasonRecord, Time)>,
    /// Told when one is there.
    arrived: Arc<Notify>,
    /// Since when nobody wants them.
    unwanted_since: Option<Time>,
}

struct Instance {
    warm: Arc<Warm>,
    workers: Arc<Semaphore>,
    /// Invocations.
    busy: usize,
    /// When its last invocation ended.
    idle_since: Time,
    /// Of its processor time.
    sample: Option<load::Sample>,
}

/// What a fleet looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleetCount {
    /// Environments that take invocations.
    pub ready: usize,
    /// Those that are being started.
    pub starting: usize,
    /// Those that end with their last invocation.
    pub leaving: usize,
    /// Why one could not be initialized since the last time that one could.
    pub failed: Option<ReasonRecord>,
}

/// An invocation's worker; given back when dropped.
pub struct Place {
    instances: Arc<ManagedInstances>,
    clock: Arc<dyn Clock>,
    revision: String,
    /// The environment.
    pub warm: Arc<Warm>,
}

/// What an attempt to find a worker came to.
enum Found {
    Place(Arc<Warm>),
    /// None is free now.
    Busy(Busy),
}

/// What may bring a worker.
#[derive(Default)]
struct Busy {
    /// Environments and their workers.
    candidates: Vec<(Arc<Warm>, Arc<Semaphore>)>,
    /// As many invocations are under way as there may be.
    full: bool,
    /// Told when an environment is there.
    arrived: Arc<Notify>,
}

impl ManagedInstances {
    /// A worker for an invocation of `target`. Error: all of them are busy.
    pub async fn place(
        self: &Arc<Self>,
        target: &Target,
        clock: &Arc<dyn Clock>,
    ) -> Result<Place, wire::Error> {
        let revision = target.record.configuration_revision.clone();
        let place = |warm: Arc<Warm>| Place {
            instances: self.clone(),
            clock: clock.clone(),
            revision: revision.clone(),
            warm,
        };
        let begun = clock.monotonic();
        loop {
            let Busy { candidates, full, arrived } = match self.find(&revision) {
                Found::Place(warm) => return Ok(place(warm)),
                Found::Busy(busy) => busy,
            };
            let wait = match full {
                _ if candidates.is_empty() => limits::MANAGED_ENVIRONMENT_WAIT,
                true => limits::MANAGED_WORKER_WAIT,
                false => limits::MANAGED_WORKER_WAIT_BELOW_MAX,
            };
            let left = wait.saturating_sub(clock.monotonic().saturating_sub(begun));
            if left.is_zero() {
                return Err(errors::throttled(ThrottleReason::ConcurrentInvocationLimitExceeded));
            }
            if let Some(id) = one_of(candidates, &arrived, clock.sleep(left)).await
                && let Some(warm) = self.enter(&revision, id)
            {
                return Ok(place(warm));
            }
        }
    }

    /// A free worker of the environment that has the fewest invocations.
    fn find(&self, revision: &str) -> Found {
        let mut fleets = self.fleets.lock();
        let Some(fleet) = fleets.get_mut(revision) else { return Found::Busy(Busy::default()) };
        let mut order: Vec<usize> = (0..fleet.instances.len()).collect();
        order.sort_by_key(|index| fleet.instances[*index].busy);
        for index in order {
            let instance = &mut fleet.instances[index];
            if let Ok(permit) = instance.workers.try_acquire() {
                permit.forget();
                instance.busy += 1;
                return Found::Place(instance.warm.clone());
            }
        }
        let busy: usize = fleet.instances.iter().map(|instance| instance.busy).sum();
        let one_more = fleet.instances.len() + 1;
        let full = busy >= fleet.instances.len() * fleet.max_concurrency;
        if full && fleet.wanted < one_more {
            fleet.wanted = one_more;
            self.changed.notify_one();
        }
        let candidates = fleet.instances.iter();
        let candidates = candidates.map(|one| (one.warm.clone(), one.workers.clone())).collect();
        Found::Busy(Busy { candidates, full, arrived: fleet.arrived.clone() })
    }

    /// Counts an invocation whose worker was taken.
    fn enter(&self, revision: &str, id: u64) -> Option<Arc<Warm>> {
        let mut fleets = self.fleets.lock();
        let instance =
            fleets.get_mut(revision)?.instances.iter_mut().find(|one| one.warm.id == id)?;
        instance.busy += 1;
        Some(instance.warm.clone())
    }

    fn leave(&self, revision: &str, id: u64, now: Time) {
        let mut ended = None;
        {
            let mut fleets = self.fleets.lock();
            let Some(fleet) = fleets.get_mut(revision) else { return };
            let all = fleet.instances.iter_mut().chain(&mut fleet.leaving);
            if let Some(instance) = all.into_iter().find(|one| one.warm.id == id) {
                instance.busy -= 1;
                instance.idle_since = now;
            }
            let over = |one: &Instance| one.warm.id == id && one.busy == 0;
            if let Some(place) = fleet.leaving.iter().position(over) {
                ended = Some(fleet.leaving.swap_remove(place));
            }
        }
        if let Some(instance) = ended {
            end(instance.warm);
            self.changed.notify_one();
        }
    }

    /// From now on there are environments for `target`; what there is of them.
    pub fn want(&self, target: &Target, max_concurrency: u32) -> FleetCount {
        let mut fleets = self.fleets.lock();
        let revision = &target.record.configuration_revision;
        let fleet = fleets.entry(revision.clone()).or_insert_with(|| Fleet {
            function: target.function.clone(),
            instances: Vec::new(),
            leaving: Vec::new(),
            starting: 0,
            wanted: 0,
            max: usize::MAX,
            max_concurrency: usize::try_from(max_concurrency).unwrap_or(1),
            failed: None,
            arrived: Arc::default(),
            unwanted_since: None,
        });
        fleet.unwanted_since = None;
        fleet.instances.retain(|instance| instance.warm.environment.is_alive());
        fleet.count()
    }

    /// Ends what there is too much of, and says how many more may be started within `scaling`: for invocations that found
    /// no worker, and for processors that are busier than they should be.
    pub fn balance(
        &self,
        revision: &str,
        scaling: ScalingRecord,
        cpu: CpuTarget,
        now: Time,
    ) -> usize {
        let (min, max) = (scaling.min as usize, scaling.max.map_or(usize::MAX, |max| max as usize));
        let mut ended = Vec::new();
        let missing = {
            let mut fleets = self.fleets.lock();
            let Some(fleet) = fleets.get_mut(revision) else { return 0 };
            fleet.max = max;
            let old = now + limits::PROVISIONED_CREDENTIALS_MARGIN;
            fleet.drain(|instance| instance.warm.credentials_end_at < old, &mut ended);
            let idle_for = |instance: &Instance| {
                instance.busy == 0 && now - limits::MANAGED_IDLE_MAX > instance.idle_since
            };
            if fleet.instances.len() > min
                && let Some(id) =
                    fleet.instances.iter().find(|one| idle_for(one)).map(|one| one.warm.id)
            {
                fleet.drain(|instance| instance.warm.id == id, &mut ended);
                fleet.wanted = fleet.instances.len();
            }
            while fleet.instances.len() > max {
                let Some(id) =
                    fleet.instances.iter().min_by_key(|one| one.busy).map(|one| one.warm.id)
                else {
                    break;
                };
                fleet.drain(|instance| instance.warm.id == id, &mut ended);
            }
            if let Some(percent) = load::percent(&mut fleet.instances, cpu.vcpus, now) {
                let wanted = load::wanted(fleet.instances.len(), percent, cpu);
                fleet.wanted = fleet.wanted.max(wanted);
            }
            let target = fleet.wanted.max(min).min(max);
            let held = fleet.failed.as_ref().is_some_and(|(_, retry_at)| now < *retry_at);
            let there = fleet.instances.len() + fleet.starting;
            match held {
                true => 0,
                false => target
                    .saturating_sub(there)
                    .min(limits::MANAGED_STARTS_MAX.saturating_sub(fleet.starting)),
            }
        };
        ended.into_iter().for_each(end);
        missing
    }

    /// One is being started.
    pub fn begin_start(&self, revision: &str) {
        if let Some(fleet) = self.fleets.lock().get_mut(revision) {
            fleet.starting += 1;
        }
    }

    /// A start has ended: with an environment, or with the reason why there is none, after which the next one may follow at
    /// `retry_at`.
    pub fn end_start(
        &self,
        revision: &str,
        result: Result<Arc<Warm>, (ReasonRecord, Time)>,
        now: Time,
    ) {
        let unwanted = {
            let mut fleets = self.fleets.lock();
            match (fleets.get_mut(revision), result) {
                (None, result) => result.ok(),
                (Some(fleet), result) => {
                    fleet.starting -= 1;
                    fleet.take_in(result, now)
                }
            }
        };
        unwanted.into_iter().for_each(end);
        self.changed.notify_one();
    }

    /// Ends the environments that `ended` names by function and configuration revision, busy ones after their invocations.
    pub fn retire(&self, ended: impl Fn(&FunctionKey, &str) -> bool) {
        let mut out = Vec::new();
        {
            let mut fleets = self.fleets.lock();
            for (revision, fleet) in fleets.iter_mut() {
                if ended(&fleet.function, revision) {
                    fleet.drain(|_| true, &mut out);
                    fleet.wanted = 0;
                }
            }
            fleets.retain(|_, fleet| {
                !fleet.instances.is_empty() || !fleet.leaving.is_empty() || fleet.starting > 0
            });
        }
        out.into_iter().for_each(end);
    }

    /// Ends what is not among the revisions that are `wanted`, and has not been for a while; whether there is more.
    pub fn retire_unwanted(&self, wanted: &HashSet<String>, now: Time) -> bool {
        let (mut later, mut over) = (false, HashSet::new());
        for (revision, fleet) in self.fleets.lock().iter_mut() {
            if !wanted.contains(revision) {
                let since = *fleet.unwanted_since.get_or_insert(now);
                match now < since + limits::MANAGED_GRACE {
                    true => later = true,
                    false => drop(over.insert(revision.clone())),
                }
            }
        }
        if !over.is_empty() {
            self.retire(|_, revision| over.contains(revision));
        }
        later
    }

    /// An environment has died.
    pub fn forget(&self, revision: &str, id: u64) {
        if let Some(fleet) = self.fleets.lock().get_mut(revision) {
            fleet.instances.retain(|instance| instance.warm.id != id);
            fleet.leaving.retain(|instance| instance.warm.id != id);
        }
        self.changed.notify_one();
    }

    /// Environments that take invocations or are being started, all versions together, by what `vcpus` says of each
    /// revision's.
    pub fn vcpus(&self, vcpus: impl Fn(&str) -> f64) -> f64 {
        let fleets = self.fleets.lock();
        let each = |(revision, fleet): (&String, &Fleet)| {
            (fleet.instances.len() + fleet.starting) as f64 * vcpus(revision)
        };
        fleets.iter().map(each).sum()
    }

    /// What there is of a revision; None: it is not known.
    pub fn count(&self, revision: &str) -> Option<FleetCount> {
        self.fleets.lock().get(revision).map(Fleet::count)
    }
}

impl Fleet {
    fn count(&self) -> FleetCount {
        FleetCount {
            ready: self.instances.len(),
            starting: self.starting,
            leaving: self.leaving.len(),
            failed: self.failed.as_ref().map(|(reason, _)| reason.clone()),
        }
    }

    /// Lets some take no more invocations; those without any, for the caller to end.
    fn drain(&mut self, which: impl Fn(&Instance) -> bool, ended: &mut Vec<Arc<Warm>>) {
        for instance in self.instances.extract_if(.., |instance| which(instance)) {
            match instance.busy {
                0 => ended.push(instance.warm),
                _ => self.leaving.push(instance),
            }
        }
    }

    /// The environment, if it cannot be used.
    fn take_in(
        &mut self,
        result: Result<Arc<Warm>, (ReasonRecord, Time)>,
        now: Time,
    ) -> Option<Arc<Warm>> {
        match result {
            Ok(warm) => {
                let Some(workers) = warm.environment.workers() else { return Some(warm) };
                if self.instances.len() >= self.max {
                    return Some(warm);
                }
                self.failed = None;
                self.instances.push(Instance {
                    warm,
                    workers,
                    busy: 0,
                    idle_since: now,
                    sample: None,
                });
                self.arrived.notify_waiters();
                None
            }
            Err(failed) => {
                self.failed = Some(failed);
                None
            }
        }
    }
}

/// The id of the environment of which a worker became free; None: another has arrived, or the time is over.
async fn one_of(
    candidates: Vec<(Arc<Warm>, Arc<Semaphore>)>,
    arrived: &Notify,
    time: impl Future<Output = ()>,
) -> Option<u64> {
    let free = candidates.iter().map(|(warm, workers)| {
        async move {
            match workers.acquire().await {
                Ok(permit) => permit.forget(),
                // It is dead, and soon nobody's candidate.
                Err(_) => std::future::pending().await,
            }
            warm.id
        }
        .boxed()
    });
    let free: Vec<_> = free.collect();
    let any = async {
        match free.is_empty() {
            true => std::future::pending().await,
            false => select_all(free).await.0,
        }
    };
    tokio::select! {
        biased;
        id = any => Some(id),
        () = arrived.notified() => None,
        () = time => None,
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.instances.leave(&self.revision, self.warm.id, self.clock.now());
    }
}

/// Ends an environment in the background.
fn end(warm: Arc<Warm>) {
    warm.log.ended(warm.environment.clone());
}

/// How long an environment may initialize.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html>
pub fn init_timeout(timeout: Duration) -> Duration {
    limits::PROVISIONED_INIT_TIMEOUT.max(timeout)
}
