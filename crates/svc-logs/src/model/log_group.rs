//! Names and ARNs of log groups and streams.

use crate::limits;
use base::{AccountId, Arn, Region};

/// Where a call looks for its resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

impl Scope {
    /// `arn:aws:logs:…:log-group:NAME`: in answers and for the tagging actions.
    pub fn group_arn(&self, group: &str) -> String {
        let Scope { account, region } = self;
        format!("arn:aws:logs:{region}:{account}:log-group:{group}")
    }

    /// `arn:aws:logs:…:log-group:NAME:log-stream:STREAM`. What AWS authorizes for whole groups has an empty stream, and
    /// an empty group for actions on all of them; policies match it with `log-group:NAME:*`.
    pub fn stream_arn(&self, group: &str, stream: &str) -> String {
        format!("{}:log-stream:{stream}", self.group_arn(group))
    }

    /// The group's name out of an identifier: a name, or an ARN of this account and region with or without `:*`.
    pub fn group_name<'t>(&self, identifier: &'t str) -> Option<&'t str> {
        if identifier.starts_with("arn:") {
            self.group_name_of_arn(identifier)
        } else {
            Some(identifier)
        }
    }

    /// The group's name out of an ARN of this account and region with or without `:*`.
    pub fn group_name_of_arn<'t>(&self, text: &'t str) -> Option<&'t str> {
        let arn = Arn::parse(text)?;
        let own = arn.service() == "logs"
            && arn.region() == self.region.as_str()
            && arn.account_id() == Some(self.account);
        if !own || !arn.resource().starts_with("log-group:") {
            return None;
        }
        let resource = &text[text.len() - arn.resource().len()..];
        let name = resource.strip_prefix("log-group:")?;
        let name = name.strip_suffix(":*").unwrap_or(name);
        (!name.is_empty() && !name.contains(':')).then_some(name)
    }
}

/// Whether a name of a group or stream fits; the model checks its characters.
pub fn name_fits(name: &str) -> bool {
    name.len() <= limits::NAME_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        let scope = Scope { account: AccountId::DEFAULT, region: Region::default() };
        let check = |identifier: &str, expected: Option<&str>| {
            assert_eq!(scope.group_name(identifier), expected, "{identifier}");
        };
        let prefix = "arn:aws:logs:us-east-1:000000000000";
        check("/aws/lambda/f", Some("/aws/lambda/f"));
        check(&format!("{prefix}:log-group:/aws/lambda/f"), Some("/aws/lambda/f"));
        check(&format!("{prefix}:log-group:g:*"), Some("g"));
        check(&format!("{prefix}:log-group:g:log-stream:s"), None);
        check(&format!("{prefix}:destination:g"), None);
        check(&format!("{prefix}:log-group:"), None);
        check("arn:aws:logs:us-east-1:000000000001:log-group:g", None);
        check("arn:aws:logs:eu-west-1:000000000000:log-group:g", None);
        check("arn:aws:sqs:us-east-1:000000000000:log-group:g", None);
        check("arn:", None);
    }
}
