//! Which runtimes exist, where their interpreters are on this host, and how their sandboxes are made.
//!
//! A runtime is looked up in this order: a tree installed under `<data_dir>/runtimes/<name>`, then an interpreter of
//! exactly that version on the host.

mod compiled_sdk;
mod dotnet;
mod host;
mod image;
mod install;
mod java;
mod nodejs;
mod plan;
mod sdk;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::{RuntimeStatus, RuntimeUnavailable};
use parking_lot::Mutex;

use crate::interface_clients::{
    DOTNET, DOTNET_HOST, JAVA, JAVA_NATIVE, NODEJS, NODEJS_REHEARSAL, PYTHON, PYTHON_BELONGINGS,
    PYTHON_FORKS, PYTHON_HOOKS, PYTHON_WORKERS, RUBY, arena_code, fork_code,
};
use crate::{Offspring, RootSpec, SandboxSpec};

pub(crate) use compiled_sdk::CompiledSdk;
pub use install::{InstallError, Installation, install};
pub(crate) use java::ArchiveOrder;
pub(crate) use plan::{Plan, Program};

/// Where an interpreter that is not below `/usr` is mounted, as on AWS.
const LANGUAGE_DIR: &str = "/var/lang";

/// Where the interface client and the language's AWS SDK are, as on AWS.
const RUNTIME_DIR: &str = "/var/runtime";

/// The folders with Python's interface client: without and with places for the SDK.
const PYTHON_ALONE: &str = "python";
const PYTHON_WITH_SDK: &str = "python-with-sdk";

/// Every runtime name of `CreateFunction`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
const NAMES: [(&str, Language); 32] = [
    ("dotnet6", Language::Dotnet { major: 6 }),
    ("dotnet8", Language::Dotnet { major: 8 }),
    ("dotnet10", Language::Dotnet { major: 10 }),
    ("go1.x", Language::Other("go1.x")),
    ("java8", Language::Java { major: 8 }),
    ("java8.al2", Language::Java { major: 8 }),
    ("java11", Language::Java { major: 11 }),
    ("java17", Language::Java { major: 17 }),
    ("java21", Language::Java { major: 21 }),
    ("java25", Language::Java { major: 25 }),
    ("nodejs16.x", Language::Nodejs { major: 16 }),
    ("nodejs18.x", Language::Nodejs { major: 18 }),
    ("nodejs20.x", Language::Nodejs { major: 20 }),
    ("nodejs22.x", Language::Nodejs { major: 22 }),
    ("nodejs24.x", Language::Nodejs { major: 24 }),
    ("provided", Language::Provided),
    ("provided.al2", Language::Provided),
    ("provided.al2023", Language::Provided),
    ("python3.6", Language::Other("Python before 3.8")),
    ("python3.7", Language::Other("Python before 3.8")),
    ("python3.8", Language::Python { minor: 8 }),
    ("python3.9", Language::Python { minor: 9 }),
    ("python3.10", Language::Python { minor: 10 }),
    ("python3.11", Language::Python { minor: 11 }),
    ("python3.12", Language::Python { minor: 12 }),
    ("python3.13", Language::Python { minor: 13 }),
    ("python3.14", Language::Python { minor: 14 }),
    ("ruby2.7", Language::Ruby { version: "2.7" }),
    ("ruby3.2", Language::Ruby { version: "3.2" }),
    ("ruby3.3", Language::Ruby { version: "3.3" }),
    ("ruby3.4", Language::Ruby { version: "3.4" }),
    ("ruby4.0", Language::Ruby { version: "4.0" }),
];

/// What runs a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// CPython 3.`minor` and our interface client.
    Python { minor: u32 },
    /// Node.js and our interface client.
    Nodejs { major: u32 },
    /// A JVM of version `major` and our interface client.
    Java { major: u32 },
    /// Ruby and our interface client.
    Ruby { version: &'static str },
    /// .NET of version `major` and our interface client, or a program that is one itself.
    Dotnet { major: u32 },
    /// The function brings its own `bootstrap`.
    Provided,
    /// Known by name; there is no interface client for it yet.
    Other(&'static str),
}

/// Where to look for runtimes.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// Installed trees are in `runtimes/`, SDKs in `sdk/`.
    pub(crate) data_dir: PathBuf,
    /// The interface clients, see [`Places::write_clients`].
    pub(crate) clients_dir: PathBuf,
    /// The folders of `PATH`.
    pub(crate) path: OsString,
    /// For version managers of the user.
    pub(crate) home: Option<PathBuf>,
    /// Runtime names and the interpreters that somebody chose for them, whatever their version.
    pub(crate) mapped: BTreeMap<String, PathBuf>,
}

/// A runtime that can be used.
#[derive(Debug)]
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    /// Where it was found, for people.
    pub(crate) found: String,
    root: RootSpec,
    /// The interpreter and its arguments, the interface client last; empty for `provided` and Java.
    command: Vec<String>,
    /// For Java.
    jvm: Option<java::Jvm>,
}

/// The runtimes of this host.
pub(crate) struct Runtimes {
    places: Places,
    found: Mutex<HashMap<&'static str, Result<Arc<Runtime>, RuntimeUnavailable>>>,
    /// SDKs that runtimes which were found would like to have compiled.
    to_compile: Mutex<HashMap<&'static str, CompiledSdk>>,
}

/// Every runtime name that `CreateFunction` takes.
pub fn runtime_names() -> Vec<&'static str> {
    NAMES.iter().map(|(name, _)| *name).collect()
}

/// Every runtime name and whether functions of it could run here, without starting an engine.
///
/// The arguments are as in [`crate::SandboxEngineConfig`].
pub fn host_runtimes(
    data_dir: &Path,
    path: OsString,
    home: Option<PathBuf>,
    mapped: BTreeMap<String, PathBuf>,
) -> Vec<RuntimeStatus> {
    let clients_dir = PathBuf::new();
    Runtimes::new(Places { data_dir: data_dir.to_owned(), clients_dir, path, home, mapped }).list()
}

/// The newest Python runtime of this host, if its functions would not find the AWS SDK. Cheap: nothing is started.
///
/// The arguments are as in [`crate::SandboxEngineConfig`].
pub fn lacks_sdk(data_dir: &Path, path: OsString, home: Option<PathBuf>) -> Option<&'static str> {
    let (clients_dir, mapped) = Default::default();
    sdk::lacking(&Places { data_dir: data_dir.to_owned(), clients_dir, path, home, mapped })
}

impl Runtimes {
    pub(crate) fn new(places: Places) -> Self {
        Self { places, found: Mutex::default(), to_compile: Mutex::default() }
    }

    /// Looks a runtime up; the first time this may run an interpreter to ask for its version.
    pub(crate) fn get(&self, name: &str) -> Result<Arc<Runtime>, RuntimeUnavailable> {
        let Some((name, language)) = NAMES.iter().find(|(known, _)| *known == name) else {
            let reason = format!("There is no runtime named {name}.");
            return Err(RuntimeUnavailable { reason });
        };
        if let Some(found) = self.found.lock().get(name) {
            return found.clone();
        }
        let found = self.look_up(name, *language).map(Arc::new);
        self.found.lock().insert(name, found.clone());
        found
    }

    /// All of them, in the order of their names.
    pub(crate) fn list(&self) -> Vec<RuntimeStatus> {
        let status = |name: &str| RuntimeStatus {
            name: name.to_owned(),
            state: self.get(name).map(|runtime| runtime.found.clone()),
        };
        NAMES.iter().map(|(name, _)| status(name)).collect()
    }

    /// The SDK to compile so that functions of this runtime start faster, once.
    pub(crate) fn sdk_to_compile(&self, name: &str) -> Option<CompiledSdk> {
        self.to_compile.lock().remove(name)
    }

    /// Forgets one runtime: there is something new about it.
    pub(crate) fn forget_one(&self, name: &str) {
        self.found.lock().remove(name);
    }

    /// Forgets what was found and what was not: something has been installed.
    pub(crate) fn forget(&self) {
        self.found.lock().clear();
    }

    fn look_up(
        &self,
        name: &'static str,
        language: Language,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let installed = self.places.installed_tree(name);
        match language {
            Language::Python { minor } => self.python(name, minor, installed),
            Language::Nodejs { major } => self.nodejs(name, major, installed),
            Language::Java { major } => self.java(name, major),
            Language::Dotnet { major } => self.dotnet(name, major),
            Language::Ruby { version } => self.ruby(name, version, installed),
            Language::Provided => {
                let root = installed.as_deref().map_or_else(RootSpec::host, image_root);
                let found = installed.map_or_else(
                    || "the host's libraries".to_owned(),
                    |tree| tree.display().to_string(),
                );
                Ok(Runtime { name, language, found, root, command: Vec::new(), jvm: None })
            }
            Language::Other(what) => {
                let reason = format!(
                    "Functions of runtime {name} cannot run here yet: {what} is not built."
                );
                Err(RuntimeUnavailable { reason })
            }
        }
    }

    /// The interpreter of a runtime on this host: the mapped one or what `find` finds.
    fn interpreter<T>(
        &self,
        name: &str,
        find: impl FnOnce(&Places, Option<&Path>) -> Option<T>,
    ) -> Result<T, RuntimeUnavailable> {
        let mapped = self.places.mapped.get(name).map(PathBuf::as_path);
        find(&self.places, mapped).ok_or_else(|| match mapped {
            Some(program) => RuntimeUnavailable {
                reason: format!(
                    "{name} is mapped to {}, which is not there or no interpreter of that language.",
                    program.display()
                ),
            },
            None => missing(name),
        })
    }

    fn python(
        &self,
        name: &'static str,
        minor: u32,
        installed: Option<PathBuf>,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let mut minor = minor;
        let (mut root, interpreter, found, own, program) = match installed {
            Some(tree) => {
                let sdk = vec![tree.join("var/runtime")];
                let interpreter = format!("{LANGUAGE_DIR}/bin/python3.{minor}");
                (image_root(&tree), interpreter, tree.display().to_string(), sdk, None)
            }
            None => {
                let (found, own) =
                    self.interpreter(name, |places, mapped| host::python(places, minor, mapped))?;
                minor = own;
                let (root, interpreter) = host_root(&found);
                let shown = found.program.display().to_string();
                (root, interpreter, shown, vec![found.packages], Some(found.program))
            }
        };
        let packages = sdk::python(&self.places, minor, own);
        // An empty folder would be a package to Python, and what is said about its absence would make no sense.
        let folder = if packages.is_some() { PYTHON_WITH_SDK } else { PYTHON_ALONE };
        let folder = self.places.clients_dir.join(folder);
        let compiled = program.as_ref().and_then(|program| compile_client(&folder, program, minor));
        let client = compiled.unwrap_or_else(|| "bootstrap.py".to_owned());
        root = root.mount(folder, RUNTIME_DIR);
        if let Some(packages) = packages {
            let compiled = program
                .as_ref()
                .and_then(|program| CompiledSdk::new(&self.places, &packages, program, minor));
            match compiled {
                Some(compiled) if compiled.is_there() => root = compiled.mount(root),
                other => {
                    self.to_compile.lock().extend(other.map(|sdk| (name, sdk)));
                    for part in sdk::PYTHON {
                        root = root.mount(packages.join(part), format!("{RUNTIME_DIR}/{part}"));
                    }
                }
            }
        }
        let language = Language::Python { minor };
        // Isolated: what a sandbox's variables say about Python's start is handled by the client.
        let command = [&interpreter, "-I", "-S", "-u", &format!("{RUNTIME_DIR}/{client}")];
        let command = command.map(str::to_owned).to_vec();
        Ok(Runtime { name, language, found, root, command, jvm: None })
    }

    fn ruby(
        &self,
        name: &'static str,
        version: &'static str,
        installed: Option<PathBuf>,
    ) -> Result<Runtime, RuntimeUnavailable> {
        let language = Language::Ruby { version };
        let (root, interpreter, found) = match installed {
            Some(tree) => {
                let interpreter = format!("{LANGUAGE_DIR}/bin/ruby");
                (image_root(&tree), interpreter, tree.display().to_string())
            }
            None => {
                let found =
                    self.interpreter(name, |places, mapped| host::ruby(places, version, mapped))?;
                let (root, interpreter) = host_root(&found);
                (root, interpreter, found.program.display().to_string())
            }
        };
        let root = root.mount(self.places.clients_dir.join("ruby"), RUNTIME_DIR);
        let client = format!("{RUNTIME_DIR}/bootstrap.rb");
        // Texts are UTF-8 also where the host does not know the language that LANG names.
        let command = [&interpreter, "-Eutf-8:utf-8", &client].map(str::to_owned).to_vec();
        Ok(Runtime { name, language, found, root, command, jvm: None })
    }
}

/// The file name of Python's interface client in this interpreter's own form.
fn compile_client(folder: &Path, program: &Path, minor: u32) -> Option<String> {
    let (script, name) = (folder.join("bootstrap.py"), format!("bootstrap-3.{minor}.pyc"));
    let compiled = folder.join(&name);
    let shown = format!("{RUNTIME_DIR}/bootstrap.py");
    let done = host::compile_python(program, &script, &compiled, &shown);
    (done && readable(&compiled).is_ok()).then_some(name)
}

impl Places {
    /// Writes the interface clients below `clients_dir`, with places to mount the parts of the SDKs on.
    pub(crate) fn write_clients(&self) -> std::io::Result<()> {
        for (folder, parts) in [(PYTHON_ALONE, &[][..]), (PYTHON_WITH_SDK, &sdk::PYTHON)] {
            let python = self.clients_dir.join(folder);
            write_readable(&python.join("bootstrap.py"), PYTHON)?;
            write_readable(&python.join("forks.py"), PYTHON_FORKS)?;
            write_readable(&python.join("belongings.py"), PYTHON_BELONGINGS)?;
            write_readable(&python.join("workers.py"), PYTHON_WORKERS)?;
            write_readable(&python.join("snapshot_restore_py.py"), PYTHON_HOOKS)?;
            write_readable(&python.join("fork.bin"), fork_code())?;
            write_readable(&python.join("arena.bin"), arena_code())?;
            for part in parts {
                make_place(&python.join(part), part.ends_with(".py"))?;
            }
        }
        let nodejs = self.clients_dir.join("nodejs");
        make_place(&nodejs.join("node_modules/@aws-sdk"), false)?;
        write_readable(&nodejs.join("bootstrap.cjs"), NODEJS)?;
        write_readable(&nodejs.join("rehearsal.js"), NODEJS_REHEARSAL)?;
        write_readable(&self.clients_dir.join("ruby/bootstrap.rb"), RUBY)?;
        let dotnet = self.clients_dir.join("dotnet");
        write_readable(&dotnet.join("bootstrap.dll"), DOTNET)?;
        for (name, config) in dotnet::configurations() {
            write_readable(&dotnet.join(name), config)?;
        }
        write_readable(&dotnet.join("host"), DOTNET_HOST)?;
        executable(&dotnet.join("host"))?;
        let java = self.clients_dir.join("java");
        make_place(&java.join("classes"), false)?;
        write_readable(&java.join("bootstrap.so"), JAVA_NATIVE)?;
        let jar = java.join("runtime.jar");
        write_readable(&jar, JAVA)?;
        // An archive of classes counts only for a jar of the same date.
        std::fs::File::options().write(true).open(&jar)?.set_modified(std::time::UNIX_EPOCH)
    }

    /// The unpacked image of a runtime, where one is installed.
    fn installed_tree(&self, name: &str) -> Option<PathBuf> {
        let tree = self.data_dir.join("runtimes").join(name).join("rootfs");
        tree.join("usr").is_dir().then_some(tree)
    }
}

fn make_place(path: &Path, file: bool) -> std::io::Result<()> {
    if file {
        write_readable(path, b"")
    } else {
        std::fs::create_dir_all(path).and_then(|()| readable(path))
    }
}

/// Whatever this process's umask is, the program in the sandbox is another user and must be able to read it.
fn write_readable(path: &Path, content: impl AsRef<[u8]>) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
        readable(parent)?;
    }
    std::fs::write(path, content)?;
    readable(path)
}

pub(crate) fn readable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if path.is_dir() { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

fn missing(name: &str) -> RuntimeUnavailable {
    let reason = format!(
        "This host has no interpreter for {name}; run `nuage runtime install {name}` or install it with the host's \
         package manager."
    );
    RuntimeUnavailable { reason }
}

/// The host's libraries and the interpreter's folder; and the interpreter's path inside.
fn host_root(found: &host::Interpreter) -> (RootSpec, String) {
    let root = RootSpec::host();
    match found.program.strip_prefix(&found.prefix) {
        Ok(rest) if !found.prefix.starts_with("/usr") => {
            let inside = Path::new(LANGUAGE_DIR).join(rest);
            (root.mount(&found.prefix, LANGUAGE_DIR), inside.display().to_string())
        }
        _ => (root, found.program.display().to_string()),
    }
}

/// The root of an unpacked image: its programs and libraries, without what differs from sandbox to sandbox.
fn image_root(tree: &Path) -> RootSpec {
    let mut root = RootSpec::default();
    for folder in ["usr", "var/lang"] {
        if tree.join(folder).is_dir() {
            root = root.mount(tree.join(folder), format!("/{folder}"));
        }
    }
    for copy in ["etc/ld.so.cache", "etc/pki", "etc/ssl", "etc/localtime", "etc/mime.types"] {
        root.copies.push(crate::RootMount::new(tree.join(copy), format!("/{copy}")));
    }
    root
}

/// What every sandbox of a kind is made from; the key of its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// The interpreter runs already.
    Booted,
    /// It runs already, for functions of this memory only: the heap of Node.js, Java and .NET is laid out when they start.
    BootedFor {
        /// The function's memory.
        memory_mib: u32,
    },
    /// The program is executed at assignment.
    Waiting,
}

impl Runtime {
    /// The sandbox of this form, before it has a function.
    pub(crate) fn sandbox(&self, form: Form) -> SandboxSpec {
        let waits = |command: Vec<String>| command.into_iter().chain(["wait".to_owned()]).collect();
        let argv = match (form, &self.jvm) {
            (Form::Waiting, _) => None,
            (Form::BootedFor { memory_mib }, Some(jvm)) => Some(jvm.waiting_command(memory_mib)),
            (Form::BootedFor { memory_mib }, None) => Some(match self.language {
                Language::Nodejs { .. } => waits(nodejs::command(&self.command, memory_mib, "")),
                _ => dotnet::waiting_command(&self.command),
            }),
            (Form::Booted, _) => Some(waits(self.command.clone())),
        };
        let mut environment = self.variables();
        self.name_locale(&mut environment);
        if let (Language::Dotnet { .. }, Form::BootedFor { memory_mib }) = (self.language, form) {
            dotnet::limit_heap(&mut environment, memory_mib);
        }
        let boot = argv.map(|argv| crate::Boot { argv, environment });
        SandboxSpec { root: self.root.clone(), boot, ..SandboxSpec::default() }
    }

    /// The sandbox of an interpreter that is forked into others; None where there is no such thing.
    pub(crate) fn zygote(&self) -> Option<SandboxSpec> {
        self.parent("zygote", Offspring::Zygote)
    }

    /// The sandbox in which a function is initialized to be forked into others; None where there is no such thing.
    pub(crate) fn template(&self) -> Option<SandboxSpec> {
        self.parent("template", Offspring::Template)
    }

    fn parent(&self, argument: &str, offspring: Offspring) -> Option<SandboxSpec> {
        let forks = matches!(self.language, Language::Python { .. }) && !fork_code().is_empty();
        let mut environment = self.variables();
        // Otherwise each fork looks for itself where functions of libraries are that nobody has called before.
        environment.insert("LD_BIND_NOW".to_owned(), "1".to_owned());
        forks.then(|| SandboxSpec {
            root: self.root.clone(),
            boot: Some(crate::Boot {
                argv: self.command.iter().cloned().chain([argument.to_owned()]).collect(),
                environment,
            }),
            offspring,
            ..SandboxSpec::default()
        })
    }

    /// The root of every sandbox of this runtime.
    pub(crate) fn root(&self) -> &RootSpec {
        &self.root
    }

    /// A JVM takes the encoding of file names and variables from the locale, and where LANG's is not installed it would
    /// know ASCII only. This one is everywhere.
    fn name_locale(&self, environment: &mut BTreeMap<String, String>) {
        if self.jvm.is_some() {
            environment.entry("LC_ALL".to_owned()).or_insert_with(|| "C.UTF-8".to_owned());
        }
    }

    /// The form in which most functions of this runtime and memory start.
    pub(crate) fn usual_form(&self, memory_mib: u32) -> Form {
        match self.language {
            Language::Nodejs { .. } | Language::Java { .. } | Language::Dotnet { .. } => {
                Form::BootedFor { memory_mib }
            }
            Language::Provided | Language::Other(_) => Form::Waiting,
            Language::Python { .. } | Language::Ruby { .. } => Form::Booted,
        }
    }

    /// Whether a process of this form says when it is ready for its function, by a frame on its output.
    pub(crate) fn says_ready(&self, form: Form) -> bool {
        let language = self.language;
        // Forks of Python's zygote are ready when they are made.
        let warms = matches!(
            language,
            Language::Java { .. }
                | Language::Dotnet { .. }
                | Language::Nodejs { .. }
                | Language::Ruby { .. }
        );
        warms && form != Form::Waiting
    }

    /// What to do so that interpreters start faster from then on, if there is something.
    pub(crate) fn archive_order(&self) -> Option<ArchiveOrder> {
        ArchiveOrder::new(self.jvm.as_ref()?, &self.root, self.variables())
    }

    /// The environment variables that do not depend on the function. seen: recordings of AWS's runtimes.
    fn variables(&self) -> BTreeMap<String, String> {
        let own = self.language != Language::Provided;
        let (lang_bin, lang_lib) = match self.language {
            Language::Provided => ("", ""),
            // AWS's image and its program add them each.
            Language::Ruby { .. } => {
                ("/var/lang/bin:/var/lang/bin:", "/var/lang/lib:/var/lang/lib:")
            }
            _ => ("/var/lang/bin:", "/var/lang/lib:"),
        };
        let libraries =
            "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";
        let mut variables = vec![
            ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001".to_owned()),
            ("LAMBDA_RUNTIME_DIR", RUNTIME_DIR.to_owned()),
            ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("LD_LIBRARY_PATH", format!("{lang_lib}{libraries}")),
            ("PATH", format!("{lang_bin}/usr/local/bin:/usr/bin/:/bin:/opt/bin")),
            ("TZ", ":UTC".to_owned()),
        ];
        match self.language {
            Language::Python { .. } => variables.push(("PYTHONPATH", RUNTIME_DIR.to_owned())),
            Language::Nodejs { major } => variables.push((
                "NODE_PATH",
                format!(
                    "/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:\
                     /var/runtime:/var/task"
                ),
            )),
            Language::Ruby { version } => {
                let abi = format!("{version}.0");
                variables.push(("GEM_HOME", RUNTIME_DIR.to_owned()));
                let gems = format!("/var/task/vendor/bundle/ruby/{abi}:/opt/ruby/gems/{abi}");
                variables.push(("GEM_PATH", format!("{gems}:/var/runtime:/var/runtime/ruby/{abi}")));
                variables.push(("RUBYLIB", "/var/task:/var/runtime/lib:/opt/ruby/lib".to_owned()));
            }
            Language::Dotnet { .. } => {
                variables.push(("DOTNET_ROOT", dotnet::ROOT_DIR.to_owned()));
                variables.push(("LAMBDA_RUNTIME_NAME", self.name.to_owned()));
            }
            Language::Java { .. } | Language::Provided | Language::Other(_) => {}
        }
        // AWS starts these by a shell, which leaves this.
        if !matches!(self.language, Language::Java { .. } | Language::Provided) {
            variables.push(("PWD", "/var/task".to_owned()));
            variables.push(("SHLVL", "0".to_owned()));
        }
        if own {
            variables.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", self.name)));
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests;
