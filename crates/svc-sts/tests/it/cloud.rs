//! A cloud with nothing but STS, one user and two roles.

use base::{AccountId, BoxFut, Region, RequestId, SeededEntropy, SimClock, Time};
use parking_lot::Mutex;
use rt::{Routes, Service};
use seams::{
    AccessRequest, AssumeRole, Authorizer, CallCx, Caller, Credential, Credentials, Error,
    Identities, OidcProvider, Principal, RoleIdentity, UserIdentity, Web, WebError,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use svc_sts::{Deps, RootAccessKey, Sts};
use wire::{Body, Protocol, Request};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/path/work";
pub const SHORT_ROLE: &str = "arn:aws:iam::123456789012:role/short";
pub const ISSUER: &str = "https://id.example.com";
pub const USER_KEY: &str = "AKIAQAAAAAAAAAAAAAAA";

pub fn account() -> AccountId {
    AccountId::parse("123456789012").unwrap()
}

/// Everybody may assume every role unless `refuses`; everybody may do everything unless `denies`.
#[derive(Default)]
pub struct Directory {
    pub refuses: Mutex<bool>,
    pub denies: Mutex<bool>,
    pub roles_made_again: AtomicU64,
    pub generation: AtomicU64,
    /// What the web holds, by URL, and how often it was asked.
    pub documents: Mutex<BTreeMap<String, Vec<u8>>>,
    pub fetched: AtomicU64,
    /// The code that everybody's device shows.
    pub code: Mutex<Option<String>>,
    /// What the last wish to assume a role carried.
    pub wished: Mutex<Vec<String>>,
}

impl Identities for Directory {
    fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    fn long_term_credential(&self, access_key_id: &str) -> Result<Option<Credential>, Error> {
        let credential = || Credential {
            secret_access_key: "user's secret".to_string(),
            caller: Arc::new(user()),
        };
        Ok((access_key_id == USER_KEY).then(credential))
    }

    fn user(&self, _: AccountId, name: &str) -> Result<Option<UserIdentity>, Error> {
        let user = user();
        let identity = UserIdentity { arn: user.arn, id: user.user_id, name: "ann".to_string() };
        Ok((name == "ann").then_some(identity))
    }

    fn role(&self, role_arn: &str) -> Result<Option<RoleIdentity>, Error> {
        let hours = match role_arn {
            ROLE => 12,
            SHORT_ROLE => 1,
            _ => return Ok(None),
        };
        let made_again = self.roles_made_again.load(Ordering::Relaxed);
        Ok(Some(RoleIdentity {
            account: account(),
            arn: role_arn.to_string(),
            id: format!("AROA{made_again}"),
            name: role_arn.rsplit('/').next().unwrap().to_string(),
            session_duration_max: Duration::from_secs(hours * 3_600),
        }))
    }

    fn managed_policy(&self, policy_arn: &str) -> Result<Option<String>, Error> {
        Ok(policy_arn.ends_with("/Known").then(|| "{\"known\":1}".to_string()))
    }

    fn oidc_provider(
        &self,
        account: AccountId,
        issuer: &str,
    ) -> Result<Option<OidcProvider>, Error> {
        let provider = || OidcProvider {
            arn: format!("arn:aws:iam::{account}:oidc-provider/id.example.com"),
            url: ISSUER.to_string(),
            client_ids: vec!["app".to_string()],
            thumbprints: Vec::new(),
        };
        Ok((issuer == ISSUER).then(provider))
    }

    fn check_mfa<'a>(
        &'a self,
        _: &'a Caller,
        _: &'a str,
        code: &'a str,
        _: Time,
    ) -> BoxFut<'a, Result<bool, Error>> {
        let is_right = self.code.lock().as_deref() == Some(code);
        Box::pin(async move { Ok(is_right) })
    }

    fn check_assume(&self, cx: &CallCx, wish: &AssumeRole<'_>) -> Result<RoleIdentity, Error> {
        let denied = || Error::new(403, "AccessDenied", format!("{} may not", cx.caller.arn));
        let texts = [Some(wish.session_name), wish.external_id, wish.source_identity];
        let mut wished: Vec<String> = texts.into_iter().flatten().map(str::to_string).collect();
        wished.extend(wish.keys.iter().map(|key| format!("{}={}", key.name, key.values.join(","))));
        if wish.mfa_authenticated {
            wished.push("mfa".to_string());
        }
        *self.wished.lock() = wished;
        self.role(wish.role_arn)?.filter(|_| !*self.refuses.lock()).ok_or_else(denied)
    }
}

impl Web for Directory {
    fn get<'a>(
        &'a self,
        url: &'a str,
        _: &'a [String],
        _: usize,
    ) -> BoxFut<'a, Result<Vec<u8>, WebError>> {
        let found = self.documents.lock().get(url).cloned();
        self.fetched.fetch_add(1, Ordering::Relaxed);
        Box::pin(
            async move { found.ok_or_else(|| WebError::Failed("no such document".to_string())) },
        )
    }
}

impl Authorizer for Directory {
    fn authorize<'a>(
        &'a self,
        _: &'a CallCx,
        request: &'a AccessRequest,
    ) -> BoxFut<'a, Result<(), Error>> {
        let denied = || {
            let (action, resource, context) =
                (&request.action, &request.resource, &request.context);
            Error::new(403, "AccessDenied", format!("{action} {resource} {context:?}"))
        };
        let denies = *self.denies.lock();
        Box::pin(async move { if denies { Err(denied()) } else { Ok(()) } })
    }
}

pub struct Cloud {
    pub sts: Arc<Sts>,
    pub directory: Arc<Directory>,
    pub clock: Arc<SimClock>,
    routes: Routes,
}

/// What AWS's clients show of a failed call.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    pub status: u16,
    pub message: String,
}

/// The access key of the root user that was generated.
pub const ROOT_KEY: &str = "AKIAROOT";

pub fn user() -> Caller {
    Caller {
        account: account(),
        arn: "arn:aws:iam::123456789012:user/ann".to_string(),
        user_id: "AIDAANN".to_string(),
        principal: Principal::User { name: "ann".to_string() },
        access_key_id: Some(USER_KEY.to_string()),
        session: None,
    }
}

impl Cloud {
    pub fn new() -> Self {
        Self::with_root_key([7; 32])
    }

    pub fn with_root_key(root_key: [u8; 32]) -> Self {
        let directory = Arc::new(Directory::default());
        let clock = Arc::new(SimClock::new(Time::from_unix_s(1_700_000_000)));
        let sts = Arc::new(Sts::new(Deps {
            root_key,
            root_access_key: Some(RootAccessKey {
                id: ROOT_KEY.to_string(),
                secret: "generated".to_string(),
            }),
            identities: directory.clone(),
            authorizer: directory.clone(),
            web: directory.clone(),
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1)),
        }));
        Cloud { routes: sts.clone().routes(), sts, directory, clock }
    }

    pub fn cx(&self, caller: &Caller) -> CallCx {
        CallCx {
            caller: Arc::new(caller.clone()),
            account: caller.account,
            region: Region::default(),
            request_id: RequestId::new(&SeededEntropy::new(3)),
            received_at: Time::from_unix_s(1_700_000_000),
            source_arn: None,
            source_ip: None,
            user_agent: "test".into(),
            hops: 0,
            trace: Default::default(),
        }
    }

    /// The answer's XML.
    pub async fn call(
        &self,
        caller: &Caller,
        action: &str,
        params: &[(&str, &str)],
    ) -> Result<String, Fault> {
        let (service, protocol) = (&wire_sts::SERVICE, Protocol::AwsQuery);
        let operation = service.operation(action).expect("an operation of STS");
        let mut body = format!("Action={action}&Version={}", service.version);
        for (key, value) in params {
            body.push_str(&format!("&{key}={}", encode(value)));
        }
        let request = Request {
            method: http::Method::POST,
            path: "/".to_string(),
            query: String::new(),
            headers: http::HeaderMap::new(),
            body: Body::Full(body.into()),
        };
        let cx = Arc::new(self.cx(caller));
        match self.routes.call(protocol, operation, request, cx, &*self.directory).await {
            Ok(answer) => {
                let body = answer.body.full().expect("not a stream").to_vec();
                Ok(String::from_utf8(body).expect("XML is text"))
            }
            Err(error) => Err(Fault {
                code: error.code(service, protocol).to_string(),
                status: error.status(service, protocol),
                message: match error.internal_cause() {
                    Some(cause) => format!("{cause:?}"),
                    None => error.message().to_string(),
                },
            }),
        }
    }

    /// Whom the credentials in an answer prove.
    pub async fn caller_of(&self, answer: &str) -> Caller {
        let (id, token) = (text(answer, "AccessKeyId"), text(answer, "SessionToken"));
        let found = self.sts.look_up(&id, Some(&token), false).await;
        let found = found.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(found.secret_access_key, text(answer, "SecretAccessKey"));
        (*found.caller).clone()
    }
}

fn encode(value: &str) -> String {
    let one = |b: u8| match b.is_ascii_alphanumeric() {
        true => char::from(b).to_string(),
        false => format!("%{b:02X}"),
    };
    value.bytes().map(one).collect()
}

/// The first element with this name.
pub fn text(xml: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let part = xml.split(&open).nth(1).unwrap_or_else(|| panic!("no {name} in {xml}"));
    part.split(&close).next().unwrap_or_default().to_string()
}
