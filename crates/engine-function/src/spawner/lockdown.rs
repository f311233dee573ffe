//! The last steps before foreign code runs: limits, identity, capabilities, system call filter. No way back.

use rustix::io::Result;
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets};

use super::mounts::last_error;
use super::namespaces::{Identity, PROGRAM_GID, PROGRAM_UID};
use super::seccomp::Filters;
use crate::sandbox::Offspring;

/// Open files of one process, and processes of one sandbox, as on Lambda.
const FILES_MAX: u64 = 1_024;
const PROCESSES_MAX: u64 = crate::sandbox::PIDS_MAX as u64;
/// Bytes that an unprivileged process may lock: the kernel's old default.
const LOCKED_BYTES_MAX: u64 = 64 * 1_024;
/// The highest capability that a kernel may know.
const CAPABILITY_MAX: libc::c_ulong = 63;

/// Empties the bounding set, so that no `execve` of a descendant can gain a capability. The present ones stay.
pub fn drop_bounding_set() -> Result<()> {
    for capability in 0..=CAPABILITY_MAX {
        // SAFETY: takes numbers only.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            return match last_error() {
                // Beyond the kernel's last capability.
                rustix::io::Errno::INVAL if capability > 0 => Ok(()),
                error => Err(error),
            };
        }
    }
    Ok(())
}

/// Back to defaults: what is ignored or blocked stays so over `execve`, whoever started this process.
pub fn reset_signals() {
    for signal in 1..=64 {
        // Rust's own choice, so that a closed socket is an error and not the end.
        let action = if signal == libc::SIGPIPE { libc::SIG_IGN } else { libc::SIG_DFL };
        // SAFETY: names no code of ours. Signals that cannot be set answer EINVAL.
        unsafe { libc::signal(signal, action) };
    }
    // SAFETY: an empty set, initialised by sigemptyset before its use.
    unsafe {
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Makes the calling process the program: user 993, no capability, no privilege to gain, filtered.
pub fn become_program(identity: Identity, filters: &Filters, offspring: Offspring) -> Result<()> {
    rustix::process::setsid()?;
    // Rust ignores it, and what is ignored stays so over `execve`.
    // SAFETY: sets a default action, no code of ours is named.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    limit_resources(offspring)?;
    drop_privileges(identity, PROGRAM_UID, PROGRAM_GID)?;
    filters.install_program(offspring)
}

/// Drops the privileges that process 1 no longer needs once the assignment is done.
pub fn drop_reaper(identity: Identity) -> Result<()> {
    drop_privileges(identity, 0, 0)?;
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
}

fn drop_privileges(identity: Identity, uid: u32, gid: u32) -> Result<()> {
    rustix::thread::clear_ambient_capability_set()?;
    // With one mapped id there is nothing to change to, and dropping groups is denied.
    if let Identity::Own(_) = identity {
        // SAFETY: an empty list needs no pointer; the two others take numbers only. Raw calls, because the C library's
        // would look for other threads, and there are none.
        let result = unsafe {
            match libc::syscall(libc::SYS_setgroups, 0, std::ptr::null::<libc::gid_t>()) {
                0 => match libc::syscall(libc::SYS_setresgid, gid, gid, gid) {
                    0 => libc::syscall(libc::SYS_setresuid, uid, uid, uid),
                    failed => failed,
                },
                failed => failed,
            }
        };
        if result != 0 {
            return Err(last_error());
        }
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, sets)?;
    rustix::thread::set_no_new_privs(true)
}

fn limit_resources(offspring: Offspring) -> Result<()> {
    // What is forked from a zygote counts as its own, for the kernel adds up what lives in the user namespaces below. No
    // foreign code runs in it; its forks take on the limit themselves before they read what to run.
    let processes = match offspring {
        Offspring::Zygote => u64::MAX,
        Offspring::None | Offspring::Template => PROCESSES_MAX,
    };
    let limits = [
        (Resource::Core, 0),
        (Resource::Nofile, FILES_MAX),
        (Resource::Nproc, processes),
        (Resource::Memlock, LOCKED_BYTES_MAX),
        (Resource::Nice, 0),
        (Resource::Rtprio, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, limit) in limits {
        // Where the host's own limit is lower, that one stays.
        let hard =
            rustix::process::getrlimit(resource).maximum.map_or(limit, |hard| hard.min(limit));
        setrlimit(resource, Rlimit { current: Some(hard), maximum: Some(hard) })?;
    }
    Ok(())
}
