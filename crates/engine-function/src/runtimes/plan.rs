//! From a function's configuration to what its sandbox runs.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use engine::{EnvironmentSpec, ExtensionFailure, Ground, LogFormat};

use super::{Form, Language, Runtime, dotnet, nodejs};
use crate::Assignment;
use crate::runtime_api::{EXTENSIONS_MAX, Restores};

/// Variables that a function cannot set. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
const RESERVED: [&str; 4] =
    ["AWS_EXECUTION_ENV", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT"];

/// What buys one vCPU. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
const MEMORY_MIB_PER_VCPU: f64 = 1_769.0;

/// Tells the runtime how many workers it shall have.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
const MAX_CONCURRENCY: &str = "AWS_LAMBDA_MAX_CONCURRENCY";

/// A command that names a program which runs the interpreter for it.
const WRAPPER: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// Through a shell as on AWS, which says what is wrong with a wrapper and ends with the shell's own codes.
/// seen: recorded, `exit status 127`.
const WRAP: &str = "\
if [ ! -f \"$AWS_LAMBDA_EXEC_WRAPPER\" ]; then echo \"$AWS_LAMBDA_EXEC_WRAPPER: does not exist\"; exit 127; fi
if [ ! -x \"$AWS_LAMBDA_EXEC_WRAPPER\" ]; then echo \"$AWS_LAMBDA_EXEC_WRAPPER: is not an executable\"; exit 126; fi
exec \"$AWS_LAMBDA_EXEC_WRAPPER\" \"$@\"";

/// How a function's sandbox starts.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) form: Form,
    pub(crate) assignment: Assignment,
    /// The function has been initialized already: it goes on from a snapshot.
    pub(crate) restores: bool,
    /// What happens when it has been initialized for a snapshot.
    pub(crate) standstill: Restores,
}

/// Why a function has no program to start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// No `bootstrap`, in either place.
    NoBootstrap,
    /// An extension cannot be launched.
    Extension(ExtensionFailure),
}

/// Where extensions are, within a layer and in the sandbox.
const EXTENSIONS_DIR: &str = "/opt/extensions";

impl Runtime {
    /// What to start for `spec`.
    pub(crate) fn plan(&self, spec: &EnvironmentSpec) -> Result<Plan, Program> {
        let mut environment = self.variables();
        let set = spec.environment.iter().filter(|(name, _)| !RESERVED.contains(&name.as_str()));
        environment.extend(set.cloned());
        environment.entry("_HANDLER".to_owned()).or_insert_with(|| spec.handler.clone());
        if spec.log_format == LogFormat::Json {
            environment.insert("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned());
        }
        environment.remove(MAX_CONCURRENCY);
        if let Some(max_concurrency) = spec.max_concurrency {
            environment.insert(MAX_CONCURRENCY.to_owned(), max_concurrency.to_string());
        }
        let form = match self.usual_form(spec.memory_mib) {
            Form::Waiting => Form::Waiting,
            _ if self.needs_fresh_process(spec, &environment) => Form::Waiting,
            form => form,
        };
        let argv = match (form, self.language) {
            (Form::Booted | Form::BootedFor { .. }, _) => Vec::new(),
            (Form::Waiting, Language::Provided) => vec![bootstrap(spec)?.to_owned()],
            (Form::Waiting, _) => self.wrapped_command(&environment, spec),
        };
        if form == Form::Waiting {
            self.name_locale(&mut environment);
        }
        if let Language::Dotnet { .. } = self.language {
            dotnet::limit_heap(&mut environment, spec.memory_mib);
        }
        let extensions = extensions(&spec.layers)?;
        let assignment =
            Assignment { argv, environment, extensions, ..assignment_on(spec.ground()) };
        Ok(Plan { form, assignment, restores: false, standstill: Restores::default() })
    }

    /// The sandbox and the assignment, but for what the program is given, of most functions on this ground: those whose
    /// variables do not ask for another. None where that is known already.
    pub(crate) fn plan_ground(&self, ground: &Ground) -> Option<(Form, Assignment)> {
        let form = self.usual_form(ground.memory_mib);
        let fresh = form != Form::Waiting && self.has_libraries(&ground.code, &ground.layers);
        let extended = ground.layers.iter().any(|layer| layer.join("extensions").is_dir());
        (!fresh && !extended).then(|| (form, assignment_on(ground.clone())))
    }

    /// The plan when no booted sandbox is ready. Node.js, Java, Ruby and .NET warm up before they read their assignment, for
    /// which nobody should wait; Python sees that its assignment is there already.
    pub(crate) fn plan_unpooled(&self, mut plan: Plan, spec: &EnvironmentSpec) -> Plan {
        if plan.form != Form::Waiting && !matches!(self.language, Language::Python { .. }) {
            plan.form = Form::Waiting;
            plan.assignment.argv = self.wrapped_command(&plan.assignment.environment, spec);
            self.name_locale(&mut plan.assignment.environment);
        }
        plan
    }

    /// Whether an environment of this function can be initialized ahead and take on its variables when it is wanted: the
    /// interface clients of these languages can.
    pub(crate) fn renews_variables(&self, spec: &EnvironmentSpec) -> bool {
        match self.language {
            Language::Java { .. } => true,
            Language::Dotnet { .. } => !dotnet::is_program(spec),
            _ => false,
        }
    }

    /// Some settings count only from the first instruction of a process, so an interpreter that runs already is of no
    /// use for them.
    fn needs_fresh_process(
        &self,
        spec: &EnvironmentSpec,
        environment: &BTreeMap<String, String>,
    ) -> bool {
        let libraries = self.has_libraries(&spec.code, &spec.layers);
        let usual = self.variables();
        let prefixes: &[&str] = match self.language {
            Language::Python { .. } => &["PYTHON", "LD_", "LC_", "MALLOC_", "GLIBC_"],
            Language::Java { .. } => {
                &["JAVA_", "_JAVA_", "JDK_", "LD_", "LC_", "MALLOC_", "GLIBC_"]
            }
            Language::Dotnet { .. } => &dotnet::EARLY_VARIABLES,
            Language::Ruby { .. } => {
                &["RUBY", "GEM_", "BUNDLE_", "LD_", "LC_", "MALLOC_", "GLIBC_"]
            }
            _ => &["NODE_", "UV_", "LD_", "LC_", "MALLOC_", "GLIBC_"],
        };
        // These are read anew by the interface clients.
        let late = |name: &str| {
            matches!(name, "PYTHONPATH" | "NODE_PATH" | "RUBYLIB" | "GEM_PATH" | "GEM_HOME")
        };
        let early = |(name, value): (&String, &String)| {
            let matters = matches!(name.as_str(), "LANG" | "TZ")
                || (name == WRAPPER && !value.is_empty())
                || prefixes.iter().any(|prefix| name.starts_with(prefix));
            matters && !late(name) && usual.get(name) != Some(value)
        };
        let other_host = matches!(self.language, Language::Dotnet { .. })
            && !dotnet::waiting_host_serves(&self.command, spec, environment);
        libraries || other_host || environment.iter().any(early)
    }

    /// Whether there are libraries that an interpreter that runs already would not find: the loader remembers which
    /// folders were missing when it first looked.
    fn has_libraries(&self, code: &Path, layers: &[PathBuf]) -> bool {
        let has = |folder: &Path| match self.language {
            Language::Java { .. } => super::java::has_libraries(folder),
            _ => folder.is_dir(),
        };
        has(&code.join("lib")) || layers.iter().any(|layer| has(&layer.join("lib")))
    }

    fn wrapped_command(
        &self,
        environment: &BTreeMap<String, String>,
        spec: &EnvironmentSpec,
    ) -> Vec<String> {
        let mut command = Vec::new();
        if environment.get(WRAPPER).is_some_and(|wrapper| !wrapper.is_empty()) {
            command = ["/bin/sh", "-c", WRAP, "bootstrap"].map(str::to_owned).to_vec();
        }
        if let Some(jvm) = &self.jvm {
            command.extend(jvm.command(spec.memory_mib));
        }
        if let Language::Dotnet { .. } = self.language {
            command.extend(dotnet::command(&self.command, spec));
            return command;
        }
        if let Language::Nodejs { .. } = self.language {
            let options = environment.get("NODE_OPTIONS").map_or("", String::as_str);
            command.extend(nodejs::command(&self.command, spec.memory_mib, options));
            return command;
        }
        // Python's own variables count here, so it is not isolated from them.
        command.extend(self.command.iter().filter(|argument| *argument != "-I").cloned());
        command
    }
}

/// What a sandbox is bound to, but for its program's own part.
fn assignment_on(ground: Ground) -> Assignment {
    Assignment {
        code: Some(ground.code),
        layers: ground.layers,
        memory_mib: ground.memory_mib,
        cpu_memory_mib: ground.vcpus.map_or(0, |vcpus| (vcpus * MEMORY_MIB_PER_VCPU) as u32),
        tmp_mib: ground.ephemeral_storage_mib,
        ..Assignment::default()
    }
}

/// The external extensions that the layers bring, in the order of their names: every file is one.
fn extensions(layers: &[PathBuf]) -> Result<Vec<Vec<String>>, Program> {
    let mut files = BTreeMap::new();
    for layer in layers {
        let Ok(entries) = std::fs::read_dir(layer.join("extensions")) else { continue };
        for entry in entries.flatten() {
            // A link may lead to a place that only the sandbox has; what it is shows when it is executed.
            let mode = std::fs::metadata(entry.path()).ok();
            if mode.as_ref().is_none_or(|meta| meta.is_file())
                && let Ok(name) = entry.file_name().into_string()
            {
                let executable = mode.is_none_or(|meta| meta.permissions().mode() & 0o111 != 0);
                files.insert(name, executable);
            }
        }
    }
    let failed = |cause: String| {
        let error_type = "Extension.LaunchError".to_owned();
        Err(Program::Extension(ExtensionFailure { error_type, cause }))
    };
    if files.len() > EXTENSIONS_MAX {
        return failed("ErrTooManyExtensions".to_owned());
    }
    if let Some((name, _)) = files.iter().find(|(_, executable)| !**executable) {
        return failed(format!("fork/exec {EXTENSIONS_DIR}/{name}: permission denied"));
    }
    Ok(files.into_keys().map(|name| vec![format!("{EXTENSIONS_DIR}/{name}")]).collect())
}

/// The program that a function or one of its layers brings. Whether it can be executed shows when that is tried.
fn bootstrap(spec: &EnvironmentSpec) -> Result<&'static str, Program> {
    let is_there = |folder: &Path| folder.join("bootstrap").is_file();
    if is_there(&spec.code) {
        Ok("/var/task/bootstrap")
    } else if spec.layers.iter().any(|layer| is_there(layer)) {
        Ok("/opt/bootstrap")
    } else {
        Err(Program::NoBootstrap)
    }
}
