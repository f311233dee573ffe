//! Finds interpreters on the host.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Places;

/// An interpreter on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    /// The executable, without links in its path.
    pub(super) program: PathBuf,
    /// The folder that holds all of it.
    pub(super) prefix: PathBuf,
    /// The folder of packages beside it, which may have the AWS SDK. Python alone.
    pub(super) packages: PathBuf,
}

/// CPython 3.`minor`, or the one mapped, of whichever version; and its own minor version.
pub(super) fn python(
    places: &Places,
    minor: u32,
    mapped: Option<&Path>,
) -> Option<(Interpreter, u32)> {
    let name = format!("python3.{minor}");
    let versions =
        |folder: &Path| folders_in(&folder.join("versions")).map(|found| found.join("bin"));
    let managers = places.home.iter().flat_map(|home| versions(&home.join(".pyenv")));
    let found = programs(places, &name, managers, mapped).find_map(|program| {
        let code =
            "import sys; print(sys.version_info[1], sys.implementation.name, sys.base_prefix)";
        let answer = ask(&program, &["-I", "-S", "-c", code])?;
        let (own, prefix) = answer.split_once(" cpython ")?;
        let own: u32 = own.parse().ok()?;
        (mapped.is_some() || own == minor).then(|| (program, own, PathBuf::from(prefix)))
    });
    let (program, minor, prefix) = found?;
    let packages = prefix.join(format!("lib/python3.{minor}/site-packages"));
    Some((Interpreter { program, prefix, packages }, minor))
}

/// Compiles a script as the interpreter would each time that it runs it, which takes longer than all the rest of its
/// start. Whether it worked; it is a matter of speed alone.
pub(super) fn compile_python(program: &Path, script: &Path, compiled: &Path, shown: &str) -> bool {
    let code = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], sys.argv[3], doraise=True)";
    let (script, compiled) = (script.display().to_string(), compiled.display().to_string());
    ask(program, &["-I", "-S", "-c", code, &script, &compiled, shown]).is_some()
}

/// Node.js of version `major`, or the one mapped; and its own major and minor version.
pub(super) fn nodejs(
    places: &Places,
    major: u32,
    mapped: Option<&Path>,
) -> Option<(Interpreter, (u32, u32))> {
    let managers = places.home.iter().flat_map(|home| {
        let nvm = folders_in(&home.join(".nvm/versions/node"));
        let others = folders_in(&home.join(".local/share/fnm/node-versions"));
        nvm.map(|version| version.join("bin"))
            .chain(others.map(|version| version.join("installation/bin")))
    });
    programs(places, "node", managers, mapped).find_map(|program| {
        let answer = ask(&program, &["--version"])?;
        let mut numbers = answer.strip_prefix('v')?.split('.').map_while(|part| part.parse().ok());
        let own: (u32, u32) = (numbers.next()?, numbers.next()?);
        // …/bin/node
        let prefix = program.parent()?.parent()?.to_owned();
        let found = (Interpreter { program, prefix, packages: PathBuf::new() }, own);
        (mapped.is_some() || own.0 == major).then_some(found)
    })
}

/// A JVM of version `major`, or the one mapped; and its own version. Its folder says which one it is.
pub(super) fn java(
    places: &Places,
    major: u32,
    mapped: Option<&Path>,
) -> Option<(Interpreter, u32)> {
    let installed = folders_in(Path::new("/usr/lib/jvm"));
    let sdkman =
        places.home.iter().flat_map(|home| folders_in(&home.join(".sdkman/candidates/java")));
    let managers = installed.chain(sdkman).map(|folder| folder.join("bin"));
    programs(places, "java", managers, mapped).find_map(|program| {
        // …/bin/java, or …/jre/bin/java.
        let folder = program.parent()?.parent()?;
        let homes = [Some(folder), folder.parent().filter(|_| folder.ends_with("jre"))];
        let (prefix, own) = homes.into_iter().flatten().find_map(|home| {
            let own = java_version(home)?;
            Some((home.to_owned(), own))
        })?;
        let found = (Interpreter { program, prefix, packages: PathBuf::new() }, own);
        (mapped.is_some() || own == major).then_some(found)
    })
}

/// Ruby of a version such as `3.2`, or the one mapped.
pub(super) fn ruby(places: &Places, version: &str, mapped: Option<&Path>) -> Option<Interpreter> {
    let managers = places.home.iter().flat_map(|home| {
        let rbenv = folders_in(&home.join(".rbenv/versions"));
        let others = folders_in(&home.join(".rubies"));
        rbenv.chain(others).map(|version| version.join("bin"))
    });
    let name = format!("ruby{version}");
    let named = programs(places, &name, std::iter::empty(), mapped).collect::<Vec<_>>();
    named.into_iter().chain(programs(places, "ruby", managers, mapped)).find_map(|program| {
        let code = "print RUBY_ENGINE, ' ', RUBY_VERSION, ' ', RbConfig::CONFIG['prefix']";
        let answer = ask(&program, &["--disable-gems", "-r", "rbconfig", "-e", code])?;
        let (own, prefix) = answer.strip_prefix("ruby ")?.split_once(' ')?;
        let fits = own.strip_prefix(version).is_some_and(|rest| rest.starts_with('.'));
        let prefix = PathBuf::from(prefix);
        (mapped.is_some() || fits).then(|| Interpreter {
            program,
            prefix,
            packages: PathBuf::new(),
        })
    })
}

/// The version that a JVM's file `release` names: 8 for `1.8.0_402`, 17 for `17.0.15`.
fn java_version(home: &Path) -> Option<u32> {
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    let version = line.trim_matches('"');
    let version = version.strip_prefix("1.").unwrap_or(version);
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

/// The folder of a .NET runtime of version `major`, or the one mapped: a folder, or the command `dotnet` in it.
pub(super) fn dotnet(places: &Places, major: u32, mapped: Option<&Path>) -> Option<Interpreter> {
    let beside = |program: PathBuf| program.parent().map(Path::to_owned);
    let folders: Vec<PathBuf> = match mapped {
        Some(place) => {
            let place = place.canonicalize().ok()?;
            if place.is_dir() { vec![place] } else { beside(place).into_iter().collect() }
        }
        None => {
            let own = places.home.iter().map(|home| home.join(".dotnet"));
            let usual = ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/local/share/dotnet"];
            let commands = candidates(places, "dotnet", std::iter::empty()).filter_map(beside);
            commands.chain(usual.map(PathBuf::from)).chain(own).collect()
        }
    };
    let wanted = format!("{major}.");
    let has = |folder: &Path, name: &str, prefix: &str| {
        folders_in(&folder.join(name)).any(|version| {
            version.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix))
        })
    };
    let version = if mapped.is_some() { "" } else { &wanted };
    let fits = |folder: &&PathBuf| {
        has(folder, "shared/Microsoft.NETCore.App", version) && has(folder, "host/fxr", "")
    };
    let folder = folders.iter().find(fits)?.clone();
    Some(Interpreter { program: folder.clone(), prefix: folder, packages: PathBuf::new() })
}

/// The executable that was mapped, or else all of this name.
fn programs<'a>(
    places: &'a Places,
    name: &'a str,
    managers: impl Iterator<Item = PathBuf> + 'a,
    mapped: Option<&Path>,
) -> Box<dyn Iterator<Item = PathBuf> + 'a> {
    match mapped {
        Some(program) => {
            let program = program.canonicalize().ok().filter(|program| is_binary(program));
            Box::new(program.into_iter())
        }
        None => Box::new(candidates(places, name, managers)),
    }
}

/// Executables of this name, each once, in the order in which they are preferred.
fn candidates<'a>(
    places: &'a Places,
    name: &'a str,
    managers: impl Iterator<Item = PathBuf> + 'a,
) -> impl Iterator<Item = PathBuf> + 'a {
    let usual = ["/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    let optional = folders_in(Path::new("/opt")).flat_map(|folder| [folder.join("bin"), folder]);
    let mut seen = BTreeSet::new();
    std::env::split_paths(&places.path)
        .filter(|folder| folder.is_absolute())
        .chain(usual)
        .chain(managers)
        .chain(optional)
        .filter_map(move |folder| folder.join(name).canonicalize().ok())
        // Version managers put scripts into PATH that stand for several versions.
        .filter(move |program| is_binary(program) && seen.insert(program.clone()))
}

fn is_binary(program: &Path) -> bool {
    let mut magic = [0; 4];
    let read = std::fs::File::open(program).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"\x7fELF"
}

/// The folders in `folder`, in the order of their names; none if it cannot be read.
pub(super) fn folders_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .map(|entries| {
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
        })
        .unwrap_or_default();
    found.sort();
    found.into_iter()
}

/// What a program prints, if it succeeds. Interpreters answer within milliseconds; one that hangs would hang whoever
/// runs it by hand too.
pub(super) fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the engine is the owner of interpreters")]
    let mut command = Command::new(program);
    let output = command.args(arguments).env_clear().stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
