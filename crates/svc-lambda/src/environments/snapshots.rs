//! SnapStart: a published version is initialized once, and its environments start from there.
//!
//! # Invariants
//! - A snapshot belongs to one configuration revision of one version, and ends with it.
//! - They are bounded in number and in memory; what was not used for the longest time goes first.
//! - It is lost when the server ends, and made anew for the first environment that wants it. So it is when its role
//!   session is about to end, for what was initialized may hold the session's credentials.
//! - A function that cannot be restored starts as others do, and its log says why.

use crate::Lambda;
use crate::environments::start::{self, Initialization};
use crate::limits;
use crate::model::name::FunctionKey;
use crate::model::report::Status;
use crate::resolve::Target;
use base::Time;
use engine::{InitError, Snapshot, SnapshotError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// All snapshots by configuration revision.
pub struct Snapshots {
    entries: Mutex<HashMap<String, Arc<Entry>>>,
    bytes_max: u64,
}

struct Entry {
    function: FunctionKey,
    used_at: Mutex<Time>,
    /// Locked while it is made, so that it is made once.
    taken: tokio::sync::Mutex<Option<Taken>>,
}

/// What came of taking a snapshot.
#[derive(Clone)]
pub enum Taken {
    /// It can be restored until then.
    Snapshot(Arc<dyn Snapshot>, Time),
    /// This version starts without.
    Unsupported,
}

/// Why there is neither.
#[derive(Debug)]
pub enum NotTaken {
    /// The function's initialization failed.
    Init(InitError),
    /// Something else did.
    Other(wire::Error),
}

impl Snapshots {
    /// Keeps snapshots as long as they use `bytes_max` together.
    pub fn new(bytes_max: u64) -> Self {
        Snapshots { entries: Mutex::default(), bytes_max }
    }

    /// The snapshot of `target`, taken now if there is none.
    pub async fn get(&self, lambda: &Lambda, target: &Target) -> Result<Taken, NotTaken> {
        let now = lambda.deps.clock.now();
        let entry = self.entry(target, now);
        let mut taken = entry.taken.lock().await;
        let needed = Duration::from_secs(target.record.configuration.timeout_s.into())
            + limits::CREDENTIALS_MARGIN;
        match &*taken {
            Some(Taken::Snapshot(snapshot, until))
                if snapshot.is_alive() && *until >= now + needed =>
            {
                Ok(Taken::Snapshot(snapshot.clone(), *until))
            }
            Some(Taken::Unsupported) => Ok(Taken::Unsupported),
            _ => {
                *taken = None;
                let new = take(lambda, target).await?;
                *taken = Some(new.clone());
                drop(taken);
                let revision = &target.record.configuration_revision;
                self.evict_bytes(self.bytes().saturating_sub(self.bytes_max), revision);
                Ok(new)
            }
        }
    }

    /// Memory that all of them keep in use, in bytes.
    fn bytes(&self) -> u64 {
        self.entries.lock().values().map(|entry| entry.bytes()).sum()
    }

    /// Ends the snapshots that have not been used for the longest time until they make `wanted` bytes free, but not the one
    /// of `own`; how many they do. Each is made anew when it is wanted.
    pub fn evict_bytes(&self, wanted: u64, own: &str) -> u64 {
        let (mut ended, mut bytes) = (Vec::new(), 0);
        let mut entries = self.entries.lock();
        let mut order: Vec<(Time, String, u64)> = entries
            .iter()
            .filter(|(revision, _)| *revision != own)
            .map(|(revision, entry)| (*entry.used_at.lock(), revision.clone(), entry.bytes()))
            .filter(|(_, _, bytes)| *bytes > 0)
            .collect();
        order.sort();
        for (_, revision, freed) in order {
            if bytes >= wanted {
                break;
            }
            ended.extend(entries.remove(&revision));
            bytes += freed;
        }
        // Outside the lock: the end of the last reference ends processes.
        drop(entries);
        bytes
    }

    /// Ends the snapshots that `ended` names by function and configuration revision.
    pub fn retire(&self, ended: impl Fn(&FunctionKey, &str) -> bool) {
        self.entries.lock().retain(|revision, entry| !ended(&entry.function, revision));
    }

    fn entry(&self, target: &Target, now: Time) -> Arc<Entry> {
        let mut entries = self.entries.lock();
        let revision = &target.record.configuration_revision;
        if let Some(entry) = entries.get(revision) {
            *entry.used_at.lock() = now;
            return entry.clone();
        }
        if entries.len() >= limits::SNAPSHOTS_MAX {
            let oldest = entries.iter().min_by_key(|(_, entry)| *entry.used_at.lock());
            if let Some(oldest) = oldest.map(|(revision, _)| revision.clone()) {
                entries.remove(&oldest);
            }
        }
        let function = target.function.clone();
        let entry = Arc::new(Entry {
            function,
            used_at: Mutex::new(now),
            taken: tokio::sync::Mutex::default(),
        });
        entries.insert(revision.clone(), entry.clone());
        entry
    }
}

impl Entry {
    /// Memory that it keeps in use, in bytes; 0 while it is being taken.
    fn bytes(&self) -> u64 {
        match self.taken.try_lock().as_deref() {
            Ok(Some(Taken::Snapshot(snapshot, _))) => snapshot.memory_bytes(),
            _ => 0,
        }
    }
}

async fn take(lambda: &Lambda, target: &Target) -> Result<Taken, NotTaken> {
    let prepared = start::prepare(lambda, target, Initialization::SnapStart, None).await;
    let mut preparation = prepared.map_err(NotTaken::Other)?;
    let timeout = Duration::from_secs(target.record.configuration.timeout_s.into());
    preparation.spec.init_timeout = limits::PROVISIONED_INIT_TIMEOUT.max(timeout);
    let log = &preparation.log;
    log.put(log.platform.init_start(lambda.deps.clock.now()));
    let begun = lambda.deps.clock.monotonic();
    let error = match lambda.deps.engine.snapshot(preparation.spec).await {
        Ok(snapshot) => return Ok(Taken::Snapshot(snapshot, preparation.credentials_end_at)),
        Err(SnapshotError::Unsupported(reason)) => {
            let function = &target.function.2;
            tracing::info!(%function, version = target.version, %reason, "SnapStart without a snapshot");
            log.put(log.platform.no_snapshot(&reason));
            return Ok(Taken::Unsupported);
        }
        Err(SnapshotError::Failed(error)) => error,
    };
    let now = lambda.deps.clock.now();
    let elapsed = lambda.deps.clock.monotonic().saturating_sub(begun);
    let status = match &error {
        InitError::Reported { error_type, .. } => Status::Failure(error_type.clone()),
        InitError::TimedOut { .. } => Status::Timeout,
        _ => Status::Failure("Runtime.ExitError".to_string()),
    };
    log.put(log.platform.init_failed(now, "init", elapsed, &status));
    Err(NotTaken::Init(error))
}
