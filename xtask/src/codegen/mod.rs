//! `cargo xtask codegen`: writes `crates/wire-<service>` from AWS's models, as published in the botocore package, and
//! `crates/service-authorization/src/actions.rs` from AWS's Service Authorization Reference.
//!
//! The output is committed and never edited; `--check` fails where it differs from what would be written.

mod authorization;
mod emit;
mod model;
pub mod names;
mod overlay;
mod source;

use crate::process::{program, root};
use model::Model;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files to write, by their path below the crate.
type Files = BTreeMap<&'static str, String>;

/// Generates the services named by `arguments`, or all.
pub fn run(arguments: &[String]) -> Result<(), String> {
    let check = arguments.iter().any(|argument| argument == "--check");
    let wanted: Vec<&String> = arguments.iter().filter(|a| !a.starts_with("--")).collect();
    let root = root();
    let list = read_toml(&root.join("models/services.toml"))?;
    let version = &pinned("botocore")?;
    let services = list["services"].as_object().ok_or("models/services.toml: no services")?;
    if let Some(unknown) = wanted.iter().find(|name| !services.contains_key(name.as_str())) {
        return Err(format!("models/services.toml has no service {unknown}"));
    }
    let cache = root.join("target/models");
    let data = source::package(&cache, "botocore", version)?.join("data");
    let mut stale = Vec::new();
    if wanted.is_empty() {
        stale.extend(authorization::generate(&root, &cache, services.keys(), check)?);
    }
    for (name, settings) in services {
        if !wanted.is_empty() && !wanted.contains(&name) {
            continue;
        }
        let folder = settings["model"].as_str().ok_or_else(|| format!("{name}: no model"))?;
        let overlay_path = root.join(format!("models/overlays/{name}.toml"));
        let overlay =
            if overlay_path.exists() { read_toml(&overlay_path)? } else { serde_json::json!({}) };
        let json = source::read_model(&data.join(folder))?;
        let model = Model::new(name, json, settings, &overlay)?;
        let files = emit::crate_files(&model, version)?;
        let directory = root.join(format!("crates/wire-{name}"));
        let lines: usize = files.values().map(|text| text.lines().count()).sum();
        if check {
            stale.extend(differences(&directory, &files)?);
        } else {
            write(&directory, &files)?;
            println!("wire-{name}: {} operations, {lines} lines", model.operations.len());
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let listed = stale.iter().map(|path| format!("\n  {}", path.display())).collect::<String>();
    Err(format!("these differ from what the models give; run `cargo xtask codegen`:{listed}"))
}

/// The version of the Python package `name` that is read.
pub fn pinned(name: &str) -> Result<String, String> {
    let list = read_toml(&root().join("models/services.toml"))?;
    let version =
        list[name].as_str().ok_or(format!("models/services.toml: {name} is not a version"))?;
    Ok(version.to_string())
}

fn read_toml(path: &Path) -> Result<serde_json::Value, String> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    toml::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Formats `source` as the workspace's `rustfmt.toml` says.
fn rustfmt(source: &str) -> Result<String, String> {
    use std::io::Write;
    use std::process::Stdio;
    let mut child = program("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("rustfmt: {e}"))?;
    // Sources are larger than a pipe: a thread writes while this one reads.
    let mut stdin = child.stdin.take().expect("stdin was asked for");
    let output = std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.write_all(source.as_bytes()));
        let output = child.wait_with_output();
        writer.join().expect("writing does not panic").and(output)
    });
    let output = output.map_err(|e| format!("rustfmt: {e}"))?;
    if !output.status.success() {
        return Err("rustfmt can not read what was generated".into());
    }
    String::from_utf8(output.stdout).map_err(|e| format!("rustfmt: {e}"))
}

fn write(directory: &Path, files: &Files) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("{}: {e}", directory.display());
    let src = directory.join("src");
    if src.exists() {
        fs::remove_dir_all(&src).map_err(failed)?;
    }
    fs::create_dir_all(&src).map_err(failed)?;
    for (path, text) in files {
        fs::write(directory.join(path), text).map_err(failed)?;
    }
    Ok(())
}

/// Files that are missing, different, or not generated at all.
fn differences(directory: &Path, files: &Files) -> Result<Vec<PathBuf>, String> {
    let mut stale: Vec<PathBuf> = files
        .iter()
        .map(|(path, text)| (directory.join(path), text))
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(*text))
        .map(|(path, _)| path)
        .collect();
    if let Ok(entries) = fs::read_dir(directory.join("src")) {
        for entry in entries {
            let entry = entry.map_err(|e| format!("{}: {e}", directory.display()))?;
            let name = format!("src/{}", entry.file_name().to_string_lossy());
            if !files.contains_key(name.as_str()) {
                stale.push(entry.path());
            }
        }
    }
    Ok(stale)
}
