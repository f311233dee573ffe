//! Session tags.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use crate::errors;
use std::collections::BTreeMap;
use wire_sts::Tag;

/// The tags of a new session, with those that it inherits.
#[derive(Debug, Default)]
pub struct SessionTags {
    /// As requested; what `aws:RequestTag` and `aws:TagKeys` show.
    pub requested: BTreeMap<String, String>,
    /// Requested and inherited.
    pub all: BTreeMap<String, String>,
    /// The keys of the tags that sessions made by the new one inherit.
    pub transitive_keys: Vec<String>,
}

impl SessionTags {
    /// `inherited` are the transitive tags of the calling session.
    pub fn parse(
        requested: Option<&[Tag]>,
        transitive_keys: Option<&[String]>,
        inherited: BTreeMap<String, String>,
    ) -> Result<Self, wire::Error> {
        let requested = requested.unwrap_or_default();
        let has = |tags: &[Tag], key: &str| tags.iter().any(|t| t.key.eq_ignore_ascii_case(key));
        for (index, tag) in requested.iter().enumerate() {
            if has(&requested[..index], &tag.key) {
                return Err(errors::duplicate_tag_keys());
            }
        }
        let transitive_keys = transitive_keys.unwrap_or_default();
        if transitive_keys.iter().any(|key| !has(requested, key)) {
            return Err(errors::transitive_tag_key_missing());
        }
        if inherited.keys().any(|key| has(requested, key)) {
            return Err(errors::transitive_tag_key_taken());
        }
        let requested: BTreeMap<String, String> =
            requested.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        let inherited_keys = inherited.keys().cloned();
        let transitive_keys = inherited_keys.chain(transitive_keys.iter().cloned()).collect();
        let mut all = inherited;
        all.extend(requested.clone());
        Ok(SessionTags { requested, all, transitive_keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(
        tags: &[(&str, &str)],
        transitive: &[&str],
        inherited: &[(&str, &str)],
    ) -> Result<SessionTags, String> {
        let tag =
            |(key, value): &(&str, &str)| Tag { key: key.to_string(), value: value.to_string() };
        let tags: Vec<Tag> = tags.iter().map(tag).collect();
        let transitive: Vec<String> = transitive.iter().map(|k| k.to_string()).collect();
        let inherited = inherited.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        SessionTags::parse(Some(&tags), Some(&transitive), inherited)
            .map_err(|e| e.message().to_string())
    }

    #[test]
    fn inheritance() {
        let tags = parse(&[("a", "1")], &["A"], &[("t", "0")]).unwrap();
        assert_eq!(tags.all.len(), 2);
        assert_eq!(tags.transitive_keys, ["t", "A"]);
        assert_eq!(tags.requested.len(), 1);
    }

    #[test]
    fn refusals() {
        let duplicate = parse(&[("a", "1"), ("A", "2")], &[], &[]).unwrap_err();
        assert!(duplicate.starts_with("Duplicate tag keys found."));
        let missing = parse(&[("a", "1")], &["b"], &[]).unwrap_err();
        assert!(missing.starts_with("The specified transitive tag key must be included"));
        let taken = parse(&[("T", "1")], &[], &[("t", "0")]).unwrap_err();
        assert!(taken.starts_with("One of the specified transitive tag keys can't be set"));
    }
}
