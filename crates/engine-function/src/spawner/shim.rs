//! Process 1 of a sandbox, from its birth in `clone3` to its end.
//!
//! It builds the view of the files, starts the program (which waits), obeys at assignment, and from then on holds no
//! privilege and only reaps. Everything here runs in a copy of the single-threaded spawner; nothing returns.

#[cfg(test)]
mod tests;

use std::ffi::{CStr, CString};
use std::io::{Error, Result};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};
use rustix::net::{RecvFlags, SendFlags};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions};
use rustix::thread::{UnshareFlags, unshare_unsafe};

use super::lockdown;
use super::namespaces::Identity;
use super::root::Masks;
use super::seccomp::Filters;
use super::{mounts, netns, socket};
use crate::environment::lines;
use crate::sandbox::Offspring;

/// The descriptor that a booted program reads its assignment from.
const ASSIGNMENT_FD: RawFd = 3;

/// The descriptor at which a program finds the orders to fork, where it may be forked into other sandboxes.
const FORK_ORDERS_FD: RawFd = 4;

/// The namespaces that a fork of another sandbox's program enters, in this order: the first gives the right to the rest.
const JOINED: [&CStr; 7] = [
    c"/proc/self/ns/user",
    c"/proc/self/ns/mnt",
    c"/proc/self/ns/net",
    c"/proc/self/ns/ipc",
    c"/proc/self/ns/uts",
    c"/proc/self/ns/cgroup",
    c"/proc/self/ns/pid",
];

/// Exit codes of a program that could not be executed, as shells use them.
pub const CANNOT_EXECUTE: i32 = 126;
pub const NOT_FOUND: i32 = 127;

/// Flags of encoded [`Orders`].
const HAS_CODE: u8 = 1;
const HAS_OUTPUT: u8 = 2;

/// What the spawner prepared for one sandbox.
#[derive(Debug)]
pub struct Birth<'a> {
    pub identity: Identity,
    pub root: &'a Path,
    pub masks: &'a Masks,
    pub hostname: &'a str,
    pub filters: &'a Filters,
    /// Where the spawner speaks.
    pub control: OwnedFd,
    /// `tasks` files of version 1 control groups.
    pub doors: Vec<OwnedFd>,
    /// The file system for `/tmp`.
    pub tmp: OwnedFd,
    /// Standard output and error.
    pub output: OwnedFd,
    /// Both ends of the pipe that carries the assignment to the program.
    pub assignment: (OwnedFd, OwnedFd),
    /// A booted sandbox's program: see `sandbox::spec::command_line`.
    pub boot: Option<String>,
    pub offspring: Offspring,
    /// Where the program finds the orders to fork, if it may be forked.
    pub fork_orders: Option<OwnedFd>,
    /// The program is a fork of another sandbox's.
    pub parent: Option<Parent>,
}

/// What process 1 needs to have its program forked by another sandbox's.
#[derive(Debug)]
pub struct Parent {
    /// Leads to the other end of that sandbox's [`Birth::fork_orders`].
    pub orders: OwnedFd,
    /// The control group of version 2 that the program shall be born in.
    pub group: Option<OwnedFd>,
    /// The second port to listen on: this network is not from the pool.
    pub endpoint_port: u16,
    /// It is asked for the fork when this sandbox is assigned.
    pub forks_at_assignment: bool,
    /// Nobody has asked for this sandbox yet, so its program may prepare itself.
    pub waits: bool,
}

/// What process 1 tells the spawner, one byte and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The files are in place and the program waits; its descriptor travels beside it.
    Ready,
    /// The files are in place; the program is forked at assignment.
    Standing,
    /// The assignment is done. Beside it travels the descriptor of a program that was forked for it.
    Assigned,
    /// The program ended; a raw wait status.
    Ended(i32),
    /// An extension ended: its place and its raw wait status.
    ExtensionEnded(u8, i32),
}

/// What the spawner tells process 1 at assignment; the mounts travel beside it: first the code, if any, then the layers.
#[derive(Debug)]
pub struct Orders<'a> {
    pub has_code: bool,
    /// The last of the descriptors beside it is the extensions' standard output and error.
    pub has_extension_output: bool,
    /// The extensions' environment.
    pub environment: &'a str,
    pub extensions: &'a [String],
}

impl Report {
    pub fn encode(self) -> [u8; 6] {
        let (kind, extension, status) = match self {
            Self::Ready => (b'R', 0, 0),
            Self::Standing => (b'S', 0, 0),
            Self::Assigned => (b'A', 0, 0),
            Self::Ended(status) => (b'E', 0, status),
            Self::ExtensionEnded(extension, status) => (b'X', extension, status),
        };
        let [a, b, c, d] = status.to_ne_bytes();
        [kind, extension, a, b, c, d]
    }

    /// The text after a failure's mark is the reason.
    pub fn decode(message: &[u8]) -> std::result::Result<Self, String> {
        match *message {
            [b'F', ref reason @ ..] => Err(String::from_utf8_lossy(reason).into_owned()),
            [kind, extension, a, b, c, d] => match kind {
                b'R' => Ok(Self::Ready),
                b'S' => Ok(Self::Standing),
                b'A' => Ok(Self::Assigned),
                b'E' => Ok(Self::Ended(i32::from_ne_bytes([a, b, c, d]))),
                b'X' => Ok(Self::ExtensionEnded(extension, i32::from_ne_bytes([a, b, c, d]))),
                _ => Err("process 1 sent an unknown report".to_owned()),
            },
            _ => Err("process 1 sent a report of a wrong length".to_owned()),
        }
    }
}

impl Orders<'_> {
    /// One byte of flags, then texts, each behind its length in four bytes: the environment, the extensions.
    pub fn encode(&self) -> Vec<u8> {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let mut message =
            vec![flag(self.has_code, HAS_CODE) | flag(self.has_extension_output, HAS_OUTPUT)];
        let extensions = self.extensions.iter().map(String::as_str);
        for text in [self.environment].into_iter().chain(extensions) {
            // Bounded by the protocol's message size.
            message.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_ne_bytes());
            message.extend_from_slice(text.as_bytes());
        }
        message
    }
}

/// The texts of encoded [`Orders`].
fn decode_texts(mut message: &[u8]) -> Option<Vec<&[u8]>> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = message.split_first_chunk::<4>() {
        let (text, rest) = rest.split_at_checked(u32::from_ne_bytes(*length) as usize)?;
        texts.push(text);
        message = rest;
    }
    (message.is_empty() && !texts.is_empty()).then_some(texts)
}

/// Lives process 1's life: the code to exit with, at once. `buffer`: for the largest message.
pub fn live(birth: &Birth<'_>, buffer: &mut [u8]) -> i32 {
    // A panic must not unwind into the spawner's frames, of which this process holds a copy.
    let outcome =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match run(birth, buffer) {
            Ok(()) => 0,
            Err(error) => {
                let reason = format!("F{error}");
                let _ =
                    socket::send(birth.control.as_fd(), reason.as_bytes(), &[], SendFlags::empty());
                1
            }
        }));
    let code = outcome.unwrap_or(1);
    if code != 0 {
        // The program must not see its assignment end with this process: what it would run in is not whole.
        // SAFETY: a signal to everything in this process's own namespace, whose first process it is.
        unsafe { libc::kill(-1, libc::SIGKILL) };
    }
    code
}

fn exit(code: i32) -> ! {
    // SAFETY: ends the process without running the spawner's destructors.
    unsafe { libc::_exit(code) }
}

fn run(birth: &Birth<'_>, buffer: &mut [u8]) -> Result<()> {
    let step = |what: &'static str| {
        move |error: Error| Error::new(error.kind(), format!("{what}: {error}"))
    };
    let raw = |what: &'static str| move |errno: rustix::io::Errno| step(what)(errno.into());
    close_others(birth).map_err(step("closing descriptors"))?;
    // The spawner goes without huge pages; what runs in here need not.
    // SAFETY: numbers only.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, 0, 0, 0, 0) };
    // The spawner writes the identity maps, then sends one byte. Its end before that ends this read.
    if socket::receive(birth.control.as_fd(), buffer, RecvFlags::empty())
        .map_err(raw("waiting for ids"))?
        .0
        == 0
    {
        return Ok(());
    }
    if let Identity::Own(_) = birth.identity {
        become_inner_root().map_err(step("taking the inner root's id"))?;
    }
    die_with_spawner(birth).map_err(step("binding to the spawner's life"))?;
    let furnish = |parent: &Parent| netns::furnish(parent.endpoint_port);
    let listeners = birth.parent.as_ref().map(furnish).transpose();
    let listeners = listeners.map_err(step("setting up the network"))?;
    for door in &birth.doors {
        rustix::io::write(door, b"0").map_err(raw("entering a control group"))?;
    }
    // After the entry, so that the group is the root of what is seen inside.
    // SAFETY: only CLONE_FILES may break soundness.
    unsafe { unshare_unsafe(UnshareFlags::NEWCGROUP) }
        .map_err(raw("unsharing the control group namespace"))?;
    rustix::system::sethostname(birth.hostname.as_bytes()).map_err(raw("setting the host name"))?;
    build_view(birth).map_err(step("building the file system"))?;
    lockdown::drop_bounding_set().map_err(raw("dropping capabilities"))?;
    let later = birth.parent.as_ref().filter(|parent| parent.forks_at_assignment);
    let starting = step("starting the program");
    let begun = if later.is_some() { None } else { Some(begin_program(birth).map_err(starting)?) };
    let mut files: Vec<_> =
        listeners.iter().flat_map(|it| [it.runtime_api.as_fd(), it.endpoint.as_fd()]).collect();
    files.extend(begun.iter().map(|(_, pidfd)| pidfd.as_fd()));
    let stands = if later.is_some() { Report::Standing } else { Report::Ready };
    socket::send(birth.control.as_fd(), &stands.encode(), &files, SendFlags::empty())?;
    drop(listeners);
    let Some((length, trees)) = await_orders(birth, begun.as_ref(), buffer)? else {
        return Ok(());
    };
    let assigned = obey(birth, &buffer[..length], trees).map_err(step("assigning"))?;
    let answer = later.map(|parent| order_fork(birth, parent)).transpose().map_err(starting)?;
    // Foreign code runs only when nothing here is worth attacking any more; what is forked has run some already, and is made
    // meanwhile.
    lockdown::drop_reaper(birth.identity).map_err(raw("dropping process 1's privileges"))?;
    die_with_spawner(birth).map_err(step("binding to the spawner's life"))?;
    birth.filters.install_reaper().map_err(raw("filtering process 1's calls"))?;
    let forked = answer.map(await_fork).transpose().map_err(starting)?;
    let program = begun.as_ref().or(forked.as_ref()).map(|(program, _)| *program);
    let program = program.ok_or_else(|| Error::other("no program"))?;
    let children = let_go(birth, assigned);
    let forked = forked.as_ref().map(|(_, pidfd)| pidfd.as_fd());
    let assigned = Report::Assigned.encode();
    socket::send(birth.control.as_fd(), &assigned, forked.as_slice(), SendFlags::empty())?;
    reap(birth, program, &children)
}

/// Starts the program or has it forked. The spawner signals it through the descriptor: this process will not be able to.
fn begin_program(birth: &Birth<'_>) -> Result<(Pid, OwnedFd)> {
    match &birth.parent {
        Some(parent) => await_fork(order_fork(birth, parent)?),
        None => with_pidfd(start_program(birth)?),
    }
}

fn with_pidfd(program: Pid) -> Result<(Pid, OwnedFd)> {
    Ok((program, rustix::process::pidfd_open(program, PidfdFlags::empty())?))
}

/// Makes the spawner's end this process's, and so the sandbox's. Again after each change of identity, which clears it.
fn die_with_spawner(birth: &Birth<'_>) -> Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have ended just before.
    let mut watched = [PollFd::new(&birth.control, PollFlags::empty())];
    poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    if watched[0].revents().contains(PollFlags::HUP) {
        Err(Error::other("it has ended"))
    } else {
        Ok(())
    }
}

fn report(birth: &Birth<'_>, report: Report) -> Result<()> {
    Ok(socket::send(birth.control.as_fd(), &report.encode(), &[], SendFlags::empty())?)
}

impl Birth<'_> {
    /// Those that belong to this sandbox.
    pub fn descriptors(&self) -> impl Iterator<Item = &OwnedFd> {
        let own = [&self.control, &self.tmp, &self.output, &self.assignment.0, &self.assignment.1];
        let parent = self.parent.iter().flat_map(|it| [Some(&it.orders), it.group.as_ref()]);
        own.into_iter().chain(&self.doors).chain(&self.fork_orders).chain(parent.flatten())
    }
}

/// Closes every descriptor that belongs to the spawner or to other sandboxes.
fn close_others(birth: &Birth<'_>) -> Result<()> {
    let mut keep: Vec<RawFd> = birth.descriptors().map(AsRawFd::as_raw_fd).collect();
    keep.sort_unstable();
    let mut first = 3;
    for end in keep.into_iter().chain([RawFd::MAX]) {
        if first < end {
            // SAFETY: closes descriptors whose owners are copies that this process never runs the destructors of.
            let result =
                unsafe { libc::close_range(first.unsigned_abs(), end.unsigned_abs() - 1, 0) };
            if result != 0 {
                return Err(Error::last_os_error());
            }
        }
        first = end.saturating_add(1);
    }
    Ok(())
}

fn become_inner_root() -> Result<()> {
    // SAFETY: numbers only; raw calls because there are no other threads for the C library to synchronise with.
    let result = unsafe {
        match libc::syscall(libc::SYS_setresgid, 0, 0, 0) {
            0 => libc::syscall(libc::SYS_setresuid, 0, 0, 0),
            failed => failed,
        }
    };
    if result == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}

fn build_view(birth: &Birth<'_>) -> Result<()> {
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    // In a user namespace the inherited mounts are locked; only a fresh copy can become the root.
    rustix::mount::mount_bind_recursive(birth.root, birth.root)?;
    rustix::process::chdir(birth.root)?;
    let safe = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::mount::mount("proc", "proc", "proc", safe, c"hidepid=2")?;
    for path in &birth.masks.files {
        rustix::mount::mount_bind(c"dev/null", path.as_c_str())?;
    }
    for path in &birth.masks.folders {
        rustix::mount::mount_bind(c"sys", path.as_c_str())?;
    }
    mounts::place(birth.tmp.as_fd(), Path::new("tmp"))?;
    rustix::process::pivot_root(".", ".")?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)?;
    Ok(rustix::process::chdir("/")?)
}

/// Forks the program: it locks itself down, then executes (booted) or waits for what to execute.
fn start_program(birth: &Birth<'_>) -> Result<Pid> {
    fork(|| {
        let (read, _) = &birth.assignment;
        match &birth.boot {
            Some(command) => {
                become_program(birth, &birth.output, Some(read.as_fd()))?;
                execute(command.as_bytes(), "/", birth.fork_orders.is_some())
            }
            None => {
                become_program(birth, &birth.output, None)?;
                let mut command = Vec::new();
                let mut pipe = std::fs::File::from(read.try_clone()?);
                close_from(&pipe)?;
                let _held = hold_memory();
                std::io::Read::read_to_end(&mut pipe, &mut command)?;
                if command.is_empty() {
                    // Process 1 ended without an assignment.
                    return Ok(());
                }
                execute(&command, "/var/task", false)
            }
        }
    })
}

/// Asks another sandbox's program for a fork of itself in here, a child of this process: the pipe for the answer.
///
/// The message is three numbers: whether there is a control group, how many doors, and whether the assignment may take a
/// while. The descriptors are those of the namespaces in [`JOINED`], output, assignment, the pipe for the answer, the
/// control group, the doors. The answer is `P` and the program's process id in here, or `F` and a reason.
fn order_fork(birth: &Birth<'_>, parent: &Parent) -> Result<OwnedFd> {
    let (answer, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    let open =
        |path: &&CStr| rustix::fs::open(*path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let namespaces: Vec<_> = JOINED.iter().map(open).collect::<std::result::Result<_, _>>()?;
    let (assignment, _) = &birth.assignment;
    let ends = [birth.output.as_fd(), assignment.as_fd(), write.as_fd()];
    let groups = parent.group.iter().chain(&birth.doors).map(AsFd::as_fd);
    let files: Vec<_> = namespaces.iter().map(AsFd::as_fd).chain(ends).chain(groups).collect();
    let doors = u8::try_from(birth.doors.len()).map_err(Error::other)?;
    let message = [parent.group.is_some().into(), doors, parent.waits.into()];
    socket::send(parent.orders.as_fd(), &message, &files, SendFlags::empty())?;
    // From now on nobody in here can ask for a fork.
    // SAFETY: this process's copy, whose destructor never runs here.
    unsafe { libc::close(parent.orders.as_raw_fd()) };
    Ok(answer)
}

/// Waits until the program that was ordered is this process's child. It may run under process 1's filter, so it allocates
/// only for an error.
fn await_fork(answer: OwnedFd) -> Result<(Pid, OwnedFd)> {
    let mut told = [0; 512];
    let length = rustix::io::retry_on_intr(|| rustix::io::read(&answer, &mut told))?;
    match told[..length] {
        [b'P', a, b, c, d] => with_pidfd(
            Pid::from_raw(i32::from_ne_bytes([a, b, c, d]))
                .ok_or_else(|| Error::other("the fork has no process id"))?,
        ),
        [b'F', ref reason @ ..] => {
            Err(Error::other(format!("no fork: {}", String::from_utf8_lossy(reason))))
        }
        _ => Err(Error::other("the program to fork has ended")),
    }
}

/// Closes all but the standard descriptors and `kept`: above all the pipe's other end, without which no end is seen.
fn close_from(kept: &impl AsRawFd) -> Result<()> {
    let kept = kept.as_raw_fd().unsigned_abs();
    for (first, last) in [(3, kept - 1), (kept + 1, u32::MAX)] {
        if first <= last {
            // SAFETY: closes descriptors whose owners are copies that this process never runs the destructors of.
            let result = unsafe { libc::close_range(first, last, 0) };
            if result != 0 {
                return Err(Error::last_os_error());
            }
        }
    }
    Ok(())
}

/// Runs `child` in a new process, which ends with it. Its error goes to the sandbox's output, where the host reads it.
fn fork(child: impl FnOnce() -> Result<()>) -> Result<Pid> {
    // SAFETY: the process is single-threaded, so the child may do whatever its parent may.
    match unsafe { libc::fork() } {
        -1 => Err(Error::last_os_error()),
        0 => {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
            exit(match outcome {
                Ok(Ok(())) => 0,
                Ok(Err(error)) => {
                    let _ =
                        rustix::io::write(rustix::stdio::stderr(), format!("{error}\n").as_bytes());
                    if error.kind() == std::io::ErrorKind::NotFound {
                        NOT_FOUND
                    } else {
                        CANNOT_EXECUTE
                    }
                }
                Err(_) => CANNOT_EXECUTE,
            })
        }
        pid => Pid::from_raw(pid).ok_or_else(|| Error::other("no process id")),
    }
}

/// Leaves this process's memory to another one, which ends when what is returned is closed: by `execve`, which would have to
/// take the memory apart before the program begins. The other does nothing but wait. `None` where there is no such thing: then
/// it takes longer.
fn hold_memory() -> Option<OwnedFd> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).ok()?;
    #[cfg(not(target_arch = "x86_64"))]
    let pid = 0;
    #[cfg(target_arch = "x86_64")]
    let mut pid = libc::SYS_clone;
    // A child of process 1, so that the program has none which it has not started.
    #[cfg(target_arch = "x86_64")]
    // SAFETY: the new process shares this one's memory and stack pointer. It uses no stack and writes nowhere: its only read
    // ends without a byte, for nobody writes into the pipe. It ends without coming back here. In this process the call
    // returns as any other.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            // close(write); read(read, stack, 1); exit(0)
            "mov edi, r13d",
            "mov eax, 3",
            "syscall",
            "mov edi, r12d",
            "lea rsi, [rsp - 256]",
            "mov edx, 1",
            "xor eax, eax",
            "syscall",
            "xor edi, edi",
            "mov eax, 60",
            "syscall",
            "ud2",
            "2:",
            inlateout("rax") pid,
            in("rdi") libc::CLONE_VM | libc::CLONE_PARENT,
            in("rsi") 0,
            in("rdx") 0,
            in("r10") 0,
            in("r8") 0,
            in("r12") read.as_raw_fd(),
            in("r13") write.as_raw_fd(),
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    if pid <= 0 {
        return None;
    }
    // It wakes up as the program begins, often on the same processor, and shall not go first.
    let lowest = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to what lives beyond the call. An error leaves it as it is.
    unsafe { libc::sched_setscheduler(pid as libc::pid_t, libc::SCHED_IDLE, &lowest) };
    Some(write)
}

/// Standard descriptors, then everything of [`lockdown::become_program`].
fn become_program(
    birth: &Birth<'_>,
    output: &OwnedFd,
    assignment: Option<BorrowedFd<'_>>,
) -> Result<()> {
    let null = rustix::fs::open("/dev/null", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
    let output = output.as_raw_fd();
    let mut pairs = vec![(null.as_raw_fd(), 0), (output, 1), (output, 2)];
    pairs.extend(assignment.map(|pipe| (pipe.as_raw_fd(), ASSIGNMENT_FD)));
    let orders = birth.fork_orders.as_ref().filter(|_| assignment.is_some());
    pairs.extend(orders.map(|orders| (orders.as_raw_fd(), FORK_ORDERS_FD)));
    // First out of the way of the targets: a source may itself be one of them.
    for (source, _) in &mut pairs {
        // SAFETY: duplicates a descriptor to a free number of at least 16.
        *source = unsafe { libc::fcntl(*source, libc::F_DUPFD_CLOEXEC, 16) };
        if *source < 0 {
            return Err(Error::last_os_error());
        }
    }
    for (source, target) in pairs {
        // SAFETY: both numbers are valid; the target's former owner is a copy whose destructor never runs here.
        if unsafe { libc::dup2(source, target) } < 0 {
            return Err(Error::last_os_error());
        }
    }
    std::mem::forget(null);
    Ok(lockdown::become_program(birth.identity, birth.filters, birth.offspring)?)
}

/// Executes a command line (see `sandbox::spec::command_line`) in `directory`. Returns only if it did not come so far as to
/// try.
fn execute(command: &[u8], directory: &str, takes_orders: bool) -> Result<()> {
    let (argv, environment) = split_command(command);
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let program = argv.first().ok_or_else(|| Error::other("no program to execute"))?;
    let (arguments, variables) = (pointers(&argv), pointers(&environment));
    rustix::process::chdir(directory)?;
    // Whatever else is open here closes on exec.
    // SAFETY: closing on exec touches no descriptor now.
    unsafe {
        let first = FORK_ORDERS_FD.unsigned_abs() + u32::from(takes_orders);
        libc::close_range(first, u32::MAX, libc::CLOSE_RANGE_CLOEXEC as i32)
    };
    // SAFETY: three pointers to texts and lists that end with zero and outlive the call.
    unsafe { libc::execve(program.as_ptr(), arguments.as_ptr(), variables.as_ptr()) };
    let error = Error::last_os_error();
    let told = lines::not_executed(&program.to_string_lossy(), &error);
    let _ = rustix::io::write(rustix::stdio::stdout(), &told);
    exit(if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_EXECUTE })
}

/// The arguments and the environment of a command line.
fn split_command(command: &[u8]) -> (Vec<CString>, Vec<CString>) {
    // Each text ends with a zero byte, so what follows the last one is no text.
    let mut texts = command
        .split_inclusive(|byte| *byte == 0)
        .filter_map(|text| CString::from_vec_with_nul(text.into()).ok());
    let count = texts.next().and_then(|count| count.to_str().ok()?.parse().ok()).unwrap_or(0);
    (texts.by_ref().take(count).collect(), texts.collect())
}

/// Waits for the assignment; `None` when there is none to come: the program ended or the spawner did.
fn await_orders(
    birth: &Birth<'_>,
    begun: Option<&(Pid, OwnedFd)>,
    buffer: &mut [u8],
) -> Result<Option<(usize, Vec<OwnedFd>)>> {
    let mut watched = vec![PollFd::new(&birth.control, PollFlags::IN)];
    watched.extend(begun.map(|(_, pidfd)| PollFd::new(pidfd, PollFlags::IN)));
    rustix::io::retry_on_intr(|| poll(&mut watched, None))?;
    if let Some((program, _)) = begun.filter(|_| watched[0].revents().is_empty()) {
        let ended = rustix::process::waitpid(Some(*program), WaitOptions::empty())?;
        report(birth, Report::Ended(ended.map_or(0, |(_, status)| status.as_raw())))?;
        return Ok(None);
    }
    let (length, trees) = socket::receive(birth.control.as_fd(), buffer, RecvFlags::empty())?;
    Ok((length > 0).then_some((length, trees)))
}

/// What [`obey`] has made ready.
struct Assigned {
    /// Extensions, locked down; they wait for the end of `gate`.
    children: Vec<Pid>,
    gate: Option<OwnedFd>,
}

/// Puts the mounts in place and starts the extensions, which wait.
fn obey(birth: &Birth<'_>, message: &[u8], mut trees: Vec<OwnedFd>) -> Result<Assigned> {
    let malformed = || Error::other("the spawner's orders are malformed");
    let (flags, texts) = message.split_first().ok_or_else(malformed)?;
    let texts = decode_texts(texts).ok_or_else(malformed)?;
    let (environment, extensions) = texts.split_first().ok_or_else(malformed)?;
    let extension_output = if flags & HAS_OUTPUT == 0 { None } else { trees.pop() };
    let output = extension_output.as_ref().unwrap_or(&birth.output);
    let places = if flags & HAS_CODE == 0 { &["/opt"][..] } else { &["/var/task", "/opt"] };
    for (tree, place) in trees.iter().zip(places) {
        mounts::place(tree.as_fd(), Path::new(place))?;
    }
    drop(trees);
    let mut children = Vec::new();
    if extensions.is_empty() {
        return Ok(Assigned { children, gate: None });
    }
    let (waiting, gate) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    for arguments in extensions {
        children.push(fork(|| {
            // SAFETY: this process's copy of the other end, whose destructor never runs here.
            unsafe { libc::close(gate.as_raw_fd()) };
            become_program(birth, output, None)?;
            rustix::io::retry_on_intr(|| rustix::io::read(&waiting, &mut [0; 1]))?;
            execute(&[*arguments, *environment].concat(), "/", false)
        })?);
    }
    Ok(Assigned { children, gate: Some(gate) })
}

/// Lets the program's assignment end, as far as it is up to process 1, and opens the extensions' gate. Runs under process
/// 1's filter: it must not allocate.
fn let_go(birth: &Birth<'_>, assigned: Assigned) -> Vec<Pid> {
    drop(assigned.gate);
    let (_, write) = &birth.assignment;
    // SAFETY: the only owner is `birth`, whose destructor never runs: this process ends with `_exit`.
    drop(unsafe { OwnedFd::from_raw_fd(write.as_raw_fd()) });
    assigned.children
}

/// Reaps until the program and the extensions have ended; the end of process 1 then ends everything else inside.
/// Extensions may outlive the program: they have a last event to handle.
fn reap(birth: &Birth<'_>, program: Pid, extensions: &[Pid]) -> Result<()> {
    // A bit each, at most ten; ids may be used again by what descends from them.
    let (mut program_runs, mut left) = (true, (1_u32 << extensions.len().min(31)) - 1);
    while program_runs || left > 0 {
        let Some((pid, status)) =
            rustix::io::retry_on_intr(|| rustix::process::wait(WaitOptions::empty()))?
        else {
            continue;
        };
        if pid == program && program_runs {
            program_runs = false;
            report(birth, Report::Ended(status.as_raw()))?;
        }
        let ended = extensions.iter().position(|extension| *extension == pid);
        if let Some(extension) = ended.filter(|extension| left & 1 << extension != 0) {
            left &= !(1 << extension);
            let extension = u8::try_from(extension).unwrap_or(u8::MAX);
            report(birth, Report::ExtensionEnded(extension, status.as_raw()))?;
        }
    }
    Ok(())
}

/// The status of a program that `Report::Ended` names.
pub fn exit_status(raw: i32) -> crate::ExitStatus {
    let exited = libc::WIFEXITED(raw);
    crate::ExitStatus {
        code: exited.then(|| libc::WEXITSTATUS(raw)),
        signal: (!exited).then(|| libc::WTERMSIG(raw)),
        out_of_memory: false,
    }
}
