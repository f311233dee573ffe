//! What was recorded since the last flush, in a file that outlives the process.
//!
//! One file per flush, named by its number. A line either names a row, `=<id>`, its hour and its other parts separated by
//! tabs, or adds to it: `<id> <quantity>`. Lines are written before the caller is answered and not synchronized: the
//! kernel has them when the process dies, the disk may not when the machine does.

use crate::meter::{Pending, Resource, Row};
use crate::usage_types;
use base::{AccountId, Region, Time};
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXTENSION: &str = "journal";

/// A file that is being written.
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    named: HashMap<Row, u32>,
    buffer: Vec<u8>,
}

impl Journal {
    /// A new file for the flush `number`.
    pub(crate) fn create(directory: &Path, number: u64) -> io::Result<Self> {
        let path = path(directory, number);
        let file = File::options().create(true).append(true).open(&path)?;
        Ok(Journal { path, file, named: HashMap::new(), buffer: Vec::with_capacity(512) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds to rows; one system call.
    pub(crate) fn add<'r>(
        &mut self,
        added: impl IntoIterator<Item = (&'r Row, u64)>,
    ) -> io::Result<()> {
        self.buffer.clear();
        for (row, quantity) in added {
            let id = match self.named.get(row) {
                Some(id) => *id,
                None => {
                    let id = self.named.len() as u32;
                    let Row { hour, usage_type, resource } = row;
                    let (hour, service, name) =
                        (hour.unix_s(), usage_type.service, usage_type.name);
                    let Resource { account, region, arn } = &**resource;
                    writeln!(
                        self.buffer,
                        "={id}\t{hour}\t{account}\t{region}\t{service}\t{name}\t{arn}"
                    )?;
                    self.named.insert(row.clone(), id);
                    id
                }
            };
            writeln!(self.buffer, "{id} {quantity}")?;
        }
        self.file.write_all(&self.buffer)
    }
}

fn path(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("{number:020}.{EXTENSION}"))
}

/// The files that an earlier process left, by number.
pub(crate) fn left(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        if let Some(number) = number
            && path.extension().is_some_and(|extension| extension == EXTENSION)
        {
            left.push((number, path));
        }
    }
    left.sort_unstable();
    Ok(left)
}

/// Adds up a file. A line that is not whole was written when the machine stopped; it and what follows do not count.
pub(crate) fn read(path: &Path) -> io::Result<Pending> {
    let bytes = fs::read(path)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let mut torn = whole < bytes.len();
    let mut named: HashMap<u32, Row> = HashMap::new();
    let mut pending = Pending::new();
    for line in bytes[..whole].split_inclusive(|byte| *byte == b'\n') {
        let line = std::str::from_utf8(line).ok().and_then(|line| line.strip_suffix('\n'));
        match line.and_then(|line| parse(line, &named)) {
            Some(Entry::Name(id, row)) => drop(named.insert(id, row)),
            Some(Entry::Add(row, quantity)) => *pending.entry(row).or_default() += quantity,
            None => {
                torn = true;
                break;
            }
        }
    }
    if torn {
        tracing::warn!(path = %path.display(), "the end of a usage journal is torn and does not count");
    }
    Ok(pending)
}

enum Entry {
    Name(u32, Row),
    Add(Row, u64),
}

fn parse(line: &str, named: &HashMap<u32, Row>) -> Option<Entry> {
    if let Some(name) = line.strip_prefix('=') {
        let mut parts = name.split('\t');
        let id = parts.next()?.parse().ok()?;
        let hour = Time::from_unix_s(parts.next()?.parse().ok()?);
        let account = AccountId::parse(parts.next()?)?;
        let region = Region::parse(parts.next()?)?;
        let usage_type = usage_types::find(parts.next()?, parts.next()?)?;
        let arn = parts.next()?.to_string();
        let resource = Arc::new(Resource { account, region, arn });
        return Some(Entry::Name(id, Row { hour, usage_type, resource }));
    }
    let (id, quantity) = line.split_once(' ')?;
    let row = named.get(&id.parse().ok()?)?;
    Some(Entry::Add(row.clone(), quantity.parse().ok()?))
}
