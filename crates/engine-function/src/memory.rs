//! How much memory this host has left.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::OnceLock;

use base::KIB;

/// Held open, because an invocation waits for what it says.
static MEMINFO: OnceLock<Option<File>> = OnceLock::new();

/// The kernel's own estimate, in bytes: free memory and what caches would give back. More than any host has where it
/// cannot be read, so that nothing is refused for that.
/// <https://docs.kernel.org/filesystems/proc.html#meminfo>
pub(crate) fn available_bytes() -> u64 {
    let meminfo = MEMINFO.get_or_init(|| File::open("/proc/meminfo").ok());
    // It is on the third line; the rest is left unread.
    let mut text = [0; 256];
    let read = meminfo.as_ref().and_then(|file| file.read_at(&mut text, 0).ok());
    let text = &text[..read.unwrap_or_default()];
    std::str::from_utf8(text).ok().and_then(parse).unwrap_or(u64::MAX)
}

fn parse(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * KIB)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_estimate() {
        let text =
            "MemTotal:       24606384 kB\nMemFree:         1028 kB\nMemAvailable:   22331904 kB\n";
        assert_eq!(parse(text), Some(22_331_904 * KIB));
        assert_eq!(parse("MemTotal: 1 kB\n"), None);
        assert!((1..u64::MAX).contains(&available_bytes()));
    }
}
