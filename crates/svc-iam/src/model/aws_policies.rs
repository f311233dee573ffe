//! Managed policies of AWS, with AWS's own content as of the date that each carries.
//!
//! Only policies whose content is known exactly are here; attaching another one answers as AWS does for a policy that
//! does not exist. Their unique ids are not AWS's. The creation date shown is that of the default version.

use policy::{Kind, Policy};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::{Arc, LazyLock};

/// A policy that every account can attach.
pub struct AwsPolicy {
    /// Its name.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `arn:aws:iam::aws:policy/path/name`.
    pub arn: String,
    /// `ANPA…`.
    pub id: String,
    /// The number of the default version, the only one that is known.
    pub version: u32,
    /// When that version was made, in seconds since the epoch.
    pub updated_s: u64,
    /// The document's text.
    pub document: String,
    /// The document, ready to be evaluated.
    pub compiled: Arc<Policy>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    name: String,
    path: String,
    version: u32,
    updated_s: u64,
    #[serde(borrow)]
    document: &'a RawValue,
}

static POLICIES: LazyLock<Vec<AwsPolicy>> = LazyLock::new(|| {
    let entries: Vec<Entry<'_>> = serde_json::from_str(include_str!("aws_policies/policies.json"))
        .expect("a test reads the committed data");
    entries.into_iter().map(AwsPolicy::from).collect()
});

impl From<Entry<'_>> for AwsPolicy {
    fn from(entry: Entry<'_>) -> Self {
        let document = entry.document.get().to_string();
        let compiled =
            Policy::parse(&document, Kind::Session).expect("a test reads the committed data");
        AwsPolicy {
            arn: format!("arn:aws:iam::aws:policy{}{}", entry.path, entry.name),
            id: id(&entry.name),
            name: entry.name,
            path: entry.path,
            version: entry.version,
            updated_s: entry.updated_s,
            document,
            compiled: Arc::new(compiled),
        }
    }
}

/// An id that stays the same from run to run (FNV-1a of the name in Base32).
fn id(name: &str) -> String {
    let hash = |seed: u64| {
        name.bytes().fold(seed, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
    };
    let bits = u128::from(hash(0xcbf2_9ce4_8422_2325)) << 64 | u128::from(hash(1));
    let digit = |at: usize| {
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (5 * at) & 31) as usize])
    };
    "ANPA".chars().chain((0..17).map(digit)).collect()
}

/// All of them, sorted by name without regard to case.
pub fn all() -> &'static [AwsPolicy] {
    &POLICIES
}

/// The one with this ARN.
pub fn find(arn: &str) -> Option<&'static AwsPolicy> {
    POLICIES.iter().find(|policy| policy.arn == arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_well_formed() {
        assert!(all().is_sorted_by_key(|policy| policy.name.to_ascii_lowercase()));
        let arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert!(find(arn).unwrap().document.contains("logs:PutLogEvents"));
        assert!(all().iter().all(|policy| policy.id.len() == 21));
    }
}
