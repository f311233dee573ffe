//! Event patterns: the JSON language in which EventBridge rules, pipes and Lambda's event source mappings say which
//! events they want.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
//!
//! A pattern is an object whose leaves are arrays of what a field may be. Fields are found by their path, joined with
//! dots, as AWS does: a pattern's `a.b` is the event's `{"a": {"b": …}}` too. An array in an event stands for each of
//! its elements; fields of different elements of one array do not match together.
//!
//! # Invariants
//! - Pure: no clock, no I/O. What a pattern costs is bounded by [`limits`].
//! - Every reason why a pattern is refused is worded as AWS words it (recorded, unless marked otherwise), without the
//!   position in the text.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod event;
pub mod limits;
mod parse;
mod test;
#[cfg(test)]
mod tests;

use event::Leaves;
use serde_json::Value;
use std::fmt;
use test::Test;

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// AWS's sentence, as it stands behind `Event pattern is not valid. Reason: `.
    pub reason: String,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event pattern is not valid. Reason: {}", self.reason)
    }
}

impl std::error::Error for Invalid {}

/// Tells which events are wanted.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// One of them must match: there are several with `$or`.
    alternatives: Vec<Vec<Field>>,
}

/// What a field may be.
#[derive(Clone, Debug)]
struct Field {
    /// Names joined with dots.
    path: String,
    /// One of them must be met.
    tests: Vec<Test>,
}

impl Pattern {
    /// Reads a JSON text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Ok(Pattern { alternatives: parse::alternatives(text)? })
    }

    /// Whether the pattern wants `event`.
    pub fn matches(&self, event: &Value) -> bool {
        let leaves = Leaves::of(event);
        self.alternatives.iter().any(|fields| leaves.meet(fields))
    }
}
