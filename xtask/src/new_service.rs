//! `cargo xtask new-service <name>`: the skeleton of a service crate, from the model's list.
//!
//! It compiles at once, serves no operation, and has every file that ARCHITECTURE.md names.

use crate::process::{Result, root};
use std::fs;
use std::path::Path;

pub fn new_service(arguments: &[String]) -> Result<()> {
    let [name] = arguments else { return Err("usage: cargo xtask new-service <name>".into()) };
    let root = root();
    if !root.join(format!("crates/wire-{name}")).exists() {
        return Err(format!(
            "there are no types for {name}: add it to models/services.toml and run `cargo xtask codegen {name}`"
        ));
    }
    let directory = root.join(format!("crates/svc-{name}"));
    if directory.exists() {
        return Err(format!("{} exists already", directory.display()));
    }
    for (path, text) in files(name) {
        write(&directory.join(path), &text)?;
    }
    write(&root.join(format!("tests/{name}/.gitkeep")), "")?;
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|e| format!("Cargo.toml: {e}"))?;
    write(&manifest, &with_dependency(&text, name)?)?;
    println!("crates/svc-{name} is there. Next: ");
    println!("  - crates/nuage: its dependency, and its line where the services are wired");
    println!("  - ARCHITECTURE.md: its line in the code map");
    println!(
        "  - the first operation: src/ops/<operation>.rs, src/routes.rs, tests/{name}/test_<operation>.py"
    );
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    fs::create_dir_all(path.parent().expect("files stand in directories")).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}

/// The workspace's manifest with the new crate's path, in alphabetical order.
fn with_dependency(manifest: &str, name: &str) -> Result<String> {
    let line = format!("svc-{name} = {{ path = \"crates/svc-{name}\" }}");
    let mut lines: Vec<&str> = manifest.lines().collect();
    let is_path = |text: &str| text.contains("= { path = \"crates/");
    let after = lines.iter().rposition(|text| is_path(text) && **text < *line.as_str());
    let at = after.ok_or("Cargo.toml lists no crates by path")? + 1;
    lines.insert(at, &line);
    Ok(lines.join("\n") + "\n")
}

fn files(name: &str) -> Vec<(&'static str, String)> {
    let struct_name: String = name[..1].to_uppercase() + &name[1..];
    let fill = |template: &str| template.replace("NAME", name).replace("STRUCT", &struct_name);
    let templates = [
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", LIB),
        ("src/routes.rs", ROUTES),
        ("src/ops.rs", "//! One file per operation.\n"),
        ("src/model.rs", "//! Domain types and pure state machines: no async, no I/O.\n"),
        ("src/tables.rs", "//! Records, their keys and versions.\n"),
        ("src/errors.rs", "//! The faults of this service, with AWS's texts.\n"),
        ("src/limits.rs", "//! Every quota: constant, unit, source.\n"),
    ];
    templates.into_iter().map(|(path, template)| (path, fill(template))).collect()
}

const MANIFEST: &str = r#"[package]
name = "svc-NAME"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
publish.workspace = true

[lib]
doctest = false

[dependencies]
base.workspace = true
rt.workspace = true
seams.workspace = true
store.workspace = true
wire.workspace = true
wire-NAME.workspace = true

[lints]
workspace = true
"#;

const LIB: &str = r#"//! The service `NAME`.
//!
//! Owns: nothing yet. Tables: none. Loops: none. Offers: no seam.
//!
//! # Known gaps
//! - Every operation: see `docs/coverage.md`.

#![forbid(unsafe_code)]

mod errors;
mod limits;
mod model;
mod ops;
mod routes;
mod tables;

use base::Clock;
use std::sync::Arc;
use store::Store;

/// What the service needs from the process.
pub struct Deps {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
}

/// The service.
pub struct STRUCT {
    pub(crate) deps: Deps,
}

impl STRUCT {
    /// Cheap and inert; loops begin with `start`.
    pub fn new(deps: Deps) -> Arc<Self> {
        Arc::new(STRUCT { deps })
    }
}

impl rt::Service for STRUCT {
    fn routes(self: Arc<Self>) -> rt::Routes {
        routes::routes(&self)
    }
}
"#;

const ROUTES: &str = r#"//! Every operation that is built: its access rule and its function.

use crate::STRUCT;
use rt::Routes;
use std::sync::Arc;

pub fn routes(_service: &Arc<STRUCT>) -> Routes {
    Routes::new(&wire_NAME::SERVICE)
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_crate_is_listed_in_order() {
        let manifest = "[workspace.dependencies]\nsvc-iam = { path = \"crates/svc-iam\" }\n\
                        svc-sts = { path = \"crates/svc-sts\" }\n\nbytes = \"1\"\n";
        let listed = with_dependency(manifest, "sqs").unwrap();
        let lines: Vec<&str> = listed.lines().collect();
        assert_eq!(lines[2], "svc-sqs = { path = \"crates/svc-sqs\" }");
        assert!(with_dependency("", "sqs").is_err());
    }
}
