//! How Java runs: the command line of a JVM, and the archive of classes that shortens its start.
//!
//! A JVM's heap is laid out when it starts, so one that waits for a function waits for functions of one memory size.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use super::{LANGUAGE_DIR, Language, RUNTIME_DIR, Runtime, Runtimes, host, host_root, image_root};
use crate::interface_clients::JAVA;
use crate::{Assignment, RootSpec, SandboxSpec};
use engine::RuntimeUnavailable;

/// The interface client's jar, in the sandbox.
const JAR: &str = "/var/runtime/runtime.jar";
const NATIVE: &str = "/var/runtime/bootstrap.so";
const MAIN: &str = "nuage.runtime.Bootstrap";
/// The folder of the archive of classes, in the sandbox.
pub(super) const ARCHIVE_DIR: &str = "/var/runtime/classes";
const ARCHIVE_NAME: &str = "runtime.jsa";

/// The first version that archives an application's classes: JEP 310.
const ARCHIVES_FROM: u32 = 10;
/// The first version that warns when a program loads a library: JEP 472.
const WARNS_OF_LIBRARIES_FROM: u32 = 24;
/// The first version with `-Xlog`: JEP 158.
const UNIFIED_LOGGING_FROM: u32 = 9;

/// The part of a function's memory that is heap, in percent, as on AWS.
const HEAP_PERCENT: u64 = 85;

/// Makes the archive: lists what a rehearsal loads, archives that, prints the archive. `$0` is the JVM.
const MAKE_ARCHIVE: &str = "\
\"$0\" -Xshare:off -XX:+UseSerialGC -XX:DumpLoadedClassList=/tmp/list -cp \"$1\" \"$2\" rehearse >/dev/null 2>&1 && \
\"$0\" -Xshare:dump -XX:+UseG1GC -XX:SharedClassListFile=/tmp/list -XX:SharedArchiveFile=/tmp/archive -cp \"$1\" \
>/dev/null 2>&1 && exec cat /tmp/archive";
/// Memory and disk that this takes, in MiB.
const MAKE_ARCHIVE_MIB: u32 = 1024;

/// What a runtime of Java has beside its name and root.
#[derive(Debug)]
pub(crate) struct Jvm {
    /// The launcher's path in the sandbox.
    program: String,
    major: u32,
    /// The archive on the host. It may not be there yet.
    archive: Option<PathBuf>,
}

impl Runtimes {
    pub(super) fn java(
        &self,
        name: &'static str,
        major: u32,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let mut major = major;
        let (root, program, found, identity) = match self.places.installed_tree(name) {
            Some(tree) => {
                let release = std::fs::read(tree.join("var/lang/release")).unwrap_or_default();
                let program = format!("{LANGUAGE_DIR}/bin/java");
                (image_root(&tree), program, tree, release)
            }
            None => {
                let (found, own) =
                    self.interpreter(name, |places, mapped| host::java(places, major, mapped))?;
                major = own;
                let release = std::fs::read(found.prefix.join("release")).unwrap_or_default();
                let (root, program) = host_root(&found);
                (root, program, found.program, release)
            }
        };
        let found = found.display().to_string();
        let mut root = root.mount(self.places.clients_dir.join("java"), RUNTIME_DIR);
        let archive = (major >= ARCHIVES_FROM).then(|| self.archive_folder(&found, &identity));
        let archive = archive.filter(|folder| super::make_place(folder, false).is_ok());
        if let Some(folder) = &archive {
            root = root.mount(folder, ARCHIVE_DIR);
        }
        let archive = archive.map(|folder| folder.join(ARCHIVE_NAME));
        let language = Language::Java { major };
        let jvm = Jvm { program, major, archive };
        Ok(Runtime { name, language, found, root, command: Vec::new(), jvm: Some(jvm) })
    }

    /// Each JVM has archives of its own; one is of no use to another.
    fn archive_folder(&self, found: &str, identity: &[u8]) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        (found, identity, JAVA).hash(&mut hasher);
        self.places.data_dir.join("java-classes").join(format!("{:016x}", hasher.finish()))
    }
}

impl Jvm {
    /// The command line of a JVM for functions of this memory.
    pub(super) fn command(&self, memory_mib: u32) -> Vec<String> {
        let heap_kib = u64::from(memory_mib) * 1024 * HEAP_PERCENT / 100;
        let mut command = vec![
            self.program.clone(),
            format!("-XX:MaxHeapSize={heap_kib}k"),
            "-XX:+UseSerialGC".to_owned(),
            "-XX:+TieredCompilation".to_owned(),
            "-XX:TieredStopAtLevel=1".to_owned(),
            // No files of its own in /tmp.
            "-XX:-UsePerfData".to_owned(),
            "-Xshare:auto".to_owned(),
        ];
        if let Some(archive) = self.archive.as_deref().filter(|archive| archive.exists()) {
            let name = archive.file_name().unwrap_or_default().to_string_lossy();
            command.push(format!("-XX:SharedArchiveFile={ARCHIVE_DIR}/{name}"));
        }
        if self.major >= UNIFIED_LOGGING_FROM {
            // An archive that does not fit is not the function's concern.
            command.push("-Xlog:cds=off".to_owned());
        }
        if self.major >= WARNS_OF_LIBRARIES_FROM {
            command.push("--enable-native-access=ALL-UNNAMED".to_owned());
        }
        let properties =
            ["-Djava.net.preferIPv4Stack=true", "-Duser.dir=/var/task", "-cp", JAR, MAIN];
        command.extend(properties.map(str::to_owned));
        command
    }

    /// The command line of a JVM that waits for its function on descriptor 3, which Java reads as standard input.
    pub(super) fn waiting_command(&self, memory_mib: u32) -> Vec<String> {
        let shell = ["/bin/sh", "-c", "exec \"$@\" <&3 3<&-", "sh"].map(str::to_owned);
        let wait = ["wait", NATIVE].map(str::to_owned);
        shell.into_iter().chain(self.command(memory_mib)).chain(wait).collect()
    }
}

/// How to make the archive of a runtime that has none yet.
#[derive(Debug)]
pub(crate) struct ArchiveOrder {
    pub(crate) sandbox: SandboxSpec,
    pub(crate) assignment: Assignment,
    /// Where the archive goes.
    pub(crate) file: PathBuf,
}

impl ArchiveOrder {
    pub(super) fn new(
        jvm: &Jvm,
        root: &RootSpec,
        environment: BTreeMap<String, String>,
    ) -> Option<Self> {
        let file = jvm.archive.clone().filter(|file| !file.exists())?;
        let argv = ["/bin/sh", "-c", MAKE_ARCHIVE, &jvm.program, JAR, MAIN].map(str::to_owned);
        let assignment = Assignment {
            memory_mib: MAKE_ARCHIVE_MIB,
            tmp_mib: MAKE_ARCHIVE_MIB,
            argv: argv.to_vec(),
            environment,
            ..Assignment::default()
        };
        let sandbox = SandboxSpec { root: root.clone(), ..SandboxSpec::default() };
        Some(Self { sandbox, assignment, file })
    }
}

/// Whether an interpreter that runs already would miss libraries of this folder: the loader remembers which folders were
/// missing when it first looked. Jars are looked for anew.
pub(super) fn has_libraries(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().contains(".so"))
}
