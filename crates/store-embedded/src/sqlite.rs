//! The backend over SQLite connections: one that writes, and as many that read as there are views.

use crate::{CACHE_KIB, FORMAT, IDLE_READERS_MAX};
use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::fs::File;
use std::path::{Path, PathBuf};
use store::Error;
use store::backend::{Backend, Batch, KeyRange, Snapshot, Visit};

pub(crate) struct Sqlite {
    path: PathBuf,
    // Before the lock, so that they are closed before it is given back.
    readers: Mutex<Vec<Connection>>,
    writer: Mutex<Connection>,
    _lock: File,
}

pub(crate) enum OpenError {
    /// The format that the database claims.
    Format(u32),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        OpenError::Sqlite(error)
    }
}

impl Sqlite {
    /// Opens or makes the database; `lock` is held as long as it is open.
    pub(crate) fn open(path: &Path, lock: File) -> Result<Self, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let writer = connect(path, flags)?;
        match writer.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            FORMAT => {}
            // Of a new file, or of one whose maker was stopped before it was done.
            0 => writer.execute_batch(&format!(
                "PRAGMA journal_mode = WAL;
                 BEGIN;
                 CREATE TABLE row (key BLOB NOT NULL UNIQUE, value BLOB NOT NULL) STRICT;
                 PRAGMA user_version = {FORMAT};
                 COMMIT"
            ))?,
            other => return Err(OpenError::Format(other)),
        }
        // FULL: each commit waits until the log is on the disk. A log that a long view let grow is cut afterwards.
        writer.execute_batch("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216")?;
        let readers = Mutex::new(Vec::new());
        Ok(Sqlite { path: path.to_owned(), readers, writer: Mutex::new(writer), _lock: lock })
    }

    fn write(&self, write: impl Fn(&Connection) -> rusqlite::Result<()>) -> Result<(), Error> {
        let mut writer = self.writer.lock();
        let transaction = writer.transaction().map_err(Error::backend("writing"))?;
        // Dropped without its commit, the transaction is rolled back.
        let written = write(&transaction).and_then(|()| transaction.commit());
        written.map_err(Error::backend("writing"))
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time, so SQLite's own locks are not needed.
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB))?;
    Ok(connection)
}

impl Backend for Sqlite {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        let idle = self.readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
                .map_err(Error::backend("connecting"))?,
        };
        execute(&connection, "BEGIN").map_err(Error::backend("beginning to read"))?;
        Ok(Box::new(Reader { connection: Some(connection), idle: &self.readers }))
    }

    fn apply(&self, batch: Batch) -> Result<(), Error> {
        self.write(|transaction| {
            let mut put = transaction.prepare_cached(
                "INSERT INTO row VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            )?;
            let mut delete = transaction.prepare_cached("DELETE FROM row WHERE key = ?")?;
            for (key, value) in &batch {
                match value {
                    Some(value) => put.execute(params![key, value])?,
                    None => delete.execute([key])?,
                };
            }
            Ok(())
        })
    }

    fn clear(&self) -> Result<(), Error> {
        self.write(|transaction| execute(transaction, "DELETE FROM row"))
    }
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// A read transaction; its first read fixes the state that it shows.
struct Reader<'s> {
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    idle: &'s Mutex<Vec<Connection>>,
}

impl Reader<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("only drop takes it")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // A connection that cannot end its transaction is closed instead, which ends it too.
        if execute(&connection, "COMMIT").is_ok() {
            let mut idle = self.idle.lock();
            if idle.len() < IDLE_READERS_MAX {
                idle.push(connection);
            }
        }
    }
}

impl Snapshot for Reader<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let statement = self.connection().prepare_cached("SELECT value FROM row WHERE key = ?");
        statement
            .and_then(|mut select| select.query_row([key], |row| row.get(0)).optional())
            .map_err(Error::backend("reading a row"))
    }

    fn scan(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        let failed = Error::backend::<rusqlite::Error>("scanning rows");
        let sql = match range.reverse {
            false => "SELECT key, value FROM row WHERE key >= ? AND key < ? ORDER BY key",
            true => "SELECT key, value FROM row WHERE key >= ? AND key < ? ORDER BY key DESC",
        };
        let mut statement = self.connection().prepare_cached(sql).map_err(&failed)?;
        let mut rows = statement.query([&range.lower, &range.upper]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let bytes = |column| {
                let value = row.get_ref(column).map_err(&failed)?;
                value.as_blob().map_err(|error| failed(error.into()))
            };
            if !visit(bytes(0)?, bytes(1)?)? {
                break;
            }
        }
        Ok(())
    }
}
