//! `nuage runtime`.

use crate::cli::{Runtime, RuntimeAction};
use crate::data_dir;
use crate::environment;
use crate::failure::{Attempt, Failure, Result};
use crate::output::Printer;
use engine::RuntimeStatus;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// Clients of the AWS SDK for JavaScript that functions find; AWS's own image has all, which are 400 MB.
const NODEJS_CLIENTS: [&str; 16] = [
    "client-cloudwatch",
    "client-cloudwatch-logs",
    "client-dynamodb",
    "client-eventbridge",
    "client-iam",
    "client-kinesis",
    "client-kms",
    "client-lambda",
    "client-s3",
    "client-secrets-manager",
    "client-sfn",
    "client-sns",
    "client-sqs",
    "client-ssm",
    "client-sts",
    "lib-dynamodb",
];

pub fn run(runtime: Runtime, printer: Printer) -> Result<ExitCode> {
    let directory = match runtime.data_dir {
        Some(path) => path,
        None => environment::data_dir()?,
    };
    match runtime.action {
        RuntimeAction::List => list(&directory, printer),
        RuntimeAction::Install { name } => install(&name, &directory, printer)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn statuses(directory: &Path) -> Vec<RuntimeStatus> {
    let path = environment::variable("PATH").unwrap_or_default();
    engine_function::host_runtimes(directory, path.into(), environment::home().ok())
}

fn list(directory: &Path, printer: Printer) {
    let statuses = statuses(directory);
    let mut text = String::new();
    let value: Vec<Value> = statuses
        .iter()
        .map(|status| {
            let (mark, about) = match &status.state {
                Ok(found) => (printer.good("●"), found.clone()),
                Err(unavailable) => (printer.dim("○"), printer.dim(&unavailable.reason)),
            };
            text += &format!("{mark} {:<16} {about}\n", status.name);
            json!({
                "name": status.name,
                "available": status.state.is_ok(),
                "found": status.state.as_ref().ok(),
                "reason": status.state.as_ref().err().map(|unavailable| &unavailable.reason),
            })
        })
        .collect();
    printer.result(&text, &value.into());
}

/// The interpreter by the host's package manager, then the language's AWS SDK into the data directory.
fn install(name: &str, directory: &Path, printer: Printer) -> Result<()> {
    let find = || statuses(directory).into_iter().find(|status| status.name == name);
    let Some(status) = find() else {
        return Err(Failure::new(format!("there is no runtime named {name}"))
            .hint("`nuage runtime list` names all of them"));
    };
    if status.state.is_err() {
        install_interpreter(name, printer)?;
        let found = find().map(|status| status.state);
        if let Some(Err(unavailable)) = found {
            return Err(Failure::new(unavailable.reason));
        }
    }
    install_sdk(name, directory, printer)?;
    if let Some(pid) = data_dir::holder(directory)
        && let Some(pid) = rustix::process::Pid::from_raw(pid)
        && rustix::process::kill_process(pid, rustix::process::Signal::USR1).is_ok()
    {
        printer.note("the running cloud looks for its runtimes anew");
    }
    let found = find().and_then(|status| status.state.ok()).unwrap_or_default();
    let value = json!({ "name": name, "available": true, "found": found });
    printer.result(&format!("functions of {name} can run: {found}"), &value);
    Ok(())
}

fn install_interpreter(name: &str, printer: Printer) -> Result<()> {
    let package = match name.strip_prefix("nodejs") {
        Some(_) => "nodejs",
        None if name.starts_with("python3.") => name,
        None => {
            return Err(Failure::new(format!("functions of {name} can not run here yet"))
                .hint("docs/coverage.md lists what can"));
        }
    };
    let root = rustix::process::geteuid().is_root();
    let by_hand =
        format!("install {name} by hand, for example with pyenv, uv or nvm, then run this again");
    if !root || !program_exists("apt-get") {
        let why = if root { "there is no apt-get here" } else { "only root may install packages" };
        return Err(Failure::new(format!("{name} is missing, and {why}")).hint(by_hand));
    }
    printer.note(&format!("installing the package {package}"));
    let apt = |arguments: &[&str]| {
        let mut command = program("apt-get");
        command.args(["-qq", "--yes", "--no-install-recommends"]).args(arguments);
        step(command.env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"]).and_then(|()| apt(&["install", package])).map_err(|f| f.hint(by_hand))
}

fn install_sdk(name: &str, directory: &Path, printer: Printer) -> Result<()> {
    let sdk = directory.join("sdk");
    let mut command = if name.starts_with("python") {
        let target = sdk.join("python");
        if target.join("boto3").is_dir() {
            return Ok(());
        }
        let mut pip = program("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        pip.arg(target).arg("boto3");
        pip
    } else if name.starts_with("nodejs") {
        let target = sdk.join("nodejs");
        if target.join("node_modules/@aws-sdk").is_dir() {
            return Ok(());
        }
        std::fs::create_dir_all(&target)
            .attempt(format!("{} can not be made", target.display()))?;
        let mut npm = program("npm");
        npm.args([
            "install",
            "--silent",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--prefix",
        ]);
        npm.arg(target).args(NODEJS_CLIENTS.map(|client| format!("@aws-sdk/{client}")));
        npm
    } else {
        return Ok(());
    };
    printer.note("installing the AWS SDK that functions find");
    step(&mut command)
}

#[expect(clippy::disallowed_methods, reason = "installing is what other programs do best")]
fn program(name: &str) -> Command {
    Command::new(name)
}

fn program_exists(name: &str) -> bool {
    let path = environment::variable("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Its output goes to standard error: standard output is for the result.
fn step(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(std::io::stderr());
    let status = command.status().attempt(format!("{name} can not be run"))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("{name} failed: {status}"))),
    }
}
