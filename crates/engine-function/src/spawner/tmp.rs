//! The file system at a sandbox's `/tmp`: memory with a bound, made by the spawner and moved in by process 1.

use std::io::Result;
use std::os::fd::{AsFd, OwnedFd};

use rustix::mount::{
    FsPickFlags, MountAttrFlags, fsconfig_reconfigure, fsconfig_set_string, fspick,
};

use super::mounts;

/// Files per MiB of size, and the least: what ext4 offers by default.
const FILES_PER_MIB: u32 = 64;
const FILES_MIN: u32 = 32_768;
/// The size before the assignment, in MiB: what functions have that say nothing.
const MIB_BEFORE: u32 = 512;

/// A file system that only the host's user `owner` enters, with [`MIB_BEFORE`] until the assignment.
pub fn make(owner: u32) -> Result<OwnedFd> {
    let options = [
        ("size", format!("{MIB_BEFORE}m")),
        ("nr_inodes", FILES_MIN.to_string()),
        ("mode", "700".to_owned()),
        ("uid", owner.to_string()),
        ("gid", owner.to_string()),
    ];
    Ok(mounts::memory(
        &options,
        MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV,
    )?)
}

/// Gives it the size of the function's ephemeral storage, once.
pub fn resize(tmp: &OwnedFd, tmp_mib: u32) -> Result<()> {
    if tmp_mib == MIB_BEFORE {
        return Ok(());
    }
    let context = fspick(tmp, "", FsPickFlags::FSPICK_CLOEXEC | FsPickFlags::FSPICK_EMPTY_PATH)?;
    fsconfig_set_string(context.as_fd(), "size", format!("{tmp_mib}m"))?;
    let files = (tmp_mib * FILES_PER_MIB).max(FILES_MIN);
    fsconfig_set_string(context.as_fd(), "nr_inodes", files.to_string())?;
    Ok(fsconfig_reconfigure(context.as_fd())?)
}
