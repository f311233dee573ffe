//! The AWS SDK for Python, compiled ahead for interpreters that did not bring it.
//!
//! An interpreter keeps what it compiles beside the source, which a sandbox cannot write: each cold start would compile the
//! SDK anew. So it is copied and compiled once for each version, in the background.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use super::{Places, RUNTIME_DIR, host, sdk};
use crate::RootSpec;

/// Copies the parts of the SDK without what other interpreters compiled and without botocore's descriptions of services,
/// which are most of it, and compiles them. It gives way to all that has something to do.
const COMPILE: &str = "\
import compileall, os, shutil, sys
os.nice(19)
os.umask(0o022)
source, target, shown, *parts = sys.argv[1:]
shutil.rmtree(target, ignore_errors=True)
os.makedirs(target)
large = os.path.join(source, 'botocore')
left = lambda folder, names: [n for n in names if n == '__pycache__' or n == 'data' and folder == large]
for part in parts:
    place, copy = os.path.join(source, part), os.path.join(target, part)
    if os.path.isdir(place):
        shutil.copytree(place, copy, ignore=left, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(place, copy)
os.mkdir(os.path.join(target, 'botocore', 'data'))
compileall.compile_dir(target, ddir=shown, quiet=2)
";

/// One SDK and the interpreter that it is compiled for.
#[derive(Debug)]
pub(crate) struct CompiledSdk {
    source: PathBuf,
    program: PathBuf,
    target: PathBuf,
}

impl CompiledSdk {
    /// None where the interpreter finds the SDK compiled already, or it is not laid out as usual. `source` has its parts,
    /// `program` is Python 3.`minor`.
    pub(super) fn new(places: &Places, source: &Path, program: &Path, minor: u32) -> Option<Self> {
        let beside = format!("boto3/__pycache__/session.cpython-3{minor}.pyc");
        let described = std::fs::symlink_metadata(source.join("botocore/data"));
        if source.join(beside).is_file() || !described.ok()?.is_dir() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        source.hash(&mut hasher);
        // Another version of the SDK is written anew.
        for part in ["boto3", "botocore"] {
            let written = std::fs::metadata(source.join(part).join("__init__.py"));
            written.and_then(|file| file.modified()).ok()?.hash(&mut hasher);
        }
        let name = format!("python3.{minor}-{:016x}", hasher.finish());
        let target = places.data_dir.join("sdk-compiled").join(name);
        Some(Self { source: source.to_owned(), program: program.to_owned(), target })
    }

    pub(super) fn is_there(&self) -> bool {
        self.target.is_dir()
    }

    /// Copies and compiles, which takes seconds. Whether that worked.
    pub(crate) fn make(&self) -> bool {
        let fresh = PathBuf::from(format!("{}.new", self.target.display()));
        let [source, target] = [&self.source, &fresh].map(|path| path.display().to_string());
        let mut arguments = vec!["-I", "-S", "-c", COMPILE, &source, &target, RUNTIME_DIR];
        arguments.extend(sdk::PYTHON);
        let folder =
            self.target.parent().is_some_and(|folder| super::make_place(folder, false).is_ok());
        folder
            && host::ask(&self.program, &arguments).is_some()
            && std::fs::rename(&fresh, &self.target).is_ok()
    }

    /// Puts it into a sandbox.
    pub(super) fn mount(&self, mut root: RootSpec) -> RootSpec {
        for part in sdk::PYTHON {
            root = root.mount(self.target.join(part), format!("{RUNTIME_DIR}/{part}"));
        }
        let data = "botocore/data";
        root.mount(self.source.join(data), format!("{RUNTIME_DIR}/{data}"))
    }
}
