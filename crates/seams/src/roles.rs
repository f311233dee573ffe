//! Roles that services take on.

use crate::{CallCx, Caller, Error};
use base::{AccountId, BoxFut, Region, Time};
use std::sync::Arc;
use std::time::Duration;

/// Credentials of a role session.
#[derive(Clone)]
pub struct TemporaryCredentials {
    /// `ASIA…`.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret_access_key: String,
    /// Goes with every request as `X-Amz-Security-Token`.
    pub session_token: String,
    /// When they stop working.
    pub expires_at: Time,
    /// Whom they prove.
    pub caller: Arc<Caller>,
}

/// A session of a role that a service begins.
#[derive(Clone, Copy, Debug)]
pub struct ServiceSession<'a> {
    /// What its ARN ends with, 2 to 64 characters.
    pub name: &'a str,
    /// How long its credentials work.
    pub duration: Duration,
    /// `lambda:SourceFunctionArn`: the function in whose environments the credentials are, without a qualifier. None if
    /// the service keeps them for calls of its own.
    pub source_function_arn: Option<&'a str>,
}

/// Roles as services use them. Offered by the identity services.
pub trait Roles: Send + Sync {
    /// Ok if the role exists in `account` and its trust policy lets `service` (`lambda.amazonaws.com`) assume it.
    /// Errors: `NoSuchEntity` (404) and `AccessDenied` (403).
    fn check_assumable<'a>(
        &'a self,
        account: AccountId,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>>;

    /// Ok if the caller of `cx` may hand the role to `service` (`iam:PassRole`). Error: `AccessDenied` (403).
    fn check_pass<'a>(
        &'a self,
        cx: &'a CallCx,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>>;

    /// A session of the role for `service` in `region`, after the same check as [`Roles::check_assumable`].
    /// Writes nothing.
    fn assume_for_service<'a>(
        &'a self,
        account: AccountId,
        region: &'a Region,
        role_arn: &'a str,
        service: &'a str,
        session: ServiceSession<'a>,
    ) -> BoxFut<'a, Result<TemporaryCredentials, Error>>;
}
