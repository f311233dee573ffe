//! `nuage cost`.

use crate::cli::{Cost, CostBy, Global};
use crate::client::{Client, block_on, refusal};
use crate::failure::{Attempt, Result};
use crate::output::Printer;
use crate::usage_report;
use base::Clock;
use bytes::Bytes;
use http::{Request, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::process::ExitCode;

pub fn run(global: &Global, cost: Cost, printer: Printer) -> Result<ExitCode> {
    let client = Client::new(global)?;
    let since = rt::os_clock().now() - cost.since;
    let by = match cost.by {
        CostBy::Function => "function",
        CostBy::UsageType => "usage-type",
        CostBy::Hour => "hour",
    };
    let mut uri = format!(
        "{}?by={by}&free_tier={}&since_ms={}",
        usage_report::PATH,
        cost.free_tier,
        since.unix_ms()
    );
    if let Some(function) = &cost.function {
        uri += &format!("&function={}", utf8_percent_encode(function, NON_ALPHANUMERIC));
    }
    let bill = block_on(get(&client, uri))?;
    printer.result(&text(&bill, cost.free_tier, printer), &bill);
    Ok(ExitCode::SUCCESS)
}

async fn get(client: &Client, uri: String) -> Result<Value> {
    let response = client.send(Some("ce"), Request::get(uri), Bytes::new()).await?;
    match response.status() {
        StatusCode::OK => serde_json::from_slice(response.body()).attempt("the answer is no JSON"),
        _ => Err(refusal(&response)),
    }
}

/// A table: the group where there is one, the usage type, the quantity, its unit, US dollars.
fn text(bill: &Value, free_tier: bool, printer: Printer) -> String {
    let lines = bill["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    let field = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_string();
    let group = |line: &Value| {
        let group = field(line, "group");
        group.rsplit_once(":function:").map_or(group.clone(), |(_, name)| name.to_string())
    };
    let width = lines.iter().map(|line| group(line).len()).max().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let quantity = line["quantity"].as_f64().unwrap_or_default();
        let usd = line["usd"].as_f64().unwrap_or_default();
        let (group, usage_type, unit) =
            (group(line), field(line, "usage_type"), field(line, "unit"));
        text += &format!(
            "{group:<width$}  {usage_type:<34} {quantity:>16.3} {unit:<10} {usd:>14.8} USD\n"
        );
    }
    let usd = bill["usd"].as_f64().unwrap_or_default();
    text += &printer.bold(&format!("{usd:.8} USD"));
    let prices = &bill["prices"];
    let free = if free_tier { "after" } else { "without" };
    text += &printer.dim(&format!(
        " at AWS's prices in {} of {}, {free} the free tier",
        field(prices, "region"),
        field(prices, "as_of"),
    ));
    text
}
