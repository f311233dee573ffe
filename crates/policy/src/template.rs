//! Texts with policy variables: `${aws:username}`, `${aws:username, 'nobody'}`, `${*}`, `${?}`, `${$}`.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>

use crate::context::Context;
use crate::pattern::{self, Pattern, Unit, units_match};

/// A text of a policy, with or without variables.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// No variable: the common case, compared directly.
    Fixed(Pattern),
    /// Variables between pieces of pattern.
    Variable(Box<[Part]>),
}

#[derive(Debug, Clone)]
pub(crate) enum Part {
    Units(Box<[Unit]>),
    Key { key: Box<str>, default: Option<Box<str>> },
}

/// Whether `*` and `?` outside of `${}` are wildcards.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Yes,
    No,
}

impl Template {
    /// Variables are read only if `variables` is set, as in documents of version 2012-10-17.
    pub(crate) fn parse(text: &str, wildcards: Wildcards, variables: bool) -> Self {
        if !variables || !text.contains("${") {
            return Template::Fixed(match wildcards {
                Wildcards::Yes => Pattern::wildcard(text),
                Wildcards::No => Pattern::Exact(text.into()),
            });
        }
        let push = |units: &mut Vec<Unit>, text: &str| match wildcards {
            Wildcards::Yes => pattern::push_wildcard(units, text),
            Wildcards::No => pattern::push_literal(units, text),
        };
        let (mut parts, mut units, mut rest) = (Vec::new(), Vec::new(), text);
        while let Some(open) = rest.find("${") {
            let Some(close) = rest[open..].find('}') else { break };
            push(&mut units, &rest[..open]);
            let inner = &rest[open + 2..open + close];
            match inner {
                "*" | "?" | "$" => pattern::push_literal(&mut units, inner),
                key => {
                    parts.push(Part::Units(std::mem::take(&mut units).into()));
                    parts.push(variable(key));
                }
            }
            rest = &rest[open + close + 1..];
        }
        push(&mut units, rest);
        parts.push(Part::Units(units.into()));
        match &mut parts[..] {
            [Part::Units(units)] => Template::Fixed(Pattern::Units(std::mem::take(units))),
            _ => Template::Variable(parts.into()),
        }
    }

    /// Whether `text` matches. A variable that the context does not have and that has no default matches nothing.
    pub(crate) fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        match self {
            Template::Fixed(pattern) => pattern.matches(text),
            Template::Variable(parts) => {
                resolve(parts, context).is_some_and(|units| units_match(&units, text))
            }
        }
    }

    /// As [`Template::matches`], without regard to case.
    pub(crate) fn matches_ignoring_case(&self, text: &str, context: &Context<'_>) -> bool {
        let lower = |units: &[Unit]| -> Vec<Unit> {
            let lower_unit = |unit: &Unit| match u8::try_from(*unit) {
                Ok(byte) => Unit::from(byte.to_ascii_lowercase()),
                Err(_) => *unit,
            };
            units.iter().map(lower_unit).collect()
        };
        match self {
            Template::Fixed(Pattern::Exact(exact)) => exact.eq_ignore_ascii_case(text),
            Template::Fixed(Pattern::Units(units)) => {
                units_match(&lower(units), &text.to_ascii_lowercase())
            }
            Template::Fixed(other) => other.matches(text),
            Template::Variable(parts) => resolve(parts, context)
                .is_some_and(|units| units_match(&lower(&units), &text.to_ascii_lowercase())),
        }
    }

    /// The text itself, for templates of ARNs, with variables resolved and wildcards as units.
    pub(crate) fn units(&self, context: &Context<'_>) -> Option<Vec<Unit>> {
        match self {
            Template::Fixed(pattern) => {
                let mut units = Vec::new();
                match pattern {
                    Pattern::Any => units.push(pattern::STAR),
                    Pattern::Exact(text) => pattern::push_literal(&mut units, text),
                    Pattern::Prefix(text) => {
                        pattern::push_literal(&mut units, text);
                        units.push(pattern::STAR);
                    }
                    Pattern::Units(all) => units.extend_from_slice(all),
                }
                Some(units)
            }
            Template::Variable(parts) => resolve(parts, context),
        }
    }
}

/// `key` or `key, 'default'`.
fn variable(inner: &str) -> Part {
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => {
            let default = default.trim();
            let unquoted = default.strip_prefix('\'').and_then(|d| d.strip_suffix('\''));
            (key.trim(), Some(unquoted.unwrap_or(default).into()))
        }
        None => (inner.trim(), None),
    };
    Part::Key { key: key.into(), default }
}

/// Wildcards in the value of a variable are characters like any other.
fn resolve(parts: &[Part], context: &Context<'_>) -> Option<Vec<Unit>> {
    let mut units = Vec::with_capacity(64);
    for part in parts {
        match part {
            Part::Units(literal) => units.extend_from_slice(literal),
            Part::Key { key, default } => {
                let value = context.single(key).or(default.as_deref())?;
                pattern::push_literal(&mut units, value);
            }
        }
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(template: &str, text: &str) -> bool {
        let mut context = Context::new();
        context.put("aws:username", "jo*hn");
        Template::parse(template, Wildcards::Yes, true).matches(text, &context)
    }

    #[test]
    fn variables() {
        assert!(check("b/${aws:username}/*", "b/jo*hn/x"));
        assert!(!check("b/${aws:username}/*", "b/joxhn/x"), "values hold no wildcards");
        assert!(check("b/${AWS:UserName}", "b/jo*hn"), "keys have no case");
        assert!(check("${aws:missing, 'nobody'}", "nobody"));
        assert!(check("${aws:username, 'nobody'}", "jo*hn"));
        assert!(!check("x${aws:missing}", "x"));
        assert!(check("${*}${?}${$}{a}", "*?${a}"));
        assert!(!check("${*}", "a"));
        assert!(check("${unclosed", "${unclosed"));
    }

    #[test]
    fn older_versions_have_no_variables() {
        let template = Template::parse("${aws:username}", Wildcards::Yes, false);
        assert!(template.matches("${aws:username}", &Context::new()));
    }
}
