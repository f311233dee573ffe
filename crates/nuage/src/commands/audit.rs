//! `nuage audit`.

use crate::audit_report;
use crate::cli::{Audit, Global};
use crate::client::{Client, block_on, refusal};
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

const LOOKUP_EVENTS: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";

pub fn run(global: &Global, audit: Audit, printer: Printer) -> Result<ExitCode> {
    let client = Client::new(global)?;
    if let Some(request_id) = &audit.why {
        let found = block_on(why(&client, request_id))?;
        printer.result(&explained(&found, printer), &found);
        return Ok(ExitCode::SUCCESS);
    }
    let mut events = Vec::new();
    match &audit.operation {
        None => events = block_on(look_up(&client, json!({ "MaxResults": audit.last })))?,
        Some(operation) => {
            for name in svc_cloudtrail::event_names(operation) {
                let attribute = json!({ "AttributeKey": "EventName", "AttributeValue": name });
                let input = json!({ "MaxResults": audit.last, "LookupAttributes": [attribute] });
                events.extend(block_on(look_up(&client, input))?);
            }
            // Each list is in order, and times are texts that order as they do.
            events.sort_by(|a, b| b["eventTime"].as_str().cmp(&a["eventTime"].as_str()));
            events.truncate(audit.last as usize);
            if events.is_empty() {
                printer.note(&format!("no call of {operation} is recorded in this account"));
            }
        }
    }
    events.reverse();
    let lines: Vec<String> = events.iter().map(|event| line(event, printer)).collect();
    printer.result(&lines.join("\n"), &Value::from(events));
    Ok(ExitCode::SUCCESS)
}

/// The events, the newest first.
async fn look_up(client: &Client, input: Value) -> Result<Vec<Value>> {
    let answer = client.call("cloudtrail", LOOKUP_EVENTS, &input).await?;
    let texts = answer["Events"].as_array().into_iter().flatten();
    let texts = texts.filter_map(|event| event["CloudTrailEvent"].as_str());
    Ok(texts.filter_map(|text| serde_json::from_str(text).ok()).collect())
}

async fn why(client: &Client, request_id: &str) -> Result<Value> {
    if base::RequestId::parse(request_id).is_none() {
        return Err(Failure::new(format!("'{request_id}' is no id of a request")));
    }
    let uri = format!("{}?request_id={request_id}", audit_report::PATH);
    let response = client.send(Some("cloudtrail"), Request::get(uri), Bytes::new()).await?;
    if response.status() != StatusCode::OK {
        return Err(refusal(&response));
    }
    let found: Value = serde_json::from_slice(response.body()).attempt("the answer is no JSON")?;
    match found.is_null() {
        false => Ok(found),
        true => Err(Failure::new(format!("no call {request_id} is recorded in this account"))
            .hint("calls of another account are shown to its own users; calls on data only if they were denied")),
    }
}

/// Time, service and operation, who, and how it ended.
fn line(event: &Value, printer: Printer) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or_default();
    let service = text("eventSource").split('.').next().unwrap_or_default();
    let identity = &event["userIdentity"];
    let who = ["arn", "userName", "invokedBy"].iter().find_map(|name| identity[*name].as_str());
    let mut line = format!(
        "{}  {}  {service}:{}  {}",
        text("eventTime"),
        text("requestID"),
        text("eventName"),
        who.unwrap_or_default()
    );
    if let Some(code) = event["errorCode"].as_str() {
        line += &format!("  {}", printer.bold(code));
    }
    line
}

fn explained(found: &Value, printer: Printer) -> String {
    let event = &found["event"];
    let mut out = line(event, printer);
    if let Some(message) = event["errorMessage"].as_str().filter(|text| !text.is_empty()) {
        let _ = write!(out, "\n{message}");
    }
    let explanation = &found["explanation"];
    if explanation.is_null() {
        let told = match event["errorCode"].as_str() {
            None => "The call was not denied.",
            Some(_) => "No policy decided this.",
        };
        let _ = write!(out, "\n{told}");
        return out;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let _ = write!(out, "\n\n{}", printer.bold(&text(&explanation["reason"])));
    for finding in explanation["statements"].as_array().into_iter().flatten() {
        let sid = finding["sid"].as_str().map(|sid| format!(" ({sid})")).unwrap_or_default();
        let _ = write!(
            out,
            "\n  {} {}, statement {}{sid}: {}: {}",
            text(&finding["policyType"]),
            text(&finding["policy"]),
            finding["statement"],
            text(&finding["effect"]),
            text(&finding["why"]),
        );
    }
    let remedy = &explanation["remedy"];
    let _ = write!(out, "\n\n{}", text(&remedy["text"]));
    if !remedy["policy"].is_null() {
        let policy = serde_json::to_string_pretty(&remedy["policy"]).unwrap_or_default();
        let _ = write!(out, "\n{policy}");
    }
    out
}
