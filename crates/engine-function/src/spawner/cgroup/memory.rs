//! Holds a function to its memory size without charging it for the files in its `/tmp`.
//!
//! `/tmp` is kept in memory, and the kernel charges a page of it to the group that wrote it. On AWS ephemeral storage
//! does not count as memory. So the kernel's own hard limit is the memory size *plus* the size of `/tmp`, which no honest
//! or hostile program gets past, and the spawner watches the rest: when the group uses more than the memory size and
//! what lies in `/tmp`, it reads how much is really the program's (anonymous and shared memory, no caches). More than
//! the memory size: the sandbox is killed as out of memory.
//!
//! The spawner looks ten times a second, so a function may exceed its size for that long, but never the hard limit. On
//! version 2 `memory.high` also slows the program down and tells at once; on version 1 having the kernel tell costs more
//! than ten milliseconds of waiting for it, each time.

use std::fs::{self, File};
use std::io::Result;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::super::descriptors::kept;
use super::{Place, Version};

/// Changes of `/tmp` that leave `memory.high` as it is.
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
    /// Version 2: what `memory.high` says.
    high_bytes: u64,
    /// Version 2: `memory.events`, which becomes exceptional when that is crossed.
    bell: Option<OwnedFd>,
}

impl MemoryWatch {
    /// Watches from now on. `tmp` is any descriptor on the file system at `/tmp`.
    pub(super) fn start(place: Place, function_bytes: u64, tmp: OwnedFd) -> Result<Self> {
        let open = |name: &str| {
            File::open(place.folder.join(name)).map(|file| File::from(kept(file.into())))
        };
        let (usage, bell) = match place.version {
            Version::One => (open("memory.usage_in_bytes")?, None),
            Version::Two => (open("memory.current")?, Some(open("memory.events")?.into())),
        };
        Ok(Self { place, function_bytes, tmp, usage, high_bytes: function_bytes, bell })
    }

    /// What to wait on, where the kernel tells of itself.
    pub fn bell(&self) -> Option<BorrowedFd<'_>> {
        self.bell.as_ref().map(AsFd::as_fd)
    }

    /// Looks. A microsecond or two while the use is below the memory size.
    pub fn look(&mut self) -> Result<Verdict> {
        if let Some(bell) = &self.bell {
            // Reading silences it.
            rustix::io::pread(bell, &mut [0; 512], 0)?;
        }
        let used_bytes = self.used_bytes()?;
        if used_bytes <= self.function_bytes && self.high_bytes == self.function_bytes {
            return Ok(Verdict::Within);
        }
        let tmp_bytes = self.tmp_bytes()?;
        if self.place.version == Version::Two {
            self.follow(tmp_bytes)?;
        }
        if used_bytes <= self.function_bytes + tmp_bytes
            || self.program_bytes(tmp_bytes)? <= self.function_bytes
        {
            return Ok(Verdict::Within);
        }
        Ok(Verdict::Exceeded)
    }

    /// Keeps `memory.high`, above which the kernel reclaims caches and slows the program down, over what `/tmp` holds.
    fn follow(&mut self, tmp_bytes: u64) -> Result<()> {
        let high_bytes = self.function_bytes + tmp_bytes.next_multiple_of(STEP_BYTES);
        if high_bytes != self.high_bytes {
            self.place.write("memory.high", high_bytes)?;
            self.high_bytes = high_bytes;
        }
        Ok(())
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
