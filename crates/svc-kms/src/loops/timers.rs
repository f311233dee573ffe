//! Does what is due: deletes keys whose waiting period is over, rotates keys, lets imported material expire.
//!
//! Every event is a row, so that it survives a restart; one that is late is done at once. An event that no longer fits
//! its key, because the key was changed since, does nothing.

use crate::errors::Error;
use crate::keys::{Key, MaterialOf};
use crate::model::key_ref::{KeyName, KeyRef};
use crate::ops::creation::{self, events};
use crate::ops::{rotation, schedule_key_deletion};
use crate::tables::{ALIASES, GRANTS, KEYS, MULTI_REGION, MaterialRecord, RotationRecord, TIMERS};
use crate::{Kms, crypto, limits};
use base::{AccountId, Region, Time};
use rt::Tasks;
use std::sync::Arc;
use std::time::Duration;
use store::{Prefix, Tx};

type Timer = (u64, AccountId, Region, String, String);

/// Longest sleep, so that a clock that was set forward is noticed.
const SLEEP_MAX: Duration = Duration::from_secs(600);

/// Sleeps until the next event or until there is another one.
pub(crate) fn start(kms: &Arc<Kms>, tasks: &Tasks) {
    let kms = kms.clone();
    tasks.spawn_loop("kms.timers", Duration::from_secs(1), move || {
        let kms = kms.clone();
        async move {
            let seen = kms.store.generation(&TIMERS);
            match run_due(&kms).await {
                Ok(next_ms) => {
                    let longest = kms.clock.now() + SLEEP_MAX;
                    let next = next_ms.map_or(longest, Time::from_unix_ms).min(longest);
                    tokio::select! {
                        _ = kms.store.changed(&TIMERS, seen) => {}
                        () = kms.clock.sleep_until(next) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(?error, "an event of a key failed");
                    kms.clock.sleep(Duration::from_secs(10)).await;
                }
            }
        }
    });
}

/// Does everything that is due; answers with when the next event is.
pub async fn run_due(kms: &Kms) -> Result<Option<u64>, Error> {
    loop {
        let first =
            kms.store.read(|view| view.scan_keys(&TIMERS, Prefix::all(), limits::TIMERS_BATCH))?;
        let now_ms = kms.now_ms();
        let is_all = first.len() < limits::TIMERS_BATCH;
        let next = first.iter().map(|timer| timer.0).find(|at_ms| *at_ms > now_ms);
        for timer in first.into_iter().filter(|timer| timer.0 <= now_ms) {
            run(kms, timer, now_ms).await?;
        }
        if next.is_some() || is_all {
            return Ok(next);
        }
    }
}

async fn run(kms: &Kms, timer: Timer, now_ms: u64) -> Result<(), Error> {
    let (account, id) = (timer.1, timer.3.clone());
    let spec = crate::model::spec::Spec::Symmetric;
    let secret = crypto::generate(spec, &*kms.entropy);
    let mut fresh = kms.new_material(MaterialOf { account, id: &id, spec }, &secret, now_ms);
    fresh.rotation = Some(wire_kms::RotationType::Automatic.to_string());
    kms.write(move |tx| {
        tx.delete(&TIMERS, &timer)?;
        let (at_ms, account, region, id, event) = timer.clone();
        let key_ref = KeyRef { account, region, name: KeyName::Id(id) };
        let Ok(key) = Key::load(tx, &key_ref) else { return Ok(()) };
        match event.as_str() {
            events::DELETION if key.record.deletion_ms == Some(at_ms) => delete(tx, key, now_ms),
            events::ROTATION => rotate(tx, key, &fresh, at_ms, now_ms),
            events::EXPIRATION => expire(tx, key, at_ms),
            _ => Ok(()),
        }
    })
    .await
}

/// Removes a key with its aliases and grants. The primary key that waited for its last replica begins its own period.
fn delete(tx: &mut Tx<'_>, key: Key, now_ms: u64) -> Result<(), Error> {
    for alias in &key.record.aliases {
        tx.delete(&ALIASES, &(key.account, key.region.clone(), alias.clone()))?;
    }
    // The rest goes with the next activation: one transaction is bounded.
    let grants = tx.scan_keys(&GRANTS, Prefix::of(key.row()), limits::GRANTS_DELETED_AT_ONCE)?;
    for grant in &grants {
        tx.delete(&GRANTS, grant)?;
    }
    if grants.len() == limits::GRANTS_DELETED_AT_ONCE {
        let at_ms = key.record.deletion_ms.unwrap_or(now_ms);
        return creation::set_timer(tx, &key, at_ms, events::DELETION);
    }
    tx.delete(&KEYS, &key.row())?;
    if let Some(rotation) = key.record.rotation {
        creation::clear_timer(tx, &key, rotation.next_ms, events::ROTATION)?;
    }
    let Some(mut regions) = key.regions.clone() else { return Ok(()) };
    let shared = (key.account, key.id.clone());
    if key.is_primary() {
        return Ok(tx.delete(&MULTI_REGION, &shared)?);
    }
    regions.replicas.remove(key.region.as_str());
    tx.put(&MULTI_REGION, &shared, &regions)?;
    let Some(region) = Region::parse(&regions.primary) else { return Ok(()) };
    let name = KeyName::Id(key.id.clone());
    let mut primary = Key::load(tx, &KeyRef { account: key.account, region, name })?;
    if let Some(days) = primary.record.replica_deletion_days.filter(|_| regions.replicas.is_empty())
    {
        schedule_key_deletion::start(tx, &mut primary, now_ms, days)?;
        creation::put(tx, &primary)?;
    }
    Ok(())
}

/// Disabled keys and those that are to be deleted are not rotated, but their turn comes again.
fn rotate(
    tx: &mut Tx<'_>,
    mut key: Key,
    fresh: &MaterialRecord,
    at_ms: u64,
    now_ms: u64,
) -> Result<(), Error> {
    let Some(due) = key.record.rotation.filter(|due| due.next_ms == at_ms) else { return Ok(()) };
    if key.check_usable().is_ok() && key.record.materials.len() < limits::MATERIALS_MAX {
        rotation::rotate(tx, &mut key, fresh)?;
    }
    let next_ms = now_ms + u64::from(due.period_days) * limits::DAY_MS;
    rotation::schedule(tx, &mut key, Some(RotationRecord { next_ms, ..due }))?;
    creation::put(tx, &key)
}

/// Imported material whose time is over is gone; the key waits for it to be imported again.
fn expire(tx: &mut Tx<'_>, mut key: Key, at_ms: u64) -> Result<(), Error> {
    for material in &mut key.record.materials {
        if material.valid_to_ms == Some(at_ms) {
            (material.sealed, material.valid_to_ms) = (None, None);
        }
    }
    creation::put(tx, &key)
}
