//! Tags of functions.
//! <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>

use crate::{Result, errors, limits};
use std::collections::BTreeMap;

/// `current` with `added` over it, if that is allowed.
pub fn merge(
    current: &BTreeMap<String, String>,
    added: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    // Their text is validated by the wire layer.
    if added.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        return Err(errors::tag_of_aws());
    }
    let mut merged = current.clone();
    merged.extend(added.iter().map(|(key, value)| (key.clone(), value.clone())));
    if merged.len() > limits::TAGS_MAX {
        return Err(errors::tags_too_many());
    }
    Ok(merged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(range: std::ops::Range<usize>) -> BTreeMap<String, String> {
        range.map(|i| (format!("k{i}"), String::new())).collect()
    }

    #[test]
    fn at_most_fifty_together() {
        assert_eq!(merge(&tags(0..30), &tags(20..50)).unwrap().len(), 50);
        assert!(merge(&tags(0..30), &tags(20..51)).is_err());
    }

    #[test]
    fn keys_of_aws_are_refused() {
        let added = BTreeMap::from([("aws:x".to_string(), String::new())]);
        assert!(merge(&BTreeMap::new(), &added).is_err());
    }
}
