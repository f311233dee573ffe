//! Removes bodies that no row names any more.
//!
//! Whoever takes away a row that names a body writes one of [`GARBAGE`] in the same transaction. A body that is being read
//! is left until that has ended.

use crate::tables::{BodyId, GARBAGE, GarbageRecord, PARTS};
use crate::{S3, limits};
use rt::Tasks;
use std::sync::Arc;
use store::Prefix;

/// Sleeps until there is something to remove or a read has ended.
pub(crate) fn start(s3: &Arc<S3>, tasks: &Tasks) {
    let s3 = s3.clone();
    tasks.spawn_loop("s3.garbage", limits::GARBAGE_PAUSE, move || {
        let s3 = s3.clone();
        async move {
            let seen = s3.store.generation(&GARBAGE);
            if let Err(error) = collect(&s3).await {
                tracing::error!(error, "bodies could not be removed");
                s3.clock.sleep(limits::GARBAGE_PAUSE).await;
                return;
            }
            tokio::select! {
                _ = s3.store.changed(&GARBAGE, seen) => {}
                () = s3.garbage.notified() => {}
            }
        }
    });
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Removes all that nobody reads.
pub async fn collect(s3: &S3) -> Result<(), Failed> {
    let mut range = Prefix::all();
    loop {
        let rows: Vec<(BodyId, GarbageRecord)> =
            s3.store.read(|view| view.scan(&GARBAGE, range, limits::GARBAGE_BATCH))?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        range = Prefix::all().after(last);
        for (id, record) in rows {
            if !s3.reading.is_held(id) {
                remove(s3, id, record).await?;
            }
        }
    }
}

/// The body first: without its row it would stay for ever.
async fn remove(s3: &S3, id: BodyId, record: GarbageRecord) -> Result<(), Failed> {
    if let Some(digest) = record.digest {
        s3.blobs.remove(digest).await?;
    } else {
        loop {
            let parts = s3
                .store
                .read(|view| view.scan(&PARTS, Prefix::of((id,)), limits::GARBAGE_BATCH))?;
            if parts.is_empty() {
                break;
            }
            for (_, part) in &parts {
                s3.blobs.remove(part.digest).await?;
            }
            s3.store
                .transact(move |tx| {
                    for (key, _) in &parts {
                        tx.delete(&PARTS, key)?;
                    }
                    Ok::<_, store::Error>(())
                })
                .await?;
        }
    }
    s3.store.transact(move |tx| tx.delete(&GARBAGE, &id)).await?;
    Ok(())
}
