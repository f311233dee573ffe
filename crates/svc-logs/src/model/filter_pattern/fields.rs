//! Patterns for space-delimited events: `[ip, user, ..., status = 4*, bytes > 1000]`.

use super::PatternError;
use super::comparison::{Comparison, Scalar};
use super::condition::Condition;
use super::cursor::Cursor;
use crate::limits;
use std::collections::BTreeMap;

/// What stands between the brackets.
#[derive(Debug)]
pub struct FieldsPattern {
    /// The fields before the ellipsis, or all of them.
    head: Vec<Field>,
    /// The fields behind the ellipsis, if there is one.
    tail: Option<Vec<Field>>,
}

#[derive(Debug, Default)]
struct Field {
    name: Option<String>,
    condition: Option<Condition<Comparison>>,
}

/// A field of an event: the text between spaces, or inside brackets or quotation marks.
#[derive(Clone, Copy)]
struct Word<'m> {
    text: &'m str,
    /// Where it begins in the message, with its bracket or quotation mark.
    start: usize,
}

impl FieldsPattern {
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(text);
        let mut pattern = FieldsPattern { head: Vec::new(), tail: None };
        cursor.skip_space();
        if cursor.is_empty() {
            return Ok(pattern);
        }
        loop {
            cursor.skip_space();
            if cursor.eat("...") || cursor.eat("…") {
                if pattern.tail.replace(Vec::new()).is_some() {
                    return Err(PatternError::Invalid);
                }
            } else {
                let field = Field::parse(&mut cursor)?;
                pattern.tail.as_mut().unwrap_or(&mut pattern.head).push(field);
            }
            cursor.skip_space();
            if cursor.is_empty() {
                break;
            }
            cursor.expect(",")?;
        }
        if cursor.regexes > limits::FILTER_PATTERN_REGEXES_MAX {
            return Err(PatternError::Invalid);
        }
        Ok(pattern)
    }

    pub fn matches(&self, message: &str) -> bool {
        self.assign(message, &words(message)).is_some()
    }

    pub fn extract(&self, message: &str) -> Option<BTreeMap<String, String>> {
        let words = words(message);
        let named = self.assign(message, &words)?;
        let values = named.into_iter().enumerate().map(|(at, (field, value))| {
            let name = field.and_then(|field| field.name.as_deref());
            let name = name.map_or_else(|| format!("${}", at + 1), |name| format!("${name}"));
            (name, value.to_string())
        });
        Some(values.collect())
    }

    /// Every field of the event with the pattern's field that stands for it, or `None` if the event does not match.
    ///
    /// Without an ellipsis the last field takes all that is left of the event, as in AWS's example `[w1=ERROR, w2]`;
    /// a pattern without fields leaves all of them unnamed.
    fn assign<'p, 'm>(
        &'p self,
        message: &'m str,
        words: &[Word<'m>],
    ) -> Option<Vec<(Option<&'p Field>, &'m str)>> {
        let tail = self.tail.as_deref().unwrap_or_default();
        let between = words.len().checked_sub(self.head.len() + tail.len())?;
        let mut values: Vec<&str> = words.iter().map(|word| word.text).collect();
        let mut fields: Vec<Option<&Field>> = self.head.iter().map(Some).collect();
        if self.tail.is_none() && between > 0 && !fields.is_empty() {
            values.truncate(fields.len());
            *values.last_mut()? = message[words[fields.len() - 1].start..].trim_end();
        }
        fields.resize(values.len() - tail.len(), None);
        fields.extend(tail.iter().map(Some));
        let assigned: Vec<_> = fields.into_iter().zip(values).collect();
        let holds = |(field, value): &(Option<&Field>, &str)| {
            let condition = field.and_then(|field| field.condition.as_ref());
            condition.is_none_or(|condition| {
                condition.holds(&|comparison| comparison.holds(Scalar::Field(value)))
            })
        };
        assigned.iter().all(holds).then_some(assigned)
    }
}

impl Field {
    /// A name, a condition on a name, or nothing.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        if matches!(cursor.peek(), None | Some(',')) {
            return Ok(Field::default());
        }
        if cursor.peek() != Some('(') {
            let name = parse_name(cursor)?;
            cursor.skip_space();
            if matches!(cursor.peek(), None | Some(',')) {
                return Ok(Field { name: Some(name.to_string()), condition: None });
            }
            return Self::parse_condition(cursor, Some(name));
        }
        Self::parse_condition(cursor, None)
    }

    /// All tests of a field must name that field. `name` is that of the first test, if it was taken already.
    fn parse_condition(cursor: &mut Cursor<'_>, name: Option<&str>) -> Result<Self, PatternError> {
        let mut taken = name.is_some();
        let mut name = name.map(str::to_string);
        let condition = Condition::parse(cursor, &mut |cursor| {
            if !std::mem::take(&mut taken) {
                let found = parse_name(cursor)?;
                if name.get_or_insert_with(|| found.to_string()) != found {
                    return Err(PatternError::Invalid);
                }
            }
            Comparison::parse(cursor)
        })?;
        Ok(Field { name, condition: Some(condition) })
    }
}

fn parse_name<'p>(cursor: &mut Cursor<'p>) -> Result<&'p str, PatternError> {
    cursor.skip_space();
    let name = cursor.take_while(|c| c.is_alphanumeric() || "_-".contains(c));
    if name.is_empty() { Err(PatternError::Invalid) } else { Ok(name) }
}

fn words(message: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        let rest = &message[at..];
        let rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { return words };
        let start = message.len() - rest.len();
        let enclosed = match first {
            '"' => rest[1..].split_once('"'),
            '[' => rest[1..].split_once(']'),
            _ => None,
        };
        let (text, end) = match enclosed {
            Some((inside, after)) => (inside, message.len() - after.len()),
            None => {
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (&rest[..length], start + length)
            }
        };
        words.push(Word { text, start });
        at = end;
    }
}
