//! Typed tables and serializable transactions: where every service keeps its state.
//!
//! A table is declared with [`table!`], belongs to one service, and maps a typed tuple to a record, a struct that is
//! stored as JSON with its version. [`Store::transact`] is the only way to write; its closure reads and writes rows
//! of any tables and either all of it happens or nothing. [`Store::view`] and [`Store::get`] read a consistent durable
//! state without waiting for writers.
//!
//! ```ignore
//! let created = store.transact(move |tx| {
//!     if tx.contains(&FUNCTIONS, &key)? {
//!         return Err(errors::function_already_exists());
//!     }
//!     tx.put(&FUNCTIONS, &key, &record)
//! }).await?;
//! let page = store.view(|view| {
//!     view.scan(&FUNCTIONS, Prefix::of((account, region)).after(&last), 50)
//! }).await?;
//! ```
//!
//! # Invariants
//! - Transactions are serializable: one thread runs them one after another.
//! - `Ok` from `transact` means durable, and visible to every later view. No view ever shows what is not durable.
//! - A failed, panicking or oversized transaction leaves no trace; neither harms the store.
//! - Closures get no clock, no entropy and cannot wait: the same rows give the same result.
//! - Deliberately absent: secondary indexes (they are tables), unbounded scans, deletes of ranges.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod backend;
pub mod conformance;
mod error;
mod generations;
mod key;
pub mod limits;
mod scan;
mod table;
mod view;
mod writer;

use backend::Backend;
use generations::Generations;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use writer::{Pending, Request, Writer};

pub use error::Error;
pub use key::{Key, PrefixOf};
pub use scan::{Prefix, ScanRange};
pub use table::{Migrate, Table};
pub use view::{Tx, View};

/// A database. Clones are the same one; when the last is dropped, what was asked for is written and the backend closed.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    backend: Arc<dyn Backend>,
    generations: Arc<Generations>,
    /// `None` once the store is being dropped.
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
}

impl Store {
    /// An empty store that keeps nothing.
    pub fn in_memory() -> Self {
        Self::new(Box::new(backend::Memory::default()))
    }

    /// A store over `backend`, with a writer thread of its own.
    pub fn new(backend: Box<dyn Backend>) -> Self {
        Self::with_time_max(backend, limits::TRANSACTION_TIME_MAX)
    }

    fn with_time_max(backend: Box<dyn Backend>, transaction_time_max: Duration) -> Self {
        let (backend, generations) = (Arc::from(backend), Arc::new(Generations::new()));
        let (requests, receiver) = mpsc::channel(limits::QUEUE_MAX);
        let writer = Writer {
            backend: Arc::clone(&backend),
            generations: Arc::clone(&generations),
            transaction_time_max,
            last: writer::LastBatch::default(),
        };
        let writer = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run(receiver))
            .expect("a process that cannot start one thread cannot run");
        let (requests, writer) = (Some(requests), Some(writer));
        Store(Arc::new(Shared { backend, generations, requests, writer }))
    }

    /// Runs `f` alone against the newest state and makes its writes durable, or none of them if it fails.
    ///
    /// `f` may be run again and must have no effect but its result and its writes. It runs on the writer's thread:
    /// others wait for it, so whatever can be computed outside belongs outside. If the returned future is dropped,
    /// the transaction may still happen.
    pub async fn transact<T, E>(
        &self,
        f: impl FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let pending = Pending { closure: f, result: None, caller };
        self.request(Request::Transact(Box::new(pending))).await?;
        answer.await.unwrap_or_else(|_| Err(Error::Stopped.into()))
    }

    /// Reads a consistent durable state. Runs inline: rows are in memory or in the page cache.
    ///
    /// The in-memory backend's writer waits for `f`, so `f` does not compute at length.
    pub async fn view<T, E>(&self, f: impl FnOnce(&View<'_>) -> Result<T, E> + Send) -> Result<T, E>
    where
        E: From<Error>,
    {
        self.read(f)
    }

    /// As [`Store::view`], for callers that cannot wait: it never does.
    pub fn read<T, E>(&self, f: impl FnOnce(&View<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error>,
    {
        f(&View::new(self.0.backend.snapshot()?))
    }

    /// One row, as a view of its own.
    pub fn get<K, R>(&self, table: &Table<K, R>, key: &K) -> Result<Option<R>, Error>
    where
        K: Key,
        R: Serialize + DeserializeOwned,
    {
        View::new(self.0.backend.snapshot()?).get(table, key)
    }

    /// A number that grows with every commit that writes to `table`; an atomic load.
    ///
    /// A cache takes it before it reads the rows: as long as the number stays, so do they.
    pub fn generation<K, R>(&self, table: &'static Table<K, R>) -> u64 {
        self.0.generations.get(table.slot())
    }

    /// Completes with the generation of `table` once that is not `seen`: loops sleep on it.
    pub async fn changed<K, R>(&self, table: &'static Table<K, R>, seen: u64) -> u64 {
        self.0.generations.changed(table.slot(), seen).await
    }

    /// Deletes every row of every table, after the transactions that wait already.
    pub async fn clear(&self) -> Result<(), Error> {
        let (caller, answer) = oneshot::channel();
        self.request(Request::Clear(caller)).await?;
        answer.await.unwrap_or(Err(Error::Stopped))
    }

    async fn request(&self, request: Request) -> Result<(), Error> {
        let requests = self.0.requests.as_ref().ok_or(Error::Stopped)?;
        requests.send(request).await.map_err(|_| Error::Stopped)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.requests = None;
        // The writer itself drops the last clone if a closure held it; a thread cannot wait for itself.
        if let Some(writer) = self.writer.take()
            && writer.thread().id() != thread::current().id()
        {
            // It ends with a panic only if a backend does, which has been reported to the callers.
            drop(writer.join());
        }
    }
}

#[cfg(test)]
mod tests;
