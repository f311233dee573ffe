//! `nuage policy`.

use crate::cli::{Policy, PolicyAction};
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use policy::Case;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

/// Largest file of cases, in bytes.
const CASES_BYTES_MAX: u64 = 256 << 20;

pub fn run(command: Policy, printer: Printer) -> Result<ExitCode> {
    let PolicyAction::Evaluate { file } = command.action;
    let text = read(&file)?;
    let cases = Case::read_all(&text).map_err(Failure::new)?;
    let is_list = text.trim_start().starts_with('[');
    let (mut answers, mut lines, mut wrong) = (Vec::new(), String::new(), 0);
    for (index, case) in cases.iter().enumerate() {
        let name = || case.name.clone().unwrap_or_else(|| format!("case {index}"));
        let mut answer = match case.answer() {
            Ok(answer) => answer,
            // One that can not be decided does not hide the others.
            Err(error) if is_list => {
                wrong += 1;
                json!({ "name": name(), "error": error })
            }
            Err(error) => return Err(Failure::new(format!("{}: {error}", name()))),
        };
        let expected = case.expected().filter(|expected| answer["result"] != **expected);
        if let Some(expected) = expected {
            wrong += 1;
            answer["expected"] = json!(expected);
        }
        lines += &line(&answer, printer);
        answers.push(answer);
    }
    if let (true, false) = (is_list, printer.json) {
        lines += &printer.dim(&format!("{} decided, {wrong} not as expected\n", cases.len()));
    }
    let value = match is_list {
        true => Value::Array(answers),
        false => answers.pop().unwrap_or_default(),
    };
    printer.result(&lines, &value);
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn read(file: &Path) -> Result<String> {
    let failed = format!("cannot read {}", file.display());
    let mut text = String::new();
    let read = match file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(CASES_BYTES_MAX).read_to_string(&mut text),
        false => std::fs::File::open(file)
            .and_then(|file| file.take(CASES_BYTES_MAX).read_to_string(&mut text)),
    };
    read.attempt(&failed)?;
    Ok(text)
}

/// The result, the case's name, then what decided.
fn line(answer: &Value, printer: Printer) -> String {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    if let Some(error) = answer["error"].as_str() {
        return format!("{} {}\n  {error}\n", printer.bad("undecided"), text("name"));
    }
    let result = match text("result") {
        "Allowed" => printer.good("Allowed"),
        denied => printer.bad(denied),
    };
    let mut line = format!("{result} {}\n", text("name"));
    if let Some(expected) = answer["expected"].as_str() {
        line += &printer.bad(&format!("  expected {expected}\n"));
    }
    if !text("message").is_empty() {
        line += &format!("  {}\n", text("message"));
    }
    for at in answer["decidedBy"].as_array().into_iter().flatten() {
        let sid = at["sid"].as_str().map(|sid| format!(" ({sid})")).unwrap_or_default();
        let kind = at["policyType"].as_str().unwrap_or_default();
        line += &format!("  by statement {}{sid} of {kind} {}\n", at["statement"], at["policy"]);
    }
    line
}
