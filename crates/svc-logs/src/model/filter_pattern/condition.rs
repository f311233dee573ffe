//! `a && b || (c)`: conditions of JSON and space-delimited patterns. `&&` binds more tightly than `||`.

use super::PatternError;
use super::cursor::Cursor;
use crate::limits;

/// A tree of tests.
#[derive(Debug)]
pub enum Condition<T> {
    /// One of them holds.
    Any(Vec<Condition<T>>),
    /// All of them hold.
    All(Vec<Condition<T>>),
    /// A single test.
    Test(T),
}

/// Reads one test.
pub type ParseTest<'f, T> = dyn FnMut(&mut Cursor<'_>) -> Result<T, PatternError> + 'f;

impl<T> Condition<T> {
    /// Reads a condition as far as it goes; the caller looks at what follows.
    pub fn parse(
        cursor: &mut Cursor<'_>,
        parse_test: &mut ParseTest<'_, T>,
    ) -> Result<Self, PatternError> {
        Self::parse_any(cursor, parse_test, 0)
    }

    fn parse_any(
        cursor: &mut Cursor<'_>,
        parse_test: &mut ParseTest<'_, T>,
        depth: u32,
    ) -> Result<Self, PatternError> {
        let mut parts = vec![Self::parse_all(cursor, parse_test, depth)?];
        while next_is(cursor, "||") {
            parts.push(Self::parse_all(cursor, parse_test, depth)?);
        }
        Ok(single_or(parts, Condition::Any))
    }

    fn parse_all(
        cursor: &mut Cursor<'_>,
        parse_test: &mut ParseTest<'_, T>,
        depth: u32,
    ) -> Result<Self, PatternError> {
        let mut parts = vec![Self::parse_one(cursor, parse_test, depth)?];
        while next_is(cursor, "&&") {
            parts.push(Self::parse_one(cursor, parse_test, depth)?);
        }
        Ok(single_or(parts, Condition::All))
    }

    fn parse_one(
        cursor: &mut Cursor<'_>,
        parse_test: &mut ParseTest<'_, T>,
        depth: u32,
    ) -> Result<Self, PatternError> {
        if !next_is(cursor, "(") {
            return parse_test(cursor).map(Condition::Test);
        }
        if depth == limits::FILTER_PATTERN_DEPTH_MAX {
            return Err(PatternError::Invalid);
        }
        let inner = Self::parse_any(cursor, parse_test, depth + 1)?;
        cursor.skip_space();
        cursor.expect(")")?;
        Ok(inner)
    }

    /// Whether it holds if `test` decides the single tests.
    pub fn holds(&self, test: &dyn Fn(&T) -> bool) -> bool {
        match self {
            Condition::Any(parts) => parts.iter().any(|part| part.holds(test)),
            Condition::All(parts) => parts.iter().all(|part| part.holds(test)),
            Condition::Test(single) => test(single),
        }
    }

    /// Shows every single test to `visit`, from left to right.
    pub fn for_each(&self, visit: &mut dyn FnMut(&T)) {
        match self {
            Condition::Any(parts) | Condition::All(parts) => {
                parts.iter().for_each(|part| part.for_each(visit));
            }
            Condition::Test(single) => visit(single),
        }
    }
}

fn next_is(cursor: &mut Cursor<'_>, token: &str) -> bool {
    cursor.skip_space();
    cursor.eat(token)
}

fn single_or<T>(
    mut parts: Vec<Condition<T>>,
    combine: fn(Vec<Condition<T>>) -> Condition<T>,
) -> Condition<T> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            combine(parts)
        }
    }
}
