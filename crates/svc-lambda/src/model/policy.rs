//! Resource policies of functions, as `AddPermission` builds them.
//! <https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html>

use crate::tables::PolicyRecord;
use crate::{Result, errors, limits};
use base::{AccountId, Arn};
use policy::{Kind, Policy};
use serde_json::{Value, json};

/// A permission to be added.
pub struct Permission<'p> {
    /// Names the statement.
    pub statement_id: &'p str,
    /// `lambda:InvokeFunction` and the like.
    pub action: &'p str,
    /// A service, an account, an ARN, or everybody.
    pub principal: &'p str,
    /// `AWS:SourceArn`.
    pub source_arn: Option<&'p str>,
    /// `AWS:SourceAccount`.
    pub source_account: Option<&'p str>,
    /// `lambda:EventSourceToken`.
    pub event_source_token: Option<&'p str>,
    /// `aws:PrincipalOrgID`.
    pub principal_org_id: Option<&'p str>,
    /// `lambda:InvokedViaFunctionUrl`.
    pub invoked_via_function_url: Option<bool>,
    /// `lambda:FunctionUrlAuthType`.
    pub function_url_auth_type: Option<&'p str>,
}

impl<'p> Permission<'p> {
    /// Without conditions.
    pub fn new(statement_id: &'p str, action: &'p str, principal: &'p str) -> Self {
        Permission {
            statement_id,
            action,
            principal,
            source_arn: None,
            source_account: None,
            event_source_token: None,
            principal_org_id: None,
            invoked_via_function_url: None,
            function_url_auth_type: None,
        }
    }

    /// The statement for `resource`, the ARN of the function, version or alias. Error: 400 if it cannot be evaluated, which
    /// is the principal's fault, for the model of the API has checked everything else.
    pub fn statement(&self, resource: &str) -> Result<Value> {
        let mut statement = json!({
            "Sid": self.statement_id,
            "Effect": "Allow",
            "Principal": principal(self.principal)?,
            "Action": self.action,
            "Resource": resource,
        });
        let mut condition = serde_json::Map::new();
        let mut equals = serde_json::Map::new();
        let pairs = [
            ("AWS:SourceAccount", self.source_account),
            ("lambda:EventSourceToken", self.event_source_token),
            ("aws:PrincipalOrgID", self.principal_org_id),
            ("lambda:FunctionUrlAuthType", self.function_url_auth_type),
        ];
        for (key, value) in pairs {
            if let Some(value) = value {
                equals.insert(key.to_string(), json!(value));
            }
        }
        if !equals.is_empty() {
            condition.insert("StringEquals".to_string(), Value::Object(equals));
        }
        if let Some(arn) = self.source_arn {
            condition.insert("ArnLike".to_string(), json!({ "AWS:SourceArn": arn }));
        }
        if let Some(via_url) = self.invoked_via_function_url {
            let value = if via_url { "true" } else { "false" };
            condition.insert("Bool".to_string(), json!({ "lambda:InvokedViaFunctionUrl": value }));
        }
        if !condition.is_empty() {
            statement["Condition"] = Value::Object(condition);
        }
        let compiled = Policy::parse(&text(std::slice::from_ref(&statement)), Kind::Resource);
        compiled.map_err(|_| errors::principal_invalid())?;
        Ok(statement)
    }
}

fn principal(text: &str) -> Result<Value> {
    if text == "*" {
        return Ok(json!("*"));
    }
    if AccountId::parse(text).is_some() {
        return Ok(json!({ "AWS": format!("arn:aws:iam::{text}:root") }));
    }
    if let Some(arn) = Arn::parse(text) {
        return match arn.service() {
            "iam" | "sts" => Ok(json!({ "AWS": text })),
            _ => Err(errors::principal_invalid()),
        };
    }
    if is_service(text) {
        return Ok(json!({ "Service": text }));
    }
    Err(errors::principal_invalid())
}

/// Below which services have their names, perhaps with a region; Alexa's are at amazon.com.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services>
const SERVICE_DOMAINS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];

/// Whether a service may be called so. AWS knows which there are; here the form decides.
fn is_service(text: &str) -> bool {
    let label = |label: &str| {
        let is_valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.bytes().all(is_valid)
    };
    let name = SERVICE_DOMAINS.iter().find_map(|domain| text.strip_suffix(domain));
    name.is_some_and(|name| name.split('.').all(label))
}

/// The policy as a document: what `GetPolicy` answers and what calls are decided by.
pub fn document(record: &PolicyRecord) -> String {
    text(&record.statements)
}

fn text(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements }).to_string()
}

/// The statement `sid`.
pub fn find<'r>(record: &'r PolicyRecord, sid: &str) -> Option<&'r Value> {
    record.statements.iter().find(|statement| statement["Sid"] == sid)
}

/// Whom the statement is about: a service, an ARN, or everybody. An account is the ARN of its root user.
pub fn principal_of(statement: &Value) -> Option<&str> {
    let principal = &statement["Principal"];
    principal.as_str().or_else(|| principal.as_object()?.values().next()?.as_str())
}

/// How the function's URL must let requests in for the statement to count, as far as it says so.
pub fn url_auth_type(statement: &Value) -> Option<&str> {
    statement["Condition"]["StringEquals"]["lambda:FunctionUrlAuthType"].as_str()
}

/// The user or role that the statement is about. AWS lets sessions be named before they begin, so these are not looked up.
pub fn user_or_role(statement: &Value) -> Option<&str> {
    let arn = principal_of(statement)?;
    (arn.starts_with("arn:aws:iam:") && !arn.ends_with(":root")).then_some(arn)
}

/// Names users and roles that are gone by their unique ids, as AWS shows them: nobody is called so. `unique_id` is who has
/// an ARN now.
pub fn forget_gone(
    record: &mut PolicyRecord,
    unique_id: impl Fn(&str) -> Result<Option<String>>,
) -> Result<()> {
    let PolicyRecord { statements, principal_ids, .. } = record;
    for statement in statements {
        let id = statement["Sid"].as_str().and_then(|sid| principal_ids.get(sid));
        let (Some(id), Some(arn)) = (id, user_or_role(statement)) else { continue };
        if unique_id(arn)?.as_ref() != Some(id) {
            statement["Principal"] = json!({ "AWS": id });
        }
    }
    Ok(())
}

/// Adds a statement; its id must be new and the whole must not be too long.
pub fn add(policy: &mut PolicyRecord, statement: Value) -> Result<()> {
    let sid = statement["Sid"].as_str().unwrap_or_default();
    if find(policy, sid).is_some() {
        return Err(errors::statement_exists(sid));
    }
    policy.statements.push(statement);
    let bytes = document(policy).len();
    if bytes > limits::POLICY_BYTES_MAX { Err(errors::policy_too_long(bytes)) } else { Ok(()) }
}

/// Removes the statement `sid`.
pub fn remove(policy: &mut PolicyRecord, sid: &str) -> Result<()> {
    let before = policy.statements.len();
    policy.statements.retain(|statement| statement["Sid"] != sid);
    policy.principal_ids.remove(sid);
    if policy.statements.len() == before { Err(errors::statement_not_found(sid)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permission<'p>(principal: &'p str, source_arn: Option<&'p str>) -> Permission<'p> {
        Permission {
            statement_id: "s",
            action: "lambda:InvokeFunction",
            principal,
            source_arn,
            source_account: None,
            event_source_token: None,
            principal_org_id: None,
            invoked_via_function_url: None,
            function_url_auth_type: None,
        }
    }

    #[test]
    fn principals() {
        let of = |text| permission(text, None).statement("*").map(|s| s["Principal"].clone());
        assert_eq!(of("*").unwrap(), json!("*"));
        assert_eq!(of("s3.amazonaws.com").unwrap(), json!({ "Service": "s3.amazonaws.com" }));
        for service in [
            "logs.us-east-1.amazonaws.com",
            "s3.amazonaws.com.cn",
            "lambda.alarms.cloudwatch.amazonaws.com",
            "alexa-appkit.amazon.com",
        ] {
            assert_eq!(of(service).unwrap(), json!({ "Service": service }));
        }
        let root = json!({ "AWS": "arn:aws:iam::111111111111:root" });
        assert_eq!(of("111111111111").unwrap(), root);
        assert_eq!(of("arn:aws:iam::111111111111:root").unwrap(), root);
        let role = "arn:aws:iam::111111111111:role/path/r";
        assert_eq!(of(role).unwrap(), json!({ "AWS": role }));
        let malformed = [
            "nobody",
            "amazonaws.com",
            ".amazonaws.com",
            "s3..amazonaws.com",
            "S3.amazonaws.com",
            "foo.bar",
            ".",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::111111111111:group/g",
            "arn:aws:iam::111111111111:root/x",
            "arn:aws:iam::111111111111:*",
            "arn:aws:iam:::root",
            "arn:aws:sts::111111111111:x",
        ];
        for text in malformed {
            assert!(of(text).is_err(), "{text}");
        }
    }

    #[test]
    fn statements_are_named_once() {
        let mut policy = PolicyRecord::default();
        let statement =
            permission("s3.amazonaws.com", Some("arn:aws:s3:::b")).statement("*").unwrap();
        assert_eq!(
            statement["Condition"],
            json!({ "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::b" } })
        );
        add(&mut policy, statement.clone()).unwrap();
        assert!(add(&mut policy, statement).is_err());
        remove(&mut policy, "s").unwrap();
        assert!(remove(&mut policy, "s").is_err());
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let arn = "arn:aws:iam::111111111111:role/r";
        let mut policy = PolicyRecord::default();
        add(&mut policy, permission(arn, None).statement("*").unwrap()).unwrap();
        policy.principal_ids.insert("s".to_string(), "AROA1".to_string());
        let mut now = |id: Option<&str>| {
            forget_gone(&mut policy, |asked| {
                assert_eq!(asked, arn);
                Ok(id.map(str::to_string))
            })
            .unwrap();
            policy.statements[0]["Principal"].clone()
        };
        assert_eq!(now(Some("AROA1")), json!({ "AWS": arn }));
        assert_eq!(now(Some("AROA2")), json!({ "AWS": "AROA1" }));
        Policy::parse(&document(&policy), Kind::Resource).unwrap();
    }

    #[test]
    fn policies_are_bounded() {
        let mut policy = PolicyRecord::default();
        let full = (0..).find(|i| {
            let sid = format!("s{i}");
            let permission = Permission { statement_id: &sid, ..permission("*", None) };
            add(&mut policy, permission.statement("*").unwrap()).is_err()
        });
        assert!((150..400).contains(&full.unwrap()));
    }
}
