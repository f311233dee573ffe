//! Compiles the few lines of C that the interface client for Java needs: `runtimes/java/bootstrap.c`.

use std::path::PathBuf;
use std::process::Command;

const SOURCE: &str = "../../runtimes/java/bootstrap.c";

#[expect(
    clippy::disallowed_methods,
    reason = "a build script speaks with Cargo through variables and runs the compiler"
)]
fn main() {
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CC");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    // Rust's own linker is this program, so it is there.
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = Command::new(&compiler);
    command.args([
        "-shared",
        "-nostdlib",
        "-fPIC",
        "-O2",
        "-fvisibility=hidden",
        "-s",
        "-Wl,--build-id=none",
    ]);
    command.arg("-o").arg(out.join("bootstrap.so")).arg(SOURCE);
    let status = command.status();
    let compiled = status.as_ref().is_ok_and(std::process::ExitStatus::success);
    assert!(compiled, "{} could not compile {SOURCE}: {status:?}", compiler.display());
}
