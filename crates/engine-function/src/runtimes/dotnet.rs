//! How .NET runs: by the library `hostfxr` of any installed runtime, without the command `dotnet`.
//!
//! A process that waits for its function has been started with a configuration of ours, so it serves the functions whose
//! own configuration (`<assembly>.runtimeconfig.json`) asks for nothing else that counts from the start.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use engine::{EnvironmentSpec, RuntimeUnavailable};
use serde_json::{Value, json};

use super::{Language, RUNTIME_DIR, Runtime, Runtimes, host, image_root};
use crate::RootSpec;

/// The part of a function's memory that is heap, in percent: what .NET takes of a container's memory.
/// <https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector>
const HEAP_PERCENT: u64 = 75;

/// Where the runtime's folder is mounted, as on AWS.
pub(super) const ROOT_DIR: &str = "/var/lang/bin";

/// The versions that there are runtimes for.
const MAJORS: [u32; 3] = [6, 8, 10];

/// Variables that begin so count from the first instruction of a process.
/// <https://learn.microsoft.com/dotnet/core/runtime-config/>
pub(super) const EARLY_VARIABLES: [&str; 8] =
    ["DOTNET_", "COMPlus_", "CORECLR_", "COREHOST_", "LD_", "LC_", "MALLOC_", "GLIBC_"];

/// Properties that begin so count from the start, too.
const EARLY_PROPERTIES: [&str; 3] =
    ["System.GC.", "System.Globalization.", "System.Runtime.TieredCompilation"];
/// Cultures without the library that knows them.
const INVARIANT: &str = "System.Globalization.Invariant";
/// The one framework that a process which waits has.
const FRAMEWORK: &str = "Microsoft.NETCore.App";
/// Bytes of a function's own configuration that are looked at; a larger one is not taken for an ordinary one.
const CONFIGURATION_BYTES_MAX: u64 = 65_536;

/// The command line's beginning of every function of a runtime: the program that starts .NET, the folder that it is in,
/// and the configuration of those that bring none.
#[derive(Debug)]
struct Host<'a> {
    program: &'a [String],
    configuration: &'a str,
}

impl<'a> Host<'a> {
    fn of(command: &'a [String]) -> Self {
        let (configuration, program) = command.split_last().expect("made by `Runtimes::dotnet`");
        Self { program, configuration }
    }

    fn major(&self) -> Option<u64> {
        let name = self.configuration.rsplit('/').next()?;
        name.split(['-', '.']).next()?.parse().ok()
    }

    fn is_invariant(&self) -> bool {
        self.configuration.contains("-invariant")
    }
}

impl Runtimes {
    pub(super) fn dotnet(
        &self,
        name: &'static str,
        major: u32,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let (root, found, libraries, frameworks) = match self.places.installed_tree(name) {
            Some(tree) => {
                let frameworks = tree.join(&ROOT_DIR[1..]);
                (image_root(&tree), tree.clone(), tree, frameworks)
            }
            None => {
                let found =
                    self.interpreter(name, |places, mapped| host::dotnet(places, major, mapped))?;
                let root = RootSpec::host().mount(&found.prefix, ROOT_DIR);
                (root, found.prefix.clone(), PathBuf::from("/"), found.prefix)
            }
        };
        let root = root.mount(self.places.clients_dir.join("dotnet"), RUNTIME_DIR);
        let configured = configured_major(&frameworks, major);
        let configuration = configuration_name(configured, !has_cultures(&libraries));
        let command = vec![
            format!("{RUNTIME_DIR}/host"),
            ROOT_DIR.to_owned(),
            format!("{RUNTIME_DIR}/{configuration}"),
        ];
        let language = Language::Dotnet { major };
        let found = found.display().to_string();
        Ok(Runtime { name, language, found, root, command, jvm: None })
    }
}

/// Whether .NET would find the library of cultures, without which it starts only if it is told to do without.
fn has_cultures(root: &Path) -> bool {
    let folders = ["usr/lib64", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"];
    folders.iter().any(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries
            .into_iter()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("libicuuc.so."))
    })
}

/// The version that a configuration of ours asks for, or a later one: that of the runtime, unless somebody mapped the runtime
/// to a folder with earlier versions only.
fn configured_major(root: &Path, major: u32) -> u32 {
    let entries = std::fs::read_dir(root.join("shared").join(FRAMEWORK)).into_iter().flatten();
    let versions = entries.flatten().filter_map(|entry| {
        entry.file_name().to_string_lossy().split('.').next()?.parse::<u32>().ok()
    });
    match versions.max() {
        Some(latest) if latest < major => {
            let known = MAJORS.into_iter().rev().find(|known| *known <= latest);
            known.unwrap_or(MAJORS[0])
        }
        _ => major,
    }
}

fn configuration_name(major: u32, invariant: bool) -> String {
    let cultures = if invariant { "-invariant" } else { "" };
    format!("{major}{cultures}.runtimeconfig.json")
}

/// The files of configuration for functions that bring none, by their names.
pub(super) fn configurations() -> Vec<(String, String)> {
    let both = MAJORS.iter().flat_map(|major| [(*major, false), (*major, true)]);
    let configuration = |(major, invariant): (u32, bool)| {
        let options = json!({
            "framework": { "name": FRAMEWORK, "version": format!("{major}.0.0") },
            "rollForward": "Major",
            "configProperties": { INVARIANT: invariant, "System.Runtime.TieredPGO": false },
        });
        let text = json!({ "runtimeOptions": options }).to_string();
        (configuration_name(major, invariant), text)
    };
    both.map(configuration).collect()
}

/// The command line of a process that waits for its function.
pub(super) fn waiting_command(command: &[String]) -> Vec<String> {
    let host = Host::of(command);
    let options = ["exec", "--runtimeconfig", host.configuration].map(str::to_owned);
    let client = [format!("{RUNTIME_DIR}/bootstrap.dll"), "wait".to_owned()];
    host.program.iter().cloned().chain(options).chain(client).collect()
}

/// Whether a process that was started by [`waiting_command`] does for this function what one of its own would do.
pub(super) fn waiting_host_serves(
    command: &[String],
    spec: &EnvironmentSpec,
    environment: &BTreeMap<String, String>,
) -> bool {
    // To .NET a variable that is set to nothing is none, unless it was there from the start.
    if is_program(spec) || environment.values().any(String::is_empty) {
        return false;
    }
    let Some(file) = own_configuration(spec) else { return true };
    let file = spec.code.join(file);
    // What the package brings may be anything, also a link to a file of this host.
    let ordinary = std::fs::symlink_metadata(&file)
        .is_ok_and(|found| found.is_file() && found.len() <= CONFIGURATION_BYTES_MAX);
    let text = if ordinary { std::fs::read(&file).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&text).is_ok_and(|own: Value| agrees(&Host::of(command), &own))
}

/// The file of configuration that a package brings for its class library, where it does.
fn own_configuration(spec: &EnvironmentSpec) -> Option<String> {
    let assembly = assembly(spec);
    let file = format!("{assembly}.runtimeconfig.json");
    (plain(assembly) && spec.code.join(&file).is_file()).then_some(file)
}

/// Whether a function's own configuration asks for nothing from the start that ours does not give.
fn agrees(host: &Host<'_>, own: &Value) -> bool {
    let options = &own["runtimeOptions"];
    let known = ["tfm", "framework", "rollForward", "configProperties"];
    let only_known = options
        .as_object()
        .is_some_and(|options| options.keys().all(|key| known.contains(&key.as_str())));
    let version = options["framework"]["version"].as_str().unwrap_or_default();
    let major = version.split('.').next().and_then(|major| major.parse().ok());
    let same = options["framework"]["name"] == FRAMEWORK && major == host.major();
    let properties = options["configProperties"].as_object();
    let invariant = properties.is_some_and(|properties| {
        properties.get(INVARIANT).is_some_and(|value| *value == true || *value == "true")
    });
    let early = |name: &String| {
        name != INVARIANT && EARLY_PROPERTIES.iter().any(|early| name.starts_with(early))
    };
    let late = properties.is_none_or(|properties| !properties.keys().any(early));
    only_known && same && late && invariant == host.is_invariant()
}

/// The assembly that the handler names.
fn assembly(spec: &EnvironmentSpec) -> &str {
    spec.handler.split("::").next().unwrap_or_default()
}

/// A handler that names no method names a program, which speaks to the Runtime API itself.
pub(super) fn is_program(spec: &EnvironmentSpec) -> bool {
    !spec.handler.contains("::") && !spec.handler.is_empty()
}

/// The command line for this function. `Assembly::Type::Method` is run by our client.
pub(super) fn command(command: &[String], spec: &EnvironmentSpec) -> Vec<String> {
    let host = Host::of(command);
    let assembly = assembly(spec);
    let is_there = |name: &str| spec.code.join(name).is_file();
    let mut command = host.program.to_vec();
    if !is_program(spec) {
        let configuration = match own_configuration(spec) {
            Some(own) => format!("/var/task/{own}"),
            None => host.configuration.to_owned(),
        };
        command.extend(["exec".to_owned(), "--runtimeconfig".to_owned(), configuration]);
        command.push(format!("{RUNTIME_DIR}/bootstrap.dll"));
    } else if plain(assembly)
        && !is_there(&format!("{assembly}.dll"))
        && runs(&spec.code.join(assembly))
    {
        // Compiled ahead of time.
        return vec![format!("/var/task/{assembly}")];
    } else {
        command.push(format!("/var/task/{assembly}.dll"));
    }
    command
}

/// Says how large the heap may be: .NET would take this host's memory for the function's, and never collect in time.
///
/// Nothing is said where the function's variables speak of it.
pub(super) fn limit_heap(environment: &mut BTreeMap<String, String>, memory_mib: u32) {
    const LIMIT: &str = "GCHeapHardLimit";
    let spoken = |name: &String| {
        let name = name.strip_prefix("DOTNET_").or_else(|| name.strip_prefix("COMPlus_"));
        name.is_some_and(|name| name.starts_with(LIMIT))
    };
    if !environment.keys().any(spoken) {
        let bytes = u64::from(memory_mib) * 1024 * 1024 * HEAP_PERCENT / 100;
        environment.insert(format!("DOTNET_{LIMIT}"), format!("{bytes:x}"));
    }
}

fn plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/')
}

fn runs(file: &Path) -> bool {
    let found = std::fs::metadata(file);
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_ask_for_nothing_else_are_served_by_a_process_that_waits() {
        let command = |name: &str| ["/host", "/lang", name].map(str::to_owned);
        let (with, without) =
            (command("/r/8.runtimeconfig.json"), command("/r/8-invariant.runtimeconfig.json"));
        let usual = json!({ "runtimeOptions": {
            "tfm": "net8.0", "framework": { "name": FRAMEWORK, "version": "8.0.0" },
            "configProperties": { "System.Reflection.Metadata.MetadataUpdater.IsSupported": false },
        }});
        assert!(agrees(&Host::of(&with), &usual) && !agrees(&Host::of(&without), &usual));
        let mut invariant = usual.clone();
        invariant["runtimeOptions"]["configProperties"][INVARIANT] = true.into();
        assert!(!agrees(&Host::of(&with), &invariant) && agrees(&Host::of(&without), &invariant));
        let change = |path: &str, value: Value| {
            let mut own = usual.clone();
            own["runtimeOptions"][path] = value;
            own
        };
        for own in [
            change("framework", json!({ "name": "Microsoft.AspNetCore.App", "version": "8.0.0" })),
            change("framework", json!({ "name": FRAMEWORK, "version": "6.0.0" })),
            change("frameworks", json!([{ "name": FRAMEWORK, "version": "8.0.0" }])),
            change("includedFrameworks", json!([])),
            change("configProperties", json!({ "System.GC.Server": true })),
            Value::Null,
        ] {
            assert!(!agrees(&Host::of(&with), &own), "{own}");
        }
    }

    #[test]
    fn a_runtime_that_is_mapped_to_an_earlier_version_asks_for_that() {
        let root = tempfile::tempdir().unwrap();
        let frameworks = root.path().join("shared").join(FRAMEWORK);
        for version in ["6.0.36", "8.0.11", "not a version"] {
            std::fs::create_dir_all(frameworks.join(version)).unwrap();
        }
        for (major, expected) in [(6, 6), (8, 8), (10, 8)] {
            assert_eq!(configured_major(root.path(), major), expected);
        }
        std::fs::create_dir_all(frameworks.join("9.0.1")).unwrap();
        assert_eq!(configured_major(root.path(), 10), 8);
        assert_eq!(configured_major(Path::new("/absent"), 10), 10);
    }

    #[test]
    fn the_heap_is_a_part_of_the_memory_unless_the_function_says_otherwise() {
        let mut environment = BTreeMap::new();
        limit_heap(&mut environment, 256);
        assert_eq!(environment["DOTNET_GCHeapHardLimit"], "c000000");
        let own = ("COMPlus_GCHeapHardLimitPercent".to_owned(), "50".to_owned());
        let mut environment = BTreeMap::from([own]);
        limit_heap(&mut environment, 256);
        assert_eq!(environment.len(), 1);
    }
}
