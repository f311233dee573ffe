//! The black-box tests: pytest with boto3, the AWS CLI and the AWS SDK for JavaScript against a running `nuage`.

use super::{Counts, Failure};
use crate::languages;
use crate::process::{Result, cargo, command, run, step, target_dir};

pub(super) fn tests() -> Result<Counts> {
    step("building nuage");
    run(&mut cargo(&["build", "--locked", "--quiet", "--package", "nuage"]))?;
    step("pytest tests");
    let report = target_dir().join("pytest.xml");
    let binary = target_dir().join("debug/nuage");
    let mut pytest = command(&[".venv/bin/python", "-m", "pytest", "tests", "-q", "--tb=short"]);
    pytest.arg(format!("--junitxml={}", report.display())).env("NUAGE_BINARY", binary);
    pytest.env("NUAGE_TEST_DOTNET", languages::dotnet());
    // An older report must not pass for this run's.
    let _ = std::fs::remove_file(&report);
    // Its exit code tells less than its report: a crash before the report is the only other failure.
    let ended = run(&mut pytest);
    let report =
        std::fs::read_to_string(&report).map_err(|e| format!("pytest left no report: {e}"))?;
    let counts = count(&report)?;
    if ended.is_err() && counts.failed == 0 {
        return Err("pytest failed outside of its tests".into());
    }
    Ok(counts)
}

/// Reads pytest's JUnit report: the attributes of `<testsuite>`, and what each `<testcase>` that did not pass says.
fn count(report: &str) -> Result<Counts> {
    let suite = report.split("<testsuite ").nth(1).ok_or("pytest's report has no <testsuite>")?;
    let suite_tag = suite.split('>').next().unwrap_or_default();
    let number = |name: &str| {
        attribute(suite_tag, name).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
    };
    let failed = number("failures") + number("errors");
    let (mut skipped, mut failures) = (Vec::new(), Vec::new());
    for case in suite.split("<testcase").skip(1) {
        let name = attribute(case, "name").unwrap_or("?");
        if let Some((_, tag)) = case.split_once("<skipped") {
            let reason = attribute(tag, "message").map_or("?".into(), unescaped);
            skipped.push(format!("{}: {reason}", unescaped(name)));
        }
        for element in ["failure", "error"] {
            if let Some((_, tag)) = case.split_once(&format!("<{element} ")) {
                let text = tag.split_once('>').map_or("", |(_, text)| text);
                let text = text.split(&format!("</{element}>")).next().unwrap_or_default();
                let class = attribute(case, "classname").unwrap_or("?");
                let name = unescaped(&format!("{class}.{name}"));
                failures.push(Failure { name, output: unescaped(text) });
            }
        }
    }
    let passed = number("tests").saturating_sub(failed + skipped.len() as u64);
    Ok(Counts { passed, failed, skipped, failures })
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (before, after) = tag.split_once(&format!("{name}=\""))?;
    // `name=` also ends `classname=`.
    if before.ends_with(|c: char| !c.is_whitespace()) {
        return attribute(after, name);
    }
    after.split('"').next()
}

fn unescaped(text: &str) -> String {
    let pairs = [("&#10;", "\n"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")];
    let plain = pairs.iter().fold(text.to_string(), |text, (from, to)| text.replace(from, to));
    plain.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_counted() {
        let report = r#"<?xml version="1.0"?><testsuites><testsuite name="pytest" errors="1" failures="1"
            skipped="1" tests="10" time="1"><testcase classname="x" name="test_a"><skipped type="pytest.skip"
            message="no java &amp; no ruby">x</skipped></testcase><testcase classname="x" name="test_b" />
            <testcase classname="x.y" name="test_c"><failure message="bad">assert 1 &lt; 0</failure></testcase><testcase
            classname="x" name="test_d"><error message="worse">no fixture</error></testcase></testsuite></testsuites>"#;
        let counts = count(report).unwrap();
        assert_eq!((counts.passed, counts.failed), (7, 2));
        assert_eq!(counts.skipped, ["test_a: no java & no ruby"]);
        let failed =
            |name: &str, output: &str| Failure { name: name.into(), output: output.into() };
        assert_eq!(
            counts.failures,
            [failed("x.y.test_c", "assert 1 < 0"), failed("x.test_d", "no fixture")]
        );
        assert!(count("").is_err());
    }
}
