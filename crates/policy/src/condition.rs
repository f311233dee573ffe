//! Conditions: an operator, a context key and the values it is compared with.

use crate::context::{Context, ContextValue};
use crate::date;
use crate::document::{Malformed, RawStatement, Scalar};
use crate::pattern::{Pattern, STAR, Unit, units_match};
use crate::template::{Template, Wildcards};
use crate::validate;
use base64::Engine as _;
use std::net::IpAddr;

/// One operator on one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    operator: Box<str>,
    set: Option<Set>,
    if_exists: bool,
    negated: bool,
    key: Box<str>,
    test: Test,
}

/// How an operator treats several values of a context key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a value of the context is compared with. A value of the policy that makes no sense for the operator is left
/// out, so that it matches nothing.
#[derive(Debug, Clone)]
enum Test {
    Text(Box<[Template]>),
    TextIgnoringCase(Box<[Template]>),
    Number(Order, Box<[f64]>),
    Date(Order, Box<[f64]>),
    Bool(Box<[Template]>),
    Binary(Box<[Box<[u8]>]>),
    Network(Box<[Network]>),
    Arn(Box<[ArnPattern]>),
    /// Whether the key must be absent; true for any of the values.
    Null(Box<[bool]>),
    /// An operator that nobody knows: never true.
    Unknown,
}

#[derive(Debug, Clone, Copy)]
struct Network {
    address: IpAddr,
    prefix_bits: u32,
}

/// One to six parts, compared one by one; the last one with the rest of the ARN.
#[derive(Debug, Clone)]
enum ArnPattern {
    Parts(Box<[Pattern]>),
    /// With variables.
    Variable(Template),
}

/// What AWS says of the conditions of a statement before it takes them.
pub(crate) fn check(statement: &RawStatement) -> Result<(), Malformed> {
    let blocks = statement.condition.iter().flat_map(|blocks| &blocks.0);
    for (operator, keys) in blocks {
        for (_, values) in &keys.0 {
            let values: Vec<String> = values.as_slice().iter().map(Scalar::text).collect();
            let condition = Condition::parse(operator, "", &values, false);
            if matches!(condition.test, Test::Unknown) {
                return Err(validate::syntax());
            }
            if let Test::Date(_, dates) = &condition.test
                && dates.len() < values.len()
            {
                return Err(validate::legacy());
            }
        }
    }
    Ok(())
}

impl Condition {
    /// `name` is the operator as written, such as `ForAnyValue:StringLikeIfExists`.
    pub(crate) fn parse(name: &str, key: &str, values: &[String], variables: bool) -> Self {
        let lower = name.to_ascii_lowercase();
        let (set, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Some(Set::ForAllValues), rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Some(Set::ForAnyValue), rest)
        } else {
            (None, &*lower)
        };
        let (operator, if_exists) = match rest.strip_suffix("ifexists") {
            // AWS has no `NullIfExists`.
            Some("null") | None => (rest, false),
            Some(operator) => (operator, true),
        };
        let (test, negated) =
            Test::parse(operator, values, variables).unwrap_or((Test::Unknown, false));
        Condition { operator: name.into(), set, if_exists, negated, key: key.into(), test }
    }

    /// Whether the condition holds.
    pub(crate) fn holds(&self, context: &Context<'_>) -> bool {
        let value = context.get(&self.key);
        if let Test::Null(absent) = &self.test {
            let exists = value.is_some_and(|v| v.as_slice().iter().any(|text| !text.is_empty()));
            return absent.iter().any(|absent| *absent != exists);
        }
        if matches!(self.test, Test::Unknown) {
            return false;
        }
        let values = match value {
            // An empty value is none: `ForAllValues` is true of it.
            Some(ContextValue::One(text)) if text.is_empty() && self.set.is_some() => &[],
            Some(value) if self.set.is_some() => value.as_slice(),
            Some(value @ ContextValue::One(_)) => value.as_slice(),
            Some(value @ ContextValue::Many(many)) if !many.is_empty() => value.as_slice(),
            _ => {
                return self.if_exists
                    || match self.set {
                        None => self.negated,
                        Some(set) => set == Set::ForAllValues,
                    };
            }
        };
        let mut matches = values.iter().map(|text| self.test.matches(text, context));
        match self.set {
            None => matches.any(|matched| matched) != self.negated,
            Some(Set::ForAllValues) => matches.all(|matched| matched != self.negated),
            Some(Set::ForAnyValue) => matches.any(|matched| matched != self.negated),
        }
    }

    /// The operator as written.
    pub(crate) fn operator(&self) -> &str {
        &self.operator
    }

    /// The context key as written.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether it asks only if the key is there.
    pub(crate) fn asks_presence(&self) -> bool {
        matches!(self.test, Test::Null(_))
    }
}

impl Test {
    /// The test of a lower-case operator, and whether the operator negates it.
    fn parse(operator: &str, values: &[String], variables: bool) -> Option<(Self, bool)> {
        let templates = |wildcards| -> Box<[Template]> {
            values.iter().map(|text| Template::parse(text, wildcards, variables)).collect()
        };
        let exact = || templates(Wildcards::No);
        let arns = || Test::Arn(values.iter().map(|v| ArnPattern::parse(v, variables)).collect());
        let networks = || Test::Network(values.iter().filter_map(|v| Network::parse(v)).collect());
        let bools = || -> Box<[bool]> { values.iter().filter_map(|v| parse_bool(v)).collect() };
        Some(match operator {
            "stringequals" => (Test::Text(exact()), false),
            "stringnotequals" => (Test::Text(exact()), true),
            "stringequalsignorecase" => (Test::TextIgnoringCase(exact()), false),
            "stringnotequalsignorecase" => (Test::TextIgnoringCase(exact()), true),
            "stringlike" => (Test::Text(templates(Wildcards::Yes)), false),
            "stringnotlike" => (Test::Text(templates(Wildcards::Yes)), true),
            "bool" => (Test::Bool(exact()), false),
            "binaryequals" => {
                (Test::Binary(values.iter().filter_map(|v| binary(v)).collect()), false)
            }
            "ipaddress" => (networks(), false),
            "notipaddress" => (networks(), true),
            "arnequals" | "arnlike" => (arns(), false),
            "arnnotequals" | "arnnotlike" => (arns(), true),
            "null" => (Test::Null(bools()), false),
            other => return Self::parse_ordered(other, values),
        })
    }

    fn parse_ordered(operator: &str, values: &[String]) -> Option<(Self, bool)> {
        let (is_date, order) = if let Some(order) = operator.strip_prefix("numeric") {
            (false, order)
        } else if let Some(order) = operator.strip_prefix("date") {
            (true, order)
        } else {
            return None;
        };
        let (order, negated) = match order {
            "equals" => (Order::Equal, false),
            "notequals" => (Order::Equal, true),
            "lessthan" => (Order::Less, false),
            "lessthanequals" => (Order::LessOrEqual, false),
            "greaterthan" => (Order::Greater, false),
            "greaterthanequals" => (Order::GreaterOrEqual, false),
            _ => return None,
        };
        let test = match is_date {
            true => Test::Date(order, values.iter().filter_map(|v| date::parse(v)).collect()),
            false => Test::Number(order, values.iter().filter_map(|v| number(v)).collect()),
        };
        Some((test, negated))
    }

    /// Whether `text` matches any of the policy's values.
    fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        match self {
            Test::Text(templates) => templates.iter().any(|t| t.matches(text, context)),
            Test::TextIgnoringCase(templates) => {
                templates.iter().any(|t| t.matches_ignoring_case(text, context))
            }
            Test::Number(order, numbers) => {
                number(text).is_some_and(|value| numbers.iter().any(|n| order.holds(value, *n)))
            }
            Test::Date(order, dates) => {
                date::parse(text).is_some_and(|value| dates.iter().any(|d| order.holds(value, *d)))
            }
            Test::Bool(templates) => {
                parse_bool(text).is_some()
                    && templates.iter().any(|t| t.matches_ignoring_case(text, context))
            }
            Test::Binary(binaries) => binary(text).is_some_and(|value| binaries.contains(&value)),
            Test::Network(networks) => {
                text.parse().is_ok_and(|address| networks.iter().any(|n| n.contains(address)))
            }
            Test::Arn(patterns) => patterns.iter().any(|pattern| pattern.matches(text, context)),
            Test::Null(_) | Test::Unknown => false,
        }
    }
}

impl Order {
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Order::Equal => value == bound,
            Order::Less => value < bound,
            Order::LessOrEqual => value <= bound,
            Order::Greater => value > bound,
            Order::GreaterOrEqual => value >= bound,
        }
    }
}

impl Network {
    /// `203.0.113.0/24`, `2001:db8::/32`, or a single address.
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix_bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let bits_max = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let prefix_bits = prefix_bits.unwrap_or(bits_max);
        (prefix_bits <= bits_max).then_some(Network { address, prefix_bits })
    }

    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.prefix_bits
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let differing = network.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= self.prefix_bits
            }
            _ => false,
        }
    }
}

impl ArnPattern {
    fn parse(text: &str, variables: bool) -> Self {
        if variables && text.contains("${") {
            return ArnPattern::Variable(Template::parse(text, Wildcards::Yes, true));
        }
        ArnPattern::Parts(text.splitn(6, ':').map(Pattern::wildcard).collect())
    }

    fn matches(&self, arn: &str, context: &Context<'_>) -> bool {
        match self {
            ArnPattern::Parts(patterns) => {
                let open = matches!(patterns.last(), Some(Pattern::Any | Pattern::Prefix(_)));
                let mut parts = arn.splitn(patterns.len(), ':');
                (open || patterns.len() == 6)
                    && patterns.iter().all(|p| parts.next().is_some_and(|part| p.matches(part)))
            }
            ArnPattern::Variable(template) => template.units(context).is_some_and(|units| {
                let is_colon = |unit: &Unit| *unit == Unit::from(b':');
                let patterns: Vec<&[Unit]> = units.splitn(6, is_colon).collect();
                let mut parts = arn.splitn(patterns.len(), ':');
                (units.ends_with(&[STAR]) || patterns.len() == 6)
                    && patterns
                        .iter()
                        .all(|p| parts.next().is_some_and(|part| units_match(p, part)))
            }),
        }
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else {
        text.eq_ignore_ascii_case("false").then_some(false)
    }
}

fn number(text: &str) -> Option<f64> {
    // Rust also reads `inf` and `nan`, which are no numbers to AWS.
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn binary(text: &str) -> Option<Box<[u8]>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok().map(Vec::into_boxed_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(operator: &str, values: &[&str], context: &[&str]) -> bool {
        let values: Vec<String> = values.iter().map(|v| v.to_string()).collect();
        let condition = Condition::parse(operator, "a:Key", &values, true);
        let mut given = Context::new();
        given.put("aws:username", "john");
        given.put("aws:flag", "True");
        match context {
            [] => {}
            [one] => given.put("a:key", *one),
            many => given.put_many("a:key", many.iter().map(|v| (*v).into()).collect()),
        }
        condition.holds(&given)
    }

    /// Operator, policy's values, context's values, verdict.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], bool);

    fn check(cases: &[Case<'_>]) {
        for (operator, values, context, expected) in cases {
            let got = holds(operator, values, context);
            assert_eq!(got, *expected, "{operator} {values:?} {context:?}");
        }
    }

    #[test]
    fn texts() {
        check(&[
            ("StringEquals", &["x", "y"], &["y"], true),
            ("StringEquals", &["X"], &["x"], false),
            ("StringEquals", &["*"], &["x"], false),
            ("StringEquals", &["${aws:username}"], &["john"], true),
            ("StringEquals", &["x"], &[], false),
            ("StringNotEquals", &["x", "y"], &["y"], false),
            ("StringNotEquals", &["x"], &["z"], true),
            ("StringNotEquals", &["x"], &[], true),
            ("StringEqualsIgnoreCase", &["X${aws:username}"], &["xJOHN"], true),
            ("StringNotEqualsIgnoreCase", &["X"], &["x"], false),
            ("StringLike", &["a*"], &["abc"], true),
            ("stringlike", &["a*"], &["abc"], true),
            ("StringNotLike", &["a*"], &["abc"], false),
            ("StringEqualsIfExists", &["x"], &[], true),
            ("StringEqualsIfExists", &["x"], &["y"], false),
        ]);
    }

    #[test]
    fn sets() {
        check(&[
            ("ForAllValues:StringEquals", &["x", "y"], &["x", "y"], true),
            ("ForAllValues:StringEquals", &["x", "y"], &["x", "z"], false),
            ("ForAllValues:StringEquals", &["x"], &[], true),
            ("ForAllValues:StringNotEquals", &["x"], &["y", "z"], true),
            ("ForAnyValue:StringEquals", &["x"], &["x", "z"], true),
            ("ForAnyValue:StringEquals", &["x"], &["y", "z"], false),
            ("ForAnyValue:StringEquals", &["x"], &[], false),
            ("ForAnyValue:StringEqualsIfExists", &["x"], &[], true),
            ("ForAllValues:StringEquals", &["x"], &[""], true),
            ("ForAnyValue:StringEquals", &["", "x"], &[""], false),
            ("StringNotEquals", &["x"], &["y", "x"], false),
        ]);
    }

    #[test]
    fn numbers_and_dates() {
        check(&[
            ("NumericEquals", &["10"], &["10.0"], true),
            ("NumericNotEquals", &["10"], &["11"], true),
            ("NumericLessThan", &["10"], &["10"], false),
            ("NumericLessThanEquals", &["10"], &["10"], true),
            ("NumericGreaterThan", &["10"], &["11"], true),
            ("NumericGreaterThanEquals", &["10"], &["nan"], false),
            ("NumericEquals", &["x"], &["10"], false),
            ("DateLessThan", &["2024-01-01T00:00:00Z"], &["2023-12-31T23:59:59Z"], true),
            ("DateGreaterThan", &["1704067200"], &["2024-01-01T00:00:01Z"], true),
            ("DateEquals", &["2024-01-01"], &["1704067200"], true),
        ]);
    }

    #[test]
    fn other_types() {
        check(&[
            ("Bool", &["true"], &["True"], true),
            ("Bool", &["false"], &["true"], false),
            ("Bool", &["false"], &[], false),
            ("BoolIfExists", &["false"], &[], true),
            ("Bool", &["${aws:flag}"], &["true"], true),
            ("Bool", &["${aws:username}"], &["john"], false),
            ("BinaryEquals", &["QmluYXJ5"], &["QmluYXJ5"], true),
            ("BinaryEquals", &["QmluYXJ5"], &["QmluYXJ6"], false),
            ("IpAddress", &["203.0.113.0/24"], &["203.0.113.9"], true),
            ("IpAddress", &["203.0.113.0/24"], &["203.0.114.9"], false),
            ("IpAddress", &["0.0.0.0/0"], &["9.9.9.9"], true),
            ("IpAddress", &["2001:db8::/32"], &["2001:db8::1"], true),
            ("IpAddress", &["2001:db8::/32"], &["203.0.113.9"], false),
            ("NotIpAddress", &["203.0.113.7"], &["203.0.113.9"], true),
            ("Null", &["true"], &[], true),
            ("Null", &["true"], &["x"], false),
            ("Null", &["false"], &["x"], true),
            ("Null", &["false"], &[], false),
        ]);
    }

    #[test]
    fn arns() {
        let topic = "arn:aws:sns:us-east-1:123456789012:topic";
        check(&[
            ("ArnEquals", &["arn:aws:sns:*:123456789012:*"], &[topic], true),
            ("ArnLike", &["arn:aws:sns:*:t*"], &[topic], false),
            ("ArnLike", &["arn:aws:*:*:*:t?pic"], &[topic], true),
            ("ArnNotLike", &["arn:aws:sns:*:*:*"], &[topic], false),
            ("ArnNotEquals", &["arn:aws:sqs:*:*:*"], &[topic], true),
            (
                "ArnLike",
                &["arn:aws:iam::*:user/${aws:username}"],
                &["arn:aws:iam::1:user/john"],
                true,
            ),
            (
                "ArnLike",
                &["arn:aws:iam::*:user/${aws:username}"],
                &["arn:aws:iam::1:user/jack"],
                false,
            ),
            ("ArnLike", &["*"], &[topic], true),
            ("ArnLike", &["arn:aws:s*"], &[topic], true),
            ("ArnLike", &["arn:aws:sns:*:topic"], &[topic], false),
        ]);
    }

    #[test]
    fn unknown_operators() {
        for name in ["StringEqual", "NullIfExists", "ForSomeValues:Bool", "NumericLike", ""] {
            let condition = Condition::parse(name, "k", &[], true);
            assert!(matches!(condition.test, Test::Unknown), "{name}");
            assert!(!condition.holds(&Context::new()));
        }
    }
}
