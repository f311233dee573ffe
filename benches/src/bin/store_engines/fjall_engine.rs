//! fjall: a log-structured merge tree.

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use std::path::Path;
use store::Error;
use store::backend::{Backend, Batch, KeyRange, Snapshot, Visit};

pub struct Fjall {
    database: Database,
    rows: Keyspace,
}

/// As small as the server's memory budget asks for: 4 MiB of unwritten rows, 8 MiB of cached blocks.
pub fn open(dir: &Path) -> Fjall {
    let database = Database::builder(dir)
        .cache_size(8 << 20)
        .max_journaling_size(64 << 20)
        .worker_threads(1)
        .open()
        .expect("fjall opens");
    let options = || KeyspaceCreateOptions::default().max_memtable_size(4 << 20);
    let rows = database.keyspace("rows", options).expect("the keyspace opens");
    Fjall { database, rows }
}

impl Backend for Fjall {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        Ok(Box::new(Reader { snapshot: self.database.snapshot(), rows: &self.rows }))
    }

    fn apply(&self, changes: Batch) -> Result<(), Error> {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in changes {
            match value {
                Some(value) => batch.insert(&self.rows, key, value),
                None => batch.remove(&self.rows, key),
            }
        }
        batch.commit().map_err(Error::backend("writing"))
    }

    fn clear(&self) -> Result<(), Error> {
        self.rows.clear().map_err(Error::backend("clearing"))?;
        self.database.persist(PersistMode::SyncAll).map_err(Error::backend("clearing"))
    }
}

struct Reader<'e> {
    snapshot: fjall::Snapshot,
    rows: &'e Keyspace,
}

impl Snapshot for Reader<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.snapshot.get(self.rows, key).map_err(Error::backend("reading"))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        let mut rows = self.snapshot.range::<&[u8], _>(self.rows, range.bounds());
        while let Some(row) = if range.reverse { rows.next_back() } else { rows.next() } {
            let (key, value) = row.into_inner().map_err(Error::backend("scanning"))?;
            if !visit(&key, &value)? {
                break;
            }
        }
        Ok(())
    }
}
