//! Tags of keys.

use crate::errors::{self, Error};
use crate::limits;
use std::collections::BTreeMap;
use wire_kms::Tag;

/// The tags of a request.
pub fn parse(tags: &[Tag]) -> Result<BTreeMap<String, String>, Error> {
    let mut parsed = BTreeMap::new();
    for tag in tags {
        // Recorded: in whatever case.
        if tag.tag_key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::reserved_tag());
        }
        if parsed.insert(tag.tag_key.clone(), tag.tag_value.clone()).is_some() {
            return Err(errors::duplicate_tag());
        }
    }
    check_number(&parsed)?;
    Ok(parsed)
}

/// A key can have so many.
pub fn check_number(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    match tags.len() > limits::TAGS_MAX {
        true => Err(errors::too_many_tags(limits::TAGS_MAX)),
        false => Ok(()),
    }
}

/// As the API shows them.
pub fn wire(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    let tag =
        |(key, value): (&String, &String)| Tag { tag_key: key.clone(), tag_value: value.clone() };
    tags.iter().map(tag).collect()
}
