//! Percent-encoding as S3 does it in listings, and undoing that of headers.

use percent_encoding::percent_decode_str;

/// As `encoding-type=url` wants it: everything but letters, digits, `*-._` and slashes; spaces become plus signs.
/// Recorded.
pub fn encode(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' | b'/' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// Undoes percent-encoding; plus signs stay.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Undoes the encoding of forms, in which plus signs are spaces.
pub fn decode_form(text: &str) -> String {
    decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(encode("date=2026-02-01/a b%+é"), "date%3D2026-02-01/a+b%25%2B%C3%A9");
        assert_eq!(decode_form(&encode("a b+%/é~")), "a b+%/é~");
        assert_eq!(decode("a+b%2"), "a+b%2");
    }
}
