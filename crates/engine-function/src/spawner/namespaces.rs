//! The birth of a sandbox: `clone3` into new namespaces, and the identity of who lives there.

#[cfg(test)]
mod tests;

use std::io::{Error, Result};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::process::Pid;

/// The user that the program runs as, inside: what AWS uses. The group is [`PROGRAM_GID`].
pub const PROGRAM_UID: u32 = 993;
/// The program's group inside.
pub const PROGRAM_GID: u32 = 990;

/// The first user id of the host that sandboxes use. systemd leaves 0x7000_0000 and above unassigned, and no
/// distribution hands them to people or containers. <https://systemd.io/UIDS-GIDS/>
const HOST_UID_FIRST: u32 = 0x7000_0000;

/// Pairs of user ids before the first is used again. Far more than can be alive at once.
const HOST_UID_PAIRS: u32 = 1 << 20;

/// Linux's `CLONE_INTO_CGROUP`: the C library's constant has too narrow a type.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Who lives in a sandbox, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Two ids of the host: the program's, and the next one for process 1. Both serve as user and as group.
    Own(u32),
    /// Everything inside is the unprivileged user who started the spawner.
    Shared,
}

/// What a `clone3` gave to the parent.
#[derive(Debug)]
pub struct Child {
    pub pid: Pid,
    pub pidfd: OwnedFd,
}

/// The host id pair number `turn`, never one that `alive` still holds.
pub fn next_identity(turn: &mut u32, alive: impl Fn(u32) -> bool) -> Identity {
    loop {
        let uid = HOST_UID_FIRST + 2 * (*turn % HOST_UID_PAIRS);
        *turn = turn.wrapping_add(1);
        if !alive(uid) {
            return Identity::Own(uid);
        }
    }
}

impl Identity {
    /// The content of `uid_map` and of `gid_map`.
    pub fn maps(self) -> (String, String) {
        match self {
            Self::Own(uid) => {
                let process_one = uid + 1;
                (
                    format!("{PROGRAM_UID} {uid} 1\n0 {process_one} 1\n"),
                    format!("{PROGRAM_GID} {uid} 1\n0 {process_one} 1\n"),
                )
            }
            Self::Shared => (format!("{PROGRAM_UID} 0 1\n"), format!("{PROGRAM_GID} 0 1\n")),
        }
    }

    /// The host's user id of the program, where it has one of its own.
    pub fn host_uid(self) -> Option<u32> {
        match self {
            Self::Own(uid) => Some(uid),
            Self::Shared => None,
        }
    }
}

/// Forks into new user, process, mount, message and host name namespaces, and into the control group `cgroup` where the
/// host has version 2. `None` is the child.
///
/// # Safety
/// The calling process must be single-threaded. The child must not return to the caller's stack frames' owners: it ends
/// with `_exit` or `execve`.
pub unsafe fn clone_into_namespaces(cgroup: Option<BorrowedFd<'_>>) -> Result<Option<Child>> {
    let mut pidfd: libc::c_int = -1;
    let namespaces = libc::CLONE_NEWUSER
        | libc::CLONE_NEWPID
        | libc::CLONE_NEWNS
        | libc::CLONE_NEWIPC
        | libc::CLONE_NEWUTS;
    // SAFETY: all zeroes is a valid clone_args: a plain fork.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = (namespaces | libc::CLONE_PIDFD) as u64;
    arguments.pidfd = (&raw mut pidfd).addr() as u64;
    arguments.exit_signal = libc::SIGCHLD as u64;
    if let Some(cgroup) = cgroup {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = cgroup.as_raw_fd().unsigned_abs().into();
    }
    // SAFETY: the structure is complete and outlives the call; without CLONE_VM the child has its own copy of memory
    // and goes on at this very point. The caller vouches for being single-threaded.
    let pid = unsafe {
        libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<libc::clone_args>())
    };
    match pid {
        -1 => Err(Error::last_os_error()),
        0 => Ok(None),
        pid => {
            // SAFETY: the kernel has just stored a descriptor of ours there, owned by nobody yet.
            let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
            let pid = i32::try_from(pid)
                .ok()
                .and_then(Pid::from_raw)
                .ok_or_else(|| Error::other("no process id"))?;
            Ok(Some(Child { pid, pidfd }))
        }
    }
}

/// Gives the child its user and group ids.
pub fn write_maps(pid: Pid, identity: Identity) -> Result<()> {
    let (users, groups) = identity.maps();
    let folder = format!("/proc/{}", pid.as_raw_nonzero());
    if identity == Identity::Shared {
        // An unprivileged mapping of groups is allowed only when groups can no longer be dropped.
        std::fs::write(format!("{folder}/setgroups"), "deny")?;
    }
    std::fs::write(format!("{folder}/uid_map"), users)?;
    std::fs::write(format!("{folder}/gid_map"), groups)
}
