//! Decisions from outside: a request and all its policies as one JSON document, and the answer as another.
//!
//! The members are those of the published test cases of other evaluators, so that these can be run as they are:
//!
//! ```json
//! {
//!   "request": {
//!     "principal": "arn:aws:iam::123456789012:user/ann",
//!     "action": "s3:GetObject",
//!     "resource": {"resource": "arn:aws:s3:::bucket/key", "accountId": "123456789012"},
//!     "context": {"aws:SecureTransport": "true", "aws:TagKeys": ["a", "b"]}
//!   },
//!   "identityPolicies": [],
//!   "resourcePolicy": {},
//!   "permissionBoundaries": [],
//!   "sessionPolicy": {},
//!   "serviceControlPolicies": [{"orgIdentifier": "r-1", "policies": []}],
//!   "resourceControlPolicies": [{"orgIdentifier": "r-1", "policies": []}],
//!   "endpointPolicies": [],
//!   "simulation": {"mode": "Discovery", "strictConditionKeys": ["aws:SourceIp"]},
//!   "expected": {"response": "Allowed"}
//! }
//! ```
//!
//! Only `request` must be there. The context holds what is given and nothing else. A `*` in the resource asks about some
//! resource that matches it, unless `"wildcardOnlyAction": true` says that the action knows no resources.

use crate::context::{Context, Known};
use crate::denial::Reason;
use crate::document::Effect;
use crate::evaluate::{Decision, Identity, Policies, Request, ResourceSide};
use crate::explain::{Explanation, Finding, Mismatch, explain};
use crate::principal::Principal;
use crate::services;
use crate::statement::{Policy, PolicyType};
use base::{AccountId, Arn};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One document; see the module's text.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// What answers call it.
    pub name: Option<String>,
    request: Asked,
    #[serde(default)]
    identity_policies: Vec<Value>,
    #[serde(default)]
    resource_policy: Option<Value>,
    #[serde(default)]
    permission_boundaries: Option<Vec<Value>>,
    #[serde(default)]
    session_policy: Option<Value>,
    #[serde(default)]
    service_control_policies: Option<Vec<Level>>,
    #[serde(default)]
    resource_control_policies: Option<Vec<Level>>,
    #[serde(default, alias = "vpcEndpointPolicies")]
    endpoint_policies: Option<Vec<Value>>,
    #[serde(default)]
    simulation: Option<Simulation>,
    /// What the document expects of the answer.
    #[serde(default)]
    expected: Option<Expected>,
    /// Members that mean nothing here.
    #[serde(flatten)]
    others: BTreeMap<String, Value>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Asked {
    principal: AskedPrincipal,
    action: String,
    resource: AskedResource,
    #[serde(default, alias = "contextVariables")]
    context: Map<String, Value>,
    #[serde(default)]
    wildcard_only_action: bool,
}

#[derive(Deserialize, Debug)]
#[serde(untagged)]
enum AskedPrincipal {
    /// An ARN, or a service's host name.
    Named(String),
    Typed {
        r#type: String,
    },
}

#[derive(Deserialize, Debug)]
#[serde(untagged)]
enum AskedResource {
    Arn(String),
    #[serde(rename_all = "camelCase")]
    Owned {
        resource: String,
        account_id: String,
    },
}

/// One level of an organization.
#[derive(Deserialize, Debug)]
struct Level {
    policies: Vec<Value>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Simulation {
    mode: Option<String>,
    #[serde(default)]
    strict_condition_keys: Vec<String>,
    #[serde(default)]
    discovery_context_key_constraints: Vec<Constraint>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
struct Constraint {
    key_name: String,
    presence_is_known: bool,
    value_is_known: bool,
}

#[derive(Deserialize, Debug)]
struct Expected {
    response: Option<String>,
}

/// Policies of one kind, compiled.
type Compiled = Vec<Arc<Policy>>;

impl Case {
    /// Reads one case or a list of them. The error says what is wrong and where.
    pub fn read_all(text: &str) -> Result<Vec<Case>, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match value {
            Value::Array(cases) => cases.into_iter().map(Self::from_value).collect(),
            case => Ok(vec![Self::from_value(case)?]),
        }
    }

    fn from_value(mut value: Value) -> Result<Self, String> {
        let name = value["name"].as_str().unwrap_or("the case").to_string();
        // Some suites wrap what is asked, which leaves the name and what is expected outside.
        if value.get("request").is_none() && value["simulation"]["request"].is_object() {
            let mut inner = value["simulation"].take();
            let overall = value["expected"]["overallResult"].take();
            inner["name"] = value["name"].take();
            inner["expected"] = json!({ "response": overall });
            value = inner;
        }
        serde_json::from_value(value).map_err(|error| format!("{name}: {error}"))
    }

    /// The response that the document expects: `Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied`.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_ref()?.response.as_deref()
    }

    /// Decides. The answer holds `result` (`Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`), for denials AWS's
    /// `message`, in `decidedBy` the statements that decided, and in `statements` what every statement says.
    pub fn answer(&self) -> Result<Value, String> {
        let explanation = self.explain()?;
        let (principal, action) = (self.caller_name(), &*self.request.action);
        let (result, reason, message) = match &explanation.decision {
            Decision::Allowed => ("Allowed", None, None),
            Decision::Denied(denial) => {
                let message = denial.message(principal, action, Some(self.request.resource.arn()));
                match denial.reason {
                    Reason::Explicit(at) => {
                        ("ExplicitlyDenied", Some(at.policy_type), Some(message))
                    }
                    Reason::Implicit(kind) => ("ImplicitlyDenied", Some(kind), Some(message)),
                }
            }
        };
        let deciding = match result {
            "Allowed" => Some(Effect::Allow),
            "ExplicitlyDenied" => Some(Effect::Deny),
            _ => None,
        };
        let decides = |f: &&Finding| f.mismatches.is_empty() && Some(f.effect) == deciding;
        let decided_by = explanation.findings.iter().filter(decides).map(place);
        let mut answer = json!({
            "result": result,
            "decidedBy": decided_by.collect::<Vec<_>>(),
            "statements": explanation.findings.iter().map(finding).collect::<Vec<_>>(),
        });
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                answer[name] = value;
            }
        };
        put("name", self.name.as_deref().map(Value::from));
        put("message", message.map(Value::from));
        put("policyType", reason.map(|kind| Value::from(type_name(kind))));
        let not_known = |name: &&String| !matches!(&***name, "description" | "skip");
        let ignored: Vec<&String> = self.others.keys().filter(not_known).collect();
        put("ignored", (!ignored.is_empty()).then(|| json!(ignored)));
        Ok(answer)
    }

    /// Decides, with reasons.
    pub fn explain(&self) -> Result<Explanation, String> {
        let identity = compile(&self.identity_policies, PolicyType::IdentityBased)?;
        let boundary = compile_some(&self.permission_boundaries, PolicyType::PermissionsBoundary)?;
        if boundary.len() > 1 {
            return Err("a user or role has one permissions boundary".to_string());
        }
        let endpoint = compile_some(&self.endpoint_policies, PolicyType::VpcEndpoint)?;
        let session = self.session_policy.iter().map(|p| read(p, PolicyType::Session));
        let session = session.collect::<Result<Compiled, _>>()?;
        let has_identity = !matches!(self.request.principal, AskedPrincipal::Typed { .. });
        let service_control =
            compile_levels(&self.service_control_policies, PolicyType::ServiceControl)?;
        let resource_control =
            compile_levels(&self.resource_control_policies, PolicyType::ResourceControl)?;
        let policy_type = match self.is_assumption() {
            true => PolicyType::RoleTrust,
            false => PolicyType::ResourceBased,
        };
        let resource = self.resource_policy.iter().map(|p| read(p, policy_type));
        let resource = resource.collect::<Result<Compiled, _>>()?;

        let user_arn = self.federating_user();
        let principal = self.principal(user_arn.as_deref())?;
        let (asked, context, known) = (&self.request, self.context(), self.known());
        let literal = asked.wildcard_only_action && asked.resource.arn() == "*";
        let mut request = Request::new(principal, &asked.action, asked.resource.arn(), &context);
        if asked.resource.arn().contains('*') && !literal {
            request = request.for_some_resource();
        }
        if let Some(known) = &known {
            request = request.in_some_context(known);
        }
        let identity = match principal {
            Principal::Root { .. } => Identity::Everything,
            Principal::Anonymous => Identity::Policies(&[]),
            _ => Identity::Policies(&identity),
        };
        let service_control: Vec<&[Arc<Policy>]> = service_control.iter().map(|l| &l[..]).collect();
        let resource_control: Vec<&[Arc<Policy>]> =
            resource_control.iter().map(|l| &l[..]).collect();
        let policies = Policies {
            identity,
            resource: Some(ResourceSide {
                account: self.owner(&principal)?,
                policy: resource.first().map(|policy| &**policy),
                policy_type,
                required: services::requires_consent(
                    &asked.action,
                    asked.resource.arn(),
                    !resource.is_empty(),
                ),
                granted: false,
            }),
            boundary: boundary.first().filter(|_| has_identity).map(|policy| &**policy),
            session: (has_identity && !session.is_empty()).then_some(&session[..]),
            service_control: &service_control,
            resource_control: &resource_control,
            endpoint: (!endpoint.is_empty()).then_some(&endpoint[..]),
        };
        Ok(explain(&request, &policies))
    }

    fn is_assumption(&self) -> bool {
        let action = self.request.action.to_ascii_lowercase();
        action.starts_with("sts:assumerole")
    }

    fn caller_name(&self) -> &str {
        match &self.request.principal {
            AskedPrincipal::Named(name) => name,
            AskedPrincipal::Typed { .. } => "anonymous",
        }
    }

    /// The user behind a federated session is called like it, as far as this document tells.
    fn federating_user(&self) -> Option<String> {
        let arn = Arn::parse(self.caller_name())?;
        let name = arn.resource().strip_prefix("federated-user/")?;
        Some(format!("arn:{}:iam::{}:user/{name}", arn.partition(), arn.account()))
    }

    fn principal<'a>(&'a self, user_arn: Option<&'a str>) -> Result<Principal<'a>, String> {
        let name = match &self.request.principal {
            AskedPrincipal::Typed { r#type } if r#type == "Anonymous" => {
                return Ok(Principal::Anonymous);
            }
            AskedPrincipal::Typed { r#type } => return Err(format!("no principal is {type}")),
            AskedPrincipal::Named(name) => &**name,
        };
        if let Some(account) = AccountId::parse(name) {
            return Ok(Principal::Root { account });
        }
        let unknown = || format!("'{name}' is no principal");
        let Some(arn) = Arn::parse(name) else {
            let is_host = name.contains('.') && !name.contains([':', '/', '*']);
            return is_host.then_some(Principal::Service { name }).ok_or_else(unknown);
        };
        let (account, resource) = (arn.account_id().ok_or_else(unknown)?, arn.resource());
        let is = |service: &str, kind: &str| arn.service() == service && resource.starts_with(kind);
        Ok(match () {
            () if arn.service() == "iam" && resource == "root" => Principal::Root { account },
            () if is("iam", "user/") => Principal::User { arn: name, account },
            () if is("iam", "role/") => {
                Principal::RoleSession { session_arn: "", role_arn: name, account }
            }
            () if is("sts", "assumed-role/") => {
                Principal::RoleSession { session_arn: name, role_arn: "", account }
            }
            () if is("sts", "federated-user/") => {
                Principal::FederatedUser { arn: name, user_arn, account }
            }
            () if is("iam", "saml-provider/") || is("iam", "oidc-provider/") => {
                Principal::Federated { provider: name }
            }
            () => return Err(unknown()),
        })
    }

    /// Whose the resource is: as said, as its ARN says, or the caller's.
    fn owner(&self, principal: &Principal<'_>) -> Result<AccountId, String> {
        let said = match &self.request.resource {
            // As the ARNs of AWS's own policies say.
            AskedResource::Owned { account_id, .. } if account_id == "aws" => None,
            AskedResource::Owned { account_id, .. } => {
                let account = AccountId::parse(account_id);
                Some(account.ok_or_else(|| format!("'{account_id}' is no account"))?)
            }
            AskedResource::Arn(text) => Arn::parse(text).and_then(|arn| arn.account_id()),
        };
        Ok(said.or(principal.account()).unwrap_or(AccountId::DEFAULT))
    }

    fn context(&self) -> Context<'_> {
        let mut context = Context::with_capacity(self.request.context.len());
        for (key, value) in &self.request.context {
            match value {
                Value::Array(values) => {
                    context.put_many(key, values.iter().map(|v| text(v).into()).collect());
                }
                value => context.put(key, text(value)),
            }
        }
        context
    }

    /// In the mode `Discovery` all keys are open but those that are named.
    fn known(&self) -> Option<Known> {
        let simulation = self.simulation.as_ref()?;
        if simulation.mode.as_deref() != Some("Discovery") {
            return None;
        }
        let mut known = Known::nothing();
        for key in &simulation.strict_condition_keys {
            known.put(&key_pattern(key), true, true);
        }
        for constraint in &simulation.discovery_context_key_constraints {
            known.put(
                &key_pattern(&constraint.key_name),
                constraint.presence_is_known,
                constraint.value_is_known,
            );
        }
        Some(known)
    }
}

impl AskedResource {
    fn arn(&self) -> &str {
        match self {
            AskedResource::Arn(arn) | AskedResource::Owned { resource: arn, .. } => arn,
        }
    }
}

/// Suites write patterns of keys as `/aws:PrincipalTag/.*/` too.
fn key_pattern(key: &str) -> String {
    let expression = key.strip_prefix('/').and_then(|key| key.strip_suffix('/'));
    expression.map_or_else(|| key.to_string(), |expression| expression.replace(".*", "*"))
}

/// Values of context keys are texts; numbers and booleans may be written as such.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_string)
}

/// A document, or one below the member `policy` of an object that names it.
fn read(value: &Value, policy_type: PolicyType) -> Result<Arc<Policy>, String> {
    let document = match value.get("policy") {
        Some(document) if value.get("Statement").is_none() => document,
        _ => value,
    };
    let policy = Policy::read(&document.to_string(), policy_type);
    policy.map(Arc::new).map_err(|error| format!("{}: {error}", type_name(policy_type)))
}

fn compile(values: &[Value], policy_type: PolicyType) -> Result<Compiled, String> {
    values.iter().map(|value| read(value, policy_type)).collect()
}

fn compile_some(values: &Option<Vec<Value>>, kind: PolicyType) -> Result<Compiled, String> {
    compile(values.as_deref().unwrap_or_default(), kind)
}

fn compile_levels(levels: &Option<Vec<Level>>, kind: PolicyType) -> Result<Vec<Compiled>, String> {
    let levels = levels.as_deref().unwrap_or_default();
    levels.iter().map(|level| compile(&level.policies, kind)).collect()
}

fn type_name(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "service control policy",
        PolicyType::ResourceControl => "resource control policy",
        PolicyType::ResourceBased => "resource-based policy",
        PolicyType::RoleTrust => "role trust policy",
        PolicyType::IdentityBased => "identity-based policy",
        PolicyType::PermissionsBoundary => "permissions boundary",
        PolicyType::Session => "session policy",
        PolicyType::VpcEndpoint => "VPC endpoint policy",
    }
}

fn place(finding: &Finding) -> Value {
    let at = finding.at;
    let mut place = json!({
        "policyType": type_name(at.policy_type),
        "policy": at.policy,
        "statement": at.statement,
    });
    if matches!(at.policy_type, PolicyType::ServiceControl | PolicyType::ResourceControl) {
        place["level"] = json!(at.level);
    }
    if let Some(sid) = &finding.sid {
        place["sid"] = json!(sid);
    }
    place
}

fn finding(finding: &Finding) -> Value {
    let mut answer = place(finding);
    answer["effect"] = json!(format!("{:?}", finding.effect));
    answer["applies"] = json!(finding.mismatches.is_empty());
    let mismatches: Vec<Value> = finding.mismatches.iter().map(mismatch).collect();
    if !mismatches.is_empty() {
        answer["mismatches"] = json!(mismatches);
    }
    answer
}

fn mismatch(mismatch: &Mismatch) -> Value {
    match mismatch {
        Mismatch::Principal => json!({ "element": "Principal" }),
        Mismatch::Action => json!({ "element": "Action" }),
        Mismatch::Resource => json!({ "element": "Resource" }),
        Mismatch::Condition { operator, key, found } => {
            json!({ "element": "Condition", "operator": operator, "key": key, "found": found })
        }
    }
}
