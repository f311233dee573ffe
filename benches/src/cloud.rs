//! A `nuage up` of a bench's own, on an empty data directory, and what it takes of this host.

#![expect(clippy::disallowed_methods, reason = "a bench measures time and starts processes")]

use crate::client::Client;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server. Ends when dropped.
pub struct Cloud {
    process: Child,
    /// Its host and port.
    pub authority: String,
    /// From its start until it listened, in milliseconds.
    pub ready_ms: f64,
    _data: tempfile::TempDir,
}

impl Cloud {
    /// Starts the binary that `NUAGE_BINARY` names, otherwise the one that was built beside this program, for more
    /// concurrent executions than are measured.
    pub fn start() -> Self {
        Self::start_with(&["--concurrent-executions", "100000"])
    }

    /// As [`Cloud::start`], with these options of `nuage up` alone.
    pub fn start_with(options: &[&str]) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let port_file = data.path().join("port");
        let started = Instant::now();
        let process = Command::new(binary())
            .args(["up", "--port", "0", "--log", "warn"])
            .args(options)
            .arg("--port-file")
            .arg(&port_file)
            .arg("--data-dir")
            .arg(data.path().join("data"))
            .stdout(Stdio::null())
            .spawn()
            .expect("nuage starts: build it with `cargo build --release -p nuage`");
        let port = loop {
            match std::fs::read_to_string(&port_file) {
                Ok(port) if !port.trim().is_empty() => break port.trim().to_string(),
                _ if started.elapsed() > Duration::from_secs(20) => {
                    panic!("nuage is not ready after 20 s")
                }
                _ => std::thread::sleep(Duration::from_micros(200)),
            }
        };
        let ready_ms = started.elapsed().as_secs_f64() * 1e3;
        Cloud { process, authority: format!("127.0.0.1:{port}"), ready_ms, _data: data }
    }

    /// A new connection to it.
    pub fn client(&self) -> Client {
        Client::new(&self.authority)
    }

    /// Memory of the server's own process that no other shares, in MiB.
    pub fn server_mib(&self) -> f64 {
        rollup_mib(self.process.id(), "Pss_Anon:").unwrap_or(f64::NAN)
    }

    /// Memory of the server and every process below it, what they share counted once, in MiB; and how many there are.
    pub fn processes_mib(&self) -> (f64, usize) {
        let all = descendants(self.process.id());
        (all.iter().filter_map(|pid| rollup_mib(*pid, "Pss:")).sum(), all.len())
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The kernel's estimate of memory that could be had without swapping, in MiB.
pub fn available_mib() -> f64 {
    let all = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    field_kib(&all, "MemAvailable:").unwrap_or(f64::NAN) / 1024.0
}

/// A process and those below it.
fn descendants(root: u32) -> Vec<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // Behind the name, which may hold anything: the state and the parent.
        let parent =
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split(' ').nth(2)?.parse().ok());
        if let (Some(pid), Some(parent)) = (pid, parent) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut all = vec![root];
    let mut at = 0;
    while let Some(pid) = all.get(at) {
        all.extend(children.remove(pid).unwrap_or_default());
        at += 1;
    }
    all
}

fn rollup_mib(pid: u32, field: &str) -> Option<f64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    field_kib(&rollup, field).map(|kib| kib / 1024.0)
}

fn field_kib(text: &str, field: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(field))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn binary() -> PathBuf {
    std::env::var_os("NUAGE_BINARY").map_or_else(
        || {
            let own = std::env::current_exe().unwrap_or_default();
            own.parent().unwrap_or(Path::new(".")).join("nuage")
        },
        PathBuf::from,
    )
}
