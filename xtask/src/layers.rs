//! `cargo xtask layers`: imports between crates go one way, as ARCHITECTURE.md draws them.

use crate::process::{Result, cargo, output};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which workspace crates a crate may depend on; `svc-*` and `wire-*` stand for every such crate. Crates above layer 4
/// (`benches`, `xtask`) may use anything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("wire", &["base"]),
    ("store", &["base"]),
    ("blobs", &["base"]),
    ("seams", &["base"]),
    ("policy", &["base"]),
    ("event-pattern", &[]),
    ("usage", &["base", "store"]),
    ("sealing", &["base"]),
    ("engine", &["base"]),
    ("wire-*", &["base", "wire"]),
    ("service-authorization", &[]),
    ("rt", &["base", "wire", "seams", "store", "engine"]),
    ("store-embedded", &["base", "store"]),
    ("engine-function", &["base", "engine"]),
    ("outbound", &["base", "seams"]),
    (
        "svc-*",
        &[
            "base",
            "wire",
            "store",
            "blobs",
            "seams",
            "usage",
            "policy",
            "event-pattern",
            "sealing",
            "service-authorization",
            "rt",
            "engine",
            "its own wire crate",
        ],
    ),
    ("front", &["base", "wire", "store", "seams", "rt", "engine"]),
];

const UNBOUND: &[&str] = &["nuage", "benches", "xtask"];

/// Third-party crates that only their owners may use directly.
const OWNERS: &[(&str, &[&str])] = &[
    ("hyper", &["front", "engine-function", "outbound", "nuage", "benches"]),
    ("fjall", &["store-embedded", "benches"]),
    ("redb", &["store-embedded", "benches"]),
    ("rusqlite", &["store-embedded", "benches"]),
    ("tokio-rustls", &["outbound"]),
    ("seccompiler", &["engine-function"]),
];

pub fn layers() -> Result<()> {
    let metadata =
        output(&mut cargo(&["metadata", "--format-version=1", "--no-deps", "--locked"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|e| e.to_string())?;
    let broken = violations(&dependencies(&metadata));
    if broken.is_empty() { Ok(()) } else { Err(format!("layers:\n  {}", broken.join("\n  "))) }
}

/// Each workspace crate with the names of what it depends on, tests' dependencies left out.
fn dependencies(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_string();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .map(|package| {
            let all = package["dependencies"].as_array().into_iter().flatten();
            let normal = all.filter(|d| d["kind"].as_str() != Some("dev"));
            (text(&package["name"]), normal.map(|d| text(&d["name"])).collect())
        })
        .collect()
}

fn violations(crates: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, dependencies) in crates {
        for dependency in dependencies {
            if let Some((_, owners)) = OWNERS.iter().find(|(owned, _)| owned == dependency)
                && !owners.contains(&name.as_str())
            {
                broken.push(format!(
                    "{name} uses {dependency}, which belongs to {}",
                    owners.join(", ")
                ));
            }
            if crates.contains_key(dependency) && !may_use(name, dependency) {
                broken.push(format!("{name} must not depend on {dependency}"));
            }
        }
        if !UNBOUND.contains(&name.as_str()) && rule(name).is_none() {
            broken.push(format!(
                "{name} has no layer: add it to xtask/src/layers.rs and ARCHITECTURE.md"
            ));
        }
    }
    broken
}

fn rule(name: &str) -> Option<&'static [&'static str]> {
    let group = ["svc-", "wire-"].iter().find(|prefix| name.starts_with(**prefix));
    let group = group.map_or_else(|| name.to_string(), |prefix| format!("{prefix}*"));
    ALLOWED.iter().find(|(crate_name, _)| *crate_name == group).map(|(_, allowed)| *allowed)
}

fn may_use(name: &str, dependency: &str) -> bool {
    let own_wire = name.strip_prefix("svc-").is_some_and(|id| dependency == format!("wire-{id}"));
    own_wire
        || UNBOUND.contains(&name)
        || rule(name).is_some_and(|allowed| allowed.contains(&dependency))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_keeps_its_layers() {
        layers().unwrap();
    }

    #[test]
    fn crossings_are_found() {
        let crates = [
            ("svc-a", vec!["svc-b", "wire-b", "wire-a", "hyper"]),
            ("svc-b", vec!["base"]),
            ("wire-a", vec!["wire"]),
            ("wire-b", vec![]),
            ("wire", vec![]),
            ("base", vec!["store"]),
            ("store", vec![]),
            ("stray", vec![]),
        ];
        let crates =
            crates.map(|(name, deps)| (name.into(), deps.into_iter().map(String::from).collect()));
        let broken = violations(&crates.into()).join("\n");
        for expected in [
            "base must not depend on store",
            "stray has no layer",
            "svc-a must not depend on svc-b",
            "svc-a must not depend on wire-b",
            "svc-a uses hyper",
        ] {
            assert!(broken.contains(expected), "{expected}: {broken}");
        }
        assert_eq!(broken.lines().count(), 5);
    }
}
