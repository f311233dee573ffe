//! The models' regular expressions are Java's; this translates them to Rust's.

use std::fmt;
use std::sync::OnceLock;

/// A constraint pattern, compiled when it is first used.
pub struct Pattern {
    text: &'static str,
    compiled: OnceLock<Compiled>,
}

enum Compiled {
    Plain(regex::Regex),
    /// Look-around and back references.
    Backtracking(fancy_regex::Regex),
    /// Rust knows no equivalent: everything matches, as if the model had no pattern.
    Unknown,
}

/// Memory of one compiled pattern, in bytes. Patterns such as `[\p{L}]{0,1024}` need several MiB.
const COMPILED_BYTES_MAX: usize = 64 * 1024 * 1024;

impl Pattern {
    /// `text` as it stands in the model.
    pub const fn new(text: &'static str) -> Self {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// As it stands in the model and in error messages.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether the whole of `value` matches. Linear in its length, except for look-around, whose work is bounded and
    /// which then does not match.
    pub fn matches(&self, value: &str) -> bool {
        match self.compiled.get_or_init(|| compile(self.text)) {
            Compiled::Plain(regex) => regex.is_match(value),
            Compiled::Backtracking(regex) => regex.is_match(value).unwrap_or(false),
            Compiled::Unknown => true,
        }
    }

    /// Whether it has an equivalent in Rust, so that it is enforced.
    pub fn is_enforced(&self) -> bool {
        !matches!(self.compiled.get_or_init(|| compile(self.text)), Compiled::Unknown)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

fn compile(text: &str) -> Compiled {
    let whole = format!(r"\A(?:{})\z", translate(text));
    let plain = regex::RegexBuilder::new(&whole).size_limit(COMPILED_BYTES_MAX).build();
    if let Ok(regex) = plain {
        return Compiled::Plain(regex);
    }
    match fancy_regex::RegexBuilder::new(&whole).delegate_size_limit(COMPILED_BYTES_MAX).build() {
        Ok(regex) => Compiled::Backtracking(regex),
        Err(_) => Compiled::Unknown,
    }
}

/// Java's `\d`, `\w` and `\s` know ASCII only, its `\p{Alnum}` and the like too, and characters beyond the basic plane
/// may be written as surrogate pairs.
fn translate(java: &str) -> String {
    let mut out = String::with_capacity(java.len() + 16);
    let mut rest = java;
    let mut class_depth = 0_usize;
    while let Some(c) = rest.chars().next() {
        if c != '\\' {
            match c {
                '[' => class_depth += 1,
                ']' => class_depth = class_depth.saturating_sub(1),
                _ => {}
            }
            out.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let (escape, length) = escape(rest);
        match escape {
            Some(Escape::Class(ranges, false)) if class_depth > 0 => out.push_str(ranges),
            Some(Escape::Class(ranges, negated)) => {
                out.push_str(if negated { "[^" } else { "[" });
                out.push_str(ranges);
                out.push(']');
            }
            Some(Escape::Char(c)) => out.push_str(&format!(r"\x{{{:x}}}", u32::from(c))),
            None => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out
}

enum Escape {
    /// The ranges of a class, and whether it is their complement.
    Class(&'static str, bool),
    Char(char),
}

/// What the escape at the start of `rest` means, if it needs translating, and its length in bytes.
fn escape(rest: &str) -> (Option<Escape>, usize) {
    const DIGIT: &str = "0-9";
    const WORD: &str = "a-zA-Z0-9_";
    const SPACE: &str = r" \t\n\x0B\f\r";
    let Some(c) = rest[1..].chars().next() else { return (None, rest.len()) };
    let class = |ranges, negated| (Some(Escape::Class(ranges, negated)), 2);
    match c {
        'd' => class(DIGIT, false),
        'D' => class(DIGIT, true),
        'w' => class(WORD, false),
        'W' => class(WORD, true),
        's' => class(SPACE, false),
        'S' => class(SPACE, true),
        'u' => unicode(rest),
        'p' | 'P' => property(rest, c == 'P'),
        _ => (None, 1 + c.len_utf8()),
    }
}

/// `\uXXXX`, or two of them that form a surrogate pair.
fn unicode(rest: &str) -> (Option<Escape>, usize) {
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else { return (None, 2) };
    let units = [first, unit(6).unwrap_or(0)];
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => (Some(Escape::Char(c)), if u32::from(c) > 0xffff { 12 } else { 6 }),
        _ => (None, 6),
    }
}

/// `\p{…}`: the names that mean ASCII in Java.
fn property(rest: &str, negated: bool) -> (Option<Escape>, usize) {
    let Some(end) = rest.find('}').filter(|_| rest[2..].starts_with('{')) else { return (None, 2) };
    let ranges = match &rest[3..end] {
        "Alnum" => "a-zA-Z0-9",
        "Alpha" => "a-zA-Z",
        "ASCII" => r"\x00-\x7F",
        "Digit" => "0-9",
        "Graph" => "!-~",
        "Lower" => "a-z",
        "Print" => " -~",
        "Punct" => r"!-/:-@\[-`{-~",
        "Space" => r" \t\n\x0B\f\r",
        "Upper" => "A-Z",
        _ => return (None, end + 1),
    };
    (Some(Escape::Class(ranges, negated)), end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &'static str, good: &[&str], bad: &[&str]) {
        let pattern = Pattern::new(pattern);
        assert!(pattern.is_enforced(), "{}", pattern.text());
        for text in good {
            assert!(pattern.matches(text), "{text:?} matches {}", pattern.text());
        }
        for text in bad {
            assert!(!pattern.matches(text), "{text:?} does not match {}", pattern.text());
        }
    }

    #[test]
    fn whole_value_must_match() {
        check("[a-z]+|b1", &["abc", "b1"], &["abc1", "b1x", "", "a\n"]);
        check("^[1-5]\\d\\d$", &["404"], &["4040", "604"]);
    }

    #[test]
    fn java_classes_are_ascii() {
        check(r"\d+", &["12"], &["١٢"]);
        check(r"[\w+=,.@-]+", &["a_b@c"], &["ä"]);
        check(r"[^\s]+", &["ä"], &["a b"]);
        check(r"[\S]*\S", &["ä"], &[" "]);
        check(r"\p{Alnum}[\p{Punct}]", &["a!", "0~"], &["ä!", "aa"]);
        check(r"\p{L}+", &["ä"], &["1"]);
    }

    #[test]
    fn surrogate_pairs() {
        check("[\\u0009\\u0020-\\uD7FF\\uD800\\uDC00-\\uDBFF\\uDFFF]*", &["a😀"], &["\u{1}"]);
    }

    #[test]
    fn look_around() {
        check("(?!aws:).+", &["x"], &["aws:x"]);
    }
}
