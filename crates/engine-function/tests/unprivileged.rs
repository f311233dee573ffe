//! Sandboxes made by an ordinary user: everything but user ids of their own and, without delegation, control groups.

mod host;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use engine_function::{Assignment, Spawner, SpawnerConfig};
use host::{children, eventually, is_root, line, output, shell, waiting};

/// `nobody`, as almost everywhere.
const USER: u32 = 65_534;

/// A program that becomes an ordinary user and then the spawner.
fn ordinary_spawner(folder: &Path) -> PathBuf {
    fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).expect("permissions");
    let program = folder.join("spawner");
    fs::copy(host::SPAWNER, &program).expect("a copy that everyone may run");
    let script = folder.join("ordinary");
    let line = format!(
        "#!/bin/sh\nexec setpriv --reuid={USER} --regid={USER} --clear-groups --bounding-set=-all --inh-caps=-all {} \"$@\"\n",
        program.display()
    );
    fs::write(&script, line).expect("a script");
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).expect("permissions");
    script
}

async fn start(folder: &Path) -> Option<Spawner> {
    let state_dir = folder.join("state");
    fs::create_dir(&state_dir).expect("a folder");
    let program = if is_root() {
        if !Path::new("/usr/bin/setpriv").exists() {
            println!("skipped: unprivileged sandboxes: no setpriv to become an ordinary user with");
            return None;
        }
        chown(&state_dir, Some(USER), Some(USER)).expect("ownership");
        ordinary_spawner(folder)
    } else {
        host::SPAWNER.into()
    };
    match Spawner::start(&program, SpawnerConfig { state_dir, endpoint_port: 4566 }).await {
        Ok(spawner) => Some(spawner),
        Err(error) => {
            println!("skipped: unprivileged sandboxes: {error}");
            None
        }
    }
}

#[tokio::test]
async fn an_ordinary_user_runs_functions_and_is_told_what_is_missing() {
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let Some(spawner) = start(folder.path()).await else { return };
    let capabilities = spawner.capabilities();
    assert!(!capabilities.root && capabilities.seccomp, "{capabilities:?}");
    assert!(
        capabilities.missing.iter().any(|text| text.starts_with("Not run as root: ")),
        "{capabilities:?}"
    );
    assert_eq!(
        capabilities.memory,
        !capabilities.missing.iter().any(|text| text.contains("for memory"))
    );

    let code = folder.path().join("code");
    fs::create_dir(&code).expect("a folder");
    fs::write(code.join("file"), "from the package\n").expect("a file");
    let layers = ["one", "two"].map(|name| folder.path().join(name));
    for layer in &layers {
        fs::create_dir(layer).expect("a folder");
        fs::write(
            layer.join("layer"),
            format!("{}\n", layer.file_name().expect("a name").display()),
        )
        .expect("a file");
    }
    let sandbox = spawner.create(waiting()).await.expect("created");
    let script = "id -un; cat /var/task/file /opt/layer; echo x > /tmp/x; echo x > /var/task/x; grep -E 'CapEff|CapBnd|Seccomp:' \
                  /proc/self/status; echo x > /dev/null; cat /etc/shadow; ls /proc/1/fd; ls /sys | wc -l; exit 5";
    let assignment = Assignment { code: Some(code), layers: layers.to_vec(), ..shell(script) };
    sandbox.assign(assignment).await.expect("assigned");
    let text = output(&sandbox).await;
    assert_eq!(sandbox.exited().await.code, Some(5), "{text}");
    for expected in [
        "sbx_user1051\nfrom the package\ntwo\n",
        "cannot create /var/task/x: Read-only file system",
        "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nSeccomp:\t2\n",
        "/etc/shadow: No such file or directory",
        "cannot access '/proc/1/fd'",
        "\n0\n",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {text}");
    }
}

#[tokio::test]
async fn an_ordinary_users_sandboxes_end_with_the_host() {
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let Some(spawner) = start(folder.path()).await else { return };
    let sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("echo on; sleep 1000")).await.expect("assigned");
    assert_eq!(line(&sandbox).await, "on");
    let pid = spawner.process_id();
    let inside = host::family(pid);
    assert!(children(pid).len() == 1 && inside.len() >= 3);
    drop(sandbox);
    eventually("the dropped sandbox ends", || children(pid).is_empty()).await;
    drop(spawner);
    eventually("the spawner ends", || {
        !Path::new(&format!("/proc/{pid}/root")).exists() || ended(pid)
    })
    .await;
}

fn ended(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}
