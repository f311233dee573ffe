//! From single uses to hourly rows.

use crate::journal::{self, Journal};
use crate::limits::FLUSH_ROWS_MAX;
use crate::tables::{APPLIED, AppliedRecord, HOURS, HourRecord, Span};
use crate::usage_types::UsageType;
use base::{AccountId, Region, Time};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, Tx};

/// Whose bill something stands on, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// Who pays.
    pub account: AccountId,
    /// Where it was used.
    pub region: Region,
    /// The resource's ARN; without tabs and line breaks, as all ARNs are.
    pub arn: String,
}

/// The key of an hourly row.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    /// Its beginning.
    pub(crate) hour: Time,
    pub(crate) usage_type: &'static UsageType,
    pub(crate) resource: Arc<Resource>,
}

/// What is to be added to rows.
pub(crate) type Pending = HashMap<Row, u64>;

/// Takes in what is used and adds it to the rows, some at a time.
pub struct Meter {
    store: Store,
    /// Where journals are; None where nothing survives the process anyway.
    directory: Option<PathBuf>,
    state: Mutex<State>,
    /// Held while rows are written; what a flush could not write stays here for the next one.
    unwritten: tokio::sync::Mutex<Option<Batch>>,
}

#[derive(Default)]
struct State {
    pending: Pending,
    journal: Option<Journal>,
    /// The number of the journal that is being written, and of the batch that `pending` becomes.
    number: u64,
}

/// What one flush adds.
#[derive(Clone)]
struct Batch {
    number: u64,
    /// In the order of the rows' keys, so that a repetition has the same parts.
    rows: Arc<Vec<(Row, u64)>>,
    journal: Option<PathBuf>,
}

impl Batch {
    fn new(number: u64, pending: Pending, journal: Option<PathBuf>) -> Self {
        let mut rows: Vec<(Row, u64)> = pending.into_iter().collect();
        rows.sort_unstable_by(|(a, _), (b, _)| a.order().cmp(&b.order()));
        Batch { number, rows: Arc::new(rows), journal }
    }
}

impl Row {
    fn new(now: Time, usage_type: &'static UsageType, resource: Arc<Resource>) -> Self {
        Row { hour: Span::Hour.begin(now), usage_type, resource }
    }

    fn order(&self) -> (Time, &str, &str, &Resource) {
        (self.hour, self.usage_type.service, self.usage_type.name, &self.resource)
    }

    /// Adds to the stored row.
    fn add(&self, tx: &mut Tx<'_>, quantity: u64) -> Result<(), store::Error> {
        let Resource { account, region, arn } = &*self.resource;
        let (service, name) =
            (self.usage_type.service.to_string(), self.usage_type.name.to_string());
        let key = (*account, self.hour, region.clone(), service, name, arn.clone());
        let before = tx.get(&HOURS, &key)?.unwrap_or_default();
        let quantity = before.quantity.saturating_add(quantity);
        tx.put(&HOURS, &key, &HourRecord { quantity, ..before })
    }
}

/// Adds to the row of the hour of `now` as part of a transaction: for usage whose other traces are rows too.
pub fn add(
    tx: &mut Tx<'_>,
    now: Time,
    resource: &Arc<Resource>,
    usage_type: &'static UsageType,
    quantity: u64,
) -> Result<(), store::Error> {
    Row::new(now, usage_type, resource.clone()).add(tx, quantity)
}

impl Meter {
    /// A meter over `store` whose journals are in `directory`: what an earlier process left there is added to the rows
    /// first. Without a directory what was not flushed ends with the process.
    ///
    /// Errors: the directory or a journal cannot be read or written, or the store fails.
    pub async fn open(store: Store, directory: Option<&Path>) -> io::Result<Self> {
        let meter = Meter {
            store,
            directory: directory.map(Path::to_path_buf),
            state: Mutex::default(),
            unwritten: tokio::sync::Mutex::default(),
        };
        let Some(directory) = directory else { return Ok(meter) };
        std::fs::create_dir_all(directory)?;
        let mut number = meter.applied().map_err(io::Error::other)?.journal;
        for (left, path) in journal::left(directory)? {
            if left >= number {
                let batch = Batch::new(left, journal::read(&path)?, Some(path));
                meter.write(&batch).await.map_err(io::Error::other)?;
                number = left + 1;
            } else {
                std::fs::remove_file(path)?;
            }
        }
        meter.state.lock().begin(Some(directory), number)?;
        Ok(meter)
    }

    fn applied(&self) -> Result<AppliedRecord, store::Error> {
        Ok(self.store.get(&APPLIED, &())?.unwrap_or_default())
    }

    /// Adds quantities of usage types of one resource, at `now`. When this returns, a crash of the process loses nothing
    /// of it.
    pub fn record(&self, now: Time, resource: &Arc<Resource>, used: &[(&'static UsageType, u64)]) {
        let rows = used
            .iter()
            .filter(|(_, quantity)| *quantity > 0)
            .map(|(usage_type, quantity)| (Row::new(now, usage_type, resource.clone()), *quantity));
        let rows: Vec<(Row, u64)> = rows.collect();
        let mut state = self.state.lock();
        if let Some(journal) = &mut state.journal
            && let Err(error) = journal.add(rows.iter().map(|(row, quantity)| (row, *quantity)))
        {
            tracing::warn!(%error, "usage could not be written to its journal; a crash would lose it");
        }
        for (row, quantity) in rows {
            *state.pending.entry(row).or_default() += quantity;
        }
    }

    /// Adds what was recorded to the rows. Error: the store failed; the next flush tries again.
    pub async fn flush(&self) -> Result<(), store::Error> {
        let mut unwritten = self.unwritten.lock().await;
        if let Some(batch) = &*unwritten {
            self.write(batch).await?;
            *unwritten = None;
        }
        let Some(batch) = self.state.lock().take(self.directory.as_deref()) else { return Ok(()) };
        let written = self.write(&batch).await;
        if written.is_err() {
            *unwritten = Some(batch);
        }
        written
    }

    /// Forgets what was not flushed, because the store was emptied.
    pub async fn clear(&self) {
        let mut unwritten = self.unwritten.lock().await;
        *unwritten = None;
        // The batch is dropped.
        drop(self.state.lock().take(self.directory.as_deref()));
    }

    /// Writes the parts of a batch that are not written yet, then removes its journal.
    async fn write(&self, batch: &Batch) -> Result<(), store::Error> {
        let applied = self.applied()?;
        let done = if applied.journal == batch.number { applied.parts } else { 0 };
        let parts = batch.rows.chunks(FLUSH_ROWS_MAX).count() as u64;
        for part in done..parts.max(1) {
            let (rows, number) = (batch.rows.clone(), batch.number);
            let last = part + 1 >= parts;
            let add = move |tx: &mut Tx<'_>| {
                let rows = rows.chunks(FLUSH_ROWS_MAX).nth(part as usize).unwrap_or_default();
                rows.iter().try_for_each(|(row, quantity)| row.add(tx, *quantity))?;
                let applied = match last {
                    true => AppliedRecord { journal: number + 1, parts: 0 },
                    false => AppliedRecord { journal: number, parts: part + 1 },
                };
                tx.put(&APPLIED, &(), &applied)
            };
            self.store.transact(add).await?;
        }
        if let Some(journal) = &batch.journal
            && let Err(error) = std::fs::remove_file(journal)
        {
            // Its number is below the one that is stored, so it is never added again.
            tracing::warn!(%error, path = %journal.display(), "a usage journal could not be removed");
        }
        Ok(())
    }
}

impl State {
    /// Begins the journal of the batch `number`.
    fn begin(&mut self, directory: Option<&Path>, number: u64) -> io::Result<()> {
        self.number = number;
        self.journal = None;
        self.journal = directory.map(|directory| Journal::create(directory, number)).transpose()?;
        Ok(())
    }

    /// What was recorded until now, if anything; what comes from now on goes into the next journal.
    fn take(&mut self, directory: Option<&Path>) -> Option<Batch> {
        if self.pending.is_empty() {
            return None;
        }
        let pending = std::mem::take(&mut self.pending);
        let (number, journal) = (self.number, self.journal.take());
        if let Err(error) = self.begin(directory, number + 1) {
            tracing::warn!(%error, "a usage journal could not be made; a crash would lose what is used meanwhile");
        }
        Some(Batch::new(number, pending, journal.map(|journal| journal.path().to_path_buf())))
    }
}

#[cfg(test)]
mod tests;
