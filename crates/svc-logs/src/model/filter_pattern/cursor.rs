//! Reading a pattern from left to right.

use super::PatternError;

/// What is left of a pattern.
pub struct Cursor<'p> {
    rest: &'p str,
    /// How many regular expressions were read.
    pub regexes: usize,
}

impl<'p> Cursor<'p> {
    pub fn new(text: &'p str) -> Self {
        Cursor { rest: text, regexes: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `token` if it comes next.
    pub fn eat(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes `token` or fails.
    pub fn expect(&mut self, token: &str) -> Result<(), PatternError> {
        if self.eat(token) { Ok(()) } else { Err(PatternError::Invalid) }
    }

    /// Takes the longest beginning whose characters all satisfy `belongs`; may be empty.
    pub fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'p str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Takes what stands before `end`, and `end`.
    pub fn take_until(&mut self, end: char) -> Result<&'p str, PatternError> {
        let (taken, rest) = self.rest.split_once(end).ok_or(PatternError::Invalid)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes the inside of a quoted text whose opening quotation mark was taken. A backslash makes the quotation mark
    /// and the backslash ordinary; before other characters it stands for itself.
    pub fn quoted(&mut self) -> Result<String, PatternError> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.clone().next() {
                    Some((_, escaped @ ('"' | '\\'))) => {
                        text.push(escaped);
                        chars.next();
                    }
                    _ => text.push('\\'),
                },
                _ => text.push(c),
            }
        }
        Err(PatternError::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_texts() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let mut cursor = Cursor::new(text);
            let found = cursor.quoted().ok();
            assert_eq!(found.as_deref().map(|text| (text, cursor.rest)), expected, "{text}");
        };
        check(r#"a b" c"#, Some(("a b", " c")));
        check(r#"a\"b""#, Some(("a\"b", "")));
        check(r#"a\\" c"#, Some(("a\\", " c")));
        check(r#"a\d""#, Some(("a\\d", "")));
        check("", None);
        check(r#"a\""#, None);
    }
}
