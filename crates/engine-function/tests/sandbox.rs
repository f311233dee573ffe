//! The life of a sandbox, seen from the host. Needs Linux with user namespaces; control group tests need root.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use engine_function::{Assignment, RootSpec, Sandbox, SandboxSpec, Spawner, SpawnerConfig};

const SPAWNER: &str = env!("CARGO_BIN_EXE_function-spawner");

async fn spawner(state: &Path) -> Spawner {
    let config = SpawnerConfig { state_dir: state.to_owned(), endpoint_port: 4566 };
    Spawner::start(Path::new(SPAWNER), config).await.expect("the spawner starts")
}

fn waiting() -> SandboxSpec {
    SandboxSpec { root: RootSpec::host(), boot: None }
}

fn shell(script: &str) -> Assignment {
    Assignment {
        memory_mib: 128,
        tmp_mib: 512,
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        environment: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        ..Assignment::default()
    }
}

async fn output(sandbox: &mut Sandbox) -> String {
    let pipe = sandbox.output.try_clone().expect("a descriptor");
    let read = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        std::fs::File::from(pipe).read_to_string(&mut text).map(|_| text)
    });
    tokio::time::timeout(Duration::from_secs(60), read)
        .await
        .expect("in time")
        .expect("read")
        .expect("text")
}

#[tokio::test]
async fn a_waiting_sandbox_runs_its_program() {
    let state = tempfile::tempdir().expect("a folder");
    let spawner = spawner(state.path()).await;
    println!("{:?}", spawner.capabilities());
    let mut sandbox = spawner.create(waiting()).await.expect("created");
    sandbox.assign(shell("id; hostname; cat /proc/self/cgroup; ls -la / /dev /proc/self/fd /tmp; cat /proc/mounts; exit 3")).await.expect("assigned");
    let text = output(&mut sandbox).await;
    println!("{text}");
    let status = sandbox.exited().await;
    assert_eq!(status.code, Some(3));
    assert!(text.contains("uid=993(sbx_user1051) gid=990"), "{text}");
}
