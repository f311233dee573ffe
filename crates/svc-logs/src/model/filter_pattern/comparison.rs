//! `operator value`: what JSON and space-delimited patterns ask of one value.

use super::cursor::Cursor;
use super::{PatternError, expression};
use regex::bytes::Regex;
use std::cmp::Ordering;

/// `= "value*"`, `>= 500`, `!= %expression%`, ….
#[derive(Debug)]
pub struct Comparison {
    operator: Operator,
    value: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug)]
enum Wanted {
    Text(Wildcards),
    /// A number as it was written, and its value.
    Number(String, f64),
    Regex(Regex),
}

/// A text that may be open at its beginning and at its end. An asterisk elsewhere is an ordinary character.
#[derive(Debug)]
struct Wildcards {
    text: String,
    open_start: bool,
    open_end: bool,
}

/// One value of a message.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'m> {
    /// A text that counts as a number where a number is wanted: a field of a space-delimited event.
    Field(&'m str),
    /// A JSON string.
    Text(&'m str),
    /// A JSON number.
    Number(&'m serde_json::Number),
    /// A JSON boolean; patterns ask for its value with `IS TRUE`, here it merely exists.
    Boolean,
}

impl Comparison {
    /// Reads an operator and a value.
    pub fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.skip_space();
        let operators = [
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("=", Operator::Equal),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let (_, operator) = operators
            .into_iter()
            .find(|(text, _)| cursor.eat(text))
            .ok_or(PatternError::Invalid)?;
        cursor.skip_space();
        let value = Wanted::parse(cursor)?;
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordered && !matches!(value, Wanted::Number(..)) {
            return Err(PatternError::Invalid);
        }
        Ok(Comparison { operator, value })
    }

    /// Whether `scalar` satisfies it.
    pub fn holds(&self, scalar: Scalar<'_>) -> bool {
        match self.operator {
            Operator::Equal => self.value.equals(scalar),
            Operator::NotEqual => !matches!(scalar, Scalar::Boolean) && !self.value.equals(scalar),
            Operator::Less => self.order(scalar).is_some_and(Ordering::is_lt),
            Operator::LessOrEqual => self.order(scalar).is_some_and(Ordering::is_le),
            Operator::Greater => self.order(scalar).is_some_and(Ordering::is_gt),
            Operator::GreaterOrEqual => self.order(scalar).is_some_and(Ordering::is_ge),
        }
    }

    fn order(&self, scalar: Scalar<'_>) -> Option<Ordering> {
        let Wanted::Number(_, wanted) = &self.value else { return None };
        let found = match scalar {
            Scalar::Field(text) => parse_number(text)?,
            Scalar::Number(number) => number.as_f64()?,
            Scalar::Text(_) | Scalar::Boolean => return None,
        };
        found.partial_cmp(wanted)
    }
}

impl Wanted {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        if cursor.eat("\"") {
            return Ok(Wanted::Text(Wildcards::new(&cursor.quoted()?)));
        }
        if cursor.eat("%") {
            return Ok(Wanted::Regex(expression::parse(cursor)?));
        }
        let text = cursor.take_while(|c| c.is_alphanumeric() || "_.*+-".contains(c));
        if text.is_empty() {
            return Err(PatternError::Invalid);
        }
        Ok(match parse_number(text) {
            Some(number) => Wanted::Number(text.to_string(), number),
            None => Wanted::Text(Wildcards::new(text)),
        })
    }

    fn equals(&self, scalar: Scalar<'_>) -> bool {
        match (self, scalar) {
            (Wanted::Number(_, wanted), Scalar::Number(found)) => found.as_f64() == Some(*wanted),
            (Wanted::Number(text, wanted), Scalar::Field(found)) => {
                found == text || parse_number(found) == Some(*wanted)
            }
            (Wanted::Number(text, _), Scalar::Text(found)) => found == text,
            (Wanted::Text(wanted), Scalar::Text(found) | Scalar::Field(found)) => {
                wanted.matches(found)
            }
            (Wanted::Text(wanted), Scalar::Number(found)) => wanted.matches(&found.to_string()),
            (Wanted::Regex(wanted), Scalar::Text(found) | Scalar::Field(found)) => {
                wanted.is_match(found.as_bytes())
            }
            (Wanted::Regex(wanted), Scalar::Number(found)) => {
                wanted.is_match(found.to_string().as_bytes())
            }
            (Wanted::Text(wanted), Scalar::Boolean) => wanted.is_anything(),
            (Wanted::Number(..) | Wanted::Regex(_), Scalar::Boolean) => false,
        }
    }
}

impl Wildcards {
    fn new(text: &str) -> Self {
        if text == "*" {
            return Wildcards { text: String::new(), open_start: true, open_end: true };
        }
        let (open_start, text) = strip(text, text.strip_prefix('*'));
        let (open_end, text) = strip(text, text.strip_suffix('*'));
        Wildcards { text: text.to_string(), open_start, open_end }
    }

    fn is_anything(&self) -> bool {
        self.text.is_empty() && self.open_start && self.open_end
    }

    fn matches(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => text == self.text,
            (false, true) => text.starts_with(&self.text),
            (true, false) => text.ends_with(&self.text),
            (true, true) => text.contains(&self.text),
        }
    }
}

fn strip<'a>(whole: &'a str, stripped: Option<&'a str>) -> (bool, &'a str) {
    (stripped.is_some(), stripped.unwrap_or(whole))
}

/// An integer or decimal with optional sign and exponent. Unlike the standard library's, no `inf` and no `nan`.
fn parse_number(text: &str) -> Option<f64> {
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    numeric.then(|| text.parse().ok()).flatten()
}
