//! `cargo xtask test`: every test there is, and a count of them.
//!
//! Rust tests that cannot run on this host print `skipped: <name>: <reason>`; pytest has its own way. Both are counted
//! and named, never silent.

use crate::process::{Result, cargo, command, run, step, target_dir};
use crate::setup;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

/// How tests ended.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub struct Counts {
    passed: u64,
    failed: u64,
    /// `<name>: <reason>`
    skipped: Vec<String>,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped.len())
    }
}

pub fn test() -> Result<()> {
    setup::setup()?;
    let mut counts = rust_tests()?;
    counts += black_box_tests()?;
    if !counts.skipped.is_empty() {
        println!("\nskipped:");
        counts.skipped.iter().for_each(|line| println!("  {line}"));
    }
    println!("\n{counts}");
    if counts.failed == 0 { Ok(()) } else { Err(format!("{} tests failed", counts.failed)) }
}

fn rust_tests() -> Result<Counts> {
    step("cargo test --workspace");
    let arguments = ["test", "--workspace", "--no-fail-fast", "--locked", "--", "--show-output"];
    let mut test = cargo(&arguments);
    test.env("NUAGE_REQUIRE_VECTORS", "1").env("NUAGE_TEST_REGISTRIES", "1");
    // The official interface client is among the packages of the virtual environment.
    let packages = crate::process::root().join(".venv/lib/python3.11/site-packages");
    if packages.exists() {
        test.env("NUAGE_TEST_AWSLAMBDARIC", packages);
    }
    let (mut counts, success) = read_rust(&mut test)?;
    // libtest knows no skipping at run time: it counted them as passed.
    counts.passed = counts.passed.saturating_sub(counts.skipped.len() as u64);
    // A crate that does not compile fails without a count.
    if !success && counts.failed == 0 {
        return Err("cargo test failed before it ran all tests".into());
    }
    Ok(counts)
}

fn read_rust(test: &mut Command) -> Result<(Counts, bool)> {
    let mut child = test.stdout(Stdio::piped()).spawn().map_err(|e| format!("cargo test: {e}"))?;
    let mut counts = Counts::default();
    for line in BufReader::new(child.stdout.take().expect("the output is piped")).lines() {
        let line = line.map_err(|e| format!("cargo test: {e}"))?;
        println!("{line}");
        count_rust(&line, &mut counts);
    }
    let status = child.wait().map_err(|e| format!("cargo test: {e}"))?;
    Ok((counts, status.success()))
}

/// Adds what one line of libtest's output tells.
fn count_rust(line: &str, counts: &mut Counts) {
    if let Some(skipped) = line.strip_prefix("skipped: ") {
        counts.skipped.push(skipped.to_string());
    }
    let Some(result) = line.strip_prefix("test result: ") else { return };
    let number = |word: &str| {
        let before = result.split(word).next().unwrap_or_default().trim_end();
        before.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    counts.passed += number("passed");
    counts.failed += number("failed");
}

fn black_box_tests() -> Result<Counts> {
    step("building nuage");
    run(&mut cargo(&["build", "--locked", "--package", "nuage"]))?;
    step("pytest tests");
    let report = target_dir().join("pytest.xml");
    let binary = target_dir().join("debug/nuage");
    let mut pytest = command(&[".venv/bin/python", "-m", "pytest", "tests", "-q", "-rs"]);
    pytest.arg(format!("--junitxml={}", report.display())).env("NUAGE_BINARY", binary);
    // Its exit code tells less than its report: a crash before the report is the only other failure.
    let ended = run(&mut pytest);
    let report =
        std::fs::read_to_string(&report).map_err(|e| format!("pytest left no report: {e}"))?;
    let counts = count_pytest(&report)?;
    if ended.is_err() && counts.failed == 0 {
        return Err("pytest failed outside of its tests".into());
    }
    Ok(counts)
}

/// Reads pytest's JUnit report: the attributes of `<testsuite>`, and name and reason of each `<skipped>`.
fn count_pytest(report: &str) -> Result<Counts> {
    let suite = report.split("<testsuite ").nth(1).ok_or("pytest's report has no <testsuite>")?;
    let suite_tag = suite.split('>').next().unwrap_or_default();
    let number = |name: &str| {
        attribute(suite_tag, name).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    let failed = number("failures") + number("errors");
    let cases = suite.split("<testcase ").skip(1).filter(|case| case.contains("<skipped"));
    let skipped: Vec<String> = cases
        .map(|case| {
            let reason = case.split("<skipped").nth(1).and_then(|tag| attribute(tag, "message"));
            format!("{}: {}", attribute(case, "name").unwrap_or("?"), reason.unwrap_or("?"))
        })
        .collect();
    let passed = number("tests").saturating_sub(failed + skipped.len() as u64);
    Ok(Counts { passed, failed, skipped })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (before, after) = tag.split_once(&format!("{name}=\""))?;
    // `name=` also ends `classname=`.
    if before.ends_with(|c: char| !c.is_whitespace()) {
        return attribute(after, name);
    }
    after.split('"').next()
}

/// `cargo xtask ci`: formatting, lints, generated code, then every test. Layers are among the tests.
pub fn ci() -> Result<()> {
    step("cargo fmt --check");
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    step("cargo clippy -D warnings");
    let lints =
        ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    run(&mut cargo(&lints))?;
    step("layers");
    crate::layers::layers()?;
    setup::setup()?;
    step("generated code is unchanged");
    crate::codegen::run(&["--check".into()])?;
    test()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_results_are_counted_and_skipped_ones_named() {
        let mut counts = Counts::default();
        for line in [
            "test a ... ok",
            "skipped: b: needs root",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            count_rust(line, &mut counts);
        }
        assert_eq!(counts.to_string(), "15 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn pytest_reports_are_counted() {
        let report = r#"<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="2"
            skipped="1" tests="10" time="1"><testcase classname="x" name="test_a"><skipped type="pytest.skip"
            message="no java">x</skipped></testcase><testcase name="test_b" /></testsuite></testsuites>"#;
        let counts = count_pytest(report).unwrap();
        assert_eq!((counts.passed, counts.failed), (6, 3));
        assert_eq!(counts.skipped, ["test_a: no java"]);
        assert!(count_pytest("").is_err());
    }

    #[test]
    fn the_root_is_the_repository() {
        assert!(crate::process::root().join("ARCHITECTURE.md").exists());
    }
}
