//! The floor: the same program started by fork and exec, and by `runc run`.

#![expect(clippy::disallowed_methods, reason = "a bench starts processes")]

use crate::functions::{Host, Language, ask, write};
use benches::table::Times;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// From fork to the end of a program that does nothing.
pub fn fork_exec(language: &Language, count: usize) -> Times {
    let once = |_| benches::milliseconds(|| run(&language.plain));
    Times::new((0..count).map(once).collect())
}

/// The same program by `runc run`: a container of its own with the system's folders. Error: why not.
pub fn runc(host: &Host, language: &Language, count: usize) -> Result<Times, String> {
    ask(&["runc", "--version"])?;
    let bundle = host.folder.path().join(format!("runc-{}", language.runtime));
    let root = bundle.join("rootfs");
    std::fs::create_dir_all(&root).map_err(|e| e.to_string())?;
    for name in ["bin", "lib", "lib64", "sbin"] {
        // Links on most systems; where they are folders, nothing is found there.
        if let Ok(to) = std::fs::read_link(Path::new("/").join(name)) {
            let _ = std::os::unix::fs::symlink(to, root.join(name));
        }
    }
    write(&bundle.join("config.json"), configuration(language).to_string().as_bytes());
    let bundle = bundle.display().to_string();
    let state = host.folder.path().join("runc-state").display().to_string();
    let command = |n: usize| {
        let name = format!("bench-{}-{n}", std::process::id());
        let arguments = ["runc", "--root", &state, "run", "--bundle", &bundle, &name];
        arguments.map(str::to_owned).to_vec()
    };
    // Once aside: whether it runs at all.
    let first = command(count);
    ask(&first.iter().map(String::as_str).collect::<Vec<_>>())?;
    let once = |n| benches::milliseconds(|| run(&command(n)));
    Ok(Times::new((0..count).map(once).collect()))
}

/// The bundle's configuration: the namespaces that a function's sandbox has, without limits.
/// <https://github.com/opencontainers/runtime-spec/blob/main/config.md>
fn configuration(language: &Language) -> Value {
    let mount = |path: &str| json!({ "destination": path, "source": path, "type": "none", "options": ["rbind", "ro"] });
    let own = language.folders.iter().map(|folder| mount(&folder.display().to_string()));
    let system = [
        mount("/usr"),
        json!({ "destination": "/proc", "type": "proc", "source": "proc" }),
        json!({ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                "options": ["nosuid", "mode=755"] }),
        json!({ "destination": "/tmp", "type": "tmpfs", "source": "tmpfs" }),
    ];
    let mounts: Vec<Value> = system.into_iter().chain(own).collect();
    let namespaces = ["pid", "mount", "ipc", "uts", "network"].map(|kind| json!({ "type": kind }));
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "user": { "uid": 0, "gid": 0 },
            "args": language.plain,
            "env": ["PATH=/usr/bin:/bin"],
            "cwd": "/",
        },
        "root": { "path": "rootfs" },
        "mounts": mounts,
        "linux": { "namespaces": namespaces },
    })
}

fn run(command: &[String]) {
    let mut process = Command::new(&command[0]);
    process.args(&command[1..]).env_remove("AWS_LAMBDA_RUNTIME_API");
    let status = process.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} runs");
}
