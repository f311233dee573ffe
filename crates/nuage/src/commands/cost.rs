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
    let now = rt::os_clock().now();
    let since = if cost.month_to_date { usage::Span::Month.begin(now) } else { now - cost.since };
    let by = match cost.by {
        CostBy::Function => "function",
        CostBy::UsageType => "usage-type",
        CostBy::Hour => "hour",
        CostBy::Day => "day",
        CostBy::Month => "month",
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
    printer.result(&text(&bill, &cost, printer), &bill);
    Ok(ExitCode::SUCCESS)
}

async fn get(client: &Client, uri: String) -> Result<Value> {
    let response = client.send(Some("ce"), Request::get(uri), Bytes::new()).await?;
    match response.status() {
        StatusCode::OK => serde_json::from_slice(response.body()).attempt("the answer is no JSON"),
        _ => Err(refusal(&response)),
    }
}

/// A table: the group where there is one, the usage type, the quantity, its unit, US dollars; then the sum, and whose
/// prices these are.
fn text(bill: &Value, cost: &Cost, printer: Printer) -> String {
    let lines = bill["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    if lines.is_empty() {
        return nothing(bill, cost);
    }
    let group = |line: &Value| {
        let group = field(line, "group");
        group.rsplit_once(":function:").map_or(group.clone(), |(_, name)| name.to_string())
    };
    let title = match cost.by {
        CostBy::Function => "FUNCTION",
        CostBy::UsageType => "",
        CostBy::Hour => "HOUR",
        CostBy::Day => "DAY",
        CostBy::Month => "MONTH",
    };
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let width = longest(&mut lines.iter().map(|line| group(line).len())).max(title.len());
    let types = longest(&mut lines.iter().map(|line| field(line, "usage_type").len()));
    let head = format!(
        "{title:<width$}  {:<types$} {:>16} {:<10} {:>14}",
        "USAGE", "QUANTITY", "UNIT", "USD"
    );
    let mut text = format!("{}\n", printer.dim(&head));
    for line in lines {
        let quantity = line["quantity"].as_f64().unwrap_or_default();
        let usd = line["usd"].as_f64().unwrap_or_default();
        let (group, usage_type, unit) =
            (group(line), field(line, "usage_type"), field(line, "unit"));
        // Small amounts are told as well.
        let decimals = if unit == "Count" {
            0
        } else if quantity < 1.0 {
            9
        } else {
            3
        };
        text += &format!(
            "{group:<width$}  {usage_type:<types$} {quantity:>16.decimals$} {unit:<10} {usd:>14.8}\n"
        );
    }
    let usd = bill["usd"].as_f64().unwrap_or_default();
    text += &printer.bold(&format!("{usd:.8} USD"));
    text += &printer.dim(&format!(" since {}, {}", since(bill, cost), footnote(bill, cost)));
    text
}

fn field(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_string()
}

/// The day; where hours are shown, with the hour.
fn since(bill: &Value, cost: &Cost) -> String {
    let shown = if cost.by == CostBy::Hour { "2026-11-22T05:00" } else { "2026-11-22" };
    field(bill, "since").chars().take(shown.len()).collect()
}

fn footnote(bill: &Value, cost: &Cost) -> String {
    let prices = &bill["prices"];
    let free = if cost.free_tier { "after" } else { "without" };
    let mut text = format!(
        "at AWS's prices in {} of {}, {free} the free tier",
        field(prices, "region"),
        field(prices, "as_of"),
    );
    let others = prices["used_for_other_regions"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().filter_map(Value::as_str).collect();
        text += &format!(" (also for what was used in {})", others.join(", "));
    }
    text
}

/// Why the bill is empty, and what would change that.
fn nothing(bill: &Value, cost: &Cost) -> String {
    let of = cost.function.as_ref().map_or(String::new(), |function| format!(" by '{function}'"));
    let hint = match &cost.function {
        Some(function) => format!("nuage invoke {function}"),
        None => "nuage invoke NAME, or look further back with --since".to_string(),
    };
    format!("Nothing was used{of} since {}: 0 USD.\nNext: {hint}", since(bill, cost))
}
