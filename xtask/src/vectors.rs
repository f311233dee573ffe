//! `cargo xtask vectors`: fetches AWS's published test cases into `target/vectors/botocore`.
//!
//! They are part of botocore's source distribution (Apache License 2.0), of the version that the code generator reads:
//! - `tests/unit/protocols/{input,output}`: requests and responses in all protocols, generated from Smithy's models;
//! - `tests/unit/auth/aws4_testsuite`: requests and their signatures.
//!
//! Once fetched, no network is needed.

use crate::codegen;
use crate::process::{Result, command, root, run, step};
use std::fs;

/// Fetches the cases unless those of the pinned version are there.
pub fn vectors() -> Result<()> {
    let version = codegen::pinned("botocore")?;
    let folder = root().join("target/vectors");
    let target = folder.join("botocore");
    let stamp = target.join("version");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == version) {
        return Ok(());
    }
    step("fetching AWS's protocol and signature cases into target/vectors");
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    let archive = folder.join(format!("botocore-{version}.tar.gz"));
    if !archive.exists() {
        fs::create_dir_all(&folder).map_err(failed)?;
        // pip asks the package for its metadata, but does not build it.
        let pip = ["python3", "-m", "pip", "download", "--quiet", "--disable-pip-version-check"];
        let only_source = ["--no-deps", "--no-binary", "botocore", "--dest"];
        let package = format!("botocore=={version}");
        run(command(&pip).args(only_source).arg(&folder).arg(package))?;
    }
    if target.exists() {
        fs::remove_dir_all(&target).map_err(failed)?;
    }
    fs::create_dir_all(&target).map_err(failed)?;
    let inside = |path: &str| format!("botocore-{version}/{path}");
    let wanted = ["LICENSE.txt", "tests/unit/protocols", "tests/unit/auth"].map(inside);
    let mut tar = command(&["tar", "--extract", "--strip-components=1", "--file"]);
    run(tar.arg(&archive).arg("--directory").arg(&target).args(wanted))?;
    fs::write(&stamp, version).map_err(failed)
}
