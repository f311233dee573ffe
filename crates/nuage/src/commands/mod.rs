//! The commands, one file each.

mod audit;
mod configure;
mod cost;
mod env;
mod invoke;
mod logs;
mod policy;
mod runtime;
mod status;
mod up;

use crate::cli::{Cli, Command};
use crate::environment::DEVELOPMENT_KEY;
use crate::failure::{Failure, Result};
use crate::output::Printer;
use std::process::ExitCode;

/// Runs what was asked for. Exits with 1 on failure; misuse of the command line has ended with 2 before.
pub fn run(cli: Cli) -> ExitCode {
    let printer = Printer::new(&cli.global);
    let result: Result<ExitCode> = match cli.command {
        Command::Up(up) => up::run(up, printer),
        Command::Status => status::run(&cli.global, printer),
        Command::Env(env) => env::run(&cli.global, env, printer),
        Command::Configure(configure) => configure::run(&cli.global, configure, printer),
        Command::Invoke(invoke) => invoke::run(&cli.global, invoke, printer),
        Command::Logs(logs) => logs::run(&cli.global, logs, printer),
        Command::Audit(audit) => audit::run(&cli.global, audit, printer),
        Command::Cost(cost) => cost::run(&cli.global, cost, printer),
        Command::Runtime(runtime) => runtime::run(runtime, printer),
        Command::Policy(policy) => policy::run(policy, printer),
    };
    result.unwrap_or_else(|failure| {
        printer.failure(&failure);
        ExitCode::FAILURE
    })
}

/// Access key id and secret of the root user of `account`, for programs of this machine.
fn key_of(account: Option<&str>) -> Result<(String, String)> {
    let secret = DEVELOPMENT_KEY.to_string();
    match account {
        None => Ok((secret.clone(), secret)),
        Some(account) if base::AccountId::parse(account).is_some() => {
            Ok((account.to_string(), secret))
        }
        Some(account) => Err(Failure::new(format!("'{account}' is no account; it has 12 digits"))),
    }
}
