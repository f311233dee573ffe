//! `cargo xtask test`: every test there is, and a count of them.
//!
//! What passed is counted, not printed: the output is a line for each suite, then the names of what was skipped with
//! their reasons, and at its very end what failed with its last words, so that the end of a long log tells all.

mod black_box;
mod rust;

use crate::process::{Result, cargo, run, step};
use crate::setup;
use std::fmt;
use std::ops::AddAssign;

/// Lines that are repeated of a failed test at the end; all of them stand above.
const FAILURE_LINES_MAX: usize = 60;

/// How tests ended.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
struct Counts {
    passed: u64,
    failed: u64,
    /// `<name>: <reason>`
    skipped: Vec<String>,
    /// What is known of those that failed.
    failures: Vec<Failure>,
}

/// A test that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Failure {
    name: String,
    output: String,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped.extend(other.skipped);
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped.len())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "failed: {}", self.name)?;
        let lines: Vec<&str> = self.output.lines().collect();
        let left_out = lines.len().saturating_sub(FAILURE_LINES_MAX);
        if left_out > 0 {
            writeln!(f, "    ({left_out} lines stand above)")?;
        }
        lines[left_out..].iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

pub fn test() -> Result<()> {
    setup::setup()?;
    let mut counts = rust::tests()?;
    counts += black_box::tests()?;
    if !counts.skipped.is_empty() {
        println!("\nskipped:");
        counts.skipped.iter().for_each(|line| println!("  {line}"));
    }
    println!();
    counts.failures.iter().for_each(|failure| println!("{failure}"));
    println!("{counts}");
    if counts.failed == 0 { Ok(()) } else { Err(format!("{} tests failed", counts.failed)) }
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
    crate::aws_policies::aws_policies(&["--check".into()])?;
    crate::clients::clients(&["--check".into()])?;
    test()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_with_its_last_words() {
        let output: Vec<String> = (0..100).map(|line| format!("line {line}")).collect();
        let failure = Failure { name: "a".into(), output: output.join("\n") };
        let text = failure.to_string();
        assert!(text.starts_with("failed: a\n    (40 lines stand above)\n    line 40\n"), "{text}");
        assert!(text.ends_with("    line 99\n"), "{text}");
    }

    #[test]
    fn the_root_is_the_repository() {
        assert!(crate::process::root().join("ARCHITECTURE.md").exists());
    }
}
