//! ARNs of managed policies.

use crate::errors::{self, Error};
use base::Arn;

/// The parts of a managed policy's ARN that name it.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyArn<'a> {
    /// Begins and ends with a slash.
    pub path: &'a str,
    /// The last part.
    pub name: &'a str,
}

impl<'a> PolicyArn<'a> {
    /// Of `arn:aws:iam::123456789012:policy/path/name`.
    pub fn parse(arn: &'a str) -> Result<Self, Error> {
        let parsed = Arn::parse(arn).ok_or_else(errors::unparsable_arn)?;
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        let rest = resource.strip_prefix("policy").filter(|rest| rest.starts_with('/'));
        let rest = rest.filter(|_| parsed.service() == "iam" && parsed.region().is_empty());
        let slash = rest.and_then(|rest| rest.rfind('/'));
        match (rest, slash) {
            (Some(rest), Some(slash)) if slash + 1 < rest.len() => {
                Ok(PolicyArn { path: &rest[..=slash], name: &rest[slash + 1..] })
            }
            _ => Err(errors::invalid_arn(arn)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let arn = PolicyArn::parse("arn:aws:iam::aws:policy/service-role/AWSLambdaRole").unwrap();
        assert_eq!(arn, PolicyArn { path: "/service-role/", name: "AWSLambdaRole" });
        let arn = PolicyArn::parse("arn:aws:iam::123456789012:policy/P").unwrap();
        assert_eq!(arn, PolicyArn { path: "/", name: "P" });
        for bad in ["P", "arn:aws:iam::1:role/x", "arn:aws:iam::1:policy/", "arn:aws:s3:::policy/x"]
        {
            assert!(PolicyArn::parse(bad).is_err(), "{bad}");
        }
    }
}
