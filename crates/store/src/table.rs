//! Tables: a name, a key type, a record type and the version of the record.

use crate::limits::{TABLE_NAME_BYTES_MAX, TABLES_MAX};
use crate::{Error, Key};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

/// Turns a stored record of an older version, given first, into the JSON of the current one.
pub type Migrate = fn(u32, serde_json::Value) -> Result<serde_json::Value, Error>;

/// A table; declared with [`crate::table!`], always a `static`.
pub struct Table<K, R> {
    name: &'static str,
    version: u32,
    migrate: Option<Migrate>,
    slot: OnceLock<usize>,
    types: PhantomData<fn() -> (K, R)>,
}

impl<K, R> Table<K, R> {
    /// For [`crate::table!`]. Refuses, at compile time, names that are empty, too long or hold control characters.
    pub const fn new(name: &'static str, version: u32, migrate: Option<Migrate>) -> Self {
        assert!(!name.is_empty() && name.len() <= TABLE_NAME_BYTES_MAX, "length of a table's name");
        let mut at = 0;
        while at < name.len() {
            assert!(name.as_bytes()[at] >= b' ', "control character in a table's name");
            at += 1;
        }
        Table { name, version, migrate, slot: OnceLock::new(), types: PhantomData }
    }

    /// The name under which rows are stored.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// A small number that names this table within the process.
    ///
    /// Panics if another table has the same name: they would overwrite each other's rows.
    pub(crate) fn slot(&'static self) -> usize {
        static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
        *self.slot.get_or_init(|| {
            let mut names = NAMES.lock();
            assert!(!names.contains(&self.name), "two tables are named {}", self.name);
            assert!(names.len() < TABLES_MAX, "more than {TABLES_MAX} tables");
            names.push(self.name);
            names.len() - 1
        })
    }

    /// The bytes that all keys of this table begin with. A zero byte ends the name, so that no table's keys are
    /// between those of another.
    pub(crate) fn prefix(&self) -> Vec<u8> {
        let mut prefix = Vec::with_capacity(64);
        prefix.extend_from_slice(self.name.as_bytes());
        prefix.push(0);
        prefix
    }
}

impl<K: Key, R: Serialize + DeserializeOwned> Table<K, R> {
    pub(crate) fn encode_key(&self, key: &K) -> Vec<u8> {
        let mut bytes = self.prefix();
        key.encode(&mut bytes);
        bytes
    }

    pub(crate) fn decode_key(&self, bytes: &[u8]) -> Result<K, Error> {
        let key = bytes.get(self.name.len() + 1..).and_then(|mut rest| {
            let key = K::decode(&mut rest)?;
            rest.is_empty().then_some(key)
        });
        key.ok_or_else(|| Error::KeyForm {
            table: self.name,
            key: bytes.escape_ascii().to_string(),
        })
    }

    /// The version in four big-endian bytes, then JSON.
    pub(crate) fn encode_record(&self, record: &R) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        serde_json::to_writer(&mut bytes, record)
            .map_err(|source| Error::Encode { table: self.name, source: Arc::new(source) })?;
        Ok(bytes)
    }

    pub(crate) fn decode_record(&self, key: &[u8], bytes: &[u8]) -> Result<R, Error> {
        let form = |source| Error::RowForm {
            table: self.name,
            key: key.escape_ascii().to_string(),
            source: Arc::new(source),
        };
        // A row too short for a version has version 0, which no table has.
        let (version, json) = bytes.split_first_chunk().unwrap_or((&[0; 4], bytes));
        let version = u32::from_be_bytes(*version);
        match self.migrate {
            _ if version == self.version => serde_json::from_slice(json).map_err(form),
            Some(migrate) if (1..self.version).contains(&version) => {
                let old = serde_json::from_slice(json).map_err(form)?;
                serde_json::from_value(migrate(version, old)?).map_err(form)
            }
            _ => Err(Error::Version { table: self.name, row: version, program: self.version }),
        }
    }
}

/// Declares tables.
///
/// ```ignore
/// table! {
///     /// One row per function. Owner: svc-lambda.
///     pub FUNCTIONS: (AccountId, Region, String) => FunctionRecord, name = "lambda.functions", version = 1;
/// }
/// ```
///
/// The name is stored and never changes; it begins with the owner's. A field that a record gains with
/// `#[serde(default)]` needs no new version; any other change does, and then `, migrate = path::to::function` follows
/// (a [`Migrate`]). Rows are migrated when they are read and stored in the new form when they are next written.
#[macro_export]
macro_rules! table {
    ($($(#[$meta:meta])* $visibility:vis $table:ident: $key:ty => $record:ty,
        name = $name:literal, version = $version:literal $(, migrate = $migrate:path)?;)*) => {$(
        $(#[$meta])*
        $visibility static $table: $crate::Table<$key, $record> = {
            #[allow(unused_mut, unused_assignments)]
            let mut migrate: ::core::option::Option<$crate::Migrate> = ::core::option::Option::None;
            $(migrate = ::core::option::Option::Some($migrate);)?
            const { assert!($version >= 1, "versions begin with 1") };
            $crate::Table::new($name, $version, migrate)
        };
    )*};
}
