//! `nuage status`.

use crate::cli::Global;
use crate::client::{Client, block_on};
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;
use std::process::ExitCode;

pub fn run(global: &Global, printer: Printer) -> Result<ExitCode> {
    let client = Client::new(global)?;
    let response = block_on(client.send(None, Request::get("/_nuage/health"), Bytes::new()))?;
    let health: Value = match response.status() {
        StatusCode::OK => {
            serde_json::from_slice(response.body()).attempt("the answer is no JSON")?
        }
        status => {
            return Err(Failure::new(format!(
                "what listens on {} is no such cloud: it answers {status}",
                client.endpoint()
            )));
        }
    };
    let mut text = format!(
        "{} {} at {}, up {}{}\n",
        printer.good("●"),
        printer.bold(&format!("nuage {}", health["version"].as_str().unwrap_or("?"))),
        client.endpoint(),
        span(health["uptime_ms"].as_u64().unwrap_or(0)),
        if health["ephemeral"] == true { ", ephemeral" } else { "" },
    );
    for (name, state) in health["services"].as_object().into_iter().flatten() {
        let state = state.as_str().unwrap_or("?");
        let line = match state {
            "running" => format!("  {name:<12} {state}\n"),
            _ => printer.dim(&format!("  {name:<12} {state}")) + "\n",
        };
        text += &line;
    }
    for limitation in health["limitations"].as_array().into_iter().flatten() {
        text += &format!("  {} {}\n", printer.bad("!"), limitation.as_str().unwrap_or_default());
    }
    printer.result(&text, &health);
    Ok(ExitCode::SUCCESS)
}

/// `3 s`, `5 min`, `2 h 5 min`, `3 d 2 h`.
fn span(ms: u64) -> String {
    let (s, min, h) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    match h {
        0 if min == 0 => format!("{s} s"),
        0 => format!("{min} min"),
        1..48 => format!("{h} h {} min", min % 60),
        _ => format!("{} d {} h", h / 24, h % 24),
    }
}
