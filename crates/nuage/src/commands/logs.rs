//! `nuage logs`.

use crate::cli::{Global, Logs};
use crate::client::{Client, block_on};
use crate::failure::Result;
use crate::output::Printer;
use base::{Clock, Time};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::process::ExitCode;
use std::time::Duration;

/// How long to wait for new events when there are none.
const PAUSE: Duration = Duration::from_millis(500);
/// How far behind the newest event late ones are still looked for.
const LATE: Duration = Duration::from_secs(10);

pub fn run(global: &Global, logs: Logs, printer: Printer) -> Result<ExitCode> {
    let client = Client::new(global)?;
    // Functions have no slash in their names, groups that begin otherwise are rare.
    let group = match logs.source.contains('/') {
        true => logs.source.clone(),
        false => format!("/aws/lambda/{}", logs.source),
    };
    let clock = rt::os_clock();
    block_on(async {
        let mut shown = HashSet::new();
        let mut from = clock.now() - logs.since;
        loop {
            let newest = show_since(&client, &group, &logs, from, &mut shown, printer).await?;
            if !logs.follow {
                return Ok(ExitCode::SUCCESS);
            }
            if let Some(newest) = newest
                && newest - LATE > from
            {
                from = newest - LATE;
            }
            clock.sleep(PAUSE).await;
        }
    })
}

/// Prints what was not `shown` yet; answers with the time of the newest event.
async fn show_since(
    client: &Client,
    group: &str,
    logs: &Logs,
    from: Time,
    shown: &mut HashSet<String>,
    printer: Printer,
) -> Result<Option<Time>> {
    let mut input = json!({ "logGroupName": group, "startTime": from.unix_ms() });
    if let Some(pattern) = &logs.filter {
        input["filterPattern"] = pattern.as_str().into();
    }
    let (mut newest, mut seen) = (None, HashSet::new());
    loop {
        let page = client.call("logs", "Logs_20140328.FilterLogEvents", &input).await;
        let page = page.map_err(|failure| match failure.message.contains("ResourceNotFound") {
            true => failure.hint(format!(
                "nothing was logged to {group} yet; `aws logs describe-log-groups` lists the groups"
            )),
            false => failure,
        })?;
        for event in page["events"].as_array().into_iter().flatten() {
            let id = event["eventId"].as_str().unwrap_or_default().to_string();
            let time = Time::from_unix_ms(event["timestamp"].as_u64().unwrap_or(0));
            newest = newest.max(Some(time));
            if !shown.contains(&id) {
                show(event, time, printer);
            }
            seen.insert(id);
        }
        match page["nextToken"].as_str() {
            Some(token) => input["nextToken"] = token.into(),
            None => break,
        }
    }
    // Older ones lie before the next start.
    *shown = seen;
    Ok(newest)
}

fn show(event: &Value, time: Time, printer: Printer) {
    let message = event["message"].as_str().unwrap_or_default().trim_end_matches('\n');
    let line = match printer.json {
        true => event.to_string(),
        false => format!("{} {message}", printer.dim(&time.to_string())),
    };
    printer.raw(format!("{line}\n").as_bytes());
}
