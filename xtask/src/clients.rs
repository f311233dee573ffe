//! `cargo xtask clients`: compiles the interface clients that are not text, so that a build of Nuage and the hosts that it
//! runs on need no compiler for them. `--check` fails where the committed result differs.
//!
//! The result depends on the compiler, so it is the one of a fixed version: [`JAVA_VERSION`], [`MONO_VERSION`]. Where
//! another one is installed nothing can be said, and the check is skipped.

use crate::process::{Result, command, exists, output, root, run, step, target_dir};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The version of `javac` and `jar` that the committed jar was made with.
const JAVA_VERSION: &str = "17.";
/// The oldest Java that functions run on.
const JAVA_RELEASE: &str = "8";
/// The date of everything in the jar, so that each build is the same.
const JAVA_DATE: &str = "2000-01-01T00:00:00Z";

/// Of Mono's `mcs`, which compiles against the interfaces of .NET Framework 4.5: every .NET has these too.
const MONO_VERSION: &str = "6.8.";

pub fn clients(arguments: &[String]) -> Result<()> {
    match arguments {
        [] => java(false).and_then(|()| dotnet(false)),
        [flag] if flag == "--check" => java(true).and_then(|()| dotnet(true)),
        _ => Err("usage: cargo xtask clients [--check]".to_owned()),
    }
}

fn java(check: bool) -> Result<()> {
    let version = if exists("javac") && exists("jar") {
        output(&mut command(&["javac", "--version"]))?
    } else {
        "no javac".to_owned()
    };
    if !version.trim().starts_with(&format!("javac {JAVA_VERSION}")) {
        let text = format!(
            "runtimes/java/runtime.jar needs javac {JAVA_VERSION}*, here is {}",
            version.trim()
        );
        if check {
            println!("skipped: clients unchanged: {text}");
            return Ok(());
        }
        return Err(text);
    }
    let committed = root().join("runtimes/java/runtime.jar");
    let built = if check { target_dir().join("runtime.jar") } else { committed.clone() };
    build_java(&built)?;
    if check && fs::read(&committed).ok() != fs::read(&built).ok() {
        return Err(
            "runtimes/java/runtime.jar is not what its sources make; run `cargo xtask clients`"
                .to_owned(),
        );
    }
    Ok(())
}

fn build_java(jar: &Path) -> Result<()> {
    step("compiling the interface client for Java");
    let classes = target_dir().join("java-client");
    if classes.exists() {
        fs::remove_dir_all(&classes).map_err(|e| format!("{}: {e}", classes.display()))?;
    }
    fs::create_dir_all(&classes).map_err(|e| format!("{}: {e}", classes.display()))?;
    let options = [
        "javac",
        "--release",
        JAVA_RELEASE,
        "-Xlint:all,-options",
        "-Werror",
        "-g:source,lines",
        "-d",
    ];
    let mut javac = command(&options);
    javac.arg(&classes).args(files(&root().join("runtimes/java/src"), "java")?);
    run(&mut javac)?;
    let mut names = Vec::new();
    for file in files(&classes, "class")? {
        names.push(file.strip_prefix(&classes).map_err(|e| e.to_string())?.to_owned());
    }
    let mut archive = command(&["jar", "--create", "--no-manifest", "--date", JAVA_DATE, "--file"]);
    archive.arg(jar).args(names).current_dir(&classes).stdin(Stdio::null());
    run(&mut archive)
}

fn dotnet(check: bool) -> Result<()> {
    let version = if exists("mcs") {
        output(&mut command(&["mcs", "--version"]))?
    } else {
        "no mcs".to_owned()
    };
    if !version.contains(&format!("version {MONO_VERSION}")) {
        let version = version.trim();
        let text =
            format!("runtimes/dotnet/bootstrap.dll needs mcs {MONO_VERSION}*, here is {version}");
        if check {
            println!("skipped: clients unchanged: {text}");
            return Ok(());
        }
        return Err(text);
    }
    step("compiling the interface client for .NET");
    let built = target_dir().join("bootstrap.dll");
    let mut mcs = command(&["mcs", "-nologo", "-warnaserror", "-target:exe"]);
    mcs.arg(format!("-out:{}", built.display()));
    run(mcs.args(files(&root().join("runtimes/dotnet/src"), "cs")?))?;
    let mut assembly = fs::read(&built).map_err(|e| format!("{}: {e}", built.display()))?;
    erase_chance(&mut assembly).ok_or("mcs wrote an assembly of an unknown form")?;
    let committed = root().join("runtimes/dotnet/bootstrap.dll");
    if !check {
        return fs::write(&committed, assembly)
            .map_err(|e| format!("{}: {e}", committed.display()));
    }
    if fs::read(&committed).ok() != Some(assembly) {
        let text =
            "runtimes/dotnet/bootstrap.dll is not what its sources make; run `cargo xtask clients`";
        return Err(text.to_owned());
    }
    Ok(())
}

/// Zeroes what differs from one compilation to the next: the date in the file's header, and the module's identifier, all
/// of the heap `#GUID`. ECMA-335, II.25.2.2 and II.24.2.
fn erase_chance(assembly: &mut [u8]) -> Option<()> {
    let number = |bytes: &[u8], at: usize| -> Option<usize> {
        let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    };
    let header = number(assembly, 0x3c)?;
    assembly.get_mut(header + 8..header + 12)?.fill(0);
    let metadata = assembly.windows(4).position(|bytes| bytes == b"BSJB")?;
    // The stream's header: offset, size, name.
    let name = assembly.windows(6).position(|bytes| bytes == b"#GUID\0")?;
    let (offset, size) = (number(assembly, name - 8)?, number(assembly, name - 4)?);
    assembly.get_mut(metadata + offset..metadata + offset + size)?.fill(0);
    Some(())
}

/// The files with this extension, in the order of their paths.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
