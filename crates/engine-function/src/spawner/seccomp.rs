//! Which system calls a program may make.
//!
//! An allow-list: what is not named here answers `EPERM`, and what this table is too old to know answers `ENOSYS`, so
//! that C libraries fall back. Calls of another architecture (32-bit `int 0x80`) end the process; those of the x32 ABI
//! carry a bit that matches nothing. The table was drawn from what Python, Node, Java, .NET, Ruby, Go and shells make,
//! and leaves out whatever administers the machine or has been a way out before.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::sandbox::Offspring;
use rustix::io::{Errno, Result};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

/// The first number that this table knows nothing of: what came with Linux 6.7 and later.
const FIRST_UNKNOWN: u32 = 453;

/// Namespaces that `clone` could make. (`CLONE_NEWTIME` shares its bit with the exit signal there, and only `clone3` and
/// `unshare`, both refused, can ask for it.)
const NAMESPACES: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// The argument of `personality` that asks without changing.
const PERSONALITY_QUERY: u64 = 0xffff_ffff;

/// Typing into a terminal that one does not own, and its selection's paste.
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541c;

/// The filters, compiled once. A program gets two: which calls there are, and which arguments are refused.
///
/// The first is written by hand, as a chain of ranges: the kernel runs every filter for every call once when it is
/// installed, and one comparison per allowed call would take more than half a millisecond of each sandbox's start.
#[derive(Debug)]
pub struct Filters {
    calls: BpfProgram,
    /// For a program whose forks join sandboxes of their own: also `setns`, and `clone3` for the control group.
    zygote_calls: BpfProgram,
    /// For one that has run a function's code: also `setns`.
    template_calls: BpfProgram,
    arguments: BpfProgram,
    /// Beside `arguments`, where `setns` may give capabilities over a sandbox's network for a moment.
    template_arguments: BpfProgram,
    reaper: BpfProgram,
}

impl Filters {
    pub fn compile() -> std::result::Result<Self, seccompiler::Error> {
        let architecture = std::env::consts::ARCH.try_into()?;
        let refused = |rules| {
            SeccompFilter::new(rules, SeccompAction::Allow, refuse(), architecture)
                .and_then(TryInto::try_into)
        };
        let numbers = |calls: &[i64]| {
            calls.iter().filter_map(|call| u32::try_from(*call).ok()).collect::<Vec<_>>()
        };
        let mut allowed = numbers(ALLOWED);
        allowed.extend(numbers(ALLOWED_X86_64));
        let with = |more: &[i64]| [allowed.as_slice(), &numbers(more)].concat();
        Ok(Self {
            zygote_calls: allow_list(with(&[libc::SYS_setns, libc::SYS_clone3])),
            template_calls: allow_list(with(&[libc::SYS_setns])),
            calls: allow_list(allowed),
            arguments: refused(refused_arguments()?)?,
            template_arguments: refused(refused_in_templates()?)?,
            reaper: allow_list(numbers(REAPER)),
        })
    }

    /// Confines the calling thread, and what it starts, to a program's calls.
    pub fn install_program(&self, offspring: Offspring) -> Result<()> {
        install(&self.arguments)?;
        match offspring {
            Offspring::None => install(&self.calls),
            Offspring::Zygote => install(&self.zygote_calls),
            Offspring::Template => {
                install(&self.template_arguments)?;
                install(&self.template_calls)
            }
        }
    }

    /// Confines process 1 to waiting for children and reporting.
    pub fn install_reaper(&self) -> Result<()> {
        install(&self.reaper)
    }
}

fn refuse() -> SeccompAction {
    SeccompAction::Errno(libc::EPERM as u32)
}

fn install(program: &BpfProgram) -> Result<()> {
    seccompiler::apply_filter(program).map_err(|error| match error {
        seccompiler::Error::Seccomp(error) | seccompiler::Error::Prctl(error) => {
            Errno::from_io_error(&error).unwrap_or(Errno::INVAL)
        }
        _ => Errno::INVAL,
    })
}

/// A filter that lets `calls` pass and answers `EPERM` to the rest, but `ENOSYS` to `clone3` (where it is not among
/// them), whose flags a filter cannot read, and to numbers from [`FIRST_UNKNOWN`] on. The other filter of a program looks at the architecture.
fn allow_list(mut calls: Vec<u32>) -> BpfProgram {
    calls.sort_unstable();
    calls.dedup();
    let calls_clone3 = calls.contains(&(libc::SYS_clone3 as u32));
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for call in calls {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == call => *last = call,
            _ => ranges.push((call, call)),
        }
    }
    let step = |code: u32, jt, jf, k| sock_filter { code: code as u16, jt, jf, k };
    let jump = |test: u32, jt, jf, k| step(libc::BPF_JMP | test | libc::BPF_K, jt, jf, k);
    let answer = |action: SeccompAction| step(libc::BPF_RET | libc::BPF_K, 0, 0, action.into());
    let clone3 = libc::SYS_clone3 as u32;
    let absent = if calls_clone3 { FIRST_UNKNOWN } else { clone3 };
    let mut program = vec![
        // The call's number: the first field of `seccomp_data`.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        jump(libc::BPF_JEQ, 1, 0, absent),
        jump(libc::BPF_JGE, 0, 1, FIRST_UNKNOWN),
        answer(SeccompAction::Errno(libc::ENOSYS as u32)),
    ];
    for (first, last) in ranges {
        // Beyond this range: on to the next. Within: allow. Before it: no earlier range had it either.
        program.push(jump(libc::BPF_JGT, 3, 0, last));
        program.push(jump(libc::BPF_JGE, 0, 1, first));
        program.push(answer(SeccompAction::Allow));
        program.push(answer(refuse()));
    }
    program.push(answer(refuse()));
    program
}

/// Arguments that are refused though their call is allowed. One rule per line; a rule holds when all of it does.
fn refused_arguments() -> std::result::Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::Error> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, MaskedEq, Ne};
    let when = |conditions: &[(u8, SeccompCmpArgLen, SeccompCmpOp, u64)]| {
        let conditions = conditions.iter().cloned().map(|(index, length, operator, value)| {
            SeccompCondition::new(index, length, operator, value)
        });
        SeccompRule::new(conditions.collect::<std::result::Result<Vec<_>, _>>()?)
    };
    let family = |operator: SeccompCmpOp, family: i32| (0, Dword, operator, family as u64);
    let namespaces = NAMESPACES.iter().map(|flag| {
        let flag = u64::from(flag.unsigned_abs());
        when(&[(0, Qword, MaskedEq(flag), flag)])
    });
    let device = |argument: u8, kind: u32| {
        when(&[(argument, Dword, MaskedEq(libc::S_IFMT.into()), kind.into())])
    };
    let calls = [
        (libc::SYS_clone, namespaces.collect::<std::result::Result<Vec<_>, _>>()?),
        (
            libc::SYS_socket,
            vec![
                when(
                    &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK]
                        .map(|it| family(Ne, it)),
                )?,
                // Of the kernel's own protocols only the one that lists network interfaces.
                when(&[family(Eq, libc::AF_NETLINK), (2, Dword, Ne, libc::NETLINK_ROUTE as u64)])?,
            ],
        ),
        (libc::SYS_socketpair, vec![when(&[family(Ne, libc::AF_UNIX)])?]),
        // The kernel reads the request as 32 bits, so the upper half must not hide one.
        (
            libc::SYS_ioctl,
            vec![when(&[(1, Dword, Eq, TIOCSTI)])?, when(&[(1, Dword, Eq, TIOCLINUX)])?],
        ),
        (
            libc::SYS_personality,
            vec![when(&[(0, Dword, Ne, 0), (0, Dword, Ne, PERSONALITY_QUERY)])?],
        ),
        (libc::SYS_mknodat, vec![device(2, libc::S_IFCHR)?, device(2, libc::S_IFBLK)?]),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_mknod, vec![device(1, libc::S_IFCHR)?, device(1, libc::S_IFBLK)?]),
    ];
    Ok(calls.into_iter().collect())
}

/// Arguments that are refused besides to a function that others are forked from: whatever configures a network.
fn refused_in_templates() -> std::result::Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::Error>
{
    use SeccompCmpArgLen::Dword;
    use SeccompCmpOp::{Eq, Ge, MaskedEq};
    let when = |conditions: &[(u8, SeccompCmpOp, i32)]| {
        let conditions = conditions.iter().cloned().map(|(index, operator, value)| {
            SeccompCondition::new(index, Dword, operator, u64::from(value.unsigned_abs()))
        });
        SeccompRule::new(conditions.collect::<std::result::Result<Vec<_>, _>>()?)
    };
    let calls = [
        (
            libc::SYS_socket,
            vec![
                when(&[(0, Eq, libc::AF_NETLINK)])?,
                when(&[(1, MaskedEq(SOCKET_TYPE), libc::SOCK_RAW)])?,
            ],
        ),
        (
            libc::SYS_setsockopt,
            vec![
                when(&[(1, Eq, libc::IPPROTO_IP), (2, Ge, TABLES_FIRST)])?,
                when(&[(1, Eq, libc::IPPROTO_IPV6), (2, Eq, TABLES_FIRST)])?,
                when(&[(1, Eq, libc::IPPROTO_IPV6), (2, Eq, TABLES_FIRST + 1)])?,
            ],
        ),
        (libc::SYS_ioctl, vec![when(&[(1, MaskedEq(0xff00), NETWORK_REQUESTS)])?]),
    ];
    Ok(calls.into_iter().collect())
}

/// Options of a socket from here on replace tables of the packet filter (`IPT_SO_SET_REPLACE` and its sisters).
const TABLES_FIRST: i32 = 64;
/// The part of `socket`'s second argument that is not a flag.
const SOCKET_TYPE: u64 = 0xf;
/// `ioctl` requests about network devices and routes, all of which begin with this byte.
const NETWORK_REQUESTS: i32 = 0x8900;

/// What process 1 does after the assignment: reap, report, end.
const REAPER: &[i64] = &[
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_write,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_munmap,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_close,
    // The answer of what forks the program.
    libc::SYS_read,
    libc::SYS_pidfd_open,
];

/// What a program does.
const ALLOWED: &[i64] = &[
    // Refused only with certain arguments.
    libc::SYS_clone,
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_ioctl,
    libc::SYS_personality,
    libc::SYS_mknodat,
    // Files.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_preadv2,
    libc::SYS_pwritev2,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_getdents64,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_mkdirat,
    libc::SYS_truncate,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_syncfs,
    libc::SYS_sync_file_range,
    libc::SYS_utimensat,
    libc::SYS_getcwd,
    libc::SYS_chdir,
    libc::SYS_fchdir,
    libc::SYS_umask,
    libc::SYS_getxattr,
    libc::SYS_lgetxattr,
    libc::SYS_fgetxattr,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_listxattr,
    libc::SYS_llistxattr,
    libc::SYS_flistxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_tee,
    libc::SYS_readahead,
    libc::SYS_memfd_create,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
    // Waiting.
    libc::SYS_pselect6,
    libc::SYS_ppoll,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_signalfd4,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    // Pipes and sockets; `socket` itself depends on its family.
    libc::SYS_pipe2,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvmmsg,
    libc::SYS_setsockopt,
    libc::SYS_getsockopt,
    libc::SYS_shutdown,
    // Memory.
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_msync,
    libc::SYS_mincore,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_munlock,
    libc::SYS_mlockall,
    libc::SYS_munlockall,
    libc::SYS_brk,
    libc::SYS_membarrier,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
    libc::SYS_pkey_mprotect,
    libc::SYS_remap_file_pages,
    // Memory and messages shared within the sandbox's own namespace.
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmdt,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    // Processes and threads; `clone` itself depends on its flags.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
    libc::SYS_process_mrelease,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getpgid,
    libc::SYS_setpgid,
    libc::SYS_getsid,
    libc::SYS_setsid,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_rseq,
    libc::SYS_prctl,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_setparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_getattr,
    libc::SYS_sched_setattr,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_sched_rr_get_interval,
    libc::SYS_getpriority,
    libc::SYS_setpriority,
    libc::SYS_ioprio_get,
    libc::SYS_ioprio_set,
    libc::SYS_getrusage,
    libc::SYS_times,
    libc::SYS_prlimit64,
    libc::SYS_getrlimit,
    libc::SYS_setrlimit,
    libc::SYS_futex,
    libc::SYS_futex_waitv,
    libc::SYS_capget,
    libc::SYS_capset,
    libc::SYS_seccomp,
    libc::SYS_landlock_create_ruleset,
    libc::SYS_landlock_add_rule,
    libc::SYS_landlock_restrict_self,
    libc::SYS_getcpu,
    // Identity: without capabilities these change nothing that matters.
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getresuid,
    libc::SYS_getresgid,
    libc::SYS_getgroups,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_setgroups,
    // Signals.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_rt_sigsuspend,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time; setting it is left out.
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_getitimer,
    libc::SYS_setitimer,
    libc::SYS_timer_create,
    libc::SYS_timer_settime,
    libc::SYS_timer_gettime,
    libc::SYS_timer_getoverrun,
    libc::SYS_timer_delete,
    // The machine, to read.
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getrandom,
];

/// Calls that only x86-64 has: older spellings of the ones above.
#[cfg(target_arch = "x86_64")]
const ALLOWED_X86_64: &[i64] = &[
    libc::SYS_mknod,
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_getdents,
    libc::SYS_dup2,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_signalfd,
    libc::SYS_inotify_init,
    libc::SYS_pipe,
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_getpgrp,
    libc::SYS_pause,
    libc::SYS_alarm,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];

#[cfg(not(target_arch = "x86_64"))]
const ALLOWED_X86_64: &[i64] = &[];
