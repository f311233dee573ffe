//! The numbers of the spawner's descriptors.

use std::os::fd::OwnedFd;

/// What is kept for each sandbox stands at these descriptors, so that the numbers below are enough for what a new sandbox is
/// given. The others need not be copied for it then, see [`super::namespaces::clone_below`].
pub const KEPT_FROM: i32 = 128;

/// The same file under a number of [`KEPT_FROM`] and above, or under its own where there is none left.
pub fn kept(file: OwnedFd) -> OwnedFd {
    rustix::io::fcntl_dupfd_cloexec(&file, KEPT_FROM).unwrap_or(file)
}
