//! Which rows a scan reads, and in which order.

use crate::backend::KeyRange;
use crate::key::encode_text;
use crate::{Key, PrefixOf};
use std::marker::PhantomData;

/// Where ranges begin: rows with a common beginning of their keys.
pub enum Prefix {}

impl Prefix {
    /// The rows whose keys begin with these parts: `Prefix::of((account, region))`.
    pub fn of<K, P: PrefixOf<K>>(parts: P) -> ScanRange<K> {
        ScanRange::new(encoded(&parts))
    }

    /// The rows whose keys begin with these parts and then have a text that begins with `text`.
    pub fn text<K, P: PrefixOf<K, Next = String>>(parts: P, text: &str) -> ScanRange<K> {
        let mut bytes = encoded(&parts);
        encode_text(text, &mut bytes);
        ScanRange::new(bytes)
    }

    /// All rows of the table.
    pub fn all<K>() -> ScanRange<K> {
        ScanRange::new(Vec::new())
    }
}

/// A part of a table, in ascending order unless [`ScanRange::reverse`]d.
pub struct ScanRange<K> {
    prefix: Vec<u8>,
    from: Option<Vec<u8>>,
    below: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
    reverse: bool,
    key: PhantomData<fn() -> K>,
}

impl<K> ScanRange<K> {
    fn new(prefix: Vec<u8>) -> Self {
        let key = PhantomData;
        ScanRange { prefix, from: None, below: None, after: None, reverse: false, key }
    }

    /// Leaves out the keys that sort before these parts; `(a, 5)` itself and `(a, 5, x)` belong to `from((a, 5))`.
    pub fn from<P: PrefixOf<K>>(mut self, parts: P) -> Self {
        self.from = Some(encoded(&parts));
        self
    }

    /// Leaves out these parts' keys and those that sort after them; `(a, 4, x)` belongs to `below((a, 5))`.
    pub fn below<P: PrefixOf<K>>(mut self, parts: P) -> Self {
        self.below = Some(encoded(&parts));
        self
    }

    /// From the last row to the first.
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// Leaves out `last` and what comes before it in the order of the scan: the next page.
    pub fn after(mut self, last: &K) -> Self
    where
        K: Key,
    {
        self.after = Some(encoded(last));
        self
    }

    /// As encoded keys of the table whose keys begin with `table`.
    pub(crate) fn resolve(self, table: Vec<u8>) -> KeyRange {
        let join = |bytes: &[u8]| [table.as_slice(), bytes].concat();
        let mut lower = join(&self.prefix);
        let mut upper = successor(lower.clone());
        if let Some(from) = &self.from {
            lower = lower.max(join(from));
        }
        if let Some(below) = &self.below {
            upper = upper.min(join(below));
        }
        match &self.after {
            Some(after) if self.reverse => upper = upper.min(join(after)),
            Some(after) => {
                let mut next = join(after);
                next.push(0);
                lower = lower.max(next);
            }
            None => {}
        }
        // An empty range stays well-formed.
        upper = upper.max(lower.clone());
        KeyRange { lower, upper, reverse: self.reverse }
    }
}

/// The first bytes that sort after everything that begins with `prefix`, which begins with a table's name.
fn successor(mut prefix: Vec<u8>) -> Vec<u8> {
    while prefix.last() == Some(&0xff) {
        prefix.pop();
    }
    if let Some(last) = prefix.last_mut() {
        *last += 1;
    }
    prefix
}

fn encoded<P: Key>(parts: &P) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(64);
    parts.encode(&mut bytes);
    bytes
}
