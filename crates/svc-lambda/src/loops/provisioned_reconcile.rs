//! Keeps as many environments initialized as provisioned concurrency asks for.
//!
//! What is wanted stands in rows; what there is, in the pool. So a restart begins anew, an environment that dies is
//! replaced, and an alias that moves takes its environments with it: those of the old version stay until the new ones
//! are there.

use crate::environments::pool::ProvisionedCount;
use crate::environments::provision::{NotProvisioned, provision};
use crate::limits::{
    PROVISIONED_BLOCK, PROVISIONED_CREDENTIALS_MARGIN, PROVISIONED_PERIOD, PROVISIONED_STARTS_MAX,
};
use crate::metering;
use crate::model::name::{FunctionKey, FunctionName};
use crate::model::provisioned::{fitting, shares};
use crate::model::version;
use crate::ops::rows::{self, TxResult};
use crate::resolve::Target;
use crate::tables::{
    ALIASES, PROVISIONED, ProvisionedRecord, StateRecord, VERSIONS, VersionRecord,
};
use crate::{Failure, Lambda, Result};
use base::{AccountId, MIB, Region, Time};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Tx, View};
use tokio::sync::Notify;
use usage::Resource;
use wire_lambda::ProvisionedConcurrencyStatusEnum as ProvisionedStatus;

type RowKey = (AccountId, Region, String, String);

/// After a failure of this host.
const RETRY: Duration = Duration::from_secs(5);

/// When it was put, in milliseconds since the epoch, and for how many: tells a configuration from what it is changed to.
type Asked = (u64, u32);

fn asked(record: &ProvisionedRecord) -> Asked {
    (record.last_modified_ms, record.requested)
}

/// What is going on, by configuration revision.
#[derive(Default)]
pub struct Provisioning {
    allocating: Mutex<HashSet<String>>,
    /// Why there are not enough, and which configuration asked for them.
    failed: Mutex<HashMap<String, (Asked, String)>>,
    /// Told when an allocation has ended.
    ended: Notify,
}

impl Provisioning {
    fn failure(&self, revision: &str, record: &ProvisionedRecord) -> Option<String> {
        let failed = self.failed.lock();
        let (failed, reason) = failed.get(revision)?;
        (*failed == asked(record)).then(|| reason.clone())
    }

    fn fail(&self, revision: &str, record: &ProvisionedRecord, reason: String) {
        let failure = (asked(record), reason);
        self.failed.lock().insert(revision.to_string(), failure);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.failed.lock().clear();
    }
}

/// What a configuration has.
pub struct Observed {
    /// Environments, no more than were requested.
    pub count: ProvisionedCount,
    /// Whether these are all.
    pub status: ProvisionedStatus,
    /// Why they will not become more.
    pub reason: Option<String>,
}

/// A part of a configuration: so many environments of one version.
struct Share {
    version: String,
    record: VersionRecord,
    wanted: usize,
}

/// A configuration with its parts.
struct Desired {
    row: RowKey,
    record: ProvisionedRecord,
    shares: Vec<Share>,
}

impl Desired {
    fn function(&self) -> FunctionKey {
        (self.row.0, self.row.1.clone(), self.row.2.clone())
    }

    fn bytes(&self) -> u64 {
        let bytes = |share: &Share| {
            u64::from(share.record.configuration.memory_mib) * MIB * share.wanted as u64
        };
        self.shares.iter().map(bytes).sum()
    }
}

/// Compares what there is with what is wanted, begins to mend it, and sleeps until either may have changed.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let store = &lambda.deps.store;
    let seen =
        (store.generation(&PROVISIONED), store.generation(&ALIASES), store.generation(&VERSIONS));
    let now = lambda.deps.clock.now();
    match store.view(read_all).await {
        Ok(desired) => {
            apply(&lambda, &desired);
            if let Err(error) = bill(&lambda, &desired, now).await {
                tracing::error!(?error, "provisioned concurrency could not be billed");
            }
        }
        Err(error) => {
            tracing::error!(?error, "provisioned concurrency could not be read");
            return lambda.deps.clock.sleep(RETRY).await;
        }
    }
    lambda.pool.end_provisioned_before(now + PROVISIONED_CREDENTIALS_MARGIN);
    tokio::select! {
        _ = store.changed(&PROVISIONED, seen.0) => {}
        _ = store.changed(&ALIASES, seen.1) => {}
        _ = store.changed(&VERSIONS, seen.2) => {}
        () = lambda.pool.provisioned_gone.notified() => {}
        () = lambda.provisioning.ended.notified() => {}
        () = lambda.deps.clock.sleep(PROVISIONED_PERIOD) => {}
    }
}

fn read_all(view: &View<'_>) -> TxResult<Vec<Desired>> {
    let mut all = Vec::new();
    let mut last = None;
    loop {
        let range = match &last {
            Some(last) => Prefix::all().after(last),
            None => Prefix::all(),
        };
        let rows = view.scan(&PROVISIONED, range, SCAN_ROWS_MAX)?;
        let more = rows.len() == SCAN_ROWS_MAX;
        last = rows.last().map(|(row, _)| row.clone());
        for (row, record) in rows {
            let shares = read_shares(view, &row, &record)?;
            all.push(Desired { row, record, shares });
        }
        if !more {
            all.sort_by_key(|desired| desired.record.last_modified_ms);
            return Ok(all);
        }
    }
}

fn read_shares(view: &View<'_>, row: &RowKey, record: &ProvisionedRecord) -> TxResult<Vec<Share>> {
    let key = (row.0, row.1.clone(), row.2.clone());
    let parts = match view.get(&ALIASES, row)? {
        Some(alias) => shares(record.requested, &alias.version, &alias.weights),
        None => vec![(row.3.clone(), record.requested)],
    };
    let mut found = Vec::new();
    for (version, wanted) in parts {
        let Some(number) = version::number(&version) else { continue };
        if let Some(record) = rows::version(view, &key, number)? {
            found.push(Share { version, record, wanted: wanted as usize });
        }
    }
    Ok(found)
}

/// What the configuration under `row` has.
pub fn observe(
    lambda: &Lambda,
    view: &View<'_>,
    row: &RowKey,
    record: &ProvisionedRecord,
) -> TxResult<Observed> {
    let key = (row.0, row.1.clone(), row.2.clone());
    let count = lambda.pool.provisioned_count(&key, &row.3);
    let requested = record.requested as usize;
    let count = ProvisionedCount {
        allocated: count.allocated.min(requested),
        available: count.available.min(requested),
    };
    let shares = read_shares(view, row, record)?;
    let revision = |share: &Share| share.record.configuration_revision.clone();
    let reason =
        shares.iter().find_map(|share| lambda.provisioning.failure(&revision(share), record));
    let whole = !shares.is_empty()
        && shares.iter().all(|share| lambda.pool.provisioned_of(&revision(share)) >= share.wanted);
    let status = match &reason {
        Some(_) => ProvisionedStatus::Failed,
        None if whole => ProvisionedStatus::Ready,
        None => ProvisionedStatus::InProgress,
    };
    Ok(Observed { count, status, reason })
}

fn apply(lambda: &Arc<Lambda>, desired: &[Desired]) {
    let asked: Vec<u64> = desired.iter().map(Desired::bytes).collect();
    let bytes_max = lambda.deps.provisioned_memory_bytes_max;
    let mut revisions = HashSet::new();
    // Configurations, by function and qualifier, whose environments are still being made.
    let mut moving = HashSet::new();
    for (one, fits) in desired.iter().zip(fitting(&asked, bytes_max)) {
        for share in &one.shares {
            let revision = &share.record.configuration_revision;
            revisions.insert(revision.clone());
            let reason = match (&share.record.state, fits) {
                // Versions on managed instances have none.
                (
                    StateRecord::Pending
                    | StateRecord::ActiveNonInvocable
                    | StateRecord::Deactivating
                    | StateRecord::Deactivated,
                    _,
                ) => {
                    moving.insert((one.function(), one.row.3.clone()));
                    continue;
                }
                (StateRecord::Failed(reason), _) => Some(reason.text.clone()),
                (StateRecord::Active, false) => Some(too_large(one, bytes_max)),
                (StateRecord::Active, true) => None,
            };
            if let Some(reason) = reason {
                lambda.provisioning.fail(revision, &one.record, reason);
                lambda.pool.want_provisioned(&one.function(), revision, &one.row.3, 0);
                continue;
            }
            lambda.pool.want_provisioned(&one.function(), revision, &one.row.3, share.wanted);
            let lacks = lambda.pool.lacks_provisioned(revision) > 0;
            if lacks && lambda.provisioning.failure(revision, &one.record).is_none() {
                moving.insert((one.function(), one.row.3.clone()));
                allocate(lambda, one, share);
            }
        }
    }
    for (revision, function, qualifier) in lambda.pool.provisioned_revisions() {
        if !revisions.contains(&revision)
            && !moving.contains(&(function.clone(), qualifier.clone()))
        {
            lambda.pool.want_provisioned(&function, &revision, &qualifier, 0);
        }
    }
    lambda.provisioning.failed.lock().retain(|revision, _| revisions.contains(revision));
}

fn too_large(desired: &Desired, bytes_max: u64) -> String {
    format!(
        "This host sets {} MiB aside for provisioned concurrency; the {} MiB of this configuration do not fit in beside \
         what is provisioned already.",
        bytes_max / MIB,
        desired.bytes() / MIB
    )
}

/// Makes what a share lacks, in the background; once at a time for each revision.
fn allocate(lambda: &Arc<Lambda>, desired: &Desired, share: &Share) {
    let revision = share.record.configuration_revision.clone();
    if !lambda.provisioning.allocating.lock().insert(revision.clone()) {
        return;
    }
    let (account, region, name) = desired.function();
    let name = FunctionName { account, region, name, qualifier: Some(share.version.clone()) };
    let (guard, record) = (Allocating { lambda: lambda.clone(), revision }, desired.record);
    lambda.deps.tasks.spawn("lambda.provision", async move {
        let (lambda, revision) = (&guard.lambda, &guard.revision);
        while lambda.pool.lacks_provisioned(revision) > 0 && !lambda.deps.tasks.is_stopping() {
            match allocate_some(lambda, &name, revision).await {
                Ok(()) => {}
                Err(NotProvisioned::Failed(reason)) => {
                    lambda.provisioning.fail(revision, &record, reason);
                    break;
                }
                Err(NotProvisioned::Host(cause)) => {
                    tracing::warn!(
                        cause,
                        function = name.name,
                        "an environment could not be provisioned"
                    );
                    lambda.deps.clock.sleep(RETRY).await;
                }
            }
        }
        drop(guard);
    });
}

/// Starts a few environments at once.
async fn allocate_some(
    lambda: &Arc<Lambda>,
    name: &FunctionName,
    revision: &str,
) -> std::result::Result<(), NotProvisioned> {
    let target = target(lambda, name).await;
    let target = target.map_err(|error| NotProvisioned::Host(format!("{error:?}")))?;
    if target.record.configuration_revision != *revision {
        // The version was deleted and made anew; the next activation sees that.
        return Err(NotProvisioned::Host("the version has changed".to_string()));
    }
    let lacks = lambda.pool.lacks_provisioned(revision).min(PROVISIONED_STARTS_MAX);
    let starts = (0..lacks).map(|_| provision(lambda, &target));
    futures_util::future::join_all(starts).await.into_iter().collect()
}

async fn target(lambda: &Arc<Lambda>, name: &FunctionName) -> Result<Arc<Target>> {
    lambda.resolver.resolve(name).await?.choose(&*lambda.deps.entropy)
}

/// An allocation that is going on; ends when dropped, also by a panic.
struct Allocating {
    lambda: Arc<Lambda>,
    revision: String,
}

impl Drop for Allocating {
    fn drop(&mut self) {
        self.lambda.provisioning.allocating.lock().remove(&self.revision);
        self.lambda.provisioning.ended.notify_one();
    }
}

/// Puts the blocks of time that begin now on the bill.
async fn bill(lambda: &Lambda, desired: &[Desired], now: Time) -> Result<()> {
    let now_ms = now.unix_ms();
    for one in desired.iter().filter(|one| one.record.billed_until_ms <= now_ms) {
        let block_ms = PROVISIONED_BLOCK.as_millis() as u64;
        let used: Vec<_> = one
            .shares
            .iter()
            .map(|share| {
                let held = lambda.pool.provisioned_of(&share.record.configuration_revision);
                metering::provisioned(&share.record.configuration, held.min(share.wanted), block_ms)
            })
            .filter(|(_, quantity)| *quantity > 0)
            .collect();
        if used.is_empty() {
            continue;
        }
        let (row, (account, region, name)) = (one.row.clone(), one.function());
        let arn = crate::model::name::function_arn(&(account, region.clone(), name));
        let resource = Arc::new(Resource { account, region, arn });
        let write = move |tx: &mut Tx<'_>| {
            let Some(mut record) = tx.get(&PROVISIONED, &row)? else { return Ok(()) };
            // Blocks follow each other, unless nothing was held meanwhile.
            let until_ms = record.billed_until_ms;
            let begin_ms = if until_ms + block_ms < now_ms { now_ms } else { until_ms };
            record.billed_until_ms = begin_ms + block_ms;
            for (usage_type, quantity) in &used {
                usage::add(tx, Time::from_unix_ms(begin_ms), &resource, usage_type, *quantity)?;
            }
            Ok::<_, Failure>(tx.put(&PROVISIONED, &row, &record)?)
        };
        lambda.deps.store.transact(write).await?;
    }
    Ok(())
}
