//! Patterns for JSON events: `{ $.user.id = 1 && ($.codes[0] >= 500 || $.error IS NULL) }`.

use super::PatternError;
use super::comparison::{Comparison, Scalar};
use super::condition::Condition;
use super::cursor::Cursor;
use crate::limits;
use serde_json::Value;
use std::collections::BTreeMap;

/// What stands between the braces.
#[derive(Debug)]
pub struct JsonPattern(Condition<Test>);

#[derive(Debug)]
struct Test {
    selector: Selector,
    check: Check,
}

#[derive(Debug)]
enum Check {
    Compare(Comparison),
    IsNull,
    Is(bool),
    NotExists,
}

/// `$.users[0].id`.
#[derive(Debug)]
struct Selector {
    /// As it was written.
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Field(String),
    Element(usize),
    AnyField,
    AnyElement,
}

impl JsonPattern {
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut cursor = Cursor::new(text);
        let mut wildcards = 0;
        let condition = Condition::parse(&mut cursor, &mut |cursor| {
            let test = Test::parse(cursor)?;
            wildcards += test.selector.wildcards();
            Ok(test)
        })?;
        cursor.skip_space();
        let within_limits = wildcards <= limits::FILTER_PATTERN_WILDCARD_SELECTORS_MAX
            && cursor.regexes <= limits::FILTER_PATTERN_REGEXES_MAX;
        if cursor.is_empty() && within_limits {
            Ok(JsonPattern(condition))
        } else {
            Err(PatternError::Invalid)
        }
    }

    pub fn matches(&self, message: &str) -> bool {
        parse_event(message).is_some_and(|event| self.holds(&event))
    }

    pub fn extract(&self, message: &str) -> Option<BTreeMap<String, String>> {
        let event = parse_event(message).filter(|event| self.holds(event))?;
        let mut extracted = BTreeMap::new();
        self.0.for_each(&mut |test: &Test| {
            test.selector.any(&event, &mut |value| {
                let text = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(_) | Value::Bool(_) | Value::Null => value.to_string(),
                    Value::Array(_) | Value::Object(_) => return false,
                };
                extracted.insert(test.selector.text.clone(), text);
                true
            });
        });
        Some(extracted)
    }

    fn holds(&self, event: &Value) -> bool {
        self.0.holds(&|test| test.holds(event))
    }
}

/// Only objects and arrays have something to select. Nesting beyond serde_json's limit (128) is no event.
fn parse_event(message: &str) -> Option<Value> {
    let message = message.trim_start();
    message.starts_with(['{', '[']).then(|| serde_json::from_str(message).ok()).flatten()
}

impl Test {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.skip_space();
        let selector = Selector::parse(cursor)?;
        cursor.skip_space();
        let check = if cursor.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
            let mut word = || {
                cursor.skip_space();
                cursor.take_while(|c| c.is_ascii_alphabetic())
            };
            match (word(), word()) {
                ("IS", "NULL") => Check::IsNull,
                ("IS", "TRUE") => Check::Is(true),
                ("IS", "FALSE") => Check::Is(false),
                ("NOT", "EXISTS") => Check::NotExists,
                _ => return Err(PatternError::Invalid),
            }
        } else {
            Check::Compare(Comparison::parse(cursor)?)
        };
        Ok(Test { selector, check })
    }

    /// A comparison holds for texts and numbers only: one of an object, an array or of what is missing never does,
    /// not even with `!=`.
    fn holds(&self, event: &Value) -> bool {
        match &self.check {
            Check::NotExists => !self.selector.any(event, &mut |_| true),
            Check::IsNull => self.selector.any(event, &mut Value::is_null),
            Check::Is(wanted) => {
                self.selector.any(event, &mut |value| value.as_bool() == Some(*wanted))
            }
            Check::Compare(comparison) => self.selector.any(event, &mut |value| match value {
                Value::String(text) => comparison.holds(Scalar::Text(text)),
                Value::Number(number) => comparison.holds(Scalar::Number(number)),
                Value::Bool(_) => comparison.holds(Scalar::Boolean),
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            }),
        }
    }
}

impl Selector {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        cursor.expect("$")?;
        let (mut text, mut steps) = ("$".to_string(), Vec::new());
        loop {
            let dot = cursor.eat(".");
            let step = if cursor.eat("[") {
                Step::parse_bracket(cursor)?
            } else if dot && cursor.eat("*") {
                Step::AnyField
            } else if dot {
                let name = cursor.take_while(|c| c.is_alphanumeric() || "_-".contains(c));
                if name.is_empty() {
                    return Err(PatternError::Invalid);
                }
                Step::Field(name.to_string())
            } else {
                break;
            };
            if dot {
                text.push('.');
            }
            step.write(&mut text, dot);
            steps.push(step);
        }
        let selector = Selector { text, steps };
        if selector.steps.is_empty() || selector.wildcards() > 1 {
            return Err(PatternError::Invalid);
        }
        Ok(selector)
    }

    fn wildcards(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Step::AnyField | Step::AnyElement)).count()
    }

    /// Whether `test` holds for one of the selected values; it is shown them until it does.
    fn any(&self, event: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
        any(&self.steps, event, test)
    }
}

/// At most one step of a selector is a wildcard, so that the work is linear in the event's size.
fn any(steps: &[Step], value: &Value, test: &mut dyn FnMut(&Value) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return test(value) };
    let mut go_on = |next: &Value| any(rest, next, test);
    match (step, value) {
        (Step::Field(name), Value::Object(fields)) => fields.get(name).is_some_and(go_on),
        (Step::AnyField, Value::Object(fields)) => fields.values().any(go_on),
        (Step::Element(index), Value::Array(elements)) => {
            elements.get(*index).is_some_and(&mut go_on)
        }
        (Step::AnyElement, Value::Array(elements)) => elements.iter().any(go_on),
        _ => false,
    }
}

impl Step {
    /// Reads `0]`, `*]`, `'a name']` or `"a name"]`.
    fn parse_bracket(cursor: &mut Cursor<'_>) -> Result<Self, PatternError> {
        let step = if cursor.eat("*") {
            Step::AnyElement
        } else if cursor.eat("'") {
            Step::Field(cursor.take_until('\'')?.to_string())
        } else if cursor.eat("\"") {
            Step::Field(cursor.quoted()?)
        } else {
            let digits = cursor.take_while(|c| c.is_ascii_digit());
            Step::Element(digits.parse().map_err(|_| PatternError::Invalid)?)
        };
        cursor.expect("]")?;
        Ok(step)
    }

    fn write(&self, text: &mut String, dot: bool) {
        match self {
            Step::Field(name) if dot && !name.contains(['.', '\'', ' ']) => text.push_str(name),
            Step::Field(name) => text.extend(["['", name, "']"]),
            Step::Element(index) => text.push_str(&format!("[{index}]")),
            Step::AnyField => text.push('*'),
            Step::AnyElement => text.push_str("[*]"),
        }
    }
}
