//! Tags of buckets and objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use crate::model::url_encoding::decode_form;
use crate::{errors, limits};
use std::collections::BTreeMap;
use wire::Error;
use wire_s3::Tag;

/// Tags by their keys.
pub type Tags = BTreeMap<String, String>;

/// The tags of a body of XML.
pub fn from_wire(tags: Vec<Tag>, tags_max: usize) -> Result<Tags, Error> {
    checked(tags.into_iter().map(|tag| (tag.key, tag.value)), tags_max, errors::duplicate_tag_keys)
}

/// The header `x-amz-tagging`: a query.
pub fn from_header(header: &str) -> Result<Tags, Error> {
    let pairs = header.split('&').filter(|pair| !pair.is_empty());
    let mut tags = Vec::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.contains('=') {
            return Err(errors::invalid_tagging_header(header));
        }
        tags.push((decode_form(key), decode_form(value)));
    }
    let duplicate = |_: &str| errors::invalid_tagging_header(header);
    checked(tags.into_iter(), limits::OBJECT_TAGS_MAX, duplicate)
}

fn checked(
    tags: impl Iterator<Item = (String, String)>,
    tags_max: usize,
    duplicate: impl Fn(&str) -> Error,
) -> Result<Tags, Error> {
    let mut all = Tags::new();
    for (key, value) in tags {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(errors::invalid_tag(
                "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. Remove \"aws:\" from your tag keys and try again.",
            ));
        }
        if key.is_empty() || key.chars().count() > limits::TAG_KEY_CHARS_MAX || !fits(&key) {
            return Err(errors::invalid_tag_key(&key));
        }
        if value.chars().count() > limits::TAG_VALUE_CHARS_MAX || !fits(&value) {
            return Err(errors::invalid_tag_value(&key, &value));
        }
        if all.contains_key(&key) {
            return Err(duplicate(&key));
        }
        all.insert(key, value);
        if all.len() > tags_max {
            return Err(errors::too_many_tags(tags_max));
        }
    }
    Ok(all)
}

fn fits(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
}

/// As a body of XML shows them.
pub fn into_wire(tags: Tags) -> Vec<Tag> {
    tags.into_iter().map(|(key, value)| Tag { key, value }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let tags = from_header("tag1=tag1&tag2&tag%203=a+b").unwrap();
        let tags: Vec<_> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(tags, [("tag 3", "a b"), ("tag1", "tag1"), ("tag2", "")]);
        for bad in ["key1=val1&key1=val2", "key1=val1,key2=val2", "aws:x=1", "a%2Cb=1"] {
            assert!(from_header(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..11).map(|i| format!("k{i}=v")).collect();
        assert!(from_header(&many.join("&")).is_err());
        assert!(from_header("").unwrap().is_empty());
    }
}
