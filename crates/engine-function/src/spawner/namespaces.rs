//! The birth of a sandbox: `clone3` into new namespaces, and the identity of who lives there.

#[cfg(test)]
mod tests;

use std::io::{Error, Result};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use rustix::process::{Pid, PidfdFlags, WaitOptions};

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
    /// The content of `uid_map` and of `gid_map`. `parent`: sandboxes may be made below this one, so it also maps, to
    /// themselves, the ids that those may get. Nobody inside can use them without capabilities, which nobody has.
    pub fn maps(self, parent: bool) -> (String, String) {
        match self {
            Self::Own(uid) => {
                let process_one = uid + 1;
                let mut more = format!("0 {process_one} 1\n");
                if parent {
                    let end = HOST_UID_FIRST + 2 * HOST_UID_PAIRS;
                    for (first, count) in
                        [(HOST_UID_FIRST, uid - HOST_UID_FIRST), (uid + 2, end - uid - 2)]
                    {
                        if count > 0 {
                            more += &format!("{first} {first} {count}\n");
                        }
                    }
                }
                (format!("{PROGRAM_UID} {uid} 1\n{more}"), format!("{PROGRAM_GID} {uid} 1\n{more}"))
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
    let flags = NAMESPACES | libc::CLONE_PIDFD;
    // SAFETY: the caller vouches for what this function asks for.
    let Some(pid) = (unsafe { clone3(flags, Some(&mut pidfd), cgroup)? }) else { return Ok(None) };
    // SAFETY: the kernel has just stored a descriptor of ours there, owned by nobody yet.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    Ok(Some(Child { pid, pidfd }))
}

/// What every sandbox has of its own. The network's is made ahead of time, see [`super::netns`].
const NAMESPACES: i32 = libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS;

/// Likewise, but the namespaces, the network's among them, lie below those of the sandbox whose process 1 is `parent`,
/// and they belong to its program: so a fork of that program may enter them, and the program needs no capability for it.
/// The child has its user and group ids already.
///
/// # Safety
/// As [`clone_into_namespaces`].
pub unsafe fn clone_below(
    parent: BorrowedFd<'_>,
    cgroup: Option<BorrowedFd<'_>>,
    identity: Identity,
) -> Result<Option<Child>> {
    let (answer, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    // SAFETY: the caller vouches for what this function asks for.
    let Some(first) = (unsafe { clone3(0, None, cgroup)? }) else {
        // SAFETY: this process is a copy of the caller's.
        match unsafe { help(parent, identity) } {
            Ok(None) => return Ok(None),
            Ok(Some(helped)) => helped.tell(&write),
            Err(error) => Helped::failed(&error).tell(&write),
        }
    };
    drop(write);
    let helped = Helped::read(&answer);
    let reap = |pid| {
        rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(pid), WaitOptions::empty()))
    };
    reap(first)?;
    let Helped { second, child, errno } = helped?;
    second.map(reap).transpose()?;
    let Some(pid) = child else { return Err(Error::from_raw_os_error(errno)) };
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty())?;
    if errno == 0 {
        return Ok(Some(Child { pid, pidfd }));
    }
    let _ = rustix::process::pidfd_send_signal(&pidfd, rustix::process::Signal::KILL);
    reap(pid)?;
    Err(Error::from_raw_os_error(errno))
}

/// What the helpers of [`clone_below`] tell, all of it as the host counts processes.
#[derive(Default)]
struct Helped {
    second: Option<Pid>,
    child: Option<Pid>,
    errno: i32,
}

impl Helped {
    fn failed(error: &Error) -> Self {
        Self { errno: error.raw_os_error().unwrap_or(libc::EIO), ..Self::default() }
    }

    /// Tells and ends.
    fn tell(self, to: &OwnedFd) -> ! {
        let number = |pid: Option<Pid>| pid.map_or(0, |pid| pid.as_raw_nonzero().get());
        let numbers = [number(self.second), number(self.child), self.errno];
        let _ = rustix::io::write(to, &numbers.map(i32::to_ne_bytes).concat());
        // SAFETY: ends the process without running the spawner's destructors.
        unsafe { libc::_exit(0) }
    }

    fn read(from: &OwnedFd) -> Result<Self> {
        let mut told = [0; 12];
        if rustix::io::retry_on_intr(|| rustix::io::read(from, &mut told))? != told.len() {
            return Err(Error::other("the helper ended early"));
        }
        let [a, b, c, d, e, f, g, h, errno @ ..] = told;
        let pid = |bytes| Pid::from_raw(i32::from_ne_bytes(bytes));
        let errno = i32::from_ne_bytes(errno);
        Ok(Self { second: pid([a, b, c, d]), child: pid([e, f, g, h]), errno })
    }
}

/// The part of [`clone_below`] that happens in helpers. Nobody comes back from another user namespace, so a first one
/// goes there, as the parent's program; a process namespace can only be made by one that was born in the one above, so
/// the first makes a second. Both, and the child, are the spawner's own children. `None` is the child.
///
/// # Safety
/// As [`clone_into_namespaces`].
unsafe fn help(parent: BorrowedFd<'_>, identity: Identity) -> Result<Option<Helped>> {
    let both = libc::CLONE_NEWUSER | libc::CLONE_NEWPID;
    // SAFETY: numbers only; raw calls for the identity because there are no other threads for the C library to
    // synchronise with. The namespaces will belong to the effective user. A process that has changed its user may not
    // be looked at, which would hide the new one's maps from this one.
    let refused = unsafe {
        libc::setns(parent.as_raw_fd(), both) != 0
            || libc::syscall(libc::SYS_setresgid, PROGRAM_GID, PROGRAM_GID, PROGRAM_GID) != 0
            || libc::syscall(libc::SYS_setresuid, PROGRAM_UID, PROGRAM_UID, PROGRAM_UID) != 0
            || libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) != 0
    };
    if refused {
        return Err(Error::last_os_error());
    }
    // SAFETY: the caller vouches for what this function asks for.
    if unsafe { clone3(libc::CLONE_PARENT, None, None)? }.is_some() {
        // The second tells.
        // SAFETY: ends the process without running the spawner's destructors.
        unsafe { libc::_exit(0) }
    }
    let second = std::fs::read_link("/proc/self").ok();
    let second = second.and_then(|name| Pid::from_raw(name.to_str()?.parse().ok()?));
    let mut pidfd = -1;
    let flags = NAMESPACES | libc::CLONE_NEWNET | libc::CLONE_PARENT | libc::CLONE_PIDFD;
    // SAFETY: the caller vouches for what this function asks for.
    let child = match unsafe { clone3(flags, Some(&mut pidfd), None) } {
        Ok(None) => return Ok(None),
        Ok(Some(_)) => host_pid(pidfd),
        Err(error) => return Ok(Some(Helped { second, ..Helped::failed(&error) })),
    };
    let told = |child| match write_maps(child, identity, false) {
        Ok(()) => Helped::default(),
        Err(error) => Helped::failed(&error),
    };
    Ok(Some(match child {
        Ok(child) => Helped { second, child: Some(child), ..told(child) },
        Err(error) => Helped { second, ..Helped::failed(&error) },
    }))
}

/// The process id in the namespace of the mounted `/proc`, which is the host's.
fn host_pid(pidfd: libc::c_int) -> Result<Pid> {
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{pidfd}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pid:"));
    let pid = line.and_then(|pid| Pid::from_raw(pid.trim().parse().ok()?));
    pid.ok_or_else(|| Error::other("a new process has no process id"))
}

/// A fork with these flags, born in `cgroup`. `None` is the child.
///
/// # Safety
/// As [`clone_into_namespaces`].
unsafe fn clone3(
    flags: libc::c_int,
    pidfd: Option<&mut libc::c_int>,
    cgroup: Option<BorrowedFd<'_>>,
) -> Result<Option<Pid>> {
    // SAFETY: all zeroes is a valid clone_args: a plain fork.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = flags as u64;
    arguments.pidfd = pidfd.map_or(0, |pidfd| (&raw mut *pidfd).addr() as u64);
    // A sibling takes over its creator's.
    arguments.exit_signal = if flags & libc::CLONE_PARENT == 0 { libc::SIGCHLD as u64 } else { 0 };
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
        pid => Ok(i32::try_from(pid).ok().and_then(Pid::from_raw)),
    }
}

/// Gives the child its user and group ids.
pub fn write_maps(pid: Pid, identity: Identity, parent: bool) -> Result<()> {
    let (users, groups) = identity.maps(parent);
    let folder = format!("/proc/{}", pid.as_raw_nonzero());
    if identity == Identity::Shared {
        // An unprivileged mapping of groups is allowed only when groups can no longer be dropped.
        std::fs::write(format!("{folder}/setgroups"), "deny")?;
    }
    std::fs::write(format!("{folder}/uid_map"), users)?;
    std::fs::write(format!("{folder}/gid_map"), groups)
}
