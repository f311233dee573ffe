//! What a sandbox is made of, and what one function adds to it.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ASSIGNMENT_BYTES_MAX, PIDS_MAX};
use crate::{Error, Result};

/// One tree or file of the host and where it stands inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RootMount {
    /// Absolute path on the host.
    pub host: PathBuf,
    /// Absolute path in the sandbox.
    pub inside: PathBuf,
}

impl RootMount {
    /// The host's `host` at `inside`.
    pub fn new(host: impl Into<PathBuf>, inside: impl Into<PathBuf>) -> Self {
        Self { host: host.into(), inside: inside.into() }
    }
}

/// The read-only root of a sandbox. The spawner prepares one tree per distinct value and shares it between sandboxes.
///
/// Beside what is listed here, every root has `/dev` with the harmless devices, `/etc` with accounts and names, an empty
/// `/sys`, `/tmp`, `/var/task`, `/opt`, `/proc`, and links `/bin`, `/lib`, `/lib64` and `/sbin` into `/usr` where the
/// mounted `/usr` has those folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RootSpec {
    /// Trees (or single files) mounted read-only, `nosuid`, `nodev`. A path inside another's path comes after it, and
    /// must exist in it already.
    pub mounts: Vec<RootMount>,
    /// Files and folders copied: only regular files that everyone may read; links are followed. Absent ones are skipped.
    pub copies: Vec<RootMount>,
    /// Lines of `/etc/hosts` beside `localhost`.
    pub hosts: Vec<(IpAddr, String)>,
}

impl RootSpec {
    /// The host's `/usr` with the files of `/etc` that its programs need: the loader's cache, certificates (never their
    /// private keys), the local time zone, Debian's alternatives and Java's configuration.
    pub fn host() -> Self {
        let same = |path: &str| RootMount::new(path, path);
        let etc = [
            "ld.so.cache",
            "ssl/certs",
            "ssl/openssl.cnf",
            "pki/tls/certs",
            "pki/ca-trust/extracted/pem",
        ];
        let more = ["localtime", "mime.types", "protocols", "services", "alternatives"];
        let mut copies: Vec<_> =
            etc.iter().chain(&more).map(|name| same(&format!("/etc/{name}"))).collect();
        for version in [8, 11, 17, 21, 25] {
            copies.push(same(&format!("/etc/java-{version}-openjdk")));
        }
        Self { mounts: vec![same("/usr")], copies, hosts: Vec::new() }
    }

    /// The same root with the host's `host` mounted at `inside`.
    pub fn mount(mut self, host: impl Into<PathBuf>, inside: impl Into<PathBuf>) -> Self {
        self.mounts.push(RootMount::new(host, inside));
        self
    }
}

/// A program that runs before the function is known: it reads its assignment from descriptor 3 until the end.
///
/// The assignment is the JSON object `{"environment": {name: value, ...}}`. `/var/task` and `/opt` are mounted by then;
/// they are empty before. The program starts in `/`, so it changes its own directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// Program (an absolute path inside) and arguments.
    pub argv: Vec<String>,
    /// Environment variables until the assignment; nothing else is inherited.
    pub environment: BTreeMap<String, String>,
}

/// Whether a sandbox's program may be forked into other sandboxes, see [`crate::Spawner::fork`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Offspring {
    /// It may not.
    #[default]
    None,
    /// It may, and no foreign code ever runs in it: an interpreter that waits.
    Zygote,
    /// It may, and it has run a function's code, so it is hostile.
    Template,
}

/// What [`crate::Spawner::create`] makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSpec {
    /// The root.
    pub root: RootSpec,
    /// `Some`: a *booted* sandbox, whose program runs already. `None`: a *waiting* one, whose program is executed at
    /// assignment.
    pub boot: Option<Boot>,
    /// What may be forked from it. Its program finds the orders to fork at descriptor 4.
    pub offspring: Offspring,
    /// The sandbox whose program this one's is a fork of; set by [`crate::Spawner::fork`]. It takes its assignment like
    /// a booted one.
    pub parent: Option<u64>,
    /// The program is forked when the sandbox is assigned, not before; set by [`crate::Spawner::fork_at_assignment`].
    pub forked_at_assignment: bool,
    /// Nobody has asked for the sandbox yet, so what is forked into it may prepare itself; set by
    /// [`crate::Spawner::fork_for_later`].
    pub for_later: bool,
}

/// Binds a sandbox to one function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// The unpacked package, mounted read-only at `/var/task`; everyone must be able to read its files.
    pub code: Option<PathBuf>,
    /// Unpacked layers in the function's order, mounted read-only at `/opt`; a later one hides an earlier one's files.
    /// At most [`Assignment::LAYERS_MAX`].
    pub layers: Vec<PathBuf>,
    /// MemorySize in MiB, 128 to 10,240.
    pub memory_mib: u32,
    /// The share of CPU as the memory that buys it: 1,769 MiB are one vCPU. 0: `memory_mib`.
    pub cpu_memory_mib: u32,
    /// EphemeralStorage in MiB, 512 to 10,240: the size of `/tmp`.
    pub tmp_mib: u32,
    /// Processes and threads, at most [`PIDS_MAX`]; 0 means that.
    pub pids_max: u32,
    /// Program and arguments of a waiting sandbox (an absolute path inside); empty for a booted one.
    pub argv: Vec<String>,
    /// The function's environment variables: all of them, AWS's own included.
    pub environment: BTreeMap<String, String>,
    /// Programs run beside the function's from the start (external extensions), each with its arguments. They share the
    /// function's environment variables. At most [`Assignment::EXTENSIONS_MAX`].
    pub extensions: Vec<Vec<String>>,
}

impl Assignment {
    /// Layers of one function. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    pub const LAYERS_MAX: usize = 5;
    /// Extensions of one function. <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
    pub const EXTENSIONS_MAX: usize = 10;

    /// Whether it differs from `whole` only in what the program itself is given.
    pub(crate) fn is_ground_of(&self, whole: &Assignment) -> bool {
        let own = |it: &Self| (it.memory_mib, it.cpu_memory_mib, it.tmp_mib, it.pids_max);
        whole.extensions.is_empty()
            && own(self) == own(whole)
            && self.code == whole.code
            && self.layers == whole.layers
    }

    /// Checks the bounds that the spawner relies on, of all but the program's own part.
    pub(crate) fn check_ground(&self) -> Result<()> {
        let refuse = |text: &str| Err(Error::OutOfBounds(text.to_owned()));
        if !(64..=10_240).contains(&self.memory_mib) {
            return refuse("memory_mib must be 64 to 10,240");
        }
        if !(1..=10_240).contains(&self.tmp_mib) {
            return refuse("tmp_mib must be 1 to 10,240");
        }
        if self.pids_max > PIDS_MAX {
            return refuse("pids_max must be at most 1,024");
        }
        if self.layers.len() > Self::LAYERS_MAX {
            return refuse("a function has at most 5 layers");
        }
        if self.extensions.len() > Self::EXTENSIONS_MAX || self.extensions.iter().any(Vec::is_empty)
        {
            return refuse("a function has at most 10 extensions, none of them without a program");
        }
        Ok(())
    }

    /// Likewise, of all of it.
    pub(crate) fn check(&self, booted: bool) -> Result<()> {
        self.check_ground()?;
        let refuse = |text: &str| Err(Error::OutOfBounds(text.to_owned()));
        if self.argv.is_empty() != booted {
            return refuse(
                "a waiting sandbox needs a program to run, a booted one runs it already",
            );
        }
        let mut texts = self.argv.iter().chain(self.extensions.iter().flatten());
        if texts.any(|text| text.contains('\0')) {
            return refuse("a program's arguments cannot hold a zero byte");
        }
        let sound = |name: &str, value: &str| {
            !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
        };
        if !self.environment.iter().all(|(name, value)| sound(name, value)) {
            return refuse(
                "an environment variable's name or value holds a zero byte, or its name an equals sign",
            );
        }
        Ok(())
    }

    /// The bytes that the sandbox's program reads: JSON for a booted one, else command line and environment.
    pub(crate) fn payload(&self, booted: bool) -> Result<String> {
        let payload = if booted {
            serde_json::json!({ "environment": self.environment }).to_string()
        } else {
            command_line(&self.argv, &self.environment)
        };
        if payload.len() > ASSIGNMENT_BYTES_MAX {
            return Err(Error::OutOfBounds(
                "the environment and command line exceed 32 KiB".to_owned(),
            ));
        }
        Ok(payload)
    }
}

/// A command line and its environment as one text: [`arguments`], then [`variables`].
pub(crate) fn command_line(argv: &[String], environment: &BTreeMap<String, String>) -> String {
    arguments(argv) + &variables(environment)
}

/// The number of arguments, then each of them; all end with a zero byte. (An argument may be empty.)
pub(crate) fn arguments(argv: &[String]) -> String {
    let arguments: String = argv.iter().map(|argument| format!("{argument}\0")).collect();
    format!("{}\0{arguments}", argv.len())
}

/// Each `name=value`, ended with a zero byte.
pub(crate) fn variables(environment: &BTreeMap<String, String>) -> String {
    environment.iter().map(|(name, value)| format!("{name}={value}\0")).collect()
}
