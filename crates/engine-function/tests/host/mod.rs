//! What the tests of sandboxes share: a spawner, a sandbox with a shell, its output.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use engine_function::{Assignment, RootSpec, Sandbox, SandboxSpec, Spawner, SpawnerConfig};

pub const SPAWNER: &str = env!("CARGO_BIN_EXE_function-spawner");

/// Far more than anything here takes, on the busiest machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

pub async fn spawner(state: &Path) -> Spawner {
    let config = SpawnerConfig { state_dir: state.to_owned(), endpoint_port: 4566 };
    Spawner::start(Path::new(SPAWNER), config).await.expect("the spawner starts")
}

pub fn waiting() -> SandboxSpec {
    SandboxSpec { root: RootSpec::host(), boot: None, ..SandboxSpec::default() }
}

pub fn path() -> BTreeMap<String, String> {
    BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())])
}

pub fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// 128 MiB, 512 MiB of `/tmp`, and `argv` to run.
pub fn command(argv: &[&str]) -> Assignment {
    Assignment {
        memory_mib: 128,
        tmp_mib: 512,
        argv: texts(argv),
        environment: path(),
        ..Assignment::default()
    }
}

pub fn shell(script: &str) -> Assignment {
    command(&["/bin/sh", "-c", script])
}

/// Everything the sandbox writes until all of it has ended.
pub async fn output(sandbox: &Sandbox) -> String {
    let pipe = sandbox.output.try_clone().expect("a descriptor");
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        fs::File::from(pipe)
            .read_to_end(&mut bytes)
            .map(|_| String::from_utf8_lossy(&bytes).into_owned())
    });
    tokio::time::timeout(PATIENCE, read).await.expect("in time").expect("a thread").expect("output")
}

/// The first line that the sandbox writes.
pub async fn line(sandbox: &Sandbox) -> String {
    line_of(&sandbox.output).await
}

/// The first line that comes through a pipe.
pub async fn line_of(pipe: &std::os::fd::OwnedFd) -> String {
    let pipe = pipe.try_clone().expect("a descriptor");
    let read = tokio::task::spawn_blocking(move || {
        let (mut pipe, mut line, mut byte) = (fs::File::from(pipe), Vec::new(), [0]);
        while pipe.read(&mut byte).is_ok_and(|length| length == 1) && byte != *b"\n" {
            line.push(byte[0]);
        }
        String::from_utf8_lossy(&line).into_owned()
    });
    tokio::time::timeout(PATIENCE, read).await.expect("in time").expect("a thread")
}

/// Asks until `probe` says yes.
pub async fn eventually(what: &str, mut probe: impl FnMut() -> bool) {
    let mut waited = Duration::ZERO;
    while !probe() {
        assert!(waited < PATIENCE, "{what}: not within {PATIENCE:?}");
        let pause = Duration::from_millis(10);
        #[expect(
            clippy::disallowed_methods,
            reason = "waits for other processes, which no simulated clock moves"
        )]
        tokio::time::sleep(pause).await;
        waited += pause;
    }
}

/// The processes that `pid` started and that live.
pub fn children(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// `pid` and everything below it.
pub fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut next = 0;
    while let Some(pid) = all.get(next).copied() {
        all.extend(children(pid));
        next += 1;
    }
    all
}
