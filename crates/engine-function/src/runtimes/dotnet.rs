//! How .NET runs: by the library `hostfxr` of any installed runtime, without the command `dotnet`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use engine::{EnvironmentSpec, RuntimeUnavailable};

use super::{Language, RUNTIME_DIR, Runtime, Runtimes, host, image_root};
use crate::RootSpec;

/// The part of a function's memory that is heap, in percent: what .NET takes of a container's memory.
/// <https://learn.microsoft.com/dotnet/core/runtime-config/garbage-collector>
const HEAP_PERCENT: u64 = 75;

/// Where the runtime's folder is mounted, as on AWS.
pub(super) const ROOT_DIR: &str = "/var/lang/bin";

impl Runtimes {
    pub(super) fn dotnet(
        &self,
        name: &'static str,
        major: u32,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let (root, found) = match self.places.installed_tree(name) {
            Some(tree) => (image_root(&tree), tree),
            None => {
                let found =
                    self.interpreter(name, |places, mapped| host::dotnet(places, major, mapped))?;
                (RootSpec::host().mount(&found.prefix, ROOT_DIR), found.prefix)
            }
        };
        let root = root.mount(self.places.clients_dir.join("dotnet"), RUNTIME_DIR);
        let command = vec![format!("{RUNTIME_DIR}/host"), ROOT_DIR.to_owned()];
        let language = Language::Dotnet { major };
        let found = found.display().to_string();
        Ok(Runtime { name, language, found, root, command, jvm: None })
    }
}

/// What stands behind the host's command line for this function. `Assembly::Type::Method` is run by our client; any
/// other handler names a program, which speaks to the Runtime API itself.
pub(super) fn command(host: &[String], spec: &EnvironmentSpec) -> Vec<String> {
    let assembly = spec.handler.split("::").next().unwrap_or_default();
    let is_there = |name: &str| spec.code.join(name).is_file();
    let mut command = host.to_vec();
    if spec.handler.contains("::") || spec.handler.is_empty() {
        command.push("exec".to_owned());
        let config = format!("{assembly}.runtimeconfig.json");
        if plain(assembly) && is_there(&config) {
            command.extend(["--runtimeconfig".to_owned(), format!("/var/task/{config}")]);
        }
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
