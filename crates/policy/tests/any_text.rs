//! Whatever is given to it, the parser reads or refuses it; and wildcards mean what their definition says.

use policy::*;
use proptest::prelude::*;

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| like(rest, &text[skipped..])),
        Some((b'?', rest)) => !text.is_empty() && like(rest, &text[1..]),
        Some((byte, rest)) => text.first() == Some(byte) && like(rest, &text[1..]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No text makes the parser panic.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        for kind in [Kind::Identity, Kind::Session, Kind::Trust, Kind::Resource] {
            let _ = Policy::parse(&text, kind);
        }
        let _ = Policy::read(&text, PolicyType::ResourceBased);
        let _ = Case::read_all(&text);
    }

    /// Wildcards agree with the recursive definition.
    #[test]
    fn wildcards_agree(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
        prop_assert_eq!(wildcard_matches(&pattern, &text), like(pattern.as_bytes(), text.as_bytes()));
    }
}
