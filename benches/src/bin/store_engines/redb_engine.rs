//! redb: a copy-on-write B-tree.

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition, WriteTransaction};
use std::path::Path;
use store::Error;
use store::backend::{Backend, Batch, KeyRange, Snapshot, Visit};

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

pub struct Redb {
    database: Database,
    /// Saves the allocator's state with every commit, so that opening after a crash need not read everything.
    quick_repair: bool,
}

pub fn open(dir: &Path, quick_repair: bool) -> Redb {
    let mut builder = Database::builder();
    builder.set_cache_size(8 << 20);
    let database = builder.create(dir.join("rows.redb")).expect("redb opens");
    let redb = Redb { database, quick_repair };
    // Makes the table.
    redb.apply(Batch::new()).expect("redb writes");
    redb
}

impl Redb {
    fn write(&self) -> Result<WriteTransaction, Error> {
        let mut transaction = self.database.begin_write().map_err(Error::backend("beginning"))?;
        transaction.set_quick_repair(self.quick_repair);
        Ok(transaction)
    }
}

impl Backend for Redb {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        let transaction = self.database.begin_read().map_err(Error::backend("beginning"))?;
        let rows = transaction.open_table(ROWS).map_err(Error::backend("beginning"))?;
        Ok(Box::new(Reader(rows)))
    }

    fn apply(&self, batch: Batch) -> Result<(), Error> {
        let transaction = self.write()?;
        {
            let mut rows = transaction.open_table(ROWS).map_err(Error::backend("writing"))?;
            for (key, value) in &batch {
                match value {
                    Some(value) => rows.insert(key.as_slice(), value.as_slice()),
                    None => rows.remove(key.as_slice()),
                }
                .map_err(Error::backend("writing"))?;
            }
        }
        transaction.commit().map_err(Error::backend("writing"))
    }

    fn clear(&self) -> Result<(), Error> {
        let transaction = self.write()?;
        transaction.delete_table(ROWS).map_err(Error::backend("clearing"))?;
        transaction.open_table(ROWS).map_err(Error::backend("clearing"))?;
        transaction.commit().map_err(Error::backend("clearing"))
    }
}

struct Reader(ReadOnlyTable<&'static [u8], &'static [u8]>);

impl Snapshot for Reader {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let value = self.0.get(key).map_err(Error::backend("reading"))?;
        Ok(value.map(|value| value.value().to_vec()))
    }

    fn scan(&self, range: &KeyRange, visit: &mut Visit<'_>) -> Result<(), Error> {
        let mut rows = self.0.range::<&[u8]>(range.bounds()).map_err(Error::backend("scanning"))?;
        while let Some(row) = if range.reverse { rows.next_back() } else { rows.next() } {
            let (key, value) = row.map_err(Error::backend("scanning"))?;
            if !visit(key.value(), value.value())? {
                break;
            }
        }
        Ok(())
    }
}
