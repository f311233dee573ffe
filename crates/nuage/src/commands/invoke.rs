//! `nuage invoke`.

use crate::cli::{Global, Invoke};
use crate::client::{Client, block_on, refusal};
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::io::Read;
use std::process::ExitCode;

/// Largest event, in bytes. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const PAYLOAD_BYTES_MAX: u64 = 6 << 20;

/// What stays as it is in a path's segment: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn run(global: &Global, invoke: Invoke, printer: Printer) -> Result<ExitCode> {
    let payload = payload(&invoke.payload)?;
    let client = Client::new(global)?;
    let function = utf8_percent_encode(&invoke.function, SEGMENT);
    let qualifier = invoke.qualifier.as_deref().map(|q| utf8_percent_encode(q, SEGMENT));
    let query = qualifier.map(|q| format!("?Qualifier={q}")).unwrap_or_default();
    let uri = format!("/2015-03-31/functions/{function}/invocations{query}");
    let mut request = Request::post(uri).header("content-type", "application/json");
    request = match invoke.asynchronous {
        true => request.header("x-amz-invocation-type", "Event"),
        // The log's end holds the report, with what the invocation cost.
        false => request.header("x-amz-log-type", "Tail"),
    };
    let response = block_on(client.send(Some("lambda"), request, payload))?;
    match response.status() {
        StatusCode::OK => Ok(show(&response, invoke.log, printer)),
        StatusCode::ACCEPTED => {
            let id = header(response.headers(), "x-amzn-requestid").unwrap_or_default();
            printer.result(&format!("accepted as {id}"), &json!({ "requestId": id }));
            Ok(ExitCode::SUCCESS)
        }
        StatusCode::NOT_FOUND => Err(refusal(&response).hint(hint(&invoke))),
        _ => Err(refusal(&response)),
    }
}

/// Where to look for what was not found. A qualifier may stand behind the name, or behind an ARN's seven parts.
fn hint(invoke: &Invoke) -> String {
    let parts: Vec<&str> = invoke.function.split(':').collect();
    let named = if parts[0] == "arn" { 7 } else { 1 };
    if invoke.qualifier.is_none() && parts.len() <= named {
        return "list functions with `aws lambda list-functions`".to_string();
    }
    let function = parts[..named.min(parts.len())].join(":");
    format!(
        "list versions and aliases with `aws lambda list-versions-by-function --function-name {function}` and \
         `aws lambda list-aliases --function-name {function}`"
    )
}

fn show(response: &Response<Bytes>, with_log: bool, printer: Printer) -> ExitCode {
    let failed = header(response.headers(), "x-amz-function-error");
    let log = header(response.headers(), "x-amz-log-result");
    let log = log.and_then(|log| STANDARD.decode(log).ok());
    let log = log.map(|log| String::from_utf8_lossy(&log).into_owned()).unwrap_or_default();
    let report = log.lines().rev().find(|line| line.starts_with("REPORT ")).unwrap_or_default();
    if printer.json {
        let payload: Value = serde_json::from_slice(response.body()).unwrap_or_else(|_| {
            Value::String(String::from_utf8_lossy(response.body()).into_owned())
        });
        let version = header(response.headers(), "x-amz-executed-version");
        let result = json!({
            "payload": payload,
            "functionError": failed,
            "executedVersion": version,
            "report": report,
            "log": with_log.then_some(log.as_str()),
        });
        printer.result("", &result);
    } else {
        if with_log {
            eprint!("{}", printer.dim(&log));
        }
        printer.raw(response.body());
        printer.raw(b"\n");
        let cost: Vec<&str> = report.split('\t').skip(1).map(str::trim).collect();
        if let Some(failed) = &failed {
            eprintln!("{}", printer.bad(&format!("the function failed: {failed}")));
        }
        if !cost.is_empty() {
            eprintln!("{}", printer.dim(cost.join(", ").trim_end_matches(", ")));
        }
    }
    if failed.is_some() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(String::from)
}

fn payload(argument: &str) -> Result<Bytes> {
    let mut bytes = Vec::new();
    let bounded = |source: &mut dyn Read, bytes: &mut Vec<u8>| {
        source.take(PAYLOAD_BYTES_MAX + 1).read_to_end(bytes)
    };
    match argument.strip_prefix('@') {
        Some(path) => {
            let mut file =
                std::fs::File::open(path).attempt(format!("{path} can not be opened"))?;
            bounded(&mut file, &mut bytes).attempt(format!("{path} can not be read"))?;
        }
        None if argument == "-" => {
            let read = bounded(&mut std::io::stdin(), &mut bytes);
            read.attempt("standard input can not be read")?;
        }
        None => bytes.extend_from_slice(argument.as_bytes()),
    }
    if bytes.len() as u64 > PAYLOAD_BYTES_MAX {
        return Err(Failure::new("the event is larger than 6 MiB"));
    }
    Ok(bytes.into())
}
