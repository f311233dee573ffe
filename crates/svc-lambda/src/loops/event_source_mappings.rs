//! Starts and stops the readers of event source mappings, and brings the mappings to the states that callers wish.

use crate::ops::mapping_rows::{self, MappingKey};
use crate::poll::{self, Mapping};
use crate::tables::{CHECKPOINTS, EVENT_SOURCE_MAPPINGS, EventSourceMappingRecord, MappingState};
use crate::{Failure, Lambda, Result};
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Tx};
use tokio::sync::{Notify, watch};

/// After a failure of the store.
const RETRY: Duration = Duration::from_secs(1);

/// Knows which mappings are read.
pub(crate) struct Readers {
    lambda: Arc<Lambda>,
    readers: Mutex<HashMap<MappingKey, Reader>>,
    /// Told when one has ended.
    ended: Arc<Notify>,
}

struct Reader {
    /// What it reads for.
    revision: String,
    stop: watch::Sender<bool>,
    ended: watch::Receiver<bool>,
}

impl Readers {
    pub(crate) fn new(lambda: Arc<Lambda>) -> Self {
        Readers { lambda, readers: Mutex::default(), ended: Arc::default() }
    }

    /// Looks at every mapping once; then sleeps until one changes.
    pub(crate) async fn activate(self: Arc<Self>) {
        let store = &self.lambda.deps.store;
        let seen = store.generation(&EVENT_SOURCE_MAPPINGS);
        if let Err(error) = self.look().await {
            tracing::error!(?error, "event source mappings could not be settled");
            return self.lambda.deps.clock.sleep(RETRY).await;
        }
        tokio::select! {
            _ = store.changed(&EVENT_SOURCE_MAPPINGS, seen) => {}
            () = self.ended.notified() => {}
        }
    }

    async fn look(&self) -> Result<()> {
        self.readers.lock().retain(|_, reader| !*reader.ended.borrow());
        let mut here = HashSet::new();
        let mut last = None;
        loop {
            let range = match &last {
                Some(last) => Prefix::all().after(last),
                None => Prefix::all(),
            };
            let store = &self.lambda.deps.store;
            let page = store.view(|view| view.scan(&EVENT_SOURCE_MAPPINGS, range, SCAN_ROWS_MAX));
            let page: Vec<(MappingKey, EventSourceMappingRecord)> =
                page.await.map_err(|error: store::Error| Failure::from(error))?;
            let more = page.len() == SCAN_ROWS_MAX;
            last = page.last().map(|(key, _)| key.clone());
            for (key, record) in page {
                here.insert(key.clone());
                self.settle(key, record).await?;
            }
            if !more {
                break;
            }
        }
        // Rows vanish when an ephemeral cloud is emptied.
        for (key, reader) in self.readers.lock().iter() {
            if !here.contains(key) {
                let _ = reader.stop.send(true);
            }
        }
        Ok(())
    }

    /// Does the next step for one mapping.
    async fn settle(&self, key: MappingKey, record: EventSourceMappingRecord) -> Result<()> {
        let enabled = record.state == MappingState::Enabled;
        let read = {
            let readers = self.readers.lock();
            let reader = readers.get(&key);
            // A reader for an older revision, or of a mapping that is not to be read, stops first.
            if let Some(reader) = reader.filter(|one| !enabled || one.revision != record.revision) {
                let _ = reader.stop.send(true);
            }
            reader.is_some()
        };
        match record.state {
            MappingState::Enabled if !read => self.start(key, record),
            MappingState::Enabled | MappingState::Disabled => Ok(()),
            _ if read => Ok(()),
            MappingState::Deleting => self.remove(key).await,
            _ => {
                let state =
                    if record.enabled { MappingState::Enabled } else { MappingState::Disabled };
                self.reach(key, record, state).await
            }
        }
    }

    fn start(&self, key: MappingKey, record: EventSourceMappingRecord) -> Result<()> {
        let Some((kind, arn)) = record.source() else { return Ok(()) };
        let Some(source) = mapping_rows::service(&self.lambda, &arn) else {
            tracing::warn!(source = record.source, "an event source's service is not here");
            return Ok(());
        };
        let (stop, stopped) = watch::channel(false);
        let (end, ended) = watch::channel(false);
        let reader = Reader { revision: record.revision.clone(), stop, ended };
        let mapping = Arc::new(Mapping {
            lambda: self.lambda.clone(),
            key: key.clone(),
            filters: poll::filters(&record)?,
            record,
            kind,
            arn,
            source: source.clone(),
            stop: stopped,
        });
        self.readers.lock().insert(key, reader);
        let told = Ended(end, self.ended.clone());
        self.lambda.deps.tasks.spawn("lambda.event_source", async move {
            // Told when it ends, also by a panic: then it is started anew.
            let _told = told;
            if kind.is_queue() {
                poll::queue::read(mapping).await;
            } else {
                poll::stream::read(mapping).await;
            }
        });
        Ok(())
    }

    /// The mapping is in the state that its caller wished, unless that has changed meanwhile.
    async fn reach(
        &self,
        key: MappingKey,
        seen: EventSourceMappingRecord,
        state: MappingState,
    ) -> Result<()> {
        let reach = move |tx: &mut Tx<'_>| {
            if let Some(mut record) = tx.get(&EVENT_SOURCE_MAPPINGS, &key)?
                && record.revision == seen.revision
                && record.state == seen.state
            {
                record.state = state;
                tx.put(&EVENT_SOURCE_MAPPINGS, &key, &record)?;
            }
            Ok::<_, Failure>(())
        };
        Ok(self.lambda.deps.store.transact(reach).await?)
    }

    async fn remove(&self, key: MappingKey) -> Result<()> {
        let remove = move |tx: &mut Tx<'_>| {
            let checkpoints = tx.scan_keys(&CHECKPOINTS, Prefix::of(key.clone()), SCAN_ROWS_MAX)?;
            checkpoints.iter().try_for_each(|row| tx.delete(&CHECKPOINTS, row))?;
            if checkpoints.len() < SCAN_ROWS_MAX {
                tx.delete(&EVENT_SOURCE_MAPPINGS, &key)?;
            }
            Ok::<_, Failure>(())
        };
        Ok(self.lambda.deps.store.transact(remove).await?)
    }
}

/// Tells when it is dropped.
struct Ended(watch::Sender<bool>, Arc<Notify>);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.send(true);
        self.1.notify_one();
    }
}
