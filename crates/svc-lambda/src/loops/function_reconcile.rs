//! Brings versions from `Pending` and `InProgress` to an end: is the package unpacked, can the runtime run here?

use crate::code::customer_key;
use crate::environments::snapshots::{NotTaken, Taken};
use crate::loops::snapshots_bill;
use crate::model::name::{FunctionKey, FunctionName, Qualifier};
use crate::model::version::Change;
use crate::ops::rows::{self, TxResult};
use crate::resolve::Target;
use crate::tables::{FUNCTIONS, RECONCILES, ReasonRecord, VERSIONS, VersionRecord};
use crate::{Failure, Lambda, Result, errors, parse_digest};
use engine::InitError;
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};
use usage::Resource;

/// The reason code of a runtime that this host lacks.
pub const INVALID_RUNTIME: &str = "InvalidRuntime";
/// Versions that one activation looks at.
const BATCH: usize = 64;
/// After a failure of the store or the disk.
const RETRY: Duration = Duration::from_secs(1);

/// Settles every version that waits; sleeps until there is one.
pub(crate) async fn activate(lambda: Arc<Lambda>) {
    let store = &lambda.deps.store;
    let seen = store.generation(&RECONCILES);
    let waiting = store.view(|view| view.scan_keys(&RECONCILES, Prefix::all(), BATCH)).await;
    let waiting = match waiting {
        Ok(waiting) => waiting,
        Err(error) => {
            let error: store::Error = error;
            tracing::error!(%error, "versions that wait could not be read");
            return lambda.deps.clock.sleep(RETRY).await;
        }
    };
    if waiting.is_empty() {
        store.changed(&RECONCILES, seen).await;
        return;
    }
    for (account, region, name, number) in waiting {
        let key = (account, region, name);
        if let Err(error) = settle_number(&lambda, &key, number).await {
            tracing::error!(?error, function = key.2, number, "a version could not be settled");
            lambda.deps.clock.sleep(RETRY).await;
        }
    }
}

/// Settles the version called `version` now.
pub(crate) async fn settle(lambda: &Arc<Lambda>, key: &FunctionKey, version: &str) -> Result<()> {
    let number = match Qualifier::of(version) {
        Qualifier::Version(number) => number,
        _ => 0,
    };
    settle_number(lambda, key, number).await
}

async fn settle_number(lambda: &Arc<Lambda>, key: &FunctionKey, number: u64) -> Result<()> {
    let read = lambda.deps.store.view(|view| {
        Ok::<_, Failure>(match number {
            0 => view.get(&FUNCTIONS, key)?.map(|function| function.latest),
            _ => rows::version(view, key, number)?,
        })
    });
    let record = read.await?;
    let outcome = match &record {
        Some(record) => match check(lambda, key, record).await? {
            Ok(()) => take_snapshot(lambda, key, number, record).await?,
            Err(refused) => Err(refused),
        },
        None => Ok(false),
    };
    if let (Some(record), Ok(_)) = (&record, &outcome)
        && record.configuration.managed.is_some()
        && number != 0
    {
        // The rest is another loop's: it is active when its environments are there.
        let (account, region, name) = key.clone();
        let done = move |tx: &mut Tx<'_>| {
            Ok::<_, Failure>(
                tx.delete(&RECONCILES, &(account, region.clone(), name.clone(), number))?,
            )
        };
        lambda.deps.store.transact(done).await?;
        lambda.managed.changed.notify_one();
        return Ok(());
    }
    let now = lambda.deps.clock.now();
    let change = Change::new(now, &*lambda.deps.entropy);
    let finish_key = key.clone();
    let finish = move |tx: &mut Tx<'_>| {
        let checked = record.as_ref().map(|record| record.configuration_revision.as_str());
        let finished =
            finish(tx, &finish_key, number, checked, outcome.clone().map(|_| ()), &change)?;
        match (&record, &outcome) {
            (Some(record), Ok(true)) if finished => {
                snapshots_bill::begin(tx, &finish_key, number, record, now)
            }
            _ => Ok(()),
        }
    };
    let (account, region, name) = key.clone();
    lambda.deps.store.transact(finish).await?;
    // What its first invocation would read is ready then.
    let qualifier = (number != 0).then(|| number.to_string());
    lambda.concurrency.prepare(&(account, region.clone()));
    lambda.resolver.prepare(&FunctionName { account, region, name, qualifier }).await;
    Ok(())
}

/// Whether the version can run here; Err if that cannot be told now.
async fn check(
    lambda: &Arc<Lambda>,
    key: &FunctionKey,
    record: &VersionRecord,
) -> Result<std::result::Result<(), ReasonRecord>> {
    let configuration = &record.configuration;
    let refused = |code: &str, text: String| Ok(Err(ReasonRecord { code: code.into(), text }));
    if configuration.architecture != HOST_ARCHITECTURE {
        let wanted = &configuration.architecture;
        return refused(
            "InvalidConfiguration",
            format!("This host runs {HOST_ARCHITECTURE} functions only, not {wanted}."),
        );
    }
    if let Err(unavailable) = lambda.deps.engine.check_runtime(&configuration.runtime) {
        return refused(INVALID_RUNTIME, unavailable.reason);
    }
    let code_key = match customer_key::open(lambda, key, &record.code).await {
        Ok(code_key) => code_key,
        Err(error) if error.is_internal() => return Err(errors::internal(error)),
        Err(error) => {
            let code = match &*error.code {
                "DisabledException" => "DisabledKMSKey",
                "KMSInvalidStateException" => "InvalidStateKMSKey",
                "NotFoundException" => "KMSKeyNotFound",
                _ => "KMSKeyAccessDenied",
            };
            return refused(code, errors::package_not_opened(&error).message().to_string());
        }
    };
    lambda.packages.tree(&parse_digest(&record.code.digest)?, code_key).await?;
    for layer in &configuration.layers {
        lambda.packages.tree(&parse_digest(&layer.code.digest)?, None).await?;
    }
    lambda.deps.engine.expect_runtime(&configuration.runtime, configuration.memory_mib);
    Ok(Ok(()))
}

/// With SnapStart a published version is initialized before it is active. Whether there is a snapshot then.
async fn take_snapshot(
    lambda: &Arc<Lambda>,
    key: &FunctionKey,
    number: u64,
    record: &VersionRecord,
) -> Result<std::result::Result<bool, ReasonRecord>> {
    if number == 0 || !record.configuration.snap_start {
        return Ok(Ok(false));
    }
    let (account, region, arn) = (key.0, key.1.clone(), crate::model::name::function_arn(key));
    let target = Target {
        function: key.clone(),
        resource: Arc::new(Resource { account, region, arn }),
        version: crate::model::version::number_name(number),
        record: record.clone(),
        reserved_concurrency: None,
        tenant: None,
    };
    let refused = |text: String| ReasonRecord { code: "FunctionError".into(), text };
    match lambda.snapshots.get(lambda, &target).await {
        Ok(taken) => Ok(Ok(matches!(taken, Taken::Snapshot(..)))),
        Err(NotTaken::Init(InitError::Sandbox(cause))) => Err(errors::internal(cause)),
        Err(NotTaken::Init(InitError::Unavailable(unavailable))) => {
            Ok(Err(refused(unavailable.reason)))
        }
        Err(NotTaken::Init(InitError::Reported { body, .. })) => {
            Ok(Err(refused(String::from_utf8_lossy(&body).into_owned())))
        }
        Err(NotTaken::Init(_)) => {
            Ok(Err(refused("The function's initialization failed.".to_string())))
        }
        Err(NotTaken::Other(error)) => match error.internal_cause() {
            Some(_) => Err(error),
            None => Ok(Err(refused(error.message().to_string()))),
        },
    }
}

const HOST_ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };

/// Stores the outcome, unless the version has changed since it was checked: then it stays for the next activation.
/// Whether it did.
fn finish(
    tx: &mut Tx<'_>,
    key: &FunctionKey,
    number: u64,
    checked: Option<&str>,
    outcome: std::result::Result<(), ReasonRecord>,
    change: &Change,
) -> TxResult<bool> {
    let (account, region, name) = key.clone();
    let row = (account, region, name, number);
    let current = |record: &VersionRecord| Some(record.configuration_revision.as_str()) == checked;
    if number == 0 {
        if let Some(mut function) = tx.get(&FUNCTIONS, key)? {
            if !current(&function.latest) {
                return Ok(false);
            }
            function.latest.finish(outcome, change);
            tx.put(&FUNCTIONS, key, &function)?;
        }
    } else if let Some(mut record) = tx.get(&VERSIONS, &row)? {
        if !current(&record) {
            return Ok(false);
        }
        record.finish(outcome, change);
        tx.put(&VERSIONS, &row, &record)?;
    }
    tx.delete(&RECONCILES, &row)?;
    Ok(true)
}
