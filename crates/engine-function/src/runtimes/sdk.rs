//! Where the AWS SDKs are that functions find without bringing them, as on AWS.
//!
//! The installed one comes first, then that of the runtime's own image or interpreter, then any of this host that the
//! language's other interpreters or the user have: the SDK is the same for all of them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::host::folders_in;
use super::{NAMES, Places};

/// The parts of the AWS SDK for Python: folders and files of `site-packages`.
pub(super) const PYTHON: [&str; 7] =
    ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py"];

/// The folder with all parts of the SDK for Python: one with some of them is of no use. `own` are folders of the
/// interpreter that is to use it.
pub(super) fn python(places: &Places, own: Vec<PathBuf>) -> Option<PathBuf> {
    let whole = |folder: &PathBuf| PYTHON.iter().all(|part| folder.join(part).exists());
    let installed = places.data_dir.join("sdk/python");
    [installed].into_iter().chain(own).chain(shared_python_packages(places)).find(whole)
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
    let here = names().find(|name| {
        name.starts_with("python") && (program(name) || places.installed_tree(name).is_some())
    })?;
    let images = names().filter_map(|name| places.installed_tree(name));
    let own = images.map(|tree| tree.join("var/runtime")).collect();
    python(places, own).is_none().then_some(here)
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
        assert_ne!(python(&places, vec![own.clone()]), Some(own.clone()));
        put(&own, &PYTHON);
        assert_eq!(python(&places, vec![own.clone()]), Some(own.clone()));
        let installed = folder.path().join("data/sdk/python");
        put(&installed, &PYTHON);
        assert_eq!(python(&places, vec![own]), Some(installed));
        assert_eq!(lacking(&places), None);
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
