//! Patterns with `*` and `?`.

/// One unit of a pattern: a byte of UTF-8 to be met literally, or a wildcard.
pub(crate) type Unit = u16;

/// `*`: any characters, also none.
pub(crate) const STAR: Unit = 256;
/// `?`: exactly one character.
pub(crate) const ONE: Unit = 257;

/// A pattern, sorted by how cheaply it can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `*`.
    Any,
    /// No wildcard.
    Exact(Box<str>),
    /// One `*` at the end.
    Prefix(Box<str>),
    /// Anything else.
    Units(Box<[Unit]>),
}

impl Pattern {
    /// Reads `*` and `?` in `text` as wildcards.
    pub(crate) fn wildcard(text: &str) -> Self {
        match text.find(['*', '?']) {
            None => Pattern::Exact(text.into()),
            Some(0) if text == "*" => Pattern::Any,
            Some(at) if at + 1 == text.len() && text.ends_with('*') => {
                Pattern::Prefix(text[..at].into())
            }
            Some(_) => {
                let mut units = Vec::with_capacity(text.len());
                push_wildcard(&mut units, text);
                Pattern::Units(units.into())
            }
        }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Any => true,
            Pattern::Exact(exact) => **exact == *text,
            Pattern::Prefix(prefix) => text.starts_with(&**prefix),
            Pattern::Units(units) => units_match(units, text),
        }
    }
}

/// Appends `text` with `*` and `?` as wildcards.
pub(crate) fn push_wildcard(units: &mut Vec<Unit>, text: &str) {
    units.extend(text.bytes().map(|b| match b {
        b'*' => STAR,
        b'?' => ONE,
        other => Unit::from(other),
    }));
}

/// Appends `text` without any wildcard.
pub(crate) fn push_literal(units: &mut Vec<Unit>, text: &str) {
    units.extend(text.bytes().map(Unit::from));
}

/// Whether the whole of `text` matches. Goes back to the last `*` only, which suffices because an earlier one could
/// not match more than the last; so the time is bounded by the product of the lengths.
pub(crate) fn units_match(units: &[Unit], text: &str) -> bool {
    let text = text.as_bytes();
    let (mut unit, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let advanced = match units.get(unit) {
            Some(&STAR) => {
                star = Some((unit + 1, at));
                unit += 1;
                continue;
            }
            None if at == text.len() => return true,
            None => None,
            Some(&ONE) => character_len(text, at),
            Some(&byte) => (text.get(at).map(|b| Unit::from(*b)) == Some(byte)).then_some(1),
        };
        match (advanced, &mut star) {
            (Some(len), _) => {
                unit += 1;
                at += len;
            }
            (None, Some((resume, from))) if *from < text.len() => {
                *from += 1;
                (unit, at) = (*resume, *from);
            }
            (None, _) => return false,
        }
    }
}

/// Whether `pattern` matches every text that `asked` matches. A `*` of `asked` is met by a `*` of `pattern` alone, which
/// finds all but contrived cases.
pub(crate) fn covers(pattern: &[Unit], asked: &[Unit]) -> bool {
    let (mut unit, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let met = match (pattern.get(unit), asked.get(at)) {
            (Some(&STAR), _) => {
                star = Some((unit + 1, at));
                unit += 1;
                continue;
            }
            (None, None) => return true,
            (Some(&ONE), Some(&asked)) => asked != STAR,
            (Some(unit), Some(asked)) => unit == asked,
            _ => false,
        };
        match &mut star {
            _ if met => (unit, at) = (unit + 1, at + 1),
            Some((resume, from)) if *from < asked.len() => {
                *from += 1;
                (unit, at) = (*resume, *from);
            }
            _ => return false,
        }
    }
}

/// Whether some text matches both patterns. `?` stands for one byte here, which is as good for finding out whether ARNs
/// meet. The time is bounded by the product of the lengths.
pub(crate) fn intersect(left: &[Unit], right: &[Unit]) -> bool {
    // `row[j]`: whether the rest of `left` from the present place and `right[j..]` have a text in common.
    let mut row = vec![false; right.len() + 1];
    row[right.len()] = true;
    for j in (0..right.len()).rev() {
        row[j] = right[j] == STAR && row[j + 1];
    }
    for unit in left.iter().rev() {
        let below = row.clone();
        row[right.len()] = *unit == STAR && below[right.len()];
        for j in (0..right.len()).rev() {
            row[j] = match (*unit, right[j]) {
                (STAR, _) | (_, STAR) => below[j] || row[j + 1],
                (ONE, _) | (_, ONE) => below[j + 1],
                (a, b) => a == b && below[j + 1],
            };
        }
    }
    row[0]
}

/// The length of the character that begins at `at`; none if none begins there.
fn character_len(text: &[u8], at: usize) -> Option<usize> {
    let is_continuation = |b: &u8| *b & 0xc0 == 0x80;
    let first = text.get(at)?;
    if is_continuation(first) {
        return None;
    }
    Some(1 + text[at + 1..].iter().take_while(|b| is_continuation(b)).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        let cases = [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("?", "a", true),
            ("?", "é", true),
            ("??", "é", false),
            ("*??", "é", false),
            ("*?", "aé", true),
            ("a*", "a", true),
            ("a*", "b", false),
            ("a*c", "abc", true),
            ("a*c", "abcd", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*ab", "aab", true),
            ("a?c*e", "abcdde", true),
            ("arn:aws:s3:::b/*/x", "arn:aws:s3:::b/1/2/x", true),
            ("**", "any", true),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::wildcard(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn patterns_that_cover() {
        let units = |text| {
            let mut units = Vec::new();
            push_wildcard(&mut units, text);
            units
        };
        for (pattern, asked, expected) in [
            ("b/*", "b/x*", true),
            ("*", "*", true),
            ("b/?", "b/*", false),
            ("b/?", "b/x", true),
            ("b/x*", "b/*", false),
            ("*/x/*", "b/x/*", true),
            ("a", "a*", false),
        ] {
            assert_eq!(covers(&units(pattern), &units(asked)), expected, "{pattern} {asked}");
        }
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = Pattern::wildcard(&"*a".repeat(500));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(2_000))));
    }
}
