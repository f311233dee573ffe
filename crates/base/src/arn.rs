//! Amazon Resource Names.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>

use crate::{AccountId, Region};
use std::fmt;

/// `arn:partition:service:region:account:resource`. Region and account may be empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Where the second to fifth colons stand.
    colons: [u16; 4],
}

/// Longest ARN that is read, in bytes. AWS's own limit is 2,048.
pub const ARN_BYTES_MAX: usize = 2048;

impl Arn {
    /// `arn:aws:<service>:<region>:<account>:<resource>`.
    ///
    /// Panics if the whole is longer than [`ARN_BYTES_MAX`] or a part before the resource holds a colon: callers
    /// build ARNs from names that they have validated.
    pub fn new(service: &str, region: &Region, account: AccountId, resource: &str) -> Self {
        Self::parse(&format!("arn:aws:{service}:{region}:{account}:{resource}"))
            .expect("parts were validated by the caller")
    }

    /// As [`Arn::new`] for services whose ARNs carry no region, such as IAM.
    pub fn global(service: &str, account: AccountId, resource: &str) -> Self {
        Self::parse(&format!("arn:aws:{service}::{account}:{resource}"))
            .expect("parts were validated by the caller")
    }

    /// `text` must begin with `arn:`, hold five colons or more, and name a partition, a service and a resource.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > ARN_BYTES_MAX || !text.starts_with("arn:") {
            return None;
        }
        let mut colons = [0; 4];
        let mut found = text.bytes().enumerate().skip(4).filter(|(_, b)| *b == b':');
        for colon in &mut colons {
            *colon = found.next()?.0 as u16;
        }
        let arn = Arn { text: text.to_string(), colons };
        let named = !arn.partition().is_empty() && !arn.service().is_empty();
        (named && !arn.resource().is_empty()).then_some(arn)
    }

    fn part(&self, from: u16, to: u16) -> &str {
        &self.text[usize::from(from)..usize::from(to)]
    }

    /// `aws`, `aws-cn`, ….
    pub fn partition(&self) -> &str {
        self.part(4, self.colons[0])
    }

    /// The service's prefix, such as `lambda`.
    pub fn service(&self) -> &str {
        self.part(self.colons[0] + 1, self.colons[1])
    }

    /// The region's name; empty for global services.
    pub fn region(&self) -> &str {
        self.part(self.colons[1] + 1, self.colons[2])
    }

    /// The account as it is written; empty for some resources, `aws` for managed policies.
    pub fn account(&self) -> &str {
        self.part(self.colons[2] + 1, self.colons[3])
    }

    /// The account, where it is one.
    pub fn account_id(&self) -> Option<AccountId> {
        AccountId::parse(self.account())
    }

    /// All behind the fifth colon.
    pub fn resource(&self) -> &str {
        &self.text[usize::from(self.colons[3]) + 1..]
    }

    /// The whole.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let arn = Arn::parse("arn:aws:lambda:eu-west-1:000000000000:function:f:1").unwrap();
        assert_eq!((arn.partition(), arn.service(), arn.region()), ("aws", "lambda", "eu-west-1"));
        assert_eq!(arn.account_id(), Some(AccountId::DEFAULT));
        assert_eq!(arn.resource(), "function:f:1");
        let managed = Arn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap();
        assert_eq!((managed.region(), managed.account_id()), ("", None));
    }

    #[test]
    fn malformed() {
        for bad in
            ["", "arn", "arn:aws:iam::1", "arn::iam::1:x", "arn:aws:::1:x", "arn:aws:s3:::", "x"]
        {
            assert!(Arn::parse(bad).is_none(), "{bad}");
        }
        assert!(Arn::parse(&format!("arn:aws:s3:::{}", "x".repeat(ARN_BYTES_MAX))).is_none());
    }
}
