//! `nuage runtime`.

use crate::cli::{Runtime, RuntimeAction};
use crate::config_file::ConfigFile;
use crate::data_dir;
use crate::environment;
use crate::failure::{Failure, Result};
use crate::output::Printer;
use engine::RuntimeStatus;
use engine_function::Installation;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub fn run(runtime: Runtime, printer: Printer) -> Result<ExitCode> {
    let directory = match runtime.data_dir {
        Some(path) => path,
        None => environment::data_dir()?,
    };
    let mapped = ConfigFile::find(runtime.config.as_deref(), &directory)?.runtimes;
    match runtime.action {
        RuntimeAction::List => list(&directory, mapped, printer),
        RuntimeAction::Install { name, from } => install(name, from, directory, mapped, printer)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runtime names and the interpreters chosen for them.
type Mapped = BTreeMap<String, PathBuf>;

fn statuses(directory: &Path, mapped: Mapped) -> Vec<RuntimeStatus> {
    let path = environment::variable("PATH").unwrap_or_default();
    engine_function::host_runtimes(directory, path.into(), environment::home().ok(), mapped)
}

fn list(directory: &Path, mapped: Mapped, printer: Printer) {
    let statuses = statuses(directory, mapped);
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

fn install(
    name: String,
    from: Option<PathBuf>,
    data_dir: PathBuf,
    mapped: Mapped,
    printer: Printer,
) -> Result<()> {
    let image = match from {
        Some(_) => String::new(),
        None => format!(
            "; a container image can bring it along: nuage runtime install {name} --from FILE"
        ),
    };
    let wanted = Installation {
        runtime: name.clone(),
        from,
        data_dir: data_dir.clone(),
        path: environment::variable("PATH").unwrap_or_default().into(),
        home: environment::home().ok(),
        mapped: mapped.clone(),
    };
    engine_function::install(&wanted, &|progress| printer.note(progress)).map_err(|error| {
        Failure::new(error.to_string())
            .hint(format!("`nuage runtime list` tells what each runtime needs{image}"))
    })?;
    if let Some(pid) = data_dir::holder(&data_dir)
        && let Some(pid) = Pid::from_raw(pid)
        && kill_process(pid, Signal::USR1).is_ok()
    {
        printer.note("The running cloud looks for its runtimes anew.");
    }
    let status = statuses(&data_dir, mapped).into_iter().find(|status| status.name == name);
    let found = status.and_then(|status| status.state.ok());
    let text = format!("{name}: {}", found.as_deref().unwrap_or("installed"));
    printer.result(&text, &json!({ "name": name, "available": found.is_some(), "found": found }));
    Ok(())
}
