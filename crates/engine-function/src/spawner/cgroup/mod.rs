//! Control groups: one per sandbox, for limits, for freezing and for accounts.
//!
//! Linux has two kinds. Version 2 is one hierarchy with all controllers; version 1 is one hierarchy per controller; a
//! *hybrid* host has version 1's controllers and beside them version 2 without any, which still freezes. Each concern
//! is taken from version 2 when that has the controller, else from version 1.
//!
//! Moving a running process into a group costs milliseconds when nobody else does it at the time, so nobody is moved:
//! on version 2 a sandbox is born in its group, on version 1 its first process enters by itself.

mod detect;
mod memory;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Result, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub use detect::{Hierarchies, Place, Version};
pub use memory::{MemoryWatch, Verdict};

use super::protocol::FileRole;
use crate::sandbox::MEMORY_MIB_PER_VCPU;

/// The period of the CPU quota in microseconds: the kernel's default.
const CPU_PERIOD_US: u64 = 100_000;

/// The groups of one sandbox: one folder per hierarchy in use.
#[derive(Debug)]
pub struct Group {
    /// Where the memory controller has this sandbox, and so on.
    memory: Option<Place>,
    cpu: Option<Place>,
    accounts: Option<Place>,
    pids: Option<Place>,
    freezer: Option<Place>,
    /// Each folder once.
    folders: Vec<Place>,
}

impl Group {
    /// Makes the folders of the sandbox called `name`. `entered`: its program is not born in it but enters, which must be
    /// quick: so a freezer of version 1 is preferred, where there is one.
    pub fn create(hierarchies: &Hierarchies, name: &str, entered: bool) -> Result<Self> {
        let freezer = match &hierarchies.slow_freezer {
            Some(slow) if entered => &Some(slow.clone()),
            _ => &hierarchies.freezer,
        };
        let inside = |place: &Option<Place>| place.as_ref().map(|place| place.join(name));
        let mut group = Self {
            memory: inside(&hierarchies.memory),
            cpu: inside(&hierarchies.cpu),
            accounts: inside(&hierarchies.accounts),
            pids: inside(&hierarchies.pids),
            freezer: inside(freezer),
            folders: Vec::new(),
        };
        let all = [&group.memory, &group.cpu, &group.accounts, &group.pids, &group.freezer];
        let mut folders: Vec<Place> = Vec::new();
        for place in all.into_iter().flatten() {
            if !folders.iter().any(|known| known.folder == place.folder) {
                folders.push(place.clone());
            }
        }
        for place in folders {
            let made = fs::create_dir(&place.folder);
            if made.is_ok() {
                group.folders.push(place);
            } else if let Err(error) = made {
                group.remove();
                return Err(error);
            }
        }
        Ok(group)
    }

    /// The folder of version 2 that `clone3` is to give birth in.
    pub fn birth_place(&self) -> Result<Option<OwnedFd>> {
        let unified = self.folders.iter().find(|place| place.version == Version::Two);
        unified.map(|place| File::open(&place.folder).map(OwnedFd::from)).transpose()
    }

    /// Lets the host's user `uid` put a new process of its own into the folder of version 2, for a program that is forked
    /// into this sandbox is born there. It takes the right to both this group and the one above; the file systems that
    /// hold the groups are mounted in no sandbox.
    pub fn admit(&self, uid: u32) -> Result<()> {
        let Some(place) = self.folders.iter().find(|place| place.version == Version::Two) else {
            return Ok(());
        };
        std::os::unix::fs::chown(place.folder.join("cgroup.procs"), Some(uid), None)?;
        match place.folder.parent() {
            Some(above) => {
                fs::set_permissions(above.join("cgroup.procs"), fs::Permissions::from_mode(0o666))
            }
            None => Ok(()),
        }
    }

    /// Open files into which a process writes `0` to enter: `tasks` of version 1, and with `all` also `cgroup.procs` of
    /// version 2, which takes milliseconds.
    pub fn doors(&self, all: bool) -> Result<Vec<OwnedFd>> {
        let name = |place: &Place| match place.version {
            Version::One => "tasks",
            Version::Two => "cgroup.procs",
        };
        let places = self.folders.iter().filter(|place| all || place.version == Version::One);
        places
            .map(|place| {
                let file = place.folder.join(name(place));
                OpenOptions::new().write(true).open(file).map(OwnedFd::from)
            })
            .collect()
    }

    /// The files that the host reads and writes by itself.
    pub fn files_for_host(&self) -> Result<Vec<(FileRole, OwnedFd)>> {
        let choices = [
            (
                &self.freezer,
                ("freezer.state", FileRole::FreezeV1),
                ("cgroup.freeze", FileRole::FreezeUnified),
            ),
            (
                &self.memory,
                ("memory.max_usage_in_bytes", FileRole::PeakV1),
                ("memory.peak", FileRole::PeakUnified),
            ),
            (
                &self.accounts,
                ("cpuacct.usage", FileRole::CpuV1),
                ("cpu.stat", FileRole::CpuUnified),
            ),
        ];
        let mut files = Vec::new();
        for (place, one, two) in choices {
            let Some(place) = place else { continue };
            let (name, role) = if place.version == Version::One { one } else { two };
            let path = place.folder.join(name);
            // Accounts are read only; `memory.peak` cannot be written before Linux 6.12, and is absent before 5.19.
            let opened = OpenOptions::new()
                .read(true)
                .write(place.version == Version::One || role != FileRole::CpuUnified)
                .open(&path);
            match opened.or_else(|_| File::open(&path)) {
                Ok(file) => files.push((role, file.into())),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(files)
    }

    /// Limits processes and threads.
    pub fn limit_pids(&self, pids_max: u32) -> Result<()> {
        self.pids.as_ref().map_or(Ok(()), |place| place.write("pids.max", pids_max))
    }

    /// Limits memory: `function_bytes` for the function, `hard_bytes` for it and its files in memory. No swap.
    pub fn limit_memory(&self, function_bytes: u64, hard_bytes: u64) -> Result<()> {
        let Some(place) = &self.memory else { return Ok(()) };
        match place.version {
            Version::One => {
                place.write("memory.limit_in_bytes", hard_bytes)?;
                place.write_if_present("memory.memsw.limit_in_bytes", hard_bytes)
            }
            Version::Two => {
                place.write("memory.max", hard_bytes)?;
                place.write("memory.high", function_bytes)?;
                place.write_if_present("memory.swap.max", 0)
            }
        }
    }

    /// Limits CPU to what `memory_mib` buys: 1,769 MiB are one vCPU.
    pub fn limit_cpu(&self, memory_mib: u32) -> Result<()> {
        let Some(place) = &self.cpu else { return Ok(()) };
        let quota_us =
            (CPU_PERIOD_US * u64::from(memory_mib) / u64::from(MEMORY_MIB_PER_VCPU)).max(1_000);
        match place.version {
            // The period is the default.
            Version::One => place.write("cpu.cfs_quota_us", quota_us),
            Version::Two => place.write("cpu.max", format_args!("{quota_us} {CPU_PERIOD_US}")),
        }
    }

    /// Starts to watch the function's memory; `None` where there is no memory controller.
    pub fn watch_memory(&self, function_bytes: u64, tmp: OwnedFd) -> Result<Option<MemoryWatch>> {
        self.memory
            .as_ref()
            .map(|place| MemoryWatch::start(place.clone(), function_bytes, tmp))
            .transpose()
    }

    /// Whether the kernel has killed a process of this group for want of memory.
    pub fn out_of_memory(&self) -> bool {
        let Some(place) = &self.memory else { return false };
        let file =
            if place.version == Version::One { "memory.oom_control" } else { "memory.events" };
        place.read_number(file, "oom_kill ").is_ok_and(|kills| kills > 0)
    }

    /// Lets frozen processes of version 1 go, for there they cannot even die.
    pub fn thaw(&self) {
        if let Some(place) = self.freezer.as_ref().filter(|place| place.version == Version::One) {
            // Fails only when the group is gone already.
            let _ = place.write("freezer.state", "THAWED");
        }
    }

    /// Removes the folders; false while a process is still leaving one.
    pub fn remove(&mut self) -> bool {
        self.folders.retain(|place| match fs::remove_dir(&place.folder) {
            Ok(()) => false,
            Err(error) => error.kind() != ErrorKind::NotFound,
        });
        self.folders.is_empty()
    }
}

impl Place {
    fn join(&self, name: &str) -> Self {
        Self { version: self.version, folder: self.folder.join(name) }
    }

    fn write(&self, file: &str, value: impl std::fmt::Display) -> Result<()> {
        let path = self.folder.join(file);
        let told = |error: io::Error| {
            io::Error::new(error.kind(), format!("writing {value} to {}: {error}", path.display()))
        };
        // One write, for the kernel takes each as a whole value.
        OpenOptions::new()
            .write(true)
            .open(&path)
            .and_then(|mut file| file.write_all(value.to_string().as_bytes()))
            .map_err(told)
    }

    fn write_if_present(&self, file: &str, value: impl std::fmt::Display) -> Result<()> {
        match self.write(file, value) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            written => written,
        }
    }

    /// The number after `key` at the start of a line of `file`.
    fn read_number(&self, file: &str, key: &str) -> Result<u64> {
        let text = fs::read_to_string(self.folder.join(file))?;
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|number| number.trim().parse().ok())
            .ok_or_else(|| ErrorKind::InvalidData.into())
    }
}

/// How often a folder is swept, 5 ms apart: ten seconds for the kernel to give back what killed processes held.
const SWEEPS_MAX: u32 = 2_000;

/// Ends what an earlier spawner of the same instance left in `folder`: processes, then groups. Best effort, with a bound.
fn sweep(folder: &Path) {
    for _ in 0..SWEEPS_MAX {
        let groups: Vec<PathBuf> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        if groups.is_empty() {
            return;
        }
        for group in groups {
            let place = Place { version: Version::One, folder: group.clone() };
            let _ = place.write_if_present("freezer.state", "THAWED");
            for pid in fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default().lines() {
                if let Some(pid) = pid.parse().ok().and_then(rustix::process::Pid::from_raw) {
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
                }
            }
            let _ = fs::remove_dir(&group);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
