//! Who asks, and whom a policy speaks of.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use crate::document::{Effect, Malformed, RawPrincipal};
use crate::evaluate::Request;
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
        /// `arn:aws:sts::123456789012:assumed-role/role/session`. Empty for a question about the role in general.
        session_arn: &'a str,
        /// `arn:aws:iam::123456789012:role/path/role`. Empty if only the session is known: then a role counts as the
        /// session's whose account and name fit, whatever its path.
        role_arn: &'a str,
        /// The role's account.
        account: AccountId,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// `arn:aws:sts::123456789012:federated-user/name`.
        arn: &'a str,
        /// The user who asked for it; none if that was the root user.
        user_arn: Option<&'a str>,
        /// Its account.
        account: AccountId,
    },
    /// Somebody whom an identity provider vouches for and who has no identity of AWS's yet: a caller of
    /// `AssumeRoleWithWebIdentity` or `AssumeRoleWithSAML`.
    Federated {
        /// The provider as trust policies name it: its ARN, or a host name such as `accounts.google.com`.
        provider: &'a str,
    },
    /// An AWS service.
    Service {
        /// Such as `lambda.amazonaws.com`. One that names a region, such as `logs.us-east-1.amazonaws.com`, is the service
        /// without it too.
        name: &'a str,
    },
    /// Somebody without credentials.
    Anonymous,
}

impl Principal<'_> {
    /// The account it belongs to. Services, anonymous callers and those of identity providers have none.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Principal::Root { account }
            | Principal::User { account, .. }
            | Principal::RoleSession { account, .. }
            | Principal::FederatedUser { account, .. } => Some(*account),
            Principal::Service { .. } | Principal::Federated { .. } | Principal::Anonymous => None,
        }
    }

    /// Whether it is a session of a service-linked role, which the policies of organizations do not restrict.
    pub(crate) fn is_service_linked(&self) -> bool {
        let Principal::RoleSession { role_arn, .. } = self else { return false };
        role_arn
            .splitn(6, ':')
            .nth(5)
            .is_some_and(|role| role.starts_with("role/aws-service-role/"))
    }

    /// Whether it is a session of the role with this ARN.
    fn is_of_role(&self, named: &str) -> bool {
        match self {
            Principal::RoleSession { session_arn, role_arn: "", account } => {
                let role = Arn::parse(named).filter(|arn| arn.service() == "iam");
                let role = role.filter(|arn| arn.account_id() == Some(*account));
                let name = role.as_ref().and_then(|arn| arn.resource().strip_prefix("role/"));
                let name = name.and_then(|name| name.rsplit('/').next());
                name.is_some() && name == role_of_session(session_arn)
            }
            Principal::RoleSession { role_arn, .. } => *role_arn == named,
            _ => false,
        }
    }
}

/// The role's name in `arn:aws:sts::123456789012:assumed-role/role/session`.
fn role_of_session(session_arn: &str) -> Option<&str> {
    let resource = session_arn.splitn(6, ':').nth(5)?;
    resource.strip_prefix("assumed-role/")?.split('/').next()
}

/// How directly a resource's policy names the one who asks. The order is that of strength.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Grant {
    /// It names the account: the account's own policies decide further.
    Account,
    /// It names the role of the session, or the user who federated: a permissions boundary and session policies still
    /// limit it.
    Issuer,
    /// It names the user, the session, the service, or everybody: no permissions boundary limits it, and session
    /// policies only those who are no federated users.
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
    Federated(Box<str>),
    /// S3's canonical users and unique ids of deleted principals, which nobody here is.
    Nobody,
}

impl PrincipalRule {
    pub(crate) fn compile(raw: &RawPrincipal, negated: bool) -> Self {
        let mut names = Vec::new();
        match raw {
            RawPrincipal::Text(text) => names.push(Name::read("AWS", text)),
            RawPrincipal::ByType(types) => {
                for (principal_type, values) in &types.0 {
                    let values = values.as_slice().iter();
                    names.extend(values.map(|value| Name::read(principal_type, value)));
                }
            }
        }
        PrincipalRule { negated, names: names.into() }
    }

    /// Covers nobody: the rule of a statement that should name somebody and does not.
    pub(crate) fn nobody() -> Self {
        PrincipalRule { negated: false, names: Box::default() }
    }

    /// Whether it is a `NotPrincipal`.
    pub(crate) fn is_negated(&self) -> bool {
        self.negated
    }

    /// How the rule covers the caller; none if it does not.
    pub(crate) fn matches(&self, request: &Request<'_>, effect: Effect) -> Option<Grant> {
        let principal = &request.principal;
        let grant = self.names.iter().filter_map(|name| name.matches(principal)).max();
        let grant = match grant {
            None | Some(Grant::Account) if request.any_session() && effect == Effect::Allow => {
                let same = |name: &&Name| name.is_session_of_same_role(principal);
                self.names.iter().find(same).map(|_| Grant::Direct).or(grant)
            }
            grant => grant,
        };
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

/// Checks the names of a statement, as AWS does before it takes a policy.
pub(crate) fn check(raw: &RawPrincipal) -> Result<(), Malformed> {
    match raw {
        RawPrincipal::Text(text) if text == "*" => Ok(()),
        RawPrincipal::Text(text) => Err(invalid("AWS", text)),
        RawPrincipal::ByType(types) => types.0.iter().try_for_each(|(principal_type, values)| {
            values.as_slice().iter().try_for_each(|value| {
                match Name::parse(principal_type, value) {
                    Some(_) => Ok(()),
                    None => Err(invalid(&principal_type.to_ascii_uppercase(), value)),
                }
            })
        }),
    }
}

impl Name {
    /// A name that makes no sense means nobody.
    fn read(principal_type: &str, value: &str) -> Self {
        Self::parse(principal_type, value).unwrap_or(Name::Nobody)
    }

    fn parse(principal_type: &str, value: &str) -> Option<Self> {
        match principal_type {
            "AWS" if value == "*" => Some(Name::Everybody),
            "AWS" => Self::parse_aws(value),
            "Service" if value.contains('.') && !value.contains(['*', ' ', '/', ':']) => {
                Some(Name::Service(value.into()))
            }
            "Federated" if !value.is_empty() => Some(Name::Federated(value.into())),
            "CanonicalUser" if !value.is_empty() => Some(Name::Nobody),
            _ => None,
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
                let is_named = **named == **name || is_general_name(named, name);
                is_named.then_some(Grant::Direct)
            }
            (Name::Federated(named), Principal::Federated { provider }) => {
                (**named == **provider).then_some(Grant::Direct)
            }
            (Name::Arn(named), Principal::User { arn, .. }) => {
                (**named == **arn).then_some(Grant::Direct)
            }
            (Name::Arn(named), Principal::FederatedUser { arn, user_arn, .. }) => {
                if **named == **arn {
                    Some(Grant::Direct)
                } else {
                    (Some(&**named) == *user_arn).then_some(Grant::Issuer)
                }
            }
            (Name::Arn(named), Principal::RoleSession { session_arn, .. }) => {
                if **named == **session_arn {
                    Some(Grant::Direct)
                } else {
                    principal.is_of_role(named).then_some(Grant::Issuer)
                }
            }
            _ => None,
        }
    }

    /// Whether it is a session of the caller's role, under whatever name.
    fn is_session_of_same_role(&self, principal: &Principal<'_>) -> bool {
        let Name::Arn(named) = self else { return false };
        let Principal::RoleSession { session_arn, role_arn, account } = principal else {
            return false;
        };
        let same_account = Arn::parse(named).and_then(|arn| arn.account_id()) == Some(*account);
        let role = role_arn.rsplit('/').next().filter(|role| !role.is_empty());
        same_account
            && role_of_session(named)
                .is_some_and(|named| role.or(role_of_session(session_arn)) == Some(named))
    }
}

/// Whether `general` is `regional` without its region: `logs.amazonaws.com` for `logs.us-east-1.amazonaws.com`.
fn is_general_name(general: &str, regional: &str) -> bool {
    general_service_name(regional).is_some_and(|(service, domain)| {
        general.strip_prefix(service).and_then(|rest| rest.strip_prefix('.')) == Some(domain)
    })
}

/// Service and domain in `service.region.domain`, the name that a service has in one region.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services>
pub fn general_service_name(regional: &str) -> Option<(&str, &str)> {
    let (service, rest) = regional.split_once('.')?;
    let (region, domain) = rest.split_once('.')?;
    // Regions alone end with a hyphen and a number: `delivery.logs.amazonaws.com` names none.
    let number = region.rsplit_once('-')?.1;
    let is_region = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_region && domain.starts_with("amazonaws.com")).then_some((service, domain))
}

fn invalid(principal_type: &str, value: &str) -> Malformed {
    Malformed(format!("Invalid principal in policy: \"{principal_type}\":\"{value}\""))
}
