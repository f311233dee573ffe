//! The constraints of the models, checked while a request is decoded and worded as AWS words them.
//!
//! A violation reads `Value 'x' at 'functionName' failed to satisfy constraint: Member must …`. All violations of a
//! request stand in one message, in the order in which the members were read; AWS's own order is not stable.

use crate::limits::{ECHO_CHARS_MAX, ELEMENTS_MAX, VIOLATIONS_MAX};
use crate::{Dialect, Error, Kind, Member, Operation, Ref, Schema};
use std::fmt::Write;

mod pattern;
pub use pattern::Pattern;

/// One step on the way from the input to a value.
pub(crate) enum Step {
    Member(&'static str),
    /// Counted from 1.
    Element(usize),
    Entry(String),
}

/// What is learned while an input is decoded: where we are, and what is wrong so far.
#[derive(Default)]
pub(crate) struct Decoding {
    path: Vec<Step>,
    violations: Vec<String>,
    elements: usize,
    /// The first required member that is absent.
    missing: Option<&'static str>,
    /// The texts of list elements that are in no enumeration, by their index, for the innermost list.
    unknown: Vec<(usize, String)>,
}

/// Which members of a structure were present. The code generator refuses structures of more than 256.
#[derive(Default)]
pub(crate) struct Seen([u64; 4]);

impl Seen {
    pub(crate) fn set(&mut self, index: usize) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    pub(crate) fn has(&self, index: usize) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }
}

impl Decoding {
    /// Goes into a member, an element or an entry; [`Decoding::leave`] must follow, unless decoding fails.
    pub(crate) fn enter(&mut self, step: Step) {
        self.path.push(step);
    }

    /// Goes back out.
    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Counts an element against the bound of the whole input.
    pub(crate) fn element(&mut self) -> Result<(), Error> {
        self.elements += 1;
        if self.elements > ELEMENTS_MAX {
            return Err(Error::serialization("The request has too many elements."));
        }
        Ok(())
    }

    /// Checks a value that was just read.
    pub(crate) fn value(&mut self, schema: &'static Schema, value: &Ref<'_>) {
        let (keys, elements) = match (schema.kind, schema.members) {
            (Kind::List, [element]) => (None, Some(element)),
            (Kind::Map, [key, value]) => (Some(key), Some(value)),
            _ => (None, None),
        };
        let scalars = [keys, elements].into_iter().flatten();
        let inner = scalars.into_iter().any(|member| is_checked_by_parent(member.target));
        if inner {
            self.elements_of(value, keys, elements);
        }
        // Elements of a list are reported by the list, entries by the map.
        let by_parent = matches!(self.path.last(), Some(Step::Element(_) | Step::Entry(_)))
            && is_checked_by_parent(schema);
        if schema.is_constrained() && !by_parent {
            for rule in broken(schema, value) {
                self.violation(schema, value, &rule);
            }
        }
        if inner {
            self.unknown.clear();
        }
    }

    /// The scalars in a list or map: if one breaks a rule, all rules of its shape are listed, once.
    fn elements_of(
        &mut self,
        value: &Ref<'_>,
        keys: Option<&'static Member>,
        elements: Option<&'static Member>,
    ) {
        let breaks = |member: Option<&'static Member>, value: &Ref<'_>| {
            let schema = member.map(|member| member.target).filter(|s| is_checked_by_parent(s));
            schema.is_some_and(|schema| !broken(schema, value).is_empty())
        };
        let (mut bad_key, mut bad_element) = (false, !self.unknown.is_empty());
        match value {
            Ref::List(list) => {
                bad_element |= (0..list.len()).any(|i| breaks(elements, &list.at(i).get()));
            }
            Ref::Map(map) => map.each(&mut |key, value| {
                bad_key |= breaks(keys, &Ref::String(key));
                bad_element |= breaks(elements, &value.get());
            }),
            _ => {}
        }
        let is_map = keys.is_some();
        for (bad, member, what) in [
            (bad_key, keys, "Map keys must satisfy constraint"),
            (
                bad_element,
                elements,
                if is_map {
                    "Map value must satisfy constraint"
                } else {
                    "Member must satisfy constraint"
                },
            ),
        ] {
            if let (true, Some(member)) = (bad, member) {
                let rule = format!("{what}: [{}]", rules(member).join(", "));
                self.violation(member.target, value, &rule);
            }
        }
    }

    /// Notes that a list or map of this shape, read as `value`, held nulls as well, if it must not; they are written as
    /// `null` and `key=null`. True if it did: then there is nothing else to be said of it.
    pub(crate) fn nulls(
        &mut self,
        schema: &'static Schema,
        value: &Ref<'_>,
        nulls: &[String],
    ) -> bool {
        let (what, element) = match (schema.kind, schema.members) {
            (Kind::List, [element]) => ("Member", element),
            (Kind::Map, [_, value]) => ("Map value", value),
            _ => return false,
        };
        if nulls.is_empty() || !element.required {
            return false;
        }
        self.unknown.clear();
        let mut shown = String::new();
        if !schema.sensitive && !element.target.sensitive {
            let mut all = String::new();
            write_plain(&mut all, value);
            let end = all.pop().unwrap_or_default();
            let separator = if all.len() > 1 { ", " } else { "" };
            let _ = write!(all, "{separator}{}{end}", nulls.join(", "));
            shown = quoted(&all);
        }
        let rules = rules(element).join(", ");
        self.violation_of(&shown, &format!("{what} must satisfy constraint: [{rules}]"));
        true
    }

    /// Notes that `text` is in no enumeration.
    pub(crate) fn unknown_value(&mut self, schema: &'static Schema, text: &str) {
        match self.path.last() {
            Some(Step::Element(number)) => {
                if self.unknown.len() < VIOLATIONS_MAX {
                    self.unknown.push((*number - 1, text.to_string()));
                }
            }
            Some(Step::Entry(_)) if self.unknown.len() < VIOLATIONS_MAX => {
                self.unknown.push((0, text.to_string()));
            }
            _ => {
                self.violation(schema, &Ref::String(text), &values_rule(schema));
            }
        }
    }

    /// Notes the required members that are absent.
    pub(crate) fn required(&mut self, schema: &'static Schema, seen: &Seen) {
        for (index, member) in schema.members.iter().enumerate() {
            if member.required && !seen.has(index) {
                self.missing(member);
            }
        }
    }

    fn missing(&mut self, member: &'static Member) {
        self.missing.get_or_insert(member.name);
        self.enter(Step::Member(member.name));
        self.violation(member.target, &Ref::None, NOT_NULL);
        self.leave();
    }

    fn violation(&mut self, schema: &Schema, value: &Ref<'_>, rule: &str) {
        let shown = if schema.sensitive && !matches!(value, Ref::None) {
            String::new()
        } else {
            self.shown(value)
        };
        self.violation_of(&shown, rule);
    }

    fn violation_of(&mut self, shown: &str, rule: &str) {
        if self.violations.len() >= VIOLATIONS_MAX {
            return;
        }
        let path = self.path();
        self.violations
            .push(format!("Value{shown} at '{path}' failed to satisfy constraint: {rule}"));
    }

    /// ` 'text'`, ` null`, or nothing for what is not shown.
    fn shown(&self, value: &Ref<'_>) -> String {
        let mut text = String::new();
        match value {
            Ref::None => return " null".into(),
            Ref::Blob(_) | Ref::Body(_) | Ref::Document(_) => return text,
            Ref::List(list) if !self.unknown.is_empty() => {
                let texts = (0..list.len()).map(|index| {
                    let known = self.unknown.iter().find(|(at, _)| *at == index);
                    known.map_or_else(|| plain(&list.at(index).get()), |(_, text)| text.clone())
                });
                let _ = write!(text, "[{}]", texts.collect::<Vec<_>>().join(", "));
            }
            value => write_plain(&mut text, value),
        }
        quoted(&text)
    }

    /// `tags.1.member.tagValue`: names begin in lower case, elements and entries are followed by `member`.
    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            if !path.is_empty() {
                path.push('.');
            }
            match step {
                Step::Member(name) => {
                    let mut chars = name.chars();
                    path.extend(chars.next().into_iter().flat_map(char::to_lowercase));
                    path.push_str(chars.as_str());
                }
                Step::Element(number) => {
                    let _ = write!(path, "{number}.member");
                }
                Step::Entry(key) => {
                    let _ = write!(path, "{key}.member");
                }
            }
        }
        path
    }

    /// What is wrong with the input, if anything is, in the words of `dialect`.
    pub(crate) fn finish(self, dialect: &Dialect, operation: &Operation) -> Result<(), Error> {
        let count = self.violations.len();
        if count == 0 {
            return Ok(());
        }
        if let Some(name) = self.missing.filter(|_| dialect.missing_parameter) {
            let message = format!("The request must contain the parameter {name}.");
            let codes = ("MissingRequiredParameterException", "MissingParameter");
            return Err(Error::other_in_query(400, codes.0, codes.1, message));
        }
        let mut listed = self.violations.join("; ");
        if dialect.validation_path_from_input {
            let (first, rest) = operation.name.split_at(operation.name.len().min(1));
            let prefix = format!(" at '{}{rest}Input.", first.to_lowercase());
            listed = listed.replace(" at '", &prefix);
        }
        let s = if count == 1 { "" } else { "s" };
        Err(Error::validation(format!("{count} validation error{s} detected: {listed}")))
    }
}

/// Whether values of this shape are reported by the list or map that holds them.
fn is_checked_by_parent(schema: &Schema) -> bool {
    let holds = matches!(schema.kind, Kind::List | Kind::Map | Kind::Structure | Kind::Union);
    schema.is_constrained() && !holds
}

/// The rules of `schema` that `value` breaks, as AWS words them.
fn broken(schema: &Schema, value: &Ref<'_>) -> Vec<String> {
    let mut rules = Vec::new();
    if let Ref::String(text) = value {
        let pattern = schema.pattern.filter(|pattern| !pattern.matches(text));
        rules.extend(pattern.map(pattern_rule));
        if !schema.values.is_empty() && !schema.values.contains(text) {
            rules.push(values_rule(schema));
        }
    }
    let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (above, below) = match value {
        // Characters, not bytes, and only where they matter.
        Ref::String(_) if schema.min.is_none() && schema.max.is_none() => (false, false),
        Ref::String(text) => outside(schema, length(text.chars().count())),
        Ref::Blob(bytes) => outside(schema, length(bytes.len())),
        Ref::List(list) => outside(schema, length(list.len())),
        Ref::Map(map) => outside(schema, length(map.len())),
        Ref::Integer(number) => outside(schema, *number),
        Ref::Float(number) => outside_float(schema, f64::from(*number)),
        Ref::Double(number) => outside_float(schema, *number),
        _ => (false, false),
    };
    rules.extend(schema.max.filter(|_| above).map(|max| bound_rule(schema, "less", max)));
    rules.extend(schema.min.filter(|_| below).map(|min| bound_rule(schema, "greater", min)));
    rules
}

fn outside(schema: &Schema, n: i64) -> (bool, bool) {
    (schema.max.is_some_and(|max| n > max), schema.min.is_some_and(|min| n < min))
}

fn outside_float(schema: &Schema, n: f64) -> (bool, bool) {
    let beyond = |bound: Option<i64>, order| {
        bound.is_some_and(|bound| n.partial_cmp(&(bound as f64)).is_none_or(|o| o == order))
    };
    (beyond(schema.max, std::cmp::Ordering::Greater), beyond(schema.min, std::cmp::Ordering::Less))
}

/// All rules of a list's elements or a map's keys or values.
fn rules(element: &Member) -> Vec<String> {
    let schema = element.target;
    let mut rules = Vec::new();
    rules.extend(schema.max.map(|max| bound_rule(schema, "less", max)));
    rules.extend(schema.min.map(|min| bound_rule(schema, "greater", min)));
    rules.extend(schema.pattern.map(pattern_rule));
    if !schema.values.is_empty() {
        rules.push(values_rule(schema));
    }
    if element.required {
        rules.push(NOT_NULL.to_string());
    }
    rules
}

const NOT_NULL: &str = "Member must not be null";

fn values_rule(schema: &Schema) -> String {
    format!("Member must satisfy enum value set: [{}]", schema.values.join(", "))
}

fn bound_rule(schema: &Schema, than: &str, bound: i64) -> String {
    match schema.kind {
        Kind::Float | Kind::Double => {
            format!("Member must have value {than} than or equal to {bound}.0")
        }
        Kind::Integer | Kind::Long => {
            format!("Member must have value {than} than or equal to {bound}")
        }
        _ => format!("Member must have length {than} than or equal to {bound}"),
    }
}

fn pattern_rule(pattern: &Pattern) -> String {
    format!("Member must satisfy regular expression pattern: {}", pattern.text())
}

fn plain(value: &Ref<'_>) -> String {
    let mut out = String::new();
    write_plain(&mut out, value);
    out
}

/// A value's text as violations show it.
fn quoted(text: &str) -> String {
    let shown: String = text.chars().take(ECHO_CHARS_MAX).collect();
    format!(" '{shown}'")
}

/// A value as Java prints it: `[a, b]`, `{k=v}`, `Name(member=value, other=null)`.
fn write_plain(out: &mut String, value: &Ref<'_>) {
    if out.len() > ECHO_CHARS_MAX * 4 {
        return;
    }
    let _ = match value {
        Ref::None => write!(out, "null"),
        Ref::Boolean(value) => write!(out, "{value}"),
        Ref::Integer(value) => write!(out, "{value}"),
        Ref::Float(value) => write!(out, "{value:?}"),
        Ref::Double(value) => write!(out, "{value:?}"),
        Ref::String(value) => write!(out, "{value}"),
        Ref::Timestamp(value) => write!(out, "{value}"),
        Ref::Blob(_) | Ref::Body(_) | Ref::Document(_) => Ok(()),
        Ref::List(list) => {
            out.push('[');
            for index in 0..list.len() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_plain(out, &list.at(index).get());
            }
            write!(out, "]")
        }
        Ref::Map(map) => {
            let mut separator = "{";
            map.each(&mut |key, value| {
                let _ = write!(out, "{separator}{key}=");
                write_plain(out, &value.get());
                separator = ", ";
            });
            write!(out, "{}", if map.is_empty() { "{}" } else { "}" })
        }
        Ref::Structure(shape) => {
            let schema = shape.schema();
            let _ = write!(out, "{}(", schema.name);
            for (index, member) in schema.members.iter().enumerate() {
                let (first, rest) = member.name.split_at(member.name.len().min(1));
                let separator = if index == 0 { "" } else { ", " };
                let _ = write!(out, "{separator}{}{rest}=", first.to_lowercase());
                match shape.member(index).get() {
                    value if !member.target.sensitive => write_plain(out, &value),
                    _ => out.push_str("***"),
                }
            }
            write!(out, ")")
        }
    };
}
