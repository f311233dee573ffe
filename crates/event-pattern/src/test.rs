//! What a pattern says of one value.

use serde_json::Value;
use std::net::IpAddr;

/// Something that a value may meet.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// To be this string, boolean or null.
    Equals(Value),
    /// To be this number, however it is written.
    Number(f64),
    /// To begin with this.
    Prefix(Text),
    /// To end with this.
    Suffix(Text),
    /// To be this in any case.
    EqualsIgnoreCase(String),
    /// To have these parts in this order, with anything between them.
    Wildcard(Vec<String>),
    /// To be a number within these bounds.
    Numeric(Vec<(Comparison, f64)>),
    /// To be an address of this network.
    Cidr(IpAddr, u8),
    /// To be there, or not.
    Exists(bool),
    /// To be there and meet none of these.
    AnythingBut(Vec<Test>),
}

/// A text, compared with or without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// In lower case where case does not count.
    pub text: String,
    /// Whether case does not count.
    pub ignore_case: bool,
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Test {
    /// Whether a field that is missing meets it.
    pub fn wants_absence(&self) -> bool {
        *self == Test::Exists(false)
    }

    /// Whether `value`, which is no object and no array, meets it.
    pub fn is_met(&self, value: &Value) -> bool {
        match self {
            Test::Exists(wanted) => *wanted,
            Test::AnythingBut(tests) => !tests.iter().any(|test| test.is_met(value)),
            Test::Equals(wanted) => wanted == value,
            Test::Number(wanted) => value.as_f64() == Some(*wanted),
            Test::Numeric(bounds) => {
                let number = value.as_f64();
                number.is_some_and(|n| bounds.iter().all(|(how, bound)| how.holds(n, *bound)))
            }
            _ => value.as_str().is_some_and(|text| self.is_met_by_text(text)),
        }
    }

    fn is_met_by_text(&self, text: &str) -> bool {
        match self {
            Test::Prefix(prefix) => prefix.folded(text).starts_with(&prefix.text),
            Test::Suffix(suffix) => suffix.folded(text).ends_with(&suffix.text),
            Test::EqualsIgnoreCase(wanted) => text.to_lowercase() == *wanted,
            Test::Wildcard(parts) => wildcard(parts, text),
            Test::Cidr(network, bits) => {
                text.parse().is_ok_and(|address| contains(*network, *bits, address))
            }
            _ => false,
        }
    }
}

impl Text {
    fn folded<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        if self.ignore_case { text.to_lowercase().into() } else { text.into() }
    }
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Comparison::Equal => number == bound,
            Comparison::Less => number < bound,
            Comparison::LessOrEqual => number <= bound,
            Comparison::Greater => number > bound,
            Comparison::GreaterOrEqual => number >= bound,
        }
    }
}

/// The first part begins the text, the last ends it, the others follow each other: the leftmost place is as good as any.
fn wildcard(parts: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = parts else {
        return parts.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        let Some(at) = rest.find(part.as_str()) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last.as_str())
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let masked = |value: u128, width: u8| {
        let shift = u32::from(width - bits.min(width));
        value.checked_shr(shift).unwrap_or(0)
    };
    match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            masked(network.to_bits().into(), 32) == masked(address.to_bits().into(), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            masked(network.to_bits(), 128) == masked(address.to_bits(), 128)
        }
        _ => false,
    }
}
