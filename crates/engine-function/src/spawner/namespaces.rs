//! The birth of a sandbox: `clone3` into new namespaces, and the identity of who lives there.

#[cfg(test)]
mod tests;

use std::io::{Error, Result};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;

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
/// The child has its user and group ids already; it is what calls `live`. It is given the descriptors below `others_from`.
///
/// # Safety
/// The calling process must be single-threaded.
pub unsafe fn clone_below(
    parent: BorrowedFd<'_>,
    cgroup: Option<BorrowedFd<'_>>,
    identity: Identity,
    others_from: RawFd,
    live: &mut dyn FnMut() -> i32,
) -> Result<Child> {
    let mut birth = BirthBelow {
        parent,
        identity,
        others_from,
        live,
        helped: Ok(()),
        second: None,
        child: None,
    };
    // SAFETY: what is shared with the first helper, this process does not touch before that has ended.
    let first = unsafe { with_shared_memory(0, cgroup, stacks()[0], enter_parent, &mut birth) };
    let reap = |pid| {
        rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(pid), WaitOptions::empty()))
    };
    reap(first?)?;
    birth.second.map(reap).transpose()?;
    let pid = match (birth.child, birth.helped) {
        (Some(pid), Ok(())) => pid,
        (None, helped) => return Err(helped.err().unwrap_or_else(|| Error::other("no child"))),
        (Some(pid), Err(error)) => {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            reap(pid)?;
            return Err(error);
        }
    };
    Ok(Child { pid, pidfd: rustix::process::pidfd_open(pid, PidfdFlags::empty())? })
}

/// What [`clone_below`] and its helpers share. Process ids are the host's.
struct BirthBelow<'a> {
    parent: BorrowedFd<'a>,
    identity: Identity,
    others_from: RawFd,
    live: &'a mut dyn FnMut() -> i32,
    helped: Result<()>,
    second: Option<Pid>,
    child: Option<Pid>,
}

/// The part of [`clone_below`] that happens in helpers. Nobody comes back from another user namespace, so a first one
/// goes there, as the parent's program; a process namespace can only be made by one that was born in the one above, so
/// the first makes a second. Both, and the child, are the spawner's own children. The helpers live in the spawner's memory
/// while that stands still: to copy it for each would take longer than all the rest. Nobody in the parent's namespaces may
/// look into them, for they have capabilities there and nobody else does.
extern "C" fn enter_parent(birth: &mut BirthBelow<'_>) {
    let both = libc::CLONE_NEWUSER | libc::CLONE_NEWPID;
    // SAFETY: numbers only; raw calls for the identity because there are no other threads for the C library to
    // synchronise with. The namespaces will belong to the effective user. A process that has changed its user may not
    // be looked at, which would hide the new one's maps from this one.
    let refused = unsafe {
        libc::setns(birth.parent.as_raw_fd(), both) != 0
            || libc::syscall(libc::SYS_setresgid, PROGRAM_GID, PROGRAM_GID, PROGRAM_GID) != 0
            || libc::syscall(libc::SYS_setresuid, PROGRAM_UID, PROGRAM_UID, PROGRAM_UID) != 0
            || libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) != 0
    };
    if refused {
        birth.helped = Err(Error::last_os_error());
        return;
    }
    // SAFETY: what is shared with the second helper, the first does not touch before that has ended.
    let second =
        unsafe { with_shared_memory(libc::CLONE_PARENT, None, stacks()[1], make_child, birth) };
    match second {
        // Still counted in the host's namespace, in which this one was born.
        Ok(second) => birth.second = Some(second),
        Err(error) => birth.helped = Err(error),
    }
}

/// The second helper.
extern "C" fn make_child(birth: &mut BirthBelow<'_>) {
    let others = birth.others_from.unsigned_abs();
    // Nor do the descriptors of all other sandboxes become this process's: to copy them and to close them again would take
    // the longer the more there are.
    // SAFETY: what is closed is a copy that nobody in this process uses.
    let alone = unsafe { libc::close_range(others, u32::MAX, libc::CLOSE_RANGE_UNSHARE as i32) };
    if alone != 0 {
        birth.helped = Err(Error::last_os_error());
        return;
    }
    let mut pidfd = -1;
    let flags = NAMESPACES | libc::CLONE_NEWNET | libc::CLONE_PARENT | libc::CLONE_PIDFD;
    // SAFETY: the child has its own copy of memory, this stack included, and does not return.
    birth.helped = match unsafe { clone3(flags, Some(&mut pidfd), None) } {
        Ok(None) => {
            let code = (birth.live)();
            // SAFETY: ends the process without running the spawner's destructors.
            unsafe { libc::_exit(code) }
        }
        Ok(Some(_)) => host_pid(pidfd).and_then(|child| {
            birth.child = Some(child);
            write_maps(child, birth.identity, false)
        }),
        Err(error) => Err(error),
    };
}

/// For a helper each.
const STACK_BYTES: usize = 256 * 1024;

/// Where the stacks of the two helpers end, made once.
fn stacks() -> [usize; 2] {
    static END: OnceLock<usize> = OnceLock::new();
    let end = *END.get_or_init(|| {
        let memory = Box::leak(vec![0_u8; 2 * STACK_BYTES + 16].into_boxed_slice());
        let end = memory.as_ptr_range().end.addr();
        end - end % 16
    });
    [end - STACK_BYTES, end]
}

/// Runs `job` in a new process that shares this one's memory and descriptors, and waits until it has ended. Its process id, for
/// it must be reaped.
///
/// # Safety
/// The calling process must be single-threaded, and nothing may stand on the stack below `stack`. `job` must leave alone what
/// the caller's callers hold.
unsafe fn with_shared_memory(
    flags: libc::c_int,
    cgroup: Option<BorrowedFd<'_>>,
    stack: usize,
    job: extern "C" fn(&mut BirthBelow<'_>),
    birth: &mut BirthBelow<'_>,
) -> Result<Pid> {
    let shared = libc::CLONE_VM | libc::CLONE_FILES | libc::CLONE_VFORK;
    let mut arguments = clone_arguments(flags | shared, cgroup);
    arguments.stack = (stack - STACK_BYTES) as u64;
    arguments.stack_size = STACK_BYTES as u64;
    let mut pid = libc::SYS_clone3;
    #[cfg(not(target_arch = "x86_64"))]
    {
        // No interpreter is forked there, see `interface_clients::fork_code`.
        let _ = (job, birth);
        pid = -i64::from(libc::ENOSYS);
    }
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the kernel sets the new process's stack pointer to the end of its own stack, whose alignment is that of a
    // call; there it calls `job` and ends without coming back here. In this process the call returns as any other.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "xor edi, edi",
            "mov eax, 60",
            "syscall",
            "ud2",
            "2:",
            inlateout("rax") pid,
            in("rdi") &raw const arguments,
            in("rsi") size_of::<libc::clone_args>(),
            in("r12") &raw mut *birth,
            in("r13") job,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    match i32::try_from(pid) {
        Ok(pid) if pid > 0 => Pid::from_raw(pid).ok_or_else(|| Error::other("no process id")),
        Ok(error) => Err(Error::from_raw_os_error(-error)),
        Err(error) => Err(Error::other(error)),
    }
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
    let mut arguments = clone_arguments(flags, cgroup);
    arguments.pidfd = pidfd.map_or(0, |pidfd| (&raw mut *pidfd).addr() as u64);
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

fn clone_arguments(flags: libc::c_int, cgroup: Option<BorrowedFd<'_>>) -> libc::clone_args {
    // SAFETY: all zeroes is a valid clone_args: a plain fork.
    let mut arguments: libc::clone_args = unsafe { std::mem::zeroed() };
    arguments.flags = flags as u64;
    // A sibling takes over its creator's.
    arguments.exit_signal = if flags & libc::CLONE_PARENT == 0 { libc::SIGCHLD as u64 } else { 0 };
    if let Some(cgroup) = cgroup {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = cgroup.as_raw_fd().unsigned_abs().into();
    }
    arguments
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
