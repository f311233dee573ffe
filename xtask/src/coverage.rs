//! `cargo xtask coverage`: which of AWS's operations are built, written to `docs/coverage.md`; and that each built one
//! is called by a black-box test, and refused in one to a user who may not.
//!
//! Read from the sources: an operation is built if the service's routes name its marker type, and tested if a file below
//! `tests/` calls it as boto3 or the AWS CLI does.

use crate::codegen::names::field;
use crate::process::{Result, root};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Built operations that no black-box test calls. This list may only shrink.
const UNTESTED: &[&str] = &[];

/// Built operations that no black-box test is denied. This list stays empty.
const UNDENIED: &[&str] = &[];

/// One service: its operations in the model's order, and which of them are built.
struct Service {
    name: String,
    operations: Vec<String>,
    built: BTreeSet<String>,
}

pub fn coverage(arguments: &[String]) -> Result<()> {
    let services = services()?;
    let tests = tests()?;
    let untested = missing(&services, tests.iter().map(|(_, text)| text.as_str()));
    if untested != UNTESTED {
        return Err(format!("no test below tests/ calls these: {}", untested.join(", ")));
    }
    let undenied = missing(&services, tests.iter().flat_map(denials));
    if undenied != UNDENIED {
        return Err(format!("no test below tests/ is denied these: {}", undenied.join(", ")));
    }
    let text = render(&services);
    let path = root().join("docs/coverage.md");
    if arguments.iter().any(|argument| argument == "--check") {
        let same = fs::read_to_string(&path).is_ok_and(|there| there == text);
        return if same {
            Ok(())
        } else {
            Err("docs/coverage.md is stale: run `cargo xtask coverage`".into())
        };
    }
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn services() -> Result<Vec<Service>> {
    let mut services = Vec::new();
    for name in
        children(&root().join("crates"))?.iter().filter_map(|name| name.strip_prefix("wire-"))
    {
        let table = read(&root().join(format!("crates/wire-{name}/src/operations.rs")))?;
        let names = table.lines().filter_map(|line| line.trim().strip_prefix("name: \""));
        let operations: Vec<String> =
            names.filter_map(|rest| rest.split('"').next()).map(String::from).collect();
        let routes = routes(&root().join(format!("crates/svc-{name}/src")))?;
        let words: BTreeSet<&str> = routes.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let built =
            operations.iter().filter(|name| words.contains(name.as_str())).cloned().collect();
        services.push(Service { name: name.to_string(), operations, built });
    }
    Ok(services)
}

/// The code of `routes.rs` and of the files in `routes/`, without comments; empty if there is no such service.
fn routes(source: &Path) -> Result<String> {
    let mut files = vec![source.join("routes.rs")];
    let directory = source.join("routes");
    if directory.exists() {
        files.extend(children(&directory)?.iter().map(|name| directory.join(name)));
    }
    let mut code = String::new();
    for file in files.iter().filter(|file| file.exists()) {
        let text = read(file)?;
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.for_each(|line| code += &format!("{line}\n"));
    }
    Ok(code)
}

/// Built operations that none of `tests` calls, as `service Operation`.
fn missing<'t>(services: &[Service], tests: impl Iterator<Item = &'t str>) -> Vec<String> {
    // boto3's methods, and the CLI's commands and JSON in quotes.
    let words = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let called: BTreeSet<&str> = tests.flat_map(|text| text.split(words)).collect();
    let is_called = |name: &str| {
        let method = field(name);
        let command = method.replace('_', "-");
        [name, &method, &command].iter().any(|word| called.contains(word))
    };
    let built = services.iter().flat_map(|s| s.built.iter().map(|name| (&s.name, name)));
    built.filter(|(_, name)| !is_called(name)).map(|(s, name)| format!("{s} {name}")).collect()
}

/// What of a test file is about denials: all of `test_access.py`, else the tests that say so.
fn denials((path, text): &(PathBuf, String)) -> Vec<&str> {
    if path.ends_with("test_access.py") {
        return vec![text];
    }
    text.split("\ndef ")
        .filter(|test| test.contains("denied") || test.contains("AccessDenied"))
        .collect()
}

/// The black-box tests.
fn tests() -> Result<Vec<(PathBuf, String)>> {
    let mut tests = Vec::new();
    let mut directories = vec![root().join("tests")];
    while let Some(directory) = directories.pop() {
        for name in children(&directory)? {
            let path = directory.join(&name);
            // Not what was installed for the tests.
            let is_ours = !["node_modules", "python", "__pycache__"].contains(&name.as_str());
            if path.is_dir() && is_ours {
                directories.push(path);
            } else if name.ends_with(".py") {
                let text = read(&path)?;
                tests.push((path, text));
            }
        }
    }
    Ok(tests)
}

fn render(services: &[Service]) -> String {
    let mut text = String::from(
        "# Coverage\n\nWritten by `cargo xtask coverage` from the routes. An operation that is not built answers 501\n\
         `NotImplemented` in its service's protocol. What a built operation leaves out stands in the documentation of\n\
         its crate, under *Known gaps*. Every built operation is called by a test below `tests/`, and refused in one to a\n\
         user without the permission.\n\n\
         | service | built | of |\n|---|---|---|\n",
    );
    for Service { name, operations, built } in services {
        let _ = writeln!(text, "| [{name}](#{name}) | {} | {} |", built.len(), operations.len());
    }
    for Service { name, operations, built } in services {
        let list = |wanted: bool| {
            let names = operations.iter().filter(|name| built.contains(*name) == wanted);
            names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let _ = write!(text, "\n## {name}\n");
        for (heading, names) in [("Built", list(true)), ("Not built", list(false))] {
            if !names.is_empty() {
                let _ = write!(text, "\n{heading}: {names}.\n");
            }
        }
    }
    text
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The names of what a directory holds, sorted.
fn children(directory: &Path) -> Result<Vec<String>> {
    let failed = |e: std::io::Error| format!("{}: {e}", directory.display());
    let entries = fs::read_dir(directory).map_err(failed)?;
    let names: Result<Vec<String>> = entries
        .map(|entry| {
            entry.map(|entry| entry.file_name().to_string_lossy().into_owned()).map_err(failed)
        })
        .collect();
    let mut names = names?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_true_and_every_built_operation_is_called() {
        coverage(&["--check".into()]).unwrap();
    }

    #[test]
    fn what_is_known_to_be_built_is_found() {
        let services = services().unwrap();
        let lambda = services.iter().find(|service| service.name == "lambda").unwrap();
        assert!(
            lambda.built.contains("Invoke") && lambda.operations.contains(&"Invoke".to_string())
        );
        let unbuilt = |name: &str| {
            services.iter().any(|service| {
                service.operations.iter().any(|known| known == name)
                    && !service.built.contains(name)
            })
        };
        // Amazon closed it, so it will never be built.
        assert!(unbuilt("SelectObjectContent") && !unbuilt("Invoke"));
    }
}
