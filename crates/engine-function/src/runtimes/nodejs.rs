//! How Node.js runs: its command line, as on AWS.
//!
//! The heap's limits count only from the start of a process, so one that waits for a function waits for functions of one
//! memory size.

use std::path::PathBuf;

use super::{
    LANGUAGE_DIR, Language, RUNTIME_DIR, Runtime, Runtimes, host, host_root, image_root, sdk,
};
use engine::RuntimeUnavailable;

/// What every process is started with. seen: the start script of AWS's image.
const OPTIONS: [&str; 3] = ["--expose-gc", "--max-http-header-size", "81920"];

/// Experimental features that AWS switches off although their versions of Node.js have them on.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html>
const NO_REQUIRE_MODULE: &str = "--no-experimental-require-module";
const NO_DETECT_MODULE: &str = "--no-experimental-detect-module";

/// The first minor version of Node.js 20 that knows [`NO_REQUIRE_MODULE`]. Those before do not have the feature.
const REQUIRE_MODULE_FROM_MINOR: u32 = 17;

impl Runtimes {
    pub(super) fn nodejs(
        &self,
        name: &'static str,
        major: u32,
        installed: Option<PathBuf>,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let global = installed.is_none();
        let (mut root, interpreter, found, own, (major, minor)) = match installed {
            Some(tree) => {
                let own = tree.join("var/runtime/node_modules");
                let interpreter = format!("{LANGUAGE_DIR}/bin/node");
                // AWS's own images start theirs with all of the options.
                let version = (major, u32::MAX);
                (image_root(&tree), interpreter, tree.display().to_string(), own, version)
            }
            None => {
                let (found, version) =
                    self.interpreter(name, |places, mapped| host::nodejs(places, major, mapped))?;
                let (root, interpreter) = host_root(&found);
                let own = found.prefix.join("lib/node_modules");
                (root, interpreter, found.program.display().to_string(), own, version)
            }
        };
        root = root.mount(self.places.clients_dir.join("nodejs"), RUNTIME_DIR);
        if let Some((modules, inside)) = sdk::nodejs(&self.places, &own, global) {
            // The second place is where ES modules in /var/task look, for which NODE_PATH does not count.
            root = root.mount(&modules, format!("{RUNTIME_DIR}/{inside}"));
            root = root.mount(&modules, format!("/var/{inside}"));
        }
        let language = Language::Nodejs { major };
        let mut command = vec![interpreter];
        command.extend(OPTIONS.map(str::to_owned));
        command.extend(switched_off(major, minor).iter().map(|&option| option.to_owned()));
        command.push(format!("{RUNTIME_DIR}/bootstrap.cjs"));
        Ok(Runtime { name, language, found, root, command, jvm: None })
    }
}

/// The options against features that AWS does not want, of this version of Node.js.
fn switched_off(major: u32, minor: u32) -> &'static [&'static str] {
    match major {
        20 if minor >= REQUIRE_MODULE_FROM_MINOR => &[NO_REQUIRE_MODULE],
        22 => &[NO_REQUIRE_MODULE, NO_DETECT_MODULE],
        _ => &[],
    }
}

/// The command line for functions of this memory. `node_options` is the value of the variable `NODE_OPTIONS`, which may
/// switch features on again.
pub(super) fn command(command: &[String], memory_mib: u32, node_options: &str) -> Vec<String> {
    let wanted = |option: &str| {
        let feature = option.strip_prefix("--no-");
        feature.is_some_and(|feature| {
            node_options.split_whitespace().any(|word| word.strip_prefix("--") == Some(feature))
        })
    };
    let mut command: Vec<_> = command.iter().filter(|option| !wanted(option)).cloned().collect();
    // A tenth for what is young, which lives in two halves. seen: the start script of AWS's image.
    let young_mib = memory_mib / 10;
    let limits = [
        format!("--max-semi-space-size={}", young_mib / 2),
        format!("--max-old-space-size={}", memory_mib - young_mib),
    ];
    let at = 1 + OPTIONS.len();
    command.splice(at..at, limits);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_follow_the_memory_the_version_and_what_the_function_wants() {
        let line = |major, minor, memory_mib, node_options| {
            let mut plain = vec!["node"];
            plain.extend(OPTIONS);
            plain.extend(switched_off(major, minor));
            plain.push("client");
            let plain: Vec<_> = plain.into_iter().map(str::to_owned).collect();
            command(&plain, memory_mib, node_options).join(" ")
        };
        let usual = "node --expose-gc --max-http-header-size 81920";
        let (small, large) = (
            "--max-semi-space-size=6 --max-old-space-size=116",
            "--max-semi-space-size=512 --max-old-space-size=9216",
        );
        assert_eq!(line(24, 0, 128, ""), format!("{usual} {small} client"));
        assert_eq!(line(20, 16, 10_240, ""), format!("{usual} {large} client"));
        assert_eq!(line(20, 17, 128, ""), format!("{usual} {small} {NO_REQUIRE_MODULE} client"));
        let both = format!("{usual} {small} {NO_REQUIRE_MODULE} {NO_DETECT_MODULE} client");
        assert_eq!(line(22, 0, 128, "--no-warnings"), both);
        let wanted = "--no-warnings --experimental-require-module";
        assert_eq!(line(22, 0, 128, wanted), format!("{usual} {small} {NO_DETECT_MODULE} client"));
    }
}
