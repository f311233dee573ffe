//! Holds a function to its memory size without charging it for the files in its `/tmp`.
//!
//! `/tmp` is kept in memory, and the kernel charges a page of it to the group that wrote it. On AWS ephemeral storage
//! does not count as memory. So the kernel's own hard limit is the memory size *plus* the size of `/tmp`, which no honest
//! or hostile program gets past, and the spawner watches the rest: whenever the group's use crosses a threshold it reads
//! how much is really the program's (anonymous and shared memory, less what lies in `/tmp`). More than the memory size:
//! the sandbox is killed as out of memory. Otherwise the threshold moves up.
//!
//! Between two looks a function may exceed its size for an instant, never beyond the hard limit.

use std::fs::{self, OpenOptions};
use std::io::{Result, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

use super::{Place, Version};

/// The smallest distance between the present use and the next threshold.
const STEP_BYTES: u64 = 4 << 20;

/// What a look at a group's memory tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The function is within its size.
    Within,
    /// It is not.
    Exceeded,
}

/// The watch over one sandbox.
#[derive(Debug)]
pub struct MemoryWatch {
    place: Place,
    function_bytes: u64,
    /// The root of `/tmp`, for its size.
    tmp: OwnedFd,
    /// Version 1: an eventfd that counts crossings. Version 2: `memory.events`.
    bell: OwnedFd,
    /// Version 1: `memory.usage_in_bytes`, which a threshold names.
    usage: Option<OwnedFd>,
}

impl MemoryWatch {
    /// Watches from now on. `tmp` is any descriptor on the file system at `/tmp`.
    pub(super) fn start(place: Place, function_bytes: u64, tmp: OwnedFd) -> Result<Self> {
        let open = |name: &str| {
            OpenOptions::new().read(true).open(place.folder.join(name)).map(OwnedFd::from)
        };
        let (bell, usage) = match place.version {
            Version::One => {
                let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
                (bell, Some(open("memory.usage_in_bytes")?))
            }
            Version::Two => (open("memory.events")?, None),
        };
        let mut watch = Self { place, function_bytes, tmp, bell, usage };
        watch.arm(function_bytes)?;
        Ok(watch)
    }

    /// Becomes readable (version 1) or exceptional (version 2) when it is time to look. Each look makes a new one.
    pub fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    /// Looks, and moves the threshold.
    pub fn look(&mut self) -> Result<Verdict> {
        if self.place.version == Version::Two {
            // Reading silences the bell.
            rustix::io::pread(&self.bell, &mut [0; 512], 0)?;
        }
        let tmp_bytes = self.tmp_bytes()?;
        let program_bytes = self.program_bytes(tmp_bytes)?;
        if program_bytes > self.function_bytes {
            return Ok(Verdict::Exceeded);
        }
        let slack = (self.function_bytes - program_bytes).max(STEP_BYTES);
        let next = match self.place.version {
            // The program cannot outgrow its size before the whole use has grown by the slack.
            Version::One => self.place.read_number("memory.usage_in_bytes", "")? + slack,
            // Above this the kernel reclaims caches and slows the program down.
            Version::Two => self.function_bytes + tmp_bytes,
        };
        self.arm(next)?;
        Ok(Verdict::Within)
    }

    fn arm(&mut self, threshold_bytes: u64) -> Result<()> {
        match &self.usage {
            None => self.place.write("memory.high", threshold_bytes),
            Some(usage) => {
                // A new bell each time, for a threshold stays registered as long as its eventfd lives.
                self.bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
                let line =
                    format!("{} {} {threshold_bytes}", self.bell.as_raw_fd(), usage.as_raw_fd());
                OpenOptions::new()
                    .write(true)
                    .open(self.place.folder.join("cgroup.event_control"))?
                    .write_all(line.as_bytes())
            }
        }
    }

    fn tmp_bytes(&self) -> Result<u64> {
        let tmp = rustix::fs::fstatfs(&self.tmp)?;
        Ok(tmp.f_blocks.saturating_sub(tmp.f_bfree).saturating_mul(tmp.f_bsize.unsigned_abs()))
    }

    /// Memory that only the end of its owners frees, `/tmp` left out.
    fn program_bytes(&self, tmp_bytes: u64) -> Result<u64> {
        let stat = fs::read_to_string(self.place.folder.join("memory.stat"))?;
        let value = |key: &str| {
            let line = stat.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
            line.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0)
        };
        let anonymous =
            if self.place.version == Version::One { value("rss") } else { value("anon") };
        Ok(anonymous + value("shmem").saturating_sub(tmp_bytes))
    }
}
