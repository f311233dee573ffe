//! The store on the local disk: SQLite with a write-ahead log (ADR 1).
//!
//! A directory holds `rows.sqlite`, SQLite's own `-wal` and `-shm` files beside it, and `lock`, which one process at a
//! time holds. All tables of the store share one SQLite table of keys and values.
//!
//! # Invariants
//! - A batch is one SQLite transaction, and its commit waits for `fsync` of the write-ahead log.
//! - A new file's name is made durable by syncing its directory before anything is acknowledged.
//! - A torn end of the log fails SQLite's checksums and is ignored; it never holds an acknowledged batch.
//! - Memory is bounded: each connection caches [`CACHE_KIB`], and [`IDLE_READERS_MAX`] connections are kept.
//! - Deliberately absent: giving space back to the file system; later rows reuse it.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod sqlite;

use sqlite::Sqlite;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use store::backend::Backend;

/// The layout of the database that this program reads and writes.
const FORMAT: u32 = 1;
/// Pages that each connection caches, beyond the kernel's page cache.
const CACHE_KIB: u32 = 1_024;
/// Connections that wait for the next view; more exist only while as many views are open.
const IDLE_READERS_MAX: usize = 8;

/// Why a directory cannot be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process, or this one, has it open.
    #[error("the store in {} is in use by another process", dir.display())]
    Locked {
        /// The store's directory.
        dir: PathBuf,
    },
    /// It was written by a newer program, or is no store.
    #[error("the store in {} has format {found}; this program reads format {FORMAT}", dir.display())]
    Format {
        /// The store's directory.
        dir: PathBuf,
        /// The format that its database claims.
        found: u32,
    },
    /// The directory or one of its files cannot be used.
    #[error("{} cannot be opened", path.display())]
    File {
        /// The directory or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// SQLite refuses the database.
    #[error("the database in {} cannot be opened", dir.display())]
    Database {
        /// The store's directory.
        dir: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
}

/// Opens the database in `dir`, which is made if it is missing, for `store::Store::new`. Dropping it closes it.
pub fn open(dir: &Path) -> Result<Box<dyn Backend>, Error> {
    let file_error = |path: &Path, source| Error::File { path: path.to_owned(), source };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|source| file_error(dir, source))?;
    let lock_path = dir.join("lock");
    let lock = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .mode(0o600)
        .open(&lock_path)
        .map_err(|source| file_error(&lock_path, source))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(Error::Locked { dir: dir.to_owned() }),
        Err(TryLockError::Error(source)) => return Err(file_error(&lock_path, source)),
    }
    let sqlite = Sqlite::open(&dir.join("rows.sqlite"), lock).map_err(|error| match error {
        sqlite::OpenError::Format(found) => Error::Format { dir: dir.to_owned(), found },
        sqlite::OpenError::Sqlite(source) => Error::Database { dir: dir.to_owned(), source },
    })?;
    // The database's name in the directory, and the directory's in its parent.
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    for path in [dir, parent.unwrap_or(Path::new("."))] {
        let synced = File::open(path).and_then(|directory| directory.sync_all());
        synced.map_err(|source| file_error(path, source))?;
    }
    Ok(Box::new(sqlite))
}

#[cfg(test)]
mod tests;
