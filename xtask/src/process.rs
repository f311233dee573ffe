//! Running other programs, with errors that say what was run.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub type Result<T, E = String> = std::result::Result<T, E>;

/// The repository's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").into()
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program to run.
#[expect(clippy::disallowed_methods, reason = "the project's commands start processes")]
pub fn program(name: impl AsRef<OsStr>) -> Command {
    Command::new(name)
}

/// A command in the repository's root. The first word is the program.
pub fn command(words: &[&str]) -> Command {
    let mut command = program(words[0]);
    command.args(&words[1..]).current_dir(root());
    command
}

/// The cargo that runs this program, in the repository's root.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs it to its end with our own input and output.
pub fn run(command: &mut Command) -> Result<()> {
    let text = shown(command);
    let status = command.status().map_err(|e| format!("cannot run `{text}`: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{text}` failed: {status}")) }
}

/// Runs it and returns what it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let text = shown(command);
    let out = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot run `{text}`: {e}"))?;
    if !out.status.success() {
        return Err(format!("`{text}` failed: {}", out.status));
    }
    String::from_utf8(out.stdout).map_err(|_| format!("`{text}` printed bytes that are not UTF-8"))
}

/// Whether a program of this name is on the PATH.
pub fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// Says what happens now.
pub fn step(text: &str) {
    eprintln!("==> {text}");
}
