//! Patterns for unstructured events: `ERROR "exact phrase" -excluded`, `?one ?another`, `%expression%`.

use super::cursor::Cursor;
use super::{PatternError, expression};
use regex::bytes::Regex;

/// Terms of a pattern by their role.
#[derive(Debug, Default)]
pub struct Terms {
    required: Vec<Term>,
    excluded: Vec<Term>,
    /// At least one must occur; without effect beside terms of another role, as AWS documents.
    optional: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Terms {
    /// `text` is not empty and has no white space around it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut terms = Terms::default();
        let mut cursor = Cursor::new(text);
        while !cursor.is_empty() {
            let role = if cursor.eat("-") {
                cursor.skip_space();
                &mut terms.excluded
            } else if cursor.eat("?") {
                &mut terms.optional
            } else {
                &mut terms.required
            };
            role.push(Term::parse(&mut cursor)?);
            if cursor.peek().is_some_and(|c| !c.is_whitespace()) {
                return Err(PatternError::Invalid);
            }
            cursor.skip_space();
        }
        Ok(terms)
    }

    /// Terms are looked for anywhere, also within words; case matters.
    pub fn matches(&self, message: &str) -> bool {
        let occurs = |term: &Term| match term {
            Term::Text(text) => message.contains(text),
            Term::Regex(regex) => regex.is_match(message.as_bytes()),
        };
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.iter().any(occurs);
        }
        self.required.iter().all(occurs) && !self.excluded.iter().any(occurs)
    }
}

impl Term {
    /// Other characters than letters, digits and the underscore need quotation marks.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        if cursor.eat("\"") {
            let phrase = cursor.quoted()?;
            // AWS documents the phrase of one space as "match everything".
            let phrase = if phrase.trim().is_empty() { String::new() } else { phrase };
            return Ok(Term::Text(phrase));
        }
        if cursor.eat("%") {
            return Ok(Term::Regex(expression::parse(cursor)?));
        }
        let word = cursor.take_while(|c| c.is_alphanumeric() || c == '_');
        if word.is_empty() { Err(PatternError::Invalid) } else { Ok(Term::Text(word.to_string())) }
    }
}
