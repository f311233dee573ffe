use super::*;
use proptest::prelude::*;

fn encoded<K: Key>(key: &K) -> Vec<u8> {
    let mut out = Vec::new();
    key.encode(&mut out);
    out
}

proptest! {
    /// Few distinct characters, so that equal beginnings and escapes meet.
    #[test]
    fn bytes_sort_as_tuples(
        a in ("[\u{0}\u{1}\u{2}a\u{ff}]{0,4}", any::<u64>(), "[\u{0}\u{1}b]{0,2}"),
        b in ("[\u{0}\u{1}\u{2}a\u{ff}]{0,4}", any::<u64>(), "[\u{0}\u{1}b]{0,2}"),
    ) {
        prop_assert_eq!(encoded(&a).cmp(&encoded(&b)), a.cmp(&b));
        prop_assert_eq!(<(String, u64, String)>::decode(&mut encoded(&a).as_slice()), Some(a));
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(0u8..4, 0..40)) {
        if let Some(key) = <(String, u64, Region)>::decode(&mut bytes.as_slice()) {
            prop_assert!(bytes.starts_with(&encoded(&key)));
        }
    }
}

#[test]
fn every_part_round_trips() {
    let account = AccountId::parse("000000000042").unwrap();
    let region = Region::default();
    let request = RequestId::new(&base::SeededEntropy::new(1));
    let key = (account, region, request, Time::from_unix_s(7), String::from("näme"));
    let bytes = encoded(&key);
    let mut rest = bytes.as_slice();
    assert_eq!(Key::decode(&mut rest), Some(key));
    assert!(rest.is_empty());
}

#[test]
fn a_shorter_tuple_is_a_prefix_of_its_keys_only() {
    let prefix = encoded(&(String::from("a"),));
    assert!(encoded(&(String::from("a"), 7)).starts_with(&prefix));
    assert!(!encoded(&(String::from("ab"), 7)).starts_with(&prefix));
}
