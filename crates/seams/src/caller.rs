//! Identities and the credentials that prove them.

use base::{AccountId, BoxFut, Time};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An authenticated identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account that the identity belongs to.
    pub account: AccountId,
    /// What kind of identity it is.
    pub principal: Principal,
    /// As `GetCallerIdentity` prints it: `arn:aws:iam::…:root`, `…:user/path/name`,
    /// `arn:aws:sts::…:assumed-role/role/session`; for a service its host name.
    pub arn: String,
    /// As `GetCallerIdentity` prints it: the account of a root user, `AIDA…`, `AROA…:session`.
    pub user_id: String,
    /// The key that signed the request; None for calls between services.
    pub access_key_id: Option<String>,
    /// What a temporary credential carries.
    pub session: Option<Session>,
}

/// The kinds of identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// The account's root user: no identity policy limits it.
    Root,
    /// An IAM user.
    User {
        /// Its name, without the path.
        name: String,
    },
    /// A session of an IAM role.
    AssumedRole {
        /// The role's name, without the path.
        role_name: String,
        /// The role's ARN, with the path.
        role_arn: String,
        /// The name that the caller of `AssumeRole` gave the session.
        session_name: String,
    },
    /// A session from `GetFederationToken`.
    FederatedUser {
        /// The name that the caller gave.
        name: String,
        /// The user who asked for it, whose policies limit it; None for a root user.
        user_arn: Option<String>,
    },
    /// Somebody whom an identity provider vouches for: the caller of `AssumeRoleWithWebIdentity`.
    Federated {
        /// The ARN of the provider.
        provider_arn: String,
        /// What the provider calls the user.
        subject: String,
    },
    /// An AWS service that calls on its own behalf, such as `lambda.amazonaws.com`.
    Service {
        /// Its principal name.
        name: String,
    },
    /// A request without a signature.
    Anonymous,
}

/// What a temporary credential carries besides its identity.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Session {
    /// When the session began.
    pub issued_at: Time,
    /// When its credentials stop working.
    pub expires_at: Time,
    /// Session policies as JSON texts; with one or more, the session may do what both they and the identity allow.
    pub policies: Vec<String>,
    /// Session tags: `aws:PrincipalTag/…` on top of the role's own.
    pub tags: BTreeMap<String, String>,
    /// The keys of the tags that sessions made by this one inherit.
    pub transitive_tag_keys: Vec<String>,
    /// `aws:SourceIdentity`.
    pub source_identity: Option<String>,
    /// Whether the credentials that asked for the session were those of a role session themselves.
    pub chained: bool,
    /// Whether multi-factor authentication took place: `aws:MultiFactorAuthPresent`.
    pub mfa_authenticated: bool,
    /// Present for sessions of users of an identity provider.
    pub federation: Option<Federation>,
    /// `lambda:SourceFunctionArn`: the function in whose environments the credentials are.
    pub source_function_arn: Option<String>,
}

/// What an identity provider said of a session's user.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Federation {
    /// `aws:FederatedProvider`: the ARN of the provider.
    pub provider_arn: String,
    /// Its claims as condition keys, such as `accounts.example.com:sub`.
    pub keys: BTreeMap<String, Vec<String>>,
}

impl Caller {
    /// The root user of `account`.
    pub fn root(account: AccountId, access_key_id: Option<String>) -> Self {
        Caller {
            account,
            principal: Principal::Root,
            arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.to_string(),
            access_key_id,
            session: None,
        }
    }

    /// The service `name` (`lambda.amazonaws.com`) acting in `account`.
    pub fn service(account: AccountId, name: &str) -> Self {
        Caller {
            account,
            principal: Principal::Service { name: name.to_string() },
            arn: name.to_string(),
            user_id: name.to_string(),
            access_key_id: None,
            session: None,
        }
    }

    /// Somebody in `account` for whom the identity provider `provider_arn` vouches under the name `subject`.
    pub fn federated(account: AccountId, provider_arn: &str, subject: &str) -> Self {
        Caller {
            account,
            principal: Principal::Federated {
                provider_arn: provider_arn.to_string(),
                subject: subject.to_string(),
            },
            arn: provider_arn.to_string(),
            user_id: format!("{provider_arn}:{subject}"),
            access_key_id: None,
            session: None,
        }
    }

    /// A caller without a signature, looking at resources of `account`.
    pub fn anonymous(account: AccountId) -> Self {
        Caller {
            account,
            principal: Principal::Anonymous,
            arn: "anonymous".to_string(),
            user_id: "anonymous".to_string(),
            access_key_id: None,
            session: None,
        }
    }
}

/// A key that can sign requests.
#[derive(Clone)]
pub struct Credential {
    /// The secret with which a valid signature was made.
    pub secret_access_key: String,
    /// Whom the signature proves.
    pub caller: Arc<Caller>,
}

/// Why a key proves nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialError {
    /// No such access key, or it is inactive.
    UnknownAccessKey,
    /// The session token is missing, malformed, or belongs to another key.
    InvalidToken,
    /// The session has ended.
    ExpiredToken,
    /// The well-known development key was used from another machine.
    NotFromLoopback,
    /// The lookup itself failed; the cause is logged.
    Internal,
}

/// Finds the secret of an access key. Offered by the identity services, used by the front end.
pub trait Credentials: Send + Sync {
    /// `session_token` is what the request carries as `X-Amz-Security-Token`.
    fn look_up<'a>(
        &'a self,
        access_key_id: &'a str,
        session_token: Option<&'a str>,
        from_loopback: bool,
    ) -> BoxFut<'a, Result<Arc<Credential>, CredentialError>>;
}
