//! What listings have in common: entries, common prefixes, the end of a page.

/// One line of a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Entry<T> {
    /// An object, a version or an upload.
    One(String, T),
    /// All keys that begin so.
    Prefix(String),
}

impl<T> Entry<T> {
    /// The key or the prefix.
    pub fn name(&self) -> &str {
        match self {
            Entry::One(name, _) | Entry::Prefix(name) => name,
        }
    }
}

/// A page of a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page<T> {
    /// In order.
    pub entries: Vec<Entry<T>>,
    /// Whether there are more.
    pub truncated: bool,
}

/// What is listed.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// Only keys that begin so.
    pub prefix: &'a str,
    /// Keys that have this behind the prefix are one entry each.
    pub delimiter: &'a str,
    /// Only what comes behind this.
    pub after: &'a str,
    /// How many entries.
    pub entries_max: usize,
}

impl Query<'_> {
    /// The common prefix that `key` disappears in, if it does.
    pub fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        if self.delimiter.is_empty() {
            return None;
        }
        let rest = key.get(self.prefix.len()..)?;
        let at = rest.find(self.delimiter)?;
        Some(&key[..self.prefix.len() + at + self.delimiter.len()])
    }

    /// Whether the common prefix was on an earlier page. Recorded: a marker inside of it leaves it out, too.
    pub fn was_before(&self, common_prefix: &str) -> bool {
        !self.after.is_empty() && common_prefix <= self.after
    }
}

/// A text that sorts behind everything that begins with `prefix`, but for what nobody writes.
pub fn behind(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_prefixes() {
        let query = Query { prefix: "a/", delimiter: "/", after: "a/b/c", entries_max: 1 };
        assert_eq!(query.common_prefix("a/b/c"), Some("a/b/"));
        assert_eq!(query.common_prefix("a/b"), None);
        assert!(query.was_before("a/b/") && !query.was_before("a/c/"));
        assert!(behind("a/b/").as_str() > "a/b/\u{ffff}" && behind("a/b/").as_str() < "a/b0");
    }
}
