//! `nuage cost`.

use crate::cli::{Cost, Global};
use crate::client::{Client, block_on};
use crate::failure::Result;
use crate::output::Printer;
use base::Clock;
use serde_json::{Value, json};
use std::process::ExitCode;
use svc_lambda::metering::Total;

pub fn run(global: &Global, cost: Cost, printer: Printer) -> Result<ExitCode> {
    let client = Client::new(global)?;
    let group = format!("/aws/lambda/{}", cost.function);
    let from = rt::os_clock().now() - cost.since;
    let mut input = json!({
        "logGroupName": group,
        "startTime": from.unix_ms(),
        "filterPattern": "?\"REPORT RequestId\" ?\"platform.report\"",
    });
    let total = block_on(async {
        let mut total = Total::default();
        loop {
            let page = client.call("logs", "Logs_20140328.FilterLogEvents", &input).await;
            let page = page.map_err(|failure| {
                failure.hint(format!(
                    "costs are read from the log group {group}; `nuage logs` shows it"
                ))
            })?;
            for event in page["events"].as_array().into_iter().flatten() {
                add(&mut total, event["message"].as_str().unwrap_or_default());
            }
            match page["nextToken"].as_str() {
                Some(token) => input["nextToken"] = token.into(),
                None => return Ok(total),
            }
        }
    })?;
    let gb_s = total.mib_ms as f64 / 1_024_000.0;
    let text = format!(
        "{}: {} invocations, {} ms billed, {gb_s:.3} GB-s: {} USD",
        printer.bold(&cost.function),
        total.requests,
        total.billed_ms,
        printer.bold(&format!("{:.8}", total.usd())),
    );
    let value = json!({
        "function": cost.function,
        "invocations": total.requests,
        "billed_ms": total.billed_ms,
        "gb_s": gb_s,
        "usd": total.usd(),
    });
    printer.result(&text, &value);
    Ok(ExitCode::SUCCESS)
}

/// Adds a report, as text or as JSON.
fn add(total: &mut Total, line: &str) {
    let Some((billed_ms, memory_mib)) = report(line) else { return };
    total.requests += 1;
    total.billed_ms += billed_ms;
    total.mib_ms += billed_ms * memory_mib;
}

fn report(line: &str) -> Option<(u64, u64)> {
    if line.starts_with('{') {
        let event: Value = serde_json::from_str(line).ok()?;
        let metrics = &event["record"]["metrics"];
        let is_report = event["type"] == "platform.report";
        return is_report
            .then_some((metrics["billedDurationMs"].as_u64()?, metrics["memorySizeMB"].as_u64()?));
    }
    let field = |name: &str| {
        line.split('\t').find_map(|field| field.strip_prefix(name)?.split(' ').next()?.parse().ok())
    };
    line.strip_prefix("REPORT RequestId: ")?;
    Some((field("Billed Duration: ")?, field("Memory Size: ")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_in_both_formats() {
        let text = "REPORT RequestId: x\tDuration: 3.78 ms\tBilled Duration: 8 ms\tMemory Size: 128 MB\tMax Memory Used: 14 MB\t\n";
        assert_eq!(report(text), Some((8, 128)));
        let json = r#"{"time":"t","type":"platform.report","record":{"requestId":"x","metrics":{"durationMs":3.7,"billedDurationMs":8,"memorySizeMB":256}}}"#;
        assert_eq!(report(json), Some((8, 256)));
        for other in
            ["START RequestId: x", "{}", "{", "my own REPORT RequestId: \tBilled Duration: 8 ms"]
        {
            assert_eq!(report(other), None, "{other}");
        }
        let mut total = Total::default();
        add(&mut total, text);
        assert_eq!((total.requests, total.billed_ms, total.mib_ms), (1, 8, 1024));
    }
}
