//! How .NET runs: by the library `hostfxr` of any installed runtime, without the command `dotnet`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use engine::{EnvironmentSpec, RuntimeUnavailable};

use super::{Language, RUNTIME_DIR, Runtime, Runtimes, host, image_root};
use crate::RootSpec;

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

fn plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('/')
}

fn runs(file: &Path) -> bool {
    let found = std::fs::metadata(file);
    found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
