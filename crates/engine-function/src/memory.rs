//! How much memory this host has left.

use std::fs::File;
use std::io::Read as _;

use base::KIB;

/// The kernel's own estimate, in bytes: free memory and what caches would give back. More than any host has where it
/// cannot be read, so that nothing is refused for that.
/// <https://docs.kernel.org/filesystems/proc.html#meminfo>
pub(crate) fn available_bytes() -> u64 {
    // It is on the third line; an invocation waits for this, so the rest is left unread.
    let mut text = [0; 256];
    let read = File::open("/proc/meminfo").and_then(|mut file| file.read(&mut text));
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
