//! The workspace's Rust tests.
//!
//! libtest knows no skipping at run time: a test that cannot run on this host prints `skipped: <name>: <reason>` and
//! ends well, and is counted here.

use super::{Counts, Failure};
use crate::languages;
use crate::process::{Result, cargo, root, run, step};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

pub(super) fn tests() -> Result<Counts> {
    step("building the tests of the workspace");
    run(&mut cargo(&["test", "--workspace", "--locked", "--quiet", "--no-run"]))?;
    step("cargo test --workspace");
    let arguments = ["test", "--workspace", "--no-fail-fast", "--locked", "--", "--show-output"];
    let mut test = cargo(&arguments);
    test.env("NUAGE_REQUIRE_VECTORS", "1").env("NUAGE_TEST_REGISTRIES", "1");
    test.env("NUAGE_TEST_MAVEN", languages::jars()).env("NUAGE_TEST_DOTNET", languages::dotnet());
    // The official interface client is among the packages of the virtual environment.
    let packages = root().join(".venv/lib/python3.11/site-packages");
    if packages.exists() {
        test.env("NUAGE_TEST_AWSLAMBDARIC", packages);
    }
    let (mut counts, success) = read(&mut test)?;
    counts.passed = counts.passed.saturating_sub(counts.skipped.len() as u64);
    // A suite that crashes fails without a count.
    if !success && counts.failed == 0 {
        return Err("cargo test failed outside of its tests".into());
    }
    Ok(counts)
}

fn read(test: &mut Command) -> Result<(Counts, bool)> {
    let mut child = test.stdout(Stdio::piped()).spawn().map_err(|e| format!("cargo test: {e}"))?;
    let mut reader = Reader::default();
    for line in BufReader::new(child.stdout.take().expect("the output is piped")).split(b'\n') {
        let line = line.map_err(|e| format!("cargo test: {e}"))?;
        let line = String::from_utf8_lossy(&line);
        if reader.read(&line) {
            println!("{line}");
        }
    }
    let status = child.wait().map_err(|e| format!("cargo test: {e}"))?;
    Ok((reader.counts, status.success()))
}

/// Which part of a suite's output is being read.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Part {
    #[default]
    Names,
    Successes,
    Failures,
}

/// Follows libtest's output.
#[derive(Default)]
struct Reader {
    counts: Counts,
    part: Part,
    /// Whether a `---- name stdout ----` has been seen in the failures: their plain names follow later.
    in_block: bool,
}

impl Reader {
    /// Takes one line; answers whether people should see it.
    fn read(&mut self, line: &str) -> bool {
        match line {
            "successes:" => self.part = Part::Successes,
            "failures:" => (self.part, self.in_block) = (Part::Failures, false),
            _ => {}
        }
        if let Some(skipped) = line.strip_prefix("skipped: ") {
            self.counts.skipped.push(skipped.to_string());
        }
        if let Some(result) = line.strip_prefix("test result: ") {
            self.part = Part::Names;
            self.result(result);
            return true;
        }
        match self.part {
            Part::Names => !line.is_empty() && !line.ends_with("... ok"),
            Part::Successes => false,
            Part::Failures => self.failure(line),
        }
    }

    fn failure(&mut self, line: &str) -> bool {
        let name = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"));
        if let Some(name) = name {
            self.in_block = true;
            let failure = Failure { name: name.to_string(), output: String::new() };
            self.counts.failures.push(failure);
        } else if self.in_block
            && let Some(failure) = self.counts.failures.last_mut()
        {
            failure.output.push_str(line);
            failure.output.push('\n');
        }
        true
    }

    fn result(&mut self, result: &str) {
        let number = |word: &str| {
            let before = result.split(word).next().unwrap_or_default().trim_end();
            before.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
        };
        self.counts.passed += number("passed");
        self.counts.failed += number("failed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_counted_and_what_matters_is_shown() {
        let output = "
running 3 tests
test a ... ok
test b ... ok
test c ... FAILED

successes:

---- b stdout ----
skipped: b: needs root

successes:
    a
    b

failures:

---- c stdout ----
thread 'c' panicked
left is not right

failures:
    c

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 1 test
test d ... ok
test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let mut reader = Reader::default();
        let shown: Vec<&str> = output.lines().filter(|line| reader.read(line)).collect();
        assert_eq!(reader.counts.to_string(), "3 passed, 1 failed, 1 skipped");
        assert_eq!(reader.counts.failures.len(), 1);
        assert_eq!(reader.counts.failures[0].name, "c");
        assert!(reader.counts.failures[0].output.contains("left is not right"));
        assert!(shown.contains(&"test c ... FAILED") && shown.contains(&"left is not right"));
        assert!(!shown.iter().any(|line| line.contains("skipped") || line.ends_with("ok")));
    }
}
