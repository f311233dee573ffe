//! Roles that services take on.

use crate::Sts;
use crate::model::claims::{Claims, Who};
use base::{AccountId, Arn, BoxFut, Region, RequestId, Time};
use seams::{
    AccessRequest, AssumeRole, CallCx, Caller, Error, RoleIdentity, Roles, ServiceSession,
    TemporaryCredentials,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

impl Roles for Sts {
    fn check_assumable<'a>(
        &'a self,
        account: AccountId,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let region = Region::default();
            self.service_role(account, &region, role_arn, service, "check").map(|_| ())
        })
    }

    fn check_pass<'a>(
        &'a self,
        cx: &'a CallCx,
        role_arn: &'a str,
        service: &'a str,
    ) -> BoxFut<'a, Result<(), Error>> {
        Box::pin(async move {
            let request =
                AccessRequest::new("iam:PassRole", role_arn).with("iam:PassedToService", service);
            self.authorizer.authorize(cx, &request).await
        })
    }

    fn assume_for_service<'a>(
        &'a self,
        account: AccountId,
        region: &'a Region,
        role_arn: &'a str,
        service: &'a str,
        session: ServiceSession<'a>,
    ) -> BoxFut<'a, Result<TemporaryCredentials, Error>> {
        Box::pin(async move {
            let role = self.service_role(account, region, role_arn, service, session.name)?;
            let who = Who::Role { arn: role.arn, id: role.id, session: session.name.to_string() };
            let mut claims = self.claims(who, session.duration);
            claims.source_function_arn = session.source_function_arn.map(str::to_string);
            self.issue(claims, account)
        })
    }
}

impl Sts {
    /// The role of `account`, if it trusts the service.
    fn service_role(
        &self,
        account: AccountId,
        region: &Region,
        role_arn: &str,
        service: &str,
        session_name: &str,
    ) -> Result<RoleIdentity, Error> {
        let role = self.identities.role(role_arn)?.filter(|role| role.account == account);
        if role.is_none() {
            let name = role_arn.rsplit('/').next().unwrap_or_default();
            let message = format!("The role with name {name} cannot be found.");
            return Err(Error::new(404, "NoSuchEntity", message));
        }
        let caller = Arc::new(Caller::service(account, service));
        let request_id = RequestId::new(&*self.entropy);
        let now = self.clock.now();
        let cx = CallCx::internal(caller, region.clone(), request_id, now, None::<Arn>);
        let wish = AssumeRole { role_arn, session_name, ..AssumeRole::default() };
        self.identities.check_assume(&cx, &wish)
    }

    /// Claims without any limit but their duration.
    pub(crate) fn claims(&self, who: Who, duration: Duration) -> Claims {
        let now = self.clock.now();
        // AWS's times of sessions are whole seconds, and so are those that clients are told.
        let issued_at = Time::from_unix_s(now.unix_s());
        Claims {
            who,
            issued_ms: issued_at.unix_ms(),
            expires_ms: (issued_at + duration).unix_ms(),
            policies: Vec::new(),
            policy_arns: Vec::new(),
            tags: BTreeMap::new(),
            transitive_tag_keys: Vec::new(),
            source_identity: None,
            chained: false,
            mfa: false,
            federation: None,
            source_function_arn: None,
        }
    }

    /// Credentials with these claims.
    pub(crate) fn issue(
        &self,
        claims: Claims,
        account: AccountId,
    ) -> Result<TemporaryCredentials, Error> {
        let sealed = self.seal.seal(&claims, account, &*self.entropy);
        let caller = self.caller(&claims, &sealed.access_key_id);
        let caller = caller.map_err(|error| {
            Error::internal(format!("a session of {:?} was refused: {error:?}", claims.who))
        })?;
        Ok(TemporaryCredentials {
            access_key_id: sealed.access_key_id,
            secret_access_key: sealed.secret,
            session_token: sealed.token,
            expires_at: Time::from_unix_ms(claims.expires_ms),
            caller: Arc::new(caller),
        })
    }
}
