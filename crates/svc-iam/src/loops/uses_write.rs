//! Writes when access keys, users and roles were last used, behind the calls: no call waits for it, and each key is written
//! once in [`limits::USES_WRITTEN_EVERY`] at most. A crash loses what was noted since.

use crate::errors::Error;
use crate::tables::{ACCESS_KEYS, LAST_USES, SERVICE_USES};
use crate::{Iam, limits};
use rt::Tasks;
use std::sync::Arc;
use std::time::Duration;
use store::Prefix;

/// Reads what was written before, then writes from time to time.
pub(crate) fn start(iam: &Arc<Iam>, tasks: &Tasks) {
    if let Err(error) = load(iam) {
        tracing::error!(?error, "last uses can not be read; they begin anew");
    }
    let iam = iam.clone();
    tasks.spawn_loop("iam.uses", Duration::from_secs(1), move || {
        let iam = iam.clone();
        async move {
            iam.clock.sleep(limits::USES_WRITTEN_EVERY).await;
            write(&iam).await;
        }
    });
}

/// Reads rows into memory, as many as it keeps.
fn load(iam: &Iam) -> Result<(), Error> {
    let mut after = None;
    for _ in 0..limits::LAST_USES_MAX.div_ceil(limits::USES_BATCH) {
        let range = after.as_ref().map_or(Prefix::all(), |key| Prefix::all().after(key));
        let rows = iam.store.read(|view| view.scan(&LAST_USES, range, limits::USES_BATCH))?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(last.clone());
        rows.into_iter().for_each(|(id, row)| iam.last_uses.load(id, row));
    }
    let mut after = None;
    for _ in 0..limits::ACCESSES_MAX.div_ceil(limits::USES_BATCH) {
        let range = after.as_ref().map_or(Prefix::all(), |key| Prefix::all().after(key));
        let rows = iam.store.read(|view| view.scan(&SERVICE_USES, range, limits::USES_BATCH))?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(last.clone());
        rows.into_iter().for_each(|(key, row)| iam.accesses.load(key, row));
    }
    Ok(())
}

/// Writes what has changed. What fails is tried again the next time.
pub(crate) async fn write(iam: &Iam) {
    loop {
        let keys = iam.last_uses.take_changed(limits::USES_BATCH);
        let services = iam.accesses.take_changed(limits::USES_BATCH);
        if keys.is_empty() && services.is_empty() {
            return;
        }
        let rows = (keys.clone(), services.clone());
        let written = iam.write(move |tx| {
            for (id, row) in &rows.0 {
                // The key may have been deleted since.
                if tx.contains(&ACCESS_KEYS, id)? {
                    tx.put(&LAST_USES, id, row)?;
                }
            }
            for (key, row) in &rows.1 {
                tx.put(&SERVICE_USES, key, row)?;
            }
            Ok(())
        });
        if let Err(error) = written.await {
            tracing::error!(?error, "last uses can not be written");
            keys.into_iter().for_each(|(id, _)| iam.last_uses.put_back(id));
            services.into_iter().for_each(|(key, _)| iam.accesses.put_back(key));
            return;
        }
    }
}
