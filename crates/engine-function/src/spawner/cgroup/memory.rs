//! Holds a function to its memory size without charging it for the files in its `/tmp`.
//!
//! `/tmp` is kept in memory, and the kernel charges a page of it to the group that wrote it. On AWS ephemeral storage
//! does not count as memory. So the kernel's own hard limit is the memory size *plus* the size of `/tmp`, which no honest
//! or hostile program gets past, and the spawner watches the rest: when the group's use is above a threshold it reads
//! how much is really the program's (anonymous and shared memory, less what lies in `/tmp`). More than the memory size:
//! the sandbox is killed as out of memory. Otherwise the threshold moves up.
//!
//! On version 2 the threshold is `memory.high`, above which the kernel slows the program down and tells at once. On
//! version 1 the spawner looks ten times a second: a registered threshold costs more than ten milliseconds of waiting
//! for the kernel. There a function may exceed its size for that long, but never the hard limit.

use std::fs::{self, File};
use std::io::Result;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

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
    /// The file system at `/tmp`, for how much it holds.
    tmp: OwnedFd,
    /// What the group uses altogether.
    usage: File,
    /// Below this use there is nothing to look at.
    threshold_bytes: u64,
    /// Version 2: `memory.events`, which becomes exceptional when the threshold is crossed.
    bell: Option<OwnedFd>,
}

impl MemoryWatch {
    /// Watches from now on. `tmp` is any descriptor on the file system at `/tmp`.
    pub(super) fn start(place: Place, function_bytes: u64, tmp: OwnedFd) -> Result<Self> {
        let open = |name: &str| File::open(place.folder.join(name));
        let (usage, bell) = match place.version {
            Version::One => (open("memory.usage_in_bytes")?, None),
            Version::Two => (open("memory.current")?, Some(open("memory.events")?.into())),
        };
        Ok(Self { place, function_bytes, tmp, usage, threshold_bytes: function_bytes, bell })
    }

    /// What to wait on, where the kernel tells of itself.
    pub fn bell(&self) -> Option<BorrowedFd<'_>> {
        self.bell.as_ref().map(AsFd::as_fd)
    }

    /// Looks if the use has crossed the threshold, and moves it if the function may have more. A microsecond or two
    /// while it has not.
    pub fn look(&mut self) -> Result<Verdict> {
        if let Some(bell) = &self.bell {
            // Reading silences it.
            rustix::io::pread(bell, &mut [0; 512], 0)?;
        }
        let used_bytes = self.used_bytes()?;
        if used_bytes <= self.threshold_bytes {
            return Ok(Verdict::Within);
        }
        let tmp_bytes = self.tmp_bytes()?;
        let program_bytes = self.program_bytes(tmp_bytes)?;
        if program_bytes > self.function_bytes {
            return Ok(Verdict::Exceeded);
        }
        match self.place.version {
            // The program cannot outgrow its size before the whole use has grown by the difference.
            Version::One => {
                self.threshold_bytes =
                    used_bytes + (self.function_bytes - program_bytes).min(STEP_BYTES);
            }
            // Above this the kernel reclaims caches and slows the program down.
            Version::Two => {
                self.threshold_bytes = self.function_bytes + tmp_bytes;
                self.place.write("memory.high", self.threshold_bytes)?;
            }
        }
        Ok(Verdict::Within)
    }

    fn used_bytes(&self) -> Result<u64> {
        let mut text = [0; 24];
        let length = rustix::io::pread(&self.usage, &mut text, 0)?;
        let text = std::str::from_utf8(&text[..length]).unwrap_or_default();
        text.trim().parse().map_err(std::io::Error::other)
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
