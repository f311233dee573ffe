//! The runtimes by name.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>

use crate::{Result, errors};
use sha2::{Digest, Sha256};

/// Runtimes that functions can be made with, in the order in which AWS's error lists them (recorded).
pub const SUPPORTED: &[&str] = &[
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Whether functions of this runtime may have SnapStart: Java 11, Python 3.12, .NET 8 and later.
/// <https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes>
pub fn has_snap_start(runtime: &str) -> bool {
    let at_least = |prefix: &str, least: u32| {
        let version = runtime.strip_prefix(prefix).and_then(|version| version.parse::<u32>().ok());
        version.is_some_and(|version| version >= least)
    };
    at_least("java", 11) || at_least("python3.", 12) || at_least("dotnet", 8)
}

/// How many invocations an environment of this runtime takes at once for each vCPU, if nobody says how many; None: functions
/// of it are not for managed instances. <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html>
pub fn managed_concurrency(runtime: &str) -> Option<u32> {
    let at_least = |prefix: &str, suffix: &str, least: u32| {
        let version = runtime.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
        version
            .and_then(|version| version.parse::<u32>().ok())
            .is_some_and(|version| version >= least)
    };
    if at_least("python3.", "", 13) {
        return Some(16);
    }
    if at_least("nodejs", ".x", 22) {
        return Some(64);
    }
    if at_least("java", "", 21) || at_least("dotnet", "", 8) {
        return Some(32);
    }
    // Of Rust, for which AWS names no other.
    (runtime == "provided.al2023").then_some(32)
}

/// Runtimes by which layers can be listed, in the order in which AWS's error lists them (recorded).
pub const LISTABLE: &[&str] = &[
    "ruby3.5",
    "ruby2.6",
    "dotnetcore1.0",
    "python3.7",
    "nodejs8.10",
    "nasa",
    "ruby2.7",
    "python2.7-greengrass",
    "dotnetcore2.0",
    "python3.8",
    "java21",
    "dotnet6",
    "dotnetcore2.1",
    "python3.9",
    "java11",
    "nodejs6.10",
    "provided",
    "dotnetcore3.1",
    "dotnet8",
    "java25",
    "java17",
    "nodejs",
    "nodejs4.3",
    "java8.al2",
    "go1.x",
    "dotnet10",
    "nodejs20.x",
    "go1.9",
    "byol",
    "nodejs10.x",
    "provided.al2023",
    "nodejs22.x",
    "python3.10",
    "java8",
    "nodejs12.x",
    "python3.11",
    "nodejs24.x",
    "nodejs8.x",
    "python3.12",
    "nodejs14.x",
    "nodejs8.9",
    "nodejs26.x",
    "python3.13",
    "python3.14",
    "nodejs16.x",
    "python3.15",
    "provided.al2",
    "nodejs4.3-edge",
    "nodejs18.x",
    "ruby3.2",
    "python3.4",
    "ruby3.3",
    "ruby3.4",
    "ruby2.5",
    "python3.6",
    "python2.7",
];

/// Runtimes that AWS no longer makes functions with.
const DEPRECATED: &[&str] = &[
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "java8",
    "python2.7",
    "python3.6",
    "python3.7",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "ruby2.5",
    "ruby2.7",
    "provided",
];

/// Whether a layer may say that it works with the runtime: all that ever were (recorded).
pub fn is_known(name: &str) -> bool {
    SUPPORTED.contains(&name) || DEPRECATED.contains(&name)
}

/// Ok if functions can be made with the runtime `name`; otherwise the error that AWS answers.
pub fn check(name: &str) -> Result<()> {
    if SUPPORTED.contains(&name) {
        Ok(())
    } else if DEPRECATED.contains(&name) {
        Err(errors::runtime_deprecated(name))
    } else {
        Err(errors::runtime_unknown(name))
    }
}

/// Whether functions bring their own bootstrap.
pub fn is_custom(name: &str) -> bool {
    name.starts_with("provided")
}

/// As the `INIT_START` line names the runtime: `python:3.12.v1`.
pub fn version_name(name: &str) -> String {
    let split = name.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(name.len());
    let (language, version) = name.split_at(split);
    let version = version.trim_start_matches('.');
    let version = version.strip_suffix(".x").unwrap_or(version);
    format!("{language}:{version}.v1")
}

/// As `RuntimeVersionConfig` names the runtime. AWS hashes the runtime's image; here the name stands for it.
pub fn version_arn(region: &base::Region, name: &str) -> String {
    let digest = Sha256::digest(version_name(name));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("arn:aws:lambda:{region}::runtime:{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_versions() {
        assert_eq!(version_name("python3.12"), "python:3.12.v1");
        assert_eq!(version_name("nodejs22.x"), "nodejs:22.v1");
        assert_eq!(version_name("provided.al2023"), "provided:al2023.v1");
        assert_eq!(version_name("java21"), "java:21.v1");
    }

    #[test]
    fn supported_and_not() {
        assert!(check("python3.13").is_ok());
        assert!(check("go1.x").is_err());
        assert!(check("PYTHON3.9").is_err());
    }
}
