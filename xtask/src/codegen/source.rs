//! Where the models come from: Python packages of pinned versions.

use crate::process::program;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the Python package `name` of `version`: the installed one if it is that version, else downloaded into
/// `cache`.
pub fn package(cache: &Path, name: &str, version: &str) -> Result<PathBuf, String> {
    let module = name.replace('-', "_");
    if let Some(folder) = installed(name, &module, version) {
        return Ok(folder);
    }
    let target = cache.join(format!("{module}-{version}"));
    let folder = target.join(&module);
    if !folder.exists() {
        fs::create_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
        let only_wheels = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest"];
        let download = ["-m", "pip", "download"];
        run(python()
            .args(download)
            .args(only_wheels)
            .arg(cache)
            .arg(format!("{name}=={version}")))?;
        let wheel = cache.join(format!("{module}-{version}-py3-none-any.whl"));
        run(python().args(["-m", "zipfile", "-e"]).arg(wheel).arg(&target))?;
    }
    Ok(folder)
}

fn installed(name: &str, module: &str, version: &str) -> Option<PathBuf> {
    let script = "import sys, importlib.metadata as m, importlib.util as u; print(m.version(sys.argv[1])); \
                  print(u.find_spec(sys.argv[2]).submodule_search_locations[0])";
    let output = python().args(["-c", script, name, module]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (found, folder) = text.trim().split_once('\n')?;
    (found == version).then(|| PathBuf::from(folder))
}

/// The interpreter of the project's virtual environment, which has the pinned botocore, or the system's.
fn python() -> std::process::Command {
    let own = crate::setup::python();
    if own.exists() { program(own) } else { program("python3") }
}

fn run(command: &mut std::process::Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program}: {status}")),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

/// The model in `folder`, compressed or not.
pub fn read_model(folder: &Path) -> Result<Value, String> {
    let plain = folder.join("service-2.json");
    let text = if plain.exists() {
        fs::read(&plain).map_err(|e| format!("{}: {e}", plain.display()))?
    } else {
        let compressed = folder.join("service-2.json.gz");
        let output = program("gzip").arg("-dc").arg(&compressed).output();
        let output = output.map_err(|e| format!("gzip: {e}"))?;
        if !output.status.success() {
            return Err(format!("{} can not be read", compressed.display()));
        }
        output.stdout
    };
    serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", folder.display()))
}
