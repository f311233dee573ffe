//! Compiles the few lines of C that the interface clients for Java and .NET need.

use std::path::PathBuf;
use std::process::Command;

/// A library without libraries of its own: it lives in the process of any JVM.
const JAVA: (&str, &str, &[&str]) = (
    "../../runtimes/java/bootstrap.c",
    "bootstrap.so",
    &["-shared", "-nostdlib", "-fPIC", "-fvisibility=hidden"],
);
const DOTNET: (&str, &str, &[&str]) = ("../../runtimes/dotnet/host.c", "dotnet-host", &["-ldl"]);

#[expect(
    clippy::disallowed_methods,
    reason = "a build script speaks with Cargo through variables and runs the compiler"
)]
fn main() {
    println!("cargo::rerun-if-env-changed=CC");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR"));
    // Rust's own linker is this program, so it is there.
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    for (source, result, options) in [JAVA, DOTNET] {
        println!("cargo::rerun-if-changed={source}");
        let mut command = Command::new(&compiler);
        command.args(["-O2", "-s", "-Wl,--build-id=none", source]).args(options);
        let status = command.arg("-o").arg(out.join(result)).status();
        let compiled = status.as_ref().is_ok_and(std::process::ExitStatus::success);
        assert!(compiled, "{} could not compile {source}: {status:?}", compiler.display());
    }
}
