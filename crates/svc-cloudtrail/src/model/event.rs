//! An event, as CloudTrail writes it.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use super::identity::{seconds, user_identity, username};
use super::operations::{event_name, is_data, is_global, is_read_only};
use crate::limits;
use crate::tables::EventRecord;
use base::{AccountId, Arn, Region, Time};
use seams::{AuditedCall, CallCx, Caller, Principal};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The version of the form of events.
const EVENT_VERSION: &str = "1.11";

/// An event that is to be written, with its key.
#[derive(Clone, Debug)]
pub struct Event {
    /// Whose it is.
    pub account: AccountId,
    /// Where it is shown.
    pub region: Region,
    /// When the call came.
    pub time: Time,
    /// `eventID`.
    pub event_id: String,
    /// `requestID`.
    pub request_id: String,
    /// The rest.
    pub record: EventRecord,
}

/// The event of a call.
pub fn make(cx: &CallCx, call: AuditedCall, event_id: String) -> Event {
    let region = match is_global(&call.event_source) {
        true => Region::default(),
        false => cx.region.clone(),
    };
    let mut caller = Cow::Borrowed(&*cx.caller);
    let is_data = is_data(&call.event_source, call.event_name);
    let name = event_name(&call.event_source, call.event_name);
    let read_only = is_read_only(&call.event_source, call.event_name);
    let parameters = call.parameters.as_deref().map_or(Value::Null, parsed);
    let answer = match read_only && call.event_source != "sts.amazonaws.com" {
        true => Value::Null,
        false => call.answer.as_deref().map_or(Value::Null, parsed),
    };
    let mut account = cx.account;
    if let Some(federated) = federated(&parameters, &answer) {
        // The request carried no signature: who asked is what the operation found out.
        account = federated.account;
        if caller.principal == Principal::Anonymous {
            caller = Cow::Owned(federated);
        }
    }
    let caller = &*caller;
    let resources = resources(&parameters, &answer);
    let request_id = cx.request_id.to_string();
    // Services call from nowhere: their names stand where a client's address and agent do.
    let service = match (&call.through, &caller.principal) {
        (Some(service), _) | (None, Principal::Service { name: service }) => Some(service.clone()),
        _ => None,
    };
    let source_address = match (&service, cx.source_ip) {
        (Some(service), _) => service.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => "AWS Internal".to_string(),
    };
    let agent = service.as_deref().unwrap_or(&cx.user_agent);
    let mut identity = user_identity(caller);
    if let Some(service) = &call.through {
        identity["invokedBy"] = service.as_str().into();
    }
    let mut event = json!({
        "eventVersion": EVENT_VERSION,
        "userIdentity": identity,
        "eventTime": seconds(cx.received_at),
        "eventSource": call.event_source,
        "eventName": name.as_str(),
        "awsRegion": region.as_str(),
        "sourceIPAddress": source_address,
        "userAgent": cut(agent, limits::USER_AGENT_CHARACTERS_MAX),
    });
    if let Some((code, message)) = &call.error {
        event["errorCode"] = code.as_str().into();
        event["errorMessage"] = cut(message, limits::ERROR_CHARACTERS_MAX).into();
    }
    event["requestParameters"] = non_empty(parameters);
    event["responseElements"] = non_empty(answer);
    event["requestID"] = request_id.as_str().into();
    event["eventID"] = event_id.as_str().into();
    event["readOnly"] = read_only.into();
    let arns = resources.iter().filter(|(_, name)| name.starts_with("arn:"));
    let arns: Vec<Value> = arns.map(|(kind, arn)| resource(kind.as_deref(), arn)).collect();
    if !arns.is_empty() {
        event["resources"] = arns.into();
    }
    event["eventType"] = "AwsApiCall".into();
    event["apiVersion"] = call.api_version.into();
    event["managementEvent"] = (!is_data).into();
    event["recipientAccountId"] = account.to_string().into();
    event["eventCategory"] = if is_data { "Data" } else { "Management" }.into();
    let record = EventRecord {
        event: event.to_string(),
        name,
        source: call.event_source,
        username: username(caller),
        access_key_id: caller.access_key_id.clone(),
        read_only,
        resources,
        is_data,
        explanation: call.explanation,
    };
    Event { account, region, time: cx.received_at, event_id, request_id, record }
}

/// The caller of `AssumeRoleWithWebIdentity`, in the account of the role.
fn federated(parameters: &Value, answer: &Value) -> Option<Caller> {
    parameters.get("webIdentityToken")?;
    let account = Arn::parse(parameters["roleArn"].as_str()?)?.account_id()?;
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    Some(Caller::federated(account, text("provider"), text("subjectFromWebIdentityToken")))
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn non_empty(value: Value) -> Value {
    match value {
        Value::Object(object) if object.is_empty() => Value::Null,
        value => value,
    }
}

fn cut(text: &str, characters_max: usize) -> String {
    text.chars().take(characters_max).collect()
}

fn resource(kind: Option<&str>, arn: &str) -> Value {
    let mut out = Map::new();
    let account = arn.split(':').nth(4).unwrap_or_default();
    if !account.is_empty() {
        out.insert("accountId".to_string(), account.into());
    }
    if let Some(kind) = kind {
        out.insert("type".to_string(), kind.into());
    }
    out.insert("ARN".to_string(), arn.into());
    out.into()
}

/// Which members of requests and answers name resources, and of what type.
const NAMES: [(&str, Option<&str>); 20] = [
    ("functionName", Some("AWS::Lambda::Function")),
    ("functionArn", Some("AWS::Lambda::Function")),
    ("roleName", Some("AWS::IAM::Role")),
    ("roleArn", Some("AWS::IAM::Role")),
    ("role", Some("AWS::IAM::Role")),
    ("userName", Some("AWS::IAM::User")),
    ("groupName", Some("AWS::IAM::Group")),
    ("policyArn", Some("AWS::IAM::Policy")),
    ("policyName", Some("AWS::IAM::Policy")),
    ("instanceProfileName", Some("AWS::IAM::InstanceProfile")),
    ("keyId", Some("AWS::KMS::Key")),
    ("aliasName", Some("AWS::KMS::Alias")),
    ("logGroupName", Some("AWS::Logs::LogGroup")),
    ("logStreamName", Some("AWS::Logs::LogStream")),
    ("bucketName", Some("AWS::S3::Bucket")),
    ("bucket", Some("AWS::S3::Bucket")),
    ("layerName", Some("AWS::Lambda::LayerVersion")),
    ("resource", None),
    ("resourceArn", None),
    ("arn", None),
];

fn resources(parameters: &Value, answer: &Value) -> Vec<(Option<String>, String)> {
    let mut found: Vec<(Option<String>, String)> = Vec::new();
    let mut look = |value: &Value| {
        for (name, kind) in NAMES {
            let Some(text) = value[name].as_str().filter(|text| !text.is_empty()) else { continue };
            if !found.iter().any(|(_, known)| known == text) {
                found.push((kind.map(str::to_string), text.to_string()));
            }
        }
    };
    look(parameters);
    look(answer);
    // Answers of IAM and KMS name what was made one level below.
    for inner in answer.as_object().into_iter().flat_map(|object| object.values()) {
        if inner.is_object() {
            look(inner);
        }
    }
    found
}
