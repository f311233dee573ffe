//! `x-amz-copy-source`.

use crate::errors;
use crate::model::url_encoding;
use wire::Error;

/// What is copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CopySource {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// Which version.
    pub version_id: Option<String>,
}

impl CopySource {
    /// `bucket/key` or `/bucket/key`, percent-encoded, perhaps with `?versionId=…`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (path, version_id) = match text.rsplit_once("?versionId=") {
            Some((path, version_id)) => (path, Some(version_id.to_string())),
            None => (text, None),
        };
        let path = url_encoding::decode(path);
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').ok_or_else(errors::invalid_copy_source)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(errors::invalid_copy_source());
        }
        Ok(CopySource { bucket: bucket.to_string(), key: key.to_string(), version_id })
    }
}

#[cfg(test)]
mod tests {
    use super::CopySource;

    #[test]
    fn sources() {
        let parse = |text: &str| CopySource::parse(text).map(|s| (s.bucket, s.key, s.version_id));
        let owned = |b: &str, k: &str, v: Option<&str>| (b.into(), k.into(), v.map(String::from));
        assert_eq!(parse("b/k").unwrap(), owned("b", "k", None));
        assert_eq!(parse("/b/k/l").unwrap(), owned("b", "k/l", None));
        assert_eq!(parse("b/a%20b%2Fc+?versionId=v").unwrap(), owned("b", "a b/c+", Some("v")));
        assert!(parse("b").is_err() && parse("b/").is_err() && parse("//k").is_err());
    }
}
