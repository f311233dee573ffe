//! Where the AWS SDKs are that functions find without bringing them, as on AWS.
//!
//! The installed one comes first, then that of the runtime's own image or interpreter, then any of this host that the
//! language's other interpreters or the user have. One for Python counts only for the versions that it says it is for.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::host::folders_in;
use super::{NAMES, Places};

/// The parts of the AWS SDK for Python: folders and files of `site-packages`.
pub(super) const PYTHON: [&str; 7] =
    ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"];

/// The folder with all parts of the SDK for Python 3.`minor`: one with some of them is of no use. `own` are folders of the
/// interpreter that is to use it.
pub(super) fn python(places: &Places, minor: u32, own: Vec<PathBuf>) -> Option<PathBuf> {
    let whole = |folder: &PathBuf| PYTHON.iter().all(|part| folder.join(part).exists());
    let installed = places.data_dir.join("sdk/python");
    let mut folders = [installed].into_iter().chain(own).chain(shared_python_packages(places));
    folders.find(|folder| whole(folder) && serves(folder, minor))
}

/// Whether the parts of the SDK in this folder are for Python 3.`minor`, as far as they say.
/// <https://packaging.python.org/en/latest/specifications/core-metadata/#requires-python>
fn serves(folder: &Path, minor: u32) -> bool {
    let is_part = |name: &str| {
        let (package, kind) = name.split_once('-').unwrap_or_default();
        let part = package.strip_prefix("python_").unwrap_or(package);
        let known = PYTHON.iter().any(|known| known.trim_end_matches(".py") == part);
        known && (kind.ends_with(".dist-info") || kind.ends_with(".egg-info"))
    };
    folders_in(folder)
        .filter(|found| found.file_name().and_then(OsStr::to_str).is_some_and(is_part))
        .flat_map(|found| ["METADATA", "PKG-INFO"].map(|name| found.join(name)))
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .all(|text| {
            let mut head = text.lines().take_while(|line| !line.is_empty());
            let wanted = head.find_map(|line| line.strip_prefix("Requires-Python:"));
            wanted.is_none_or(|wanted| wanted.split(',').all(|clause| admits(clause, minor)))
        })
}

/// Whether a clause such as `>=3.9` admits Python 3.`minor`. One that is not understood does.
fn admits(clause: &str, minor: u32) -> bool {
    let clause = clause.trim();
    let at = clause.find(|letter: char| letter.is_ascii_digit()).unwrap_or(clause.len());
    let (operator, version) = clause.split_at(at);
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().ok());
    let Some(Some(major)) = numbers.next() else { return true };
    let (own, named) = ((3, minor), (major, numbers.next().flatten().unwrap_or(0)));
    match operator.trim() {
        ">=" | "~=" => own >= named,
        ">" => own > named,
        "<" => own < named,
        "<=" => own <= named,
        "!=" => own != named,
        _ => true,
    }
}

/// Folders of packages that interpreters of this host and the user have.
fn shared_python_packages(places: &Places) -> Vec<PathBuf> {
    let mut found: Vec<_> =
        ["/usr/lib/python3/dist-packages", "/usr/local/lib/python3/dist-packages"]
            .map(PathBuf::from)
            .to_vec();
    let usual = ["/usr/local/lib", "/usr/lib"].map(PathBuf::from).to_vec();
    let managers = places.home.iter().flat_map(|home| folders_in(&home.join(".pyenv/versions")));
    // What `pip install --user` and an environment that is active have.
    let users = places.home.iter().map(|home| home.join(".local"));
    let active = std::env::split_paths(&places.path)
        .filter_map(|bin| Some(bin.parent()?.to_owned()))
        .filter(|folder| folder.join("pyvenv.cfg").is_file());
    let libraries = managers.chain(users).chain(active).map(|folder| folder.join("lib"));
    for library in usual.into_iter().chain(libraries) {
        for version in folders_in(&library).filter(|version| is_python(version.file_name())) {
            found.extend(["site-packages", "dist-packages"].map(|name| version.join(name)));
        }
    }
    found
}

fn is_python(name: Option<&OsStr>) -> bool {
    name.is_some_and(|name| name.to_string_lossy().starts_with("python3."))
}

/// A folder with the SDK for JavaScript, and where its place below a folder of the sandbox is. `own` is `node_modules` of
/// the runtime's image, or of the interpreter's global packages, of which functions see the SDK alone.
pub(super) fn nodejs(places: &Places, own: &Path, global: bool) -> Option<(PathBuf, &'static str)> {
    let sdk = |modules: &Path| Some(modules.join("@aws-sdk")).filter(|sdk| sdk.is_dir());
    let installed = places.data_dir.join("sdk/nodejs/node_modules");
    if sdk(&installed).is_some() {
        return Some((installed, "node_modules"));
    }
    let found = sdk(own)?;
    Some(if global { (found, "node_modules/@aws-sdk") } else { (own.to_owned(), "node_modules") })
}

/// The newest Python runtime whose functions will not find the AWS SDK. None where they will, or where there are no such
/// functions for want of an interpreter. Runs nothing.
pub(super) fn lacking(places: &Places) -> Option<&'static str> {
    let program = |name: &str| {
        let usual = ["/usr/local/bin", "/usr/bin"].map(PathBuf::from);
        let mut folders = std::env::split_paths(&places.path).chain(usual);
        folders.any(|folder| folder.join(name).is_file())
    };
    let names = || NAMES.iter().rev().map(|(name, _)| *name);
    let (here, minor) = names().find_map(|name| {
        let minor = name.strip_prefix("python3.")?.parse().ok()?;
        (program(name) || places.installed_tree(name).is_some()).then_some((name, minor))
    })?;
    let images = names().filter_map(|name| places.installed_tree(name));
    let own = images.map(|tree| tree.join("var/runtime")).collect();
    python(places, minor, own).is_none().then_some(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(folder: &Path) -> Places {
        Places {
            data_dir: folder.join("data"),
            clients_dir: folder.join("clients"),
            path: folder.join("venv/bin").into(),
            home: Some(folder.join("home")),
            mapped: Default::default(),
        }
    }

    fn put(folder: &Path, parts: &[&str]) {
        for part in parts {
            std::fs::create_dir_all(folder.join(part)).unwrap();
        }
    }

    #[test]
    fn only_a_whole_sdk_counts_and_the_installed_one_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let own = folder.path().join("own");
        put(&own, &PYTHON[1..]);
        assert_ne!(python(&places, 12, vec![own.clone()]), Some(own.clone()));
        put(&own, &PYTHON);
        assert_eq!(python(&places, 12, vec![own.clone()]), Some(own.clone()));
        let installed = folder.path().join("data/sdk/python");
        put(&installed, &PYTHON);
        assert_eq!(python(&places, 12, vec![own]), Some(installed));
        assert_eq!(lacking(&places), None);
    }

    #[test]
    fn an_sdk_counts_for_the_versions_that_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let own = folder.path().join("own");
        put(&own, &PYTHON);
        put(
            &own,
            &["boto3-1.40.0.dist-info", "python_dateutil-2.9.dist-info", "other-1.dist-info"],
        );
        let says = |part: &str, wanted: &str| {
            let text = format!("Name: x\nRequires-Python: {wanted}\n\nRequires-Python: >=3.99\n");
            std::fs::write(own.join(part).join("METADATA"), text).unwrap();
        };
        says("boto3-1.40.0.dist-info", ">= 3.9");
        says("python_dateutil-2.9.dist-info", "!=3.0.*,!=3.1.*,!=3.2.*,>=2.7");
        says("other-1.dist-info", ">=3.99");
        let serves = |minor| python(&places, minor, vec![own.clone()]) == Some(own.clone());
        assert_eq!([8, 9, 13].map(serves), [false, true, true]);
        for (clause, minor, admitted) in [
            ("<4", 13, true),
            ("<3.13", 13, false),
            ("<=3.13", 13, true),
            (">3.9.1", 9, false),
            ("~=3.10", 9, false),
            ("!=3.9.*", 9, false),
            ("==3.*", 9, true),
            ("", 9, true),
        ] {
            assert_eq!(admits(clause, minor), admitted, "{clause} {minor}");
        }
    }

    #[test]
    fn environments_that_are_active_and_the_user_s_packages_count() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let venv = folder.path().join("venv");
        put(&venv, &["bin", "lib/python3.12/site-packages/boto3"]);
        put(&folder.path().join("home/.local/lib/python3.11/site-packages"), &PYTHON);
        let found = shared_python_packages(&places);
        let own = venv.join("lib/python3.12/site-packages");
        assert!(!found.contains(&own), "no environment without its configuration");
        std::fs::write(venv.join("pyvenv.cfg"), "").unwrap();
        assert!(shared_python_packages(&places).contains(&own));
        assert!(found.contains(&folder.path().join("home/.local/lib/python3.11/site-packages")));
    }

    #[test]
    fn of_global_packages_functions_see_the_sdk_alone() {
        let folder = tempfile::tempdir().unwrap();
        let places = places(folder.path());
        let global = folder.path().join("global");
        assert_eq!(nodejs(&places, &global, true), None);
        put(&global, &["@aws-sdk", "npm"]);
        assert_eq!(
            nodejs(&places, &global, true),
            Some((global.join("@aws-sdk"), "node_modules/@aws-sdk"))
        );
        assert_eq!(nodejs(&places, &global, false), Some((global.clone(), "node_modules")));
        let installed = folder.path().join("data/sdk/nodejs/node_modules");
        put(&installed, &["@aws-sdk"]);
        assert_eq!(nodejs(&places, &global, true), Some((installed, "node_modules")));
    }
}
