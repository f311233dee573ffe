//! Installs runtimes and SDKs below the data directory.
//!
//! - The AWS SDKs come from the languages' own registries, by the languages' own tools.
//! - A runtime's tree comes out of an image archive: what `docker save` writes, or a tar of an OCI layout.
//!
//! What is installed stands in a folder of its own first and takes its place when it is complete.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Language, NAMES, Places, host, image};

/// Runs pip where it is not installed.
const FETCH_PIP: &str = include_str!("../../../../runtimes/python/fetch_pip.py");

/// The clients of the AWS SDK for JavaScript that are installed: those of the services that functions use most.
const NODEJS_SDK: [&str; 24] = [
    "client-apigatewaymanagementapi",
    "client-bedrock-runtime",
    "client-cloudformation",
    "client-cloudwatch",
    "client-cloudwatch-logs",
    "client-cognito-identity-provider",
    "client-dynamodb",
    "client-ec2",
    "client-ecs",
    "client-eventbridge",
    "client-iam",
    "client-kinesis",
    "client-kms",
    "client-lambda",
    "client-s3",
    "client-secrets-manager",
    "client-ses",
    "client-sfn",
    "client-sns",
    "client-sqs",
    "client-ssm",
    "client-sts",
    "lib-dynamodb",
    "s3-request-presigner",
];

/// Why something was not installed: a sentence, with what a tool said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InstallError(pub(super) String);

/// What to install.
#[derive(Clone, Debug)]
pub struct Installation {
    /// As in `CreateFunction`, such as `python3.12`.
    pub runtime: String,
    /// An image archive with the runtime's tree. None: the host's interpreter is used, and only the SDK is installed.
    pub from: Option<PathBuf>,
    /// Below it the result stands.
    pub data_dir: PathBuf,
    /// The value of `PATH`, where interpreters and tools are looked for.
    pub path: std::ffi::OsString,
    /// The user's home folder, for interpreters of version managers.
    pub home: Option<PathBuf>,
    /// Interpreters chosen for runtime names, as in [`crate::SandboxEngineConfig`].
    pub mapped: std::collections::BTreeMap<String, PathBuf>,
}

/// Installs a runtime: from an archive its tree, else the language's AWS SDK beside the host's interpreter. `progress` is
/// told in plain sentences what happens. Blocks until it is done; a running engine sees the result after
/// [`crate::SandboxEngine::runtimes_changed`].
pub fn install(wanted: &Installation, progress: &dyn Fn(&str)) -> Result<(), InstallError> {
    let name = wanted.runtime.as_str();
    let known = NAMES.iter().find(|(known, _)| *known == name);
    let Some((_, language)) = known else {
        return Err(InstallError(format!("There is no runtime named {name}.")));
    };
    if let Language::Other(what) = language {
        let text = format!("Functions of runtime {name} cannot run here yet: {what} is not built.");
        return Err(InstallError(text));
    }
    if let Some(archive) = &wanted.from {
        let tree = wanted.data_dir.join("runtimes").join(name).join("rootfs");
        progress(&format!("Unpacking {} for {name}.", archive.display()));
        replace(&tree, |fresh| image::unpack(archive, fresh, progress))?;
        progress(&format!("{name} is installed in {}.", tree.display()));
        return Ok(());
    }
    let places = Places {
        data_dir: wanted.data_dir.clone(),
        clients_dir: PathBuf::new(),
        path: wanted.path.clone(),
        home: wanted.home.clone(),
        mapped: wanted.mapped.clone(),
    };
    let mapped = wanted.mapped.get(name).map(PathBuf::as_path);
    match language {
        Language::Python { minor } => {
            python_sdk(&places, name, host::python(&places, *minor, mapped), progress)
        }
        Language::Nodejs { major } => {
            nodejs_sdk(&places, name, host::nodejs(&places, *major, mapped), progress)
        }
        Language::Java { .. } | Language::Ruby { .. } | Language::Dotnet { .. } => {
            // Functions bring the AWS SDK themselves; on AWS, Ruby's is there.
            let found = super::Runtimes::new(places).get(name);
            found.map_err(|unavailable| InstallError(unavailable.reason)).map(|found| {
                progress(&format!("{name} needs nothing more than {}.", found.found));
            })
        }
        Language::Provided | Language::Other(_) => {
            progress(&format!("{name} needs nothing: functions bring their own program."));
            Ok(())
        }
    }
}

fn python_sdk(
    places: &Places,
    name: &str,
    found: Option<(host::Interpreter, u32)>,
    progress: &dyn Fn(&str),
) -> Result<(), InstallError> {
    let Some((found, _)) = found else { return Err(no_interpreter(name)) };
    progress(&format!("Installing the AWS SDK for Python with {}.", found.program.display()));
    let sdk = places.data_dir.join("sdk/python");
    replace(&sdk, |fresh| {
        let target = fresh.as_os_str();
        // Many hosts have Python without pip.
        let has_pip = host::ask(&found.program, &["-c", "import pip"]).is_some();
        let pip = if has_pip { ["-m", "pip"] } else { ["-c", FETCH_PIP] };
        let options = ["install", "--quiet", "--no-compile", "--disable-pip-version-check"];
        let mut arguments: Vec<&OsStr> = pip.into_iter().chain(options).map(OsStr::new).collect();
        arguments.extend([OsStr::new("--target"), target, OsStr::new("boto3")]);
        run(&found.program, &arguments, places, &[])
    })?;
    progress(&format!("The AWS SDK for Python is in {}.", sdk.display()));
    Ok(())
}

fn nodejs_sdk(
    places: &Places,
    name: &str,
    found: Option<(host::Interpreter, (u32, u32))>,
    progress: &dyn Fn(&str),
) -> Result<(), InstallError> {
    let Some((found, _)) = found else { return Err(no_interpreter(name)) };
    let npm = found.prefix.join("lib/node_modules/npm/bin/npm-cli.js");
    let shared = Path::new("/usr/share/nodejs/npm/bin/npm-cli.js");
    let npm = [npm.as_path(), shared].into_iter().find(|npm| npm.is_file());
    let Some(npm) = npm else {
        let text = format!("npm is not installed beside {}.", found.program.display());
        return Err(InstallError(text));
    };
    progress(&format!("Installing the AWS SDK for JavaScript with {}.", found.program.display()));
    let sdk = places.data_dir.join("sdk/nodejs");
    replace(&sdk, |fresh| {
        std::fs::write(fresh.join("package.json"), "{\"private\":true}").map_err(system(fresh))?;
        let packages = NODEJS_SDK.map(|package| format!("@aws-sdk/{package}"));
        let options =
            ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        let mut arguments = vec![npm.as_os_str()];
        arguments.extend(options.iter().map(OsStr::new));
        arguments.push(fresh.as_os_str());
        arguments.extend(packages.iter().map(OsStr::new));
        let cache = fresh.join(".cache");
        run(&found.program, &arguments, places, &[("npm_config_cache", &cache)])?;
        std::fs::remove_dir_all(&cache).or_else(absent_is_fine).map_err(system(&cache))
    })?;
    progress(&format!("The AWS SDK for JavaScript is in {}.", sdk.display()));
    Ok(())
}

fn no_interpreter(name: &str) -> InstallError {
    InstallError(format!(
        "This host has no interpreter for {name}. Install it with the host's package manager, or name an image archive \
         with `--from FILE`, such as one written by `docker save public.ecr.aws/lambda/…`."
    ))
}

/// Runs a tool with the variables of this process, which may name mirrors and proxies.
fn run(
    program: &Path,
    arguments: &[&OsStr],
    places: &Places,
    variables: &[(&str, &Path)],
) -> Result<(), InstallError> {
    #[expect(clippy::disallowed_methods, reason = "the engine is the owner of interpreters")]
    let mut command = Command::new(program);
    command.args(arguments).envs(variables.iter().copied()).env("PATH", &places.path);
    let output = command.stdin(Stdio::null()).output().map_err(system(program))?;
    if output.status.success() {
        return Ok(());
    }
    let mut said = output.stderr;
    said.extend_from_slice(&output.stdout);
    let said = String::from_utf8_lossy(&said);
    let last: Vec<_> = said.lines().rev().take(10).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    Err(InstallError(format!("{} ended with {}:\n{last}", program.display(), output.status)))
}

/// Fills a new folder beside `place`, makes it readable for everyone and puts it there instead of what was there.
fn replace(
    place: &Path,
    fill: impl FnOnce(&Path) -> Result<(), InstallError>,
) -> Result<(), InstallError> {
    let fresh = beside(place, "new");
    let old = beside(place, "old");
    for rest in [&fresh, &old] {
        std::fs::remove_dir_all(rest).or_else(absent_is_fine).map_err(system(rest))?;
    }
    std::fs::create_dir_all(&fresh).map_err(system(&fresh))?;
    let filled = fill(&fresh).and_then(|()| open_up(&fresh).map_err(system(&fresh)));
    if let Err(error) = filled {
        let _ = std::fs::remove_dir_all(&fresh);
        return Err(error);
    }
    std::fs::rename(place, &old).or_else(absent_is_fine).map_err(system(place))?;
    std::fs::rename(&fresh, place).map_err(system(place))?;
    std::fs::remove_dir_all(&old).or_else(absent_is_fine).map_err(system(&old))
}

fn beside(place: &Path, suffix: &str) -> PathBuf {
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    place.with_file_name(name)
}

/// The programs in sandboxes run as other users.
fn open_up(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = std::fs::symlink_metadata(path)?;
    if meta.is_symlink() {
        return Ok(());
    }
    let mode = meta.permissions().mode();
    let wanted = if meta.is_dir() || mode & 0o100 != 0 { mode | 0o555 } else { mode | 0o444 };
    if wanted != mode {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(wanted))?;
    }
    if meta.is_dir() {
        for entry in std::fs::read_dir(path)? {
            open_up(&entry?.path())?;
        }
    }
    Ok(())
}

fn absent_is_fine(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

pub(super) fn system(path: &Path) -> impl FnOnce(std::io::Error) -> InstallError + use<> {
    let path = path.display().to_string();
    move |error| InstallError(format!("{path}: {error}"))
}

/// The whole of a small reader.
pub(super) fn read_all(reader: impl std::io::Read, at_most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(at_most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
