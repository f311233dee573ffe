//! `cargo xtask setup`: installs what the tests and the demonstration need, and nothing that is already there.
//!
//! - Debian or Ubuntu packages, with `apt-get` as root or through sudo: [`PACKAGES`].
//! - `.venv`: the AWS CLI, boto3 and pytest, as pinned in `tests/requirements.txt`.
//! - `tests/javascript/node_modules`: the AWS SDK for JavaScript, as pinned in its `package.json`.
//! - `tests/lambda/durable`: the SDKs for durable functions, as pinned there. Without them their tests are skipped.
//! - What tests of other languages need, as far as it can be had: see [`crate::languages`].
//! - `target/vectors`: the published protocol and signature cases, see [`vectors`].

use crate::process::{Result, command, exists, root, run, step};
use crate::vectors;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

/// A program that must be there, and the package that brings it.
const PACKAGES: &[(&str, &str)] =
    &[("cc", "gcc"), ("python3", "python3"), ("node", "nodejs"), ("npm", "npm"), ("curl", "curl")];

pub fn setup() -> Result<()> {
    system_packages()?;
    python_environment()?;
    vectors::vectors()?;
    javascript_packages()?;
    if let Err(error) = durable_packages() {
        step(&format!("the tests of durable functions will be skipped: {error}"));
    }
    crate::languages::languages();
    Ok(())
}

/// The python of the project's own virtual environment.
pub fn python() -> PathBuf {
    root().join(".venv/bin/python")
}

fn system_packages() -> Result<()> {
    let mut missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(program, _)| !exists(program))
        .map(|(_, package)| *package)
        .collect();
    // Debian splits these modules from the interpreter: one makes virtual environments, one installs the AWS SDK that
    // functions find.
    for (modules, package) in [("venv, ensurepip", "python3-venv"), ("pip", "python3-pip")] {
        let import = format!("import {modules}");
        let found = command(&["python3", "-c", &import]).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            missing.push(package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    apt_install(&missing)
}

/// Installs Debian or Ubuntu packages, as root or through sudo.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if !exists("apt-get") {
        return Err(format!("install these first, there is no apt-get here: {names}"));
    }
    step(&format!("installing packages: {names}"));
    let root_user = crate::process::output(&mut command(&["id", "-u"]))?.trim() == "0";
    let apt = |arguments: &[&str]| {
        let mut words = if root_user { vec![] } else { vec!["sudo"] };
        words.extend(["apt-get", "-qq"]);
        words.extend(arguments);
        run(command(&words).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

fn python_environment() -> Result<()> {
    let requirements = root().join("tests/requirements.txt");
    if up_to_date(".venv/requirements.txt", &requirements)? {
        return Ok(());
    }
    step("installing the AWS CLI, boto3 and pytest into .venv");
    run(&mut command(&["python3", "-m", "venv", ".venv"]))?;
    let pip =
        [".venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(command(&pip).arg("--requirement").arg(&requirements))?;
    mark(".venv/requirements.txt", &requirements)
}

fn javascript_packages() -> Result<()> {
    let manifest = root().join("tests/javascript/package.json");
    if up_to_date("tests/javascript/node_modules/.package.json", &manifest)? {
        return Ok(());
    }
    step("installing the AWS SDK for JavaScript into tests/javascript/node_modules");
    let npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"];
    run(command(&npm).current_dir(root().join("tests/javascript")))?;
    mark("tests/javascript/node_modules/.package.json", &manifest)
}

/// The SDKs that durable functions are packaged with: not those of the tests, which run elsewhere.
fn durable_packages() -> Result<()> {
    let directory = root().join("tests/lambda/durable");
    let requirements = directory.join("requirements.txt");
    if !up_to_date("tests/lambda/durable/python/requirements.txt", &requirements)? {
        step("installing the durable execution SDK for Python into tests/lambda/durable/python");
        // boto3, which it depends on, is where functions run.
        let pip = [".venv/bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"];
        let target = ["--disable-pip-version-check", "--target", "tests/lambda/durable/python"];
        run(command(&pip).args(target).arg("--requirement").arg(&requirements))?;
        mark("tests/lambda/durable/python/requirements.txt", &requirements)?;
    }
    let manifest = directory.join("package.json");
    if !up_to_date("tests/lambda/durable/node_modules/.package.json", &manifest)? {
        step("installing the durable execution SDK for JavaScript into tests/lambda/durable");
        let npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"];
        run(command(&npm).current_dir(directory))?;
        mark("tests/lambda/durable/node_modules/.package.json", &manifest)?;
    }
    Ok(())
}

/// Whether `stamp` is a copy of `source`: what was installed is what is asked for.
fn up_to_date(stamp: &str, source: &PathBuf) -> Result<bool> {
    let wanted = fs::read(source).map_err(|e| format!("{}: {e}", source.display()))?;
    Ok(fs::read(root().join(stamp)).is_ok_and(|installed| installed == wanted))
}

fn mark(stamp: &str, source: &PathBuf) -> Result<()> {
    fs::copy(source, root().join(stamp)).map(|_| ()).map_err(|e| format!("{stamp}: {e}"))
}
