//! `nuage env`.

use super::key_of;
use crate::cli::{Env, Global, Shell, parse_endpoint, parse_region};
use crate::environment;
use crate::failure::{Failure, Result};
use crate::output::Printer;
use serde_json::{Map, Value};
use std::process::ExitCode;

pub fn run(global: &Global, env: Env, printer: Printer) -> Result<ExitCode> {
    // Those of the environment nobody has checked yet.
    let endpoint = parse_endpoint(&environment::endpoint(global)).map_err(Failure::new)?;
    let region = parse_region(&environment::region(global)).map_err(Failure::new)?;
    let (access_key_id, secret_access_key) = key_of(env.account.as_deref())?;
    let variables = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", access_key_id),
        ("AWS_SECRET_ACCESS_KEY", secret_access_key),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region),
    ];
    let as_json = || -> Value {
        variables
            .iter()
            .map(|(n, v)| (n.to_string(), v.clone().into()))
            .collect::<Map<_, _>>()
            .into()
    };
    // No value has a quotation mark or a backslash: all were checked.
    let lines = |form: fn(&str, &str) -> String| -> String {
        variables.iter().map(|(name, value)| form(name, value)).collect()
    };
    let text = match env.format {
        Shell::Json => format!("{:#}\n", as_json()),
        // A token of some other cloud in this shell would go with every request.
        Shell::Sh => {
            lines(|name, value| format!("export {name}='{value}'\n"))
                + "unset AWS_SESSION_TOKEN AWS_PROFILE\n"
        }
        Shell::Fish => {
            lines(|name, value| format!("set -gx {name} '{value}'\n"))
                + "set -e AWS_SESSION_TOKEN; set -e AWS_PROFILE\n"
        }
        Shell::Powershell => {
            lines(|name, value| format!("$env:{name} = '{value}'\n"))
                + "$env:AWS_SESSION_TOKEN = $null\n$env:AWS_PROFILE = $null\n"
        }
    };
    printer.result(&text, &as_json());
    Ok(ExitCode::SUCCESS)
}
