//! The context of a request: what condition keys and policy variables are resolved from.

use crate::pattern::Pattern;
use std::borrow::Cow;

/// The value of one context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextValue<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multivalued key, such as `aws:TagKeys`. May be empty.
    Many(Vec<Cow<'a, str>>),
}

impl ContextValue<'_> {
    /// All values.
    pub fn as_slice(&self) -> &[Cow<'_, str>] {
        match self {
            ContextValue::One(one) => std::slice::from_ref(one),
            ContextValue::Many(many) => many,
        }
    }
}

/// Context keys with their values. Keys are compared without regard to case.
#[derive(Debug, Default, Clone)]
pub struct Context<'a> {
    entries: Vec<(Cow<'a, str>, ContextValue<'a>)>,
}

impl<'a> Context<'a> {
    /// No keys.
    pub fn new() -> Self {
        Context::default()
    }

    /// No keys, and space for `len` of them.
    pub fn with_capacity(len: usize) -> Self {
        Context { entries: Vec::with_capacity(len) }
    }

    /// Adds a single-valued key. The first of two equal keys wins.
    pub fn put(&mut self, key: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.entries.push((key.into(), ContextValue::One(value.into())));
    }

    /// Adds a multivalued key. The first of two equal keys wins.
    pub fn put_many(&mut self, key: impl Into<Cow<'a, str>>, values: Vec<Cow<'a, str>>) {
        self.entries.push((key.into(), ContextValue::Many(values)));
    }

    /// The value of `key`, if the request has one.
    pub fn get(&self, key: &str) -> Option<&ContextValue<'a>> {
        self.entries.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, v)| v)
    }

    /// The value of `key` if it is single: what a policy variable may stand for.
    pub fn single(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            ContextValue::One(value) => Some(value),
            ContextValue::Many(_) => None,
        }
    }

    /// Every key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ContextValue<'a>)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }
}

/// Of which context keys a question is sure, where it leaves the others open; see `Request::in_some_context`.
#[derive(Debug, Default, Clone)]
pub struct Known {
    keys: Vec<KnownKey>,
}

#[derive(Debug, Clone)]
struct KnownKey {
    /// In lower case.
    pattern: Pattern,
    presence: bool,
    value: bool,
}

impl Known {
    /// Nothing is known.
    pub fn nothing() -> Self {
        Known::default()
    }

    /// Of `key`, which may hold `*`, it is known whether it is there, and if so, which value it has.
    pub fn put(&mut self, key: &str, presence: bool, value: bool) {
        let pattern = Pattern::wildcard(&key.to_ascii_lowercase());
        self.keys.push(KnownKey { pattern, presence, value });
    }

    /// Whether enough is known of `key` to decide a condition.
    pub(crate) fn settles(&self, key: &str, is_there: bool, presence_suffices: bool) -> bool {
        let key = key.to_ascii_lowercase();
        let known = self.keys.iter().find(|known| known.pattern.matches(&key));
        known.is_some_and(|known| known.presence && (known.value || presence_suffices || !is_there))
    }
}
