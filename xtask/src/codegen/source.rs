//! Where the models come from: the botocore package of the pinned version.

use crate::process::program;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder `botocore/data` of `version`: of an installed package if it is that version, else downloaded into `cache`.
pub fn botocore_data(cache: &Path, version: &str) -> Result<PathBuf, String> {
    if let Some(data) = installed(version) {
        return Ok(data);
    }
    let target = cache.join(format!("botocore-{version}"));
    let data = target.join("botocore/data");
    if !data.exists() {
        fs::create_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
        let package = format!("botocore=={version}");
        let only_wheels = ["--no-deps", "--only-binary", ":all:", "--quiet", "--dest"];
        run(python().args(["-m", "pip", "download"]).args(only_wheels).arg(cache).arg(package))?;
        let wheel = cache.join(format!("botocore-{version}-py3-none-any.whl"));
        run(python().args(["-m", "zipfile", "-e"]).arg(wheel).arg(&target))?;
    }
    Ok(data)
}

fn installed(version: &str) -> Option<PathBuf> {
    let script = "import botocore; print(botocore.__version__); print(botocore.__path__[0])";
    let output = python().args(["-c", script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (found, path) = text.trim().split_once('\n')?;
    (found == version).then(|| Path::new(path).join("data"))
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
