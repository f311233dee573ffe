//! Filter patterns: which log events a search, a live tail or a metric filter shows.
//!
//! Four kinds, told apart by their first character: nothing (every event), `{ $.json = "conditions" }`,
//! `[space, delimited, fields]`, and otherwise terms. Matching takes time linear in the message: regular expressions
//! come from a crate that never backtracks, and a pattern has at most [`limits::FILTER_PATTERN_CHARS_MAX`] characters.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

mod comparison;
mod condition;
mod cursor;
mod expression;
mod fields;
mod json;
mod terms;

use crate::limits;
use std::collections::BTreeMap;
use std::fmt;

/// A parsed pattern.
#[derive(Debug)]
pub struct FilterPattern(Kind);

#[derive(Debug)]
enum Kind {
    Everything,
    Terms(terms::Terms),
    Json(json::JsonPattern),
    Fields(fields::FieldsPattern),
}

/// Why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// It breaks the grammar or a limit.
    Invalid,
    /// It starts with `{` but does not end with `}`.
    UnclosedBrace,
    /// It starts with `[` but does not end with `]`.
    UnclosedBracket,
}

/// AWS's sentences, as its users report them.
impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PatternError::Invalid => "Invalid filter pattern",
            PatternError::UnclosedBrace => {
                "If a filter pattern starts with '{' it must end with '}'"
            }
            PatternError::UnclosedBracket => {
                "If a filter pattern starts with '[' it must end with ']'"
            }
        })
    }
}

impl FilterPattern {
    /// Reads a pattern. White space around it does not matter.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.chars().count() > limits::FILTER_PATTERN_CHARS_MAX {
            return Err(PatternError::Invalid);
        }
        let text = text.trim();
        let kind = if text.is_empty() {
            Kind::Everything
        } else if let Some(rest) = text.strip_prefix('{') {
            let inner = rest.strip_suffix('}').ok_or(PatternError::UnclosedBrace)?;
            Kind::Json(json::JsonPattern::parse(inner)?)
        } else if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.strip_suffix(']').ok_or(PatternError::UnclosedBracket)?;
            Kind::Fields(fields::FieldsPattern::parse(inner)?)
        } else {
            Kind::Terms(terms::Terms::parse(text)?)
        };
        Ok(FilterPattern(kind))
    }

    /// Whether every message matches, so that a search need not look at them.
    pub fn is_everything(&self) -> bool {
        matches!(self.0, Kind::Everything)
    }

    /// Whether `message` belongs to what the pattern asks for.
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Everything => true,
            Kind::Terms(terms) => terms.matches(message),
            Kind::Json(json) => json.matches(message),
            Kind::Fields(fields) => fields.matches(message),
        }
    }

    /// Whether the pattern names values of a message, so that a metric can have them.
    pub fn names_values(&self) -> bool {
        matches!(self.0, Kind::Json(_) | Kind::Fields(_))
    }

    /// The fields of a message that a space-delimited pattern matches, by their names in it; none for other patterns.
    pub fn extracted_fields(&self, message: &str) -> Option<BTreeMap<String, String>> {
        let Kind::Fields(fields) = &self.0 else { return None };
        let named = |(name, value): (String, String)| (name.trim_start_matches('$').into(), value);
        Some(fields.extract(message)?.into_iter().map(named).collect())
    }

    /// What the pattern reads out of a message that matches, by name: `$field` and `$3` for space-delimited patterns,
    /// `$.selector` for JSON ones, nothing for terms. `None` if `message` does not match.
    pub fn extract(&self, message: &str) -> Option<BTreeMap<String, String>> {
        match &self.0 {
            Kind::Everything => Some(BTreeMap::new()),
            Kind::Terms(terms) => terms.matches(message).then(BTreeMap::new),
            Kind::Json(json) => json.extract(message),
            Kind::Fields(fields) => fields.extract(message),
        }
    }
}

#[cfg(test)]
mod tests;
