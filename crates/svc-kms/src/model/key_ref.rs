//! How requests name a key: by id, by ARN, by alias.

use crate::errors::{self, Error};
use base::{AccountId, Arn, Region, RequestId};

/// A key as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRef {
    /// Whose key it is.
    pub account: AccountId,
    /// Where it is.
    pub region: Region,
    /// What it is called.
    pub name: KeyName,
}

/// The last part of a key's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// A UUID, or `mrk-` and 32 hexadecimal digits.
    Id(String),
    /// `alias/…`.
    Alias(String),
}

impl KeyRef {
    /// `text` is as in a request to `region` by `account`.
    pub fn parse(text: &str, account: AccountId, region: &Region) -> Result<Self, Error> {
        let (account, region, name) = match Arn::parse(text) {
            None => (account, region.clone(), text),
            Some(arn) => {
                if arn.service() != "kms" || arn.region() != region.as_str() {
                    return Err(errors::invalid_arn(arn.region()));
                }
                let account = arn.account_id().ok_or_else(|| errors::invalid_key_id(text))?;
                let name = text.splitn(6, ':').nth(5).unwrap_or_default();
                let name = match name.strip_prefix("key/") {
                    Some(id) => id,
                    None if name.starts_with("alias/") => name,
                    None => return Err(errors::invalid_key_id(text)),
                };
                (account, region.clone(), name)
            }
        };
        let name = if name.starts_with("alias/") {
            KeyName::Alias(name.to_string())
        } else if is_key_id(name) {
            KeyName::Id(name.to_string())
        } else {
            return Err(errors::invalid_key_id(name));
        };
        Ok(KeyRef { account, region, name })
    }
}

/// Whether `text` has the form of a key's id.
pub fn is_key_id(text: &str) -> bool {
    match text.strip_prefix("mrk-") {
        Some(rest) => rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()),
        None => RequestId::parse(text).is_some(),
    }
}

/// `arn:aws:kms:…:key/…`.
pub fn key_arn(account: AccountId, region: &Region, id: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}

/// `arn:aws:kms:…:alias/…`; `name` begins with `alias/`.
pub fn alias_arn(account: AccountId, region: &Region, name: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let (account, region) = (AccountId::DEFAULT, Region::default());
        let parse = |text: &str| KeyRef::parse(text, account, &region).map_err(wire::Error::from);
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(parse(id).unwrap().name, KeyName::Id(id.into()));
        let arn = key_arn(AccountId::parse("123456789012").unwrap(), &region, id);
        assert_eq!(parse(&arn).unwrap().account.to_string(), "123456789012");
        let alias = KeyName::Alias("alias/a/b".into());
        assert_eq!(parse("alias/a/b").unwrap().name, alias);
        assert_eq!(parse(&alias_arn(account, &region, "alias/a/b")).unwrap().name, alias);
        assert!(parse(&format!("mrk-{}", "0f".repeat(16))).is_ok());
        for (bad, message) in [
            ("fake-key-id", "Invalid keyId 'fake-key-id'"),
            ("mrk-fake-key-id", "Invalid keyId 'mrk-fake-key-id'"),
            (
                "134f2428cec14b25a1ae9048164dba47",
                "Invalid keyId '134f2428cec14b25a1ae9048164dba47'",
            ),
            ("arn:aws:kms:eu-west-1:000000000000:key/x", "Invalid arn eu-west-1"),
        ] {
            assert_eq!(parse(bad).unwrap_err().message(), message);
        }
    }
}
