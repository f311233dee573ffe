//! Conditions on what is there: `If-Match` and its kin.

use crate::errors;
use wire::{Error, Timestamp};

/// The conditions of a request that reads.
#[derive(Clone, Copy, Default)]
pub struct Reading<'a> {
    /// `If-Match`.
    pub if_match: Option<&'a str>,
    /// `If-None-Match`.
    pub if_none_match: Option<&'a str>,
    /// `If-Modified-Since`.
    pub if_modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`.
    pub if_unmodified_since: Option<Timestamp>,
}

/// The names under which failed conditions are told: those of a copy's source have a prefix.
struct Names {
    if_match: &'static str,
    if_none_match: &'static str,
    if_modified_since: &'static str,
    if_unmodified_since: &'static str,
}

const OF_SOURCE: Names = Names {
    if_match: "x-amz-copy-source-If-Match",
    if_none_match: "x-amz-copy-source-If-None-Match",
    if_modified_since: "x-amz-copy-source-If-Modified-Since",
    if_unmodified_since: "x-amz-copy-source-If-Unmodified-Since",
};

const OWN: Names = Names {
    if_match: "If-Match",
    if_none_match: "If-None-Match",
    if_modified_since: "If-Modified-Since",
    if_unmodified_since: "If-Unmodified-Since",
};

/// Whether `condition` names `etag`: with or without quotes (recorded), or as `*`.
pub fn matches(condition: &str, etag: &str) -> bool {
    condition.split(',').map(str::trim).any(|one| {
        let one = one.strip_prefix("W/").unwrap_or(one);
        one == "*" || one.trim_matches('"') == etag
    })
}

impl Reading<'_> {
    /// For GetObject and HeadObject. What holds too little is 412, what has not changed is 304.
    pub fn check(&self, etag: &str, modified_s: u64, now_s: u64) -> Result<(), Error> {
        match self.failed(&OWN, etag, modified_s, now_s) {
            None => Ok(()),
            Some(name) if name == OWN.if_none_match || name == OWN.if_modified_since => {
                Err(errors::not_modified(etag))
            }
            Some(name) => Err(errors::precondition_failed(name)),
        }
    }

    /// For the source of a copy. Every failure is 412.
    pub fn check_source(&self, etag: &str, modified_s: u64, now_s: u64) -> Result<(), Error> {
        match self.failed(&OF_SOURCE, etag, modified_s, now_s) {
            None => Ok(()),
            Some(name) => Err(errors::precondition_failed(name)),
        }
    }

    /// A match of tags outweighs dates; dates in the future do not count. Recorded.
    fn failed(
        &self,
        names: &Names,
        etag: &str,
        modified_s: u64,
        now_s: u64,
    ) -> Option<&'static str> {
        let seconds = |time: Timestamp| time.to_time().unix_s();
        match (self.if_match, self.if_unmodified_since) {
            (Some(condition), _) if !matches(condition, etag) => return Some(names.if_match),
            (None, Some(since)) if modified_s > seconds(since) => {
                return Some(names.if_unmodified_since);
            }
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(condition), _) if matches(condition, etag) => Some(names.if_none_match),
            (None, Some(since)) if seconds(since) <= now_s && modified_s <= seconds(since) => {
                Some(names.if_modified_since)
            }
            _ => None,
        }
    }
}

/// The conditions of a request that writes.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum Writing {
    /// None.
    #[default]
    Any,
    /// `If-None-Match: *`: nothing is there.
    Absent,
    /// `If-Match`: this is there.
    Tag(String),
}

impl Writing {
    /// Recorded: which values AWS takes.
    pub fn parse(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, Error> {
        match (if_match, if_none_match) {
            (None, None) => Ok(Writing::Any),
            (Some(_), Some(_)) => Err(errors::many_conditions()),
            (None, Some("*")) => Ok(Writing::Absent),
            (None, Some(_)) => Err(errors::condition_not_accepted("If-None-Match")),
            (Some("*"), None) => Err(errors::condition_not_accepted("If-Match")),
            (Some(etag), None) => Ok(Writing::Tag(etag.to_string())),
        }
    }

    /// `present` is the entity tag of what is there.
    pub fn check(&self, key: &str, present: Option<&str>) -> Result<(), Error> {
        match (self, present) {
            (Writing::Any, _) | (Writing::Absent, None) => Ok(()),
            (Writing::Absent, Some(_)) => Err(errors::precondition_failed("If-None-Match")),
            (Writing::Tag(_), None) => Err(errors::no_such_key(key)),
            (Writing::Tag(wanted), Some(etag)) if matches(wanted, etag) => Ok(()),
            (Writing::Tag(_), Some(_)) => Err(errors::precondition_failed("If-Match")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<Timestamp> {
        Timestamp::new(seconds, 0)
    }

    #[test]
    fn reading() {
        let status = |reading: Reading<'_>| {
            let checked = reading.check("e", 100, 1_000);
            checked.err().map(|e| e.status(&wire_s3::SERVICE, wire::Protocol::RestXml))
        };
        let none = Reading::default();
        assert_eq!(status(none), None);
        assert_eq!(status(Reading { if_match: Some("\"x\""), ..none }), Some(412));
        assert_eq!(status(Reading { if_match: Some("\"x\", \"e\""), ..none }), None);
        assert_eq!(status(Reading { if_none_match: Some("e"), ..none }), Some(304));
        assert_eq!(status(Reading { if_none_match: Some("*"), ..none }), Some(304));
        assert_eq!(status(Reading { if_modified_since: at(100), ..none }), Some(304));
        assert_eq!(status(Reading { if_modified_since: at(99), ..none }), None);
        assert_eq!(status(Reading { if_modified_since: at(2_000), ..none }), None);
        assert_eq!(status(Reading { if_unmodified_since: at(99), ..none }), Some(412));
        assert_eq!(status(Reading { if_unmodified_since: at(100), ..none }), None);
        let both = Reading { if_match: Some("e"), if_unmodified_since: at(1), ..none };
        assert_eq!(status(both), None);
        let both = Reading { if_none_match: Some("x"), if_modified_since: at(500), ..none };
        assert_eq!(status(both), None);
    }

    #[test]
    fn writing() {
        let parse = Writing::parse;
        assert_eq!(parse(None, Some("*")).unwrap(), Writing::Absent);
        assert!(parse(None, Some("\"e\"")).is_err());
        assert!(parse(Some("*"), None).is_err());
        assert!(parse(Some("e"), Some("*")).is_err());
        assert!(Writing::Absent.check("k", None).is_ok());
        assert!(Writing::Absent.check("k", Some("e")).is_err());
        let tag = parse(Some("\"e\""), None).unwrap();
        assert!(tag.check("k", Some("e")).is_ok());
        assert!(tag.check("k", Some("f")).is_err());
        assert!(tag.check("k", None).is_err());
    }
}
