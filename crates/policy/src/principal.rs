//! Who asks, and whom a policy speaks of.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use crate::document::{Malformed, RawPrincipal};
use base::{AccountId, Arn};

/// Who makes a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Principal<'a> {
    /// The root user of an account.
    Root {
        /// Its account.
        account: AccountId,
    },
    /// An IAM user, with long-term or temporary credentials.
    User {
        /// `arn:aws:iam::123456789012:user/path/name`.
        arn: &'a str,
        /// Its account.
        account: AccountId,
    },
    /// A session of a role.
    RoleSession {
        /// `arn:aws:sts::123456789012:assumed-role/role/session`.
        session_arn: &'a str,
        /// `arn:aws:iam::123456789012:role/path/role`.
        role_arn: &'a str,
        /// The role's account.
        account: AccountId,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// `arn:aws:sts::123456789012:federated-user/name`.
        arn: &'a str,
        /// Its account.
        account: AccountId,
    },
    /// Somebody whom an identity provider vouches for, before a role is taken on.
    Federated {
        /// The provider: its ARN, or the name of one that every account knows.
        provider: &'a str,
    },
    /// An AWS service.
    Service {
        /// Such as `lambda.amazonaws.com`.
        name: &'a str,
    },
    /// Somebody without credentials.
    Anonymous,
}

impl Principal<'_> {
    /// The account it belongs to. Services, federated and anonymous callers have none.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Principal::Root { account }
            | Principal::User { account, .. }
            | Principal::RoleSession { account, .. }
            | Principal::FederatedUser { account, .. } => Some(*account),
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        }
    }
}

/// How directly a resource's policy names the one who asks. The order is that of strength.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Grant {
    /// It names the account: the account's own policies decide further.
    Account,
    /// It names the role of the session: a permissions boundary and session policies still limit it.
    Role,
    /// It names the user, the session, the service, or everybody: nothing but a deny limits it.
    Direct,
}

/// The `Principal` or `NotPrincipal` of a statement.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalRule {
    negated: bool,
    names: Box<[Name]>,
}

#[derive(Debug, Clone)]
enum Name {
    Everybody,
    Account(AccountId),
    Arn(Box<str>),
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// S3's canonical users and unique ids of deleted principals, which nobody here is.
    Nobody,
}

impl PrincipalRule {
    pub(crate) fn parse(raw: &RawPrincipal, negated: bool) -> Result<Self, Malformed> {
        let names = match raw {
            RawPrincipal::Text(text) if text == "*" => vec![Name::Everybody],
            RawPrincipal::Text(text) => return Err(invalid("AWS", text)),
            RawPrincipal::ByType(types) => {
                let mut names = Vec::new();
                for (principal_type, values) in &types.0 {
                    for value in values.as_slice() {
                        names.push(Name::parse(principal_type, value)?);
                    }
                }
                names
            }
        };
        Ok(PrincipalRule { negated, names: names.into() })
    }

    /// How the rule covers `principal`; none if it does not.
    pub(crate) fn matches(&self, principal: &Principal<'_>) -> Option<Grant> {
        let grant = self.names.iter().filter_map(|name| name.matches(principal)).max();
        match (self.negated, grant) {
            (false, grant) => grant,
            (true, None) => Some(Grant::Direct),
            (true, Some(_)) => None,
        }
    }

    /// From now on nobody is meant by the ARNs that `is_gone` accepts.
    pub(crate) fn forget(&mut self, is_gone: &dyn Fn(&str) -> bool) {
        for name in &mut self.names {
            if matches!(name, Name::Arn(arn) if is_gone(arn)) {
                *name = Name::Nobody;
            }
        }
    }

    /// The ARNs named under `AWS`, for callers that check that they exist.
    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        self.names.iter().filter_map(|name| match name {
            Name::Arn(arn) => Some(&**arn),
            _ => None,
        })
    }
}

impl Name {
    fn parse(principal_type: &str, value: &str) -> Result<Self, Malformed> {
        match principal_type {
            "AWS" if value == "*" => Ok(Name::Everybody),
            "AWS" => Self::parse_aws(value).ok_or_else(|| invalid("AWS", value)),
            "Service" if value.contains('.') && !value.contains(['*', ' ', '/', ':']) => {
                Ok(Name::Service(value.into()))
            }
            "Service" => Err(invalid("SERVICE", value)),
            "Federated" if !value.is_empty() => Ok(Name::Federated(value.into())),
            "CanonicalUser" if !value.is_empty() => Ok(Name::Nobody),
            other => Err(invalid(&other.to_ascii_uppercase(), value)),
        }
    }

    fn parse_aws(value: &str) -> Option<Self> {
        if let Some(account) = AccountId::parse(value) {
            return Some(Name::Account(account));
        }
        let is_unique_id = ["AIDA", "AROA"].iter().any(|prefix| value.starts_with(prefix));
        if is_unique_id && value.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Some(Name::Nobody);
        }
        let arn = Arn::parse(value).filter(|_| !value.contains(['*', '?']))?;
        let account = arn.account_id()?;
        let resource = arn.resource();
        let starts_with = |kinds: &[&str]| kinds.iter().any(|kind| resource.starts_with(kind));
        match arn.service() {
            "iam" if resource == "root" => Some(Name::Account(account)),
            "iam" if starts_with(&["user/", "role/"]) => Some(Name::Arn(value.into())),
            "sts" if starts_with(&["assumed-role/", "federated-user/"]) => {
                Some(Name::Arn(value.into()))
            }
            _ => None,
        }
    }

    fn matches(&self, principal: &Principal<'_>) -> Option<Grant> {
        match (self, principal) {
            (Name::Everybody, _) => Some(Grant::Direct),
            (Name::Account(named), principal) => {
                (principal.account() == Some(*named)).then_some(Grant::Account)
            }
            (Name::Service(named), Principal::Service { name }) => {
                (**named == **name).then_some(Grant::Direct)
            }
            (Name::Federated(named), Principal::Federated { provider }) => {
                (**named == **provider).then_some(Grant::Direct)
            }
            (Name::Arn(named), Principal::User { arn, .. })
            | (Name::Arn(named), Principal::FederatedUser { arn, .. }) => {
                (**named == **arn).then_some(Grant::Direct)
            }
            (Name::Arn(named), Principal::RoleSession { session_arn, role_arn, .. }) => {
                if **named == **session_arn {
                    Some(Grant::Direct)
                } else {
                    (**named == **role_arn).then_some(Grant::Role)
                }
            }
            _ => None,
        }
    }
}

fn invalid(principal_type: &str, value: &str) -> Malformed {
    Malformed(format!("Invalid principal in policy: \"{principal_type}\":\"{value}\""))
}
