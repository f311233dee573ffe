//! Tags: keys are unique without regard to case, but keep the case in which they were written.

use crate::errors::{self, Error};
use crate::limits;
use crate::tables::Tags;
use wire_iam::Tag;

/// Adds or replaces.
pub fn put(tags: &mut Tags, added: &[Tag]) -> Result<(), Error> {
    for (index, tag) in added.iter().enumerate() {
        if added[..index].iter().any(|other| other.key.eq_ignore_ascii_case(&tag.key)) {
            return Err(errors::duplicate_tag_keys());
        }
    }
    for tag in added {
        tags.retain(|key, _| !key.eq_ignore_ascii_case(&tag.key));
        tags.insert(tag.key.clone(), tag.value.clone());
    }
    if tags.len() > limits::TAGS {
        return Err(errors::too_many_tags());
    }
    Ok(())
}

/// Removes; keys that are not there are passed over.
pub fn remove(tags: &mut Tags, keys: &[String]) {
    tags.retain(|key, _| !keys.iter().any(|removed| removed.eq_ignore_ascii_case(key)));
}

/// The tags of something that is made.
pub fn new(added: Option<&[Tag]>) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    put(&mut tags, added.unwrap_or_default())?;
    Ok(tags)
}

/// As an answer shows them.
pub fn list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// As an answer shows them where none are left out.
pub fn some(tags: &Tags) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| list(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_string(), value: value.to_string() }
    }

    #[test]
    fn keys_have_no_case() {
        let mut tags = new(Some(&[tag("Team", "a")])).unwrap();
        put(&mut tags, &[tag("team", "b")]).unwrap();
        assert_eq!(tags, Tags::from([("team".to_string(), "b".to_string())]));
        assert_eq!(list(&tags).len(), 1);
        remove(&mut tags, &["TEAM".to_string()]);
        assert!(some(&tags).is_none());
        assert!(put(&mut tags, &[tag("a", ""), tag("A", "")]).is_err());
    }

    #[test]
    fn fifty_tags() {
        let many: Vec<Tag> = (0..51).map(|n| tag(&n.to_string(), "")).collect();
        assert!(new(Some(&many[..50])).is_ok());
        assert!(new(Some(&many)).is_err());
    }
}
