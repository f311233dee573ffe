//! Puts snapshots of SnapStart on the bill for as long as their versions are there.
//!
//! One row per snapshot stands at the time until which it is billed. The row moves on by a block of time in the
//! transaction that adds the block to the bill, so no block is billed twice.

use crate::limits::{SNAPSHOT_BILLED_MIN, SNAPSHOT_BLOCK, SNAPSHOTS_BILLED_AT_ONCE};
use crate::metering;
use crate::model::name::{self, FunctionKey};
use crate::ops::rows::{self, TxResult};
use crate::tables::{SNAPSHOTS_BILLED, SnapshotBilledRecord, VersionRecord};
use crate::{Failure, Lambda};
use base::{AccountId, Region, Time};
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};
use usage::Resource;

type Row = (Time, AccountId, Region, String, u64);

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(60);
/// The longest sleep without looking.
const SLEEP_MAX: Duration = Duration::from_secs(3_600);

/// The snapshot of this version was taken now.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    key: &FunctionKey,
    number: u64,
    record: &VersionRecord,
    now: Time,
) -> TxResult<()> {
    if !metering::snapshots_cost(&record.configuration) {
        return Ok(());
    }
    bill(tx, key, record, now, SNAPSHOT_BILLED_MIN)?;
    let (account, region, function) = key.clone();
    let row = (now + SNAPSHOT_BILLED_MIN, account, region, function, number);
    let billed = SnapshotBilledRecord { revision: record.configuration_revision.clone() };
    Ok(tx.put(&SNAPSHOTS_BILLED, &row, &billed)?)
}

/// Bills what is due; then sleeps until there is more.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let (store, clock) = (&lambda.deps.store, &lambda.deps.clock);
    let seen = store.generation(&SNAPSHOTS_BILLED);
    let now = clock.now();
    let billed = store.transact(move |tx| bill_due(tx, now)).await;
    let next = match billed {
        Ok(next) => next,
        Err(error) => {
            tracing::error!(?error, "snapshots could not be billed");
            return clock.sleep(RETRY).await;
        }
    };
    tokio::select! {
        _ = store.changed(&SNAPSHOTS_BILLED, seen) => {}
        () = clock.sleep_until(next.unwrap_or(now + SLEEP_MAX)) => {}
    }
}

/// When the next row is due.
fn bill_due(tx: &mut Tx<'_>, now: Time) -> Result<Option<Time>, Failure> {
    let rows = tx.scan(&SNAPSHOTS_BILLED, Prefix::all(), SNAPSHOTS_BILLED_AT_ONCE)?;
    for (row, billed) in rows {
        if row.0 > now {
            return Ok(Some(row.0));
        }
        bill_one(tx, row, &billed, now)?;
    }
    Ok(None)
}

fn bill_one(tx: &mut Tx<'_>, row: Row, billed: &SnapshotBilledRecord, now: Time) -> TxResult<()> {
    tx.delete(&SNAPSHOTS_BILLED, &row)?;
    let (until, account, region, function, number) = row;
    let key = (account, region, function);
    let version = rows::version(tx, &key, number)?;
    let Some(version) = version.filter(|one| one.configuration_revision == billed.revision) else {
        return Ok(());
    };
    // Blocks follow each other, unless the cloud did not run meanwhile.
    let begin = if until + SNAPSHOT_BLOCK < now { now } else { until };
    bill(tx, &key, &version, begin, SNAPSHOT_BLOCK)?;
    let (account, region, function) = key;
    let row = (begin + SNAPSHOT_BLOCK, account, region, function, number);
    Ok(tx.put(&SNAPSHOTS_BILLED, &row, billed)?)
}

fn bill(
    tx: &mut Tx<'_>,
    key: &FunctionKey,
    version: &VersionRecord,
    begin: Time,
    kept: Duration,
) -> TxResult<()> {
    let (account, region, arn) = (key.0, key.1.clone(), name::function_arn(key));
    let resource = Arc::new(Resource { account, region, arn });
    let kept_ms = u64::try_from(kept.as_millis()).unwrap_or(u64::MAX);
    let (usage_type, quantity) = metering::snapshot_kept(&version.configuration, kept_ms);
    Ok(usage::add(tx, begin, &resource, usage_type, quantity)?)
}
