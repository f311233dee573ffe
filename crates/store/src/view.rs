//! Reading, and reading with one's own writes.

use crate::backend::{Batch, KeyRange, Snapshot, Visit};
use crate::limits;
use crate::{Error, Key, ScanRange, Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::iter::Peekable;
use std::time::{Duration, Instant};

/// A consistent state of all tables.
///
/// In [`crate::Store::view`] it is what was durable when the view began. A [`Tx`] is a view too and shows its own
/// writes, so functions that only read take a `&View` and serve both.
pub struct View<'s> {
    snapshot: Box<dyn Snapshot + 's>,
    /// Writes that the snapshot lacks: those of this transaction and of the ones before it in the same durable write.
    overlay: Batch,
    deadline: Option<Instant>,
}

impl<'s> View<'s> {
    pub(crate) fn new(snapshot: Box<dyn Snapshot + 's>) -> Self {
        View { snapshot, overlay: Batch::new(), deadline: None }
    }

    /// The row under `key`.
    pub fn get<K, R>(&self, table: &Table<K, R>, key: &K) -> Result<Option<R>, Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        let key = table.encode_key(key);
        let value = self.get_bytes(&key)?;
        value.map(|value| table.decode_record(&key, &value)).transpose()
    }

    /// Whether there is a row under `key`.
    pub fn contains<K, R>(&self, table: &Table<K, R>, key: &K) -> Result<bool, Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        Ok(self.get_bytes(&table.encode_key(key))?.is_some())
    }

    /// The first `limit` rows of `range`, in its order; `limit` is 1 to [`limits::SCAN_ROWS_MAX`].
    ///
    /// Fewer rows mean that there are no more; otherwise `range.after(last key)` is the next page.
    pub fn scan<K, R>(
        &self,
        table: &Table<K, R>,
        range: ScanRange<K>,
        limit: usize,
    ) -> Result<Vec<(K, R)>, Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        self.scan_with(table, range, limit, |key, value| {
            Ok((table.decode_key(key)?, table.decode_record(key, value)?))
        })
    }

    /// As [`View::scan`], without decoding records.
    pub fn scan_keys<K, R>(
        &self,
        table: &Table<K, R>,
        range: ScanRange<K>,
        limit: usize,
    ) -> Result<Vec<K>, Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        self.scan_with(table, range, limit, |key, _| table.decode_key(key))
    }

    fn scan_with<K, R, T>(
        &self,
        table: &Table<K, R>,
        range: ScanRange<K>,
        limit: usize,
        decode: impl Fn(&[u8], &[u8]) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if limit == 0 || limit > limits::SCAN_ROWS_MAX {
            return Err(Error::ScanLimit { table: table.name(), limit });
        }
        let (mut rows, mut bytes) = (Vec::new(), 0);
        self.scan_bytes(&range.resolve(table.prefix()), &mut |key, value| {
            bytes += key.len() + value.len();
            if bytes > limits::SCAN_BYTES_MAX {
                return Err(Error::ScanTooLarge { table: table.name() });
            }
            rows.push(decode(key, value)?);
            Ok(rows.len() < limit)
        })?;
        Ok(rows)
    }

    fn get_bytes(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        self.check_deadline()?;
        match self.overlay.get(key) {
            Some(written) => Ok(written.clone()),
            None => self.snapshot.get(key),
        }
    }

    /// Merges the snapshot's rows with the overlay's, which replace or delete those of the same key.
    fn scan_bytes(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        self.check_deadline()?;
        let written = self.overlay.range::<[u8], _>(range.bounds());
        if range.reverse {
            self.merge(range, written.rev().peekable(), visit)
        } else {
            self.merge(range, written.peekable(), visit)
        }
    }

    fn merge<'o>(
        &self,
        range: &KeyRange,
        mut written: Peekable<impl Iterator<Item = (&'o Vec<u8>, &'o Option<Vec<u8>>)>>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Error> {
        let mut more = true;
        self.snapshot.scan(range, &mut |key, value| {
            let not_after = |other: &[u8]| if range.reverse { other >= key } else { other <= key };
            let mut replaced = false;
            while more && let Some((other, value)) = written.next_if(|(other, _)| not_after(other))
            {
                replaced = other == key;
                more = value.as_ref().map_or(Ok(true), |value| visit(other, value))?;
            }
            if more && !replaced {
                more = visit(key, value)?;
            }
            Ok(more)
        })?;
        while more && let Some((key, value)) = written.next() {
            more = value.as_ref().map_or(Ok(true), |value| visit(key, value))?;
        }
        Ok(())
    }

    /// Ends a runaway transaction at its next read or write.
    pub(crate) fn check_deadline(&self) -> Result<(), Error> {
        match self.deadline {
            Some(deadline) if now() > deadline => Err(Error::TransactionTooLong),
            _ => Ok(()),
        }
    }
}

/// A key, and what the overlay had under it: nothing, a deletion or a value.
type Undo = (Vec<u8>, Option<Option<Vec<u8>>>);

/// A transaction: a [`View`] that writes.
///
/// One lives as long as the transactions that share a durable write; [`Tx::begin`], [`Tx::keep`] and
/// [`Tx::roll_back`] mark where each of them starts and ends.
pub struct Tx<'s> {
    view: View<'s>,
    /// What this transaction's writes replaced in the overlay, oldest first.
    undo: Vec<Undo>,
    bytes: usize,
    /// The slots of the tables that this transaction wrote.
    touched: Vec<usize>,
}

impl<'s> Tx<'s> {
    pub(crate) fn new(view: View<'s>) -> Self {
        Tx { view, undo: Vec::new(), bytes: 0, touched: Vec::new() }
    }

    /// Writes the row under `key`, whether or not there is one.
    pub fn put<K, R>(&mut self, table: &'static Table<K, R>, key: &K, row: &R) -> Result<(), Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        let value = table.encode_record(row)?;
        if value.len() > limits::VALUE_BYTES_MAX {
            return Err(Error::ValueTooLarge { table: table.name(), bytes: value.len() });
        }
        self.write(table, key, Some(value))
    }

    /// Removes the row under `key`, if there is one.
    pub fn delete<K, R>(&mut self, table: &'static Table<K, R>, key: &K) -> Result<(), Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        self.write(table, key, None)
    }

    fn write<K, R>(
        &mut self,
        table: &'static Table<K, R>,
        key: &K,
        value: Option<Vec<u8>>,
    ) -> Result<(), Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        self.view.check_deadline()?;
        let key = table.encode_key(key);
        if key.len() > limits::KEY_BYTES_MAX {
            return Err(Error::KeyTooLarge { table: table.name(), bytes: key.len() });
        }
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        if self.bytes > limits::TRANSACTION_BYTES_MAX {
            return Err(Error::TransactionTooLarge);
        }
        let slot = table.slot();
        if !self.touched.contains(&slot) {
            self.touched.push(slot);
        }
        let replaced = self.view.overlay.insert(key.clone(), value);
        self.undo.push((key, replaced));
        Ok(())
    }

    pub(crate) fn begin(&mut self, time_max: Duration) {
        self.bytes = 0;
        self.view.deadline = Some(now() + time_max);
    }

    /// Keeps this transaction's writes; the slots of the tables that it wrote and the number of its bytes.
    pub(crate) fn keep(&mut self) -> (std::vec::Drain<'_, usize>, usize) {
        self.undo.clear();
        (self.touched.drain(..), self.bytes)
    }

    pub(crate) fn roll_back(&mut self) {
        self.touched.clear();
        for (key, replaced) in self.undo.drain(..).rev() {
            match replaced {
                Some(value) => self.view.overlay.insert(key, value),
                None => self.view.overlay.remove(&key),
            };
        }
    }

    /// What the kept transactions wrote.
    pub(crate) fn into_batch(self) -> Batch {
        self.view.overlay
    }
}

impl<'s> std::ops::Deref for Tx<'s> {
    type Target = View<'s>;

    fn deref(&self) -> &View<'s> {
        &self.view
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "bounds how long closures run and callers wait; no closure sees it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
