//! The managed policies of AWS, with AWS's own content as of the day of the data.
//!
//! `cargo xtask aws-policies` derives the data from the moto package (Apache License 2.0), whose maintainers fetch it from
//! AWS: of each policy its path, dates and default version with its document. Older versions are not in it, nor are the
//! unique ids, which are made from the names here.
//!
//! 0.5 MB of the binary. The index is inflated at its first use, a document when somebody reads it: about 64 KiB at a time.

use flate2::read::ZlibDecoder;
use policy::{Kind, Malformed, Policy};
use std::io::Read;
use std::sync::{Arc, LazyLock, OnceLock};

/// One line per policy, sorted by name: name, path, version, created, updated, block, offset, length.
const INDEX: &[u8] = include_bytes!("aws_policies/index.z");
/// Documents in blocks, each compressed by itself.
const DOCUMENTS: &[u8] = include_bytes!("aws_policies/documents.z");

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
    /// When the policy was made, in seconds since the epoch.
    pub created_s: u64,
    /// When the default version was made, in seconds since the epoch.
    pub updated_s: u64,
    /// Where the document's block begins, where in it the document does, and how long that is, in bytes.
    place: (usize, usize, usize),
    compiled: OnceLock<Arc<Policy>>,
}

static POLICIES: LazyLock<Vec<AwsPolicy>> = LazyLock::new(|| {
    let mut text = String::new();
    ZlibDecoder::new(INDEX).read_to_string(&mut text).expect("a test reads the committed data");
    let policies: Option<Vec<AwsPolicy>> = text.lines().map(AwsPolicy::read).collect();
    policies.expect("a test reads the committed data")
});

impl AwsPolicy {
    /// Of a line of the index.
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split('\t');
        let (name, path) = (parts.next()?, parts.next()?);
        let mut number = || parts.next()?.parse::<u64>().ok();
        let (version, created_s, updated_s) = (number()?, number()?, number()?);
        let mut place = || number().and_then(|number| usize::try_from(number).ok());
        Some(AwsPolicy {
            arn: format!("arn:aws:iam::aws:policy{path}{name}"),
            id: id(name),
            name: name.to_string(),
            path: path.to_string(),
            version: u32::try_from(version).ok()?,
            created_s,
            updated_s,
            place: (place()?, place()?, place()?),
            compiled: OnceLock::new(),
        })
    }

    /// The document's text.
    pub fn document(&self) -> String {
        let (block, offset, len) = self.place;
        let mut bytes = vec![0; offset + len];
        let mut block = ZlibDecoder::new(&DOCUMENTS[block..]);
        block.read_exact(&mut bytes).expect("a test reads every document");
        String::from_utf8(bytes.split_off(offset)).expect("a test reads every document")
    }

    /// The document, ready to be evaluated; kept once it was asked for.
    pub fn compiled(&self) -> Arc<Policy> {
        let parse = || Arc::new(self.parse().expect("a test parses every document"));
        Arc::clone(self.compiled.get_or_init(parse))
    }

    fn parse(&self) -> Result<Policy, Malformed> {
        Policy::parse(&self.document(), Kind::Aws)
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
    let rest = arn.strip_prefix("arn:aws:iam::aws:policy/")?;
    let name = rest.rsplit('/').next()?.to_ascii_lowercase();
    let at = POLICIES.partition_point(|policy| policy.name.to_ascii_lowercase() < name);
    POLICIES.get(at).filter(|policy| policy.arn == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_policy_is_read_parsed_and_found() {
        assert!(all().is_sorted_by_key(|policy| policy.name.to_ascii_lowercase()));
        for policy in all() {
            if let Err(malformed) = policy.parse() {
                panic!("{}: {}", policy.name, malformed.0);
            }
            assert_eq!(find(&policy.arn).map(|found| &found.name), Some(&policy.name));
        }
        let ids: HashSet<&str> = all().iter().map(|policy| &*policy.id).collect();
        assert_eq!((ids.len(), ids.iter().all(|id| id.len() == 21)), (all().len(), true));
    }

    #[test]
    fn what_everybody_knows() {
        let document =
            |name: &str| find(&format!("arn:aws:iam::aws:policy/{name}")).unwrap().document();
        assert_eq!(
            document("AdministratorAccess"),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        );
        assert!(document("service-role/AWSLambdaBasicExecutionRole").contains("logs:PutLogEvents"));
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
        assert!(find("arn:aws:iam::aws:policy/zzz").is_none());
    }
}
