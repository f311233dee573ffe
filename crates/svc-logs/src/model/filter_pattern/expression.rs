//! Regular expressions between percent signs.
//!
//! AWS takes a part of the usual language: letters, digits, `: _ # = @ / ; , -`, the operators
//! `^ $ ? [ ] { } | \ * + .` and the escapes `\d \s \w \D \S \W \xhh`; no groups, nothing but ASCII.

use super::PatternError;
use super::cursor::Cursor;
use crate::limits;
use regex::bytes::{Regex, RegexBuilder};

/// Reads the rest of an expression whose opening percent sign was taken.
pub fn parse(cursor: &mut Cursor<'_>) -> Result<Regex, PatternError> {
    let text = cursor.take_until('%')?;
    cursor.regexes += 1;
    let text = translate(text).filter(|text| !text.is_empty()).ok_or(PatternError::Invalid)?;
    RegexBuilder::new(&text)
        // Messages are arbitrary texts, the language is ASCII's.
        .unicode(false)
        .size_limit(limits::FILTER_PATTERN_REGEX_BYTES_MAX)
        .dfa_size_limit(limits::FILTER_PATTERN_REGEX_BYTES_MAX)
        .nest_limit(limits::FILTER_PATTERN_DEPTH_MAX)
        .build()
        .map_err(|_| PatternError::Invalid)
}

/// The same expression in the language of the `regex` crate, or `None` if it has parts that AWS does not take.
fn translate(text: &str) -> Option<String> {
    let mut translated = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        translated.push(c);
        match c {
            // AWS lists no space but uses one in its examples.
            ':' | '_' | '#' | '=' | '@' | '/' | ';' | ',' | '-' | ' ' => {}
            '^' | '$' | '?' | '[' | ']' | '}' | '|' | '*' | '+' | '.' => {}
            // The minimum may be missing on AWS.
            '{' if chars.peek() == Some(&',') => translated.push('0'),
            '{' => {}
            '\\' => {
                let escaped = chars.next()?;
                translated.push(escaped);
                match escaped {
                    'd' | 'D' | 's' | 'S' | 'w' | 'W' => {}
                    'x' => {
                        for _ in 0..2 {
                            translated.push(chars.next().filter(char::is_ascii_hexdigit)?);
                        }
                    }
                    _ if escaped.is_ascii_punctuation() => {}
                    _ => return None,
                }
            }
            _ if c.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
    Some(translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(expression: &str, text: &str) -> Option<bool> {
        let mut cursor = Cursor::new(expression);
        parse(&mut cursor).ok().map(|regex| regex.is_match(text.as_bytes()))
    }

    #[test]
    fn documented_language() {
        let cases = [
            ("^[hc]at%", "hat trick", "that"),
            ("[hc]at$%", "my cat", "cats"),
            ("colou?r%", "color", "colr"),
            ("[abcx-z]%", "y", "d"),
            ("a{3,5}%", "aaa", "aa"),
            ("^a{,2}$%", "aa", "aaa"),
            ("gra|ey%", "grey", "groy"),
            ("^starting|^shutting down%", "shutting down", "now shutting down"),
            (r"\[.\]%", "x[7]y", "[]"),
            (r"10\.10\.0\.1%", "10.10.0.1", "10010,051"),
            (r"^\d\s\w\D\S\W$%", "1 aab-", "x aab-"),
            (r"\x28%", "f(x)", "fx"),
        ];
        for (expression, yes, no) in cases {
            assert_eq!(matches(expression, yes), Some(true), "{expression} on {yes}");
            assert_eq!(matches(expression, no), Some(false), "{expression} on {no}");
        }
        assert_eq!(matches(".%", "ä"), Some(true));
    }

    #[test]
    fn refused() {
        let unsupported =
            ["something!%", "(a)%", "ä%", r"\1%", r"\b%", r"\x4%", "a%".trim_end_matches('%'), "%"];
        let malformed = ["[a%", "a{2%", "*%", "x{1000}{1000}%"];
        for expression in unsupported.iter().chain(&malformed) {
            assert_eq!(matches(expression, ""), None, "{expression}");
        }
    }
}
