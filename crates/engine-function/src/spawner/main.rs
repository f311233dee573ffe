//! The spawner process: one thread, one loop, no secrets.

use std::fs::File;
use std::io::{Error, Result};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::exit;

use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, sockopt};
use rustix::thread::{CapabilitySet, UnshareFlags, unshare_unsafe};

use super::cgroup::Hierarchies;
use super::netns::Networks;
use super::protocol::{Event, MESSAGE_BYTES_MAX, Request, SOCKET_BYTES};
use super::root::{self, Masks};
use super::sandboxes::{Host, Sandboxes, Source};
use super::seccomp::Filters;
use super::{HostCapabilities, socket};

/// Sources handled before the loop looks at the clock again.
const EVENTS_MAX: usize = 64;

/// The pool of networks is filled when nothing has been asked for this long: it takes as long as creating a sandbox.
const REFILL_AFTER_MS: i64 = 2;

/// How often what has no event is looked at: control groups not yet empty, memory on version 1.
const CHORES_MS: i64 = 100;

/// Entry of the hidden subcommand `nuage __spawner`: call it first in `main`, before any thread or runtime exists.
/// Standard input is the host's socket. Never returns.
pub fn spawner_main() -> ! {
    match run() {
        Ok(()) => exit(0),
        Err(error) => {
            eprintln!("the spawner of functions failed: {error}");
            exit(1)
        }
    }
}

fn run() -> Result<()> {
    let host = take_socket()?;
    // Away from the terminal's signals: the host decides when to end. (It may be the leader of its group already.)
    let _ = rustix::process::setsid();
    super::lockdown::reset_signals();
    do_not_preempt();
    let _ = rustix::thread::set_name(c"nuage-spawner");
    let mut buffer = vec![0; MESSAGE_BYTES_MAX];
    let (length, _) = socket::receive(host.as_fd(), &mut buffer, RecvFlags::empty())?;
    let Ok(Request::Configure { state_dir, endpoint_port }) =
        serde_json::from_slice(&buffer[..length])
    else {
        return Err(Error::other("the first message is not the configuration"));
    };
    match prepare(&state_dir, endpoint_port) {
        Ok((capabilities, sandboxes)) => {
            tell(&host, &Event::Ready { capabilities })?;
            serve(host, sandboxes, buffer)
        }
        Err(error) => tell(&host, &Event::Unable { reason: error.to_string() }),
    }
}

/// What wakes up here, and in all that is started from here, waits for its turn on a busy processor. The host does not,
/// so callers get their answers first. Ten busy environments on two processors answer a tenth more: much of the work was
/// interrupting one function for another.
fn do_not_preempt() {
    let lowest = libc::sched_param { sched_priority: 0 };
    // SAFETY: the pointer is to what lives beyond the call. An error leaves things as they are.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &lowest) };
}

/// Moves the host's socket from standard input to a descriptor that closes on exec, and closes everything inherited.
fn take_socket() -> Result<OwnedFd> {
    let host = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?;
    let null = File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    drop(null);
    if let Ok(first) = u32::try_from(std::os::fd::AsRawFd::as_raw_fd(&host)) {
        for (from, to) in [(3, first - 1), (first + 1, u32::MAX)] {
            if from <= to {
                // SAFETY: nothing in this process has opened a descriptor yet but `host`, which is left out.
                unsafe { libc::close_range(from, to, 0) };
            }
        }
    }
    sockopt::set_socket_send_buffer_size(&host, SOCKET_BYTES)?;
    Ok(host)
}

fn tell(host: &OwnedFd, event: &Event) -> Result<()> {
    let message = serde_json::to_vec(event)?;
    Ok(socket::send(host.as_fd(), &message, &[], SendFlags::empty())?)
}

fn prepare(state_dir: &Path, endpoint_port: u16) -> Result<(HostCapabilities, Sandboxes)> {
    let told = |what: &str, error: Error| Error::new(error.kind(), format!("{what}: {error}"));
    let root = is_root()?;
    // The groups first: as root of a user namespace they could no longer be opened.
    let hierarchies = Hierarchies::prepare(&instance_name(state_dir));
    separate(root).map_err(|error| told(NO_NAMESPACES, error))?;
    root::enter_private_mounts(state_dir)
        .map_err(|error| told("Cannot set up private mounts", error))?;
    let networks = Networks::new(endpoint_port)?;
    let filters = Filters::compile().map_err(Error::other)?;
    let mut capabilities = HostCapabilities {
        root,
        cgroups: hierarchies.kind().to_owned(),
        memory: hierarchies.memory.is_some(),
        cpu: hierarchies.cpu.is_some(),
        pids: hierarchies.pids.is_some(),
        freeze: hierarchies.freezer.is_some(),
        seccomp: true,
        missing: hierarchies.missing.clone(),
    };
    if !root {
        capabilities.missing.push(
            "Not run as root: all sandboxes share this user's id on the host, so only namespaces stand between them."
                .to_owned(),
        );
    }
    let host = Host {
        state_dir: state_dir.to_owned(),
        root,
        hierarchies,
        filters,
        masks: Masks::detect(),
    };
    let sandboxes = Sandboxes::new(host, networks)?;
    Ok((capabilities, sandboxes))
}

const NO_NAMESPACES: &str = "This host refuses namespaces to this user (are user namespaces allowed: sysctl \
    user.max_user_namespaces, kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns?)";

/// Root that may really administer, not root of some container.
fn is_root() -> Result<bool> {
    let sets = rustix::thread::capabilities(None)?;
    let needed = CapabilitySet::SYS_ADMIN
        | CapabilitySet::SETUID
        | CapabilitySet::SETGID
        | CapabilitySet::MKNOD;
    Ok(rustix::process::geteuid().is_root() && sets.effective.contains(needed))
}

/// Leaves the host's mount namespace; an unprivileged spawner first becomes root of a user namespace of its own.
fn separate(root: bool) -> Result<()> {
    let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
    let private = UnshareFlags::NEWNS;
    let flags = if root { private } else { private | UnshareFlags::NEWUSER | UnshareFlags::NEWNET };
    // SAFETY: only CLONE_FILES may break soundness.
    unsafe { unshare_unsafe(flags)? };
    if !root {
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("0 {uid} 1\n"))?;
        std::fs::write("/proc/self/gid_map", format!("0 {gid} 1\n"))?;
    }
    Ok(())
}

/// The name of this instance's control groups: stable over restarts, different for another state directory.
fn instance_name(state_dir: &Path) -> String {
    // FNV-1a, 64 bits: no secret, no adversary, only a short name.
    let path = state_dir.canonicalize().unwrap_or_else(|_| state_dir.to_owned());
    let hash =
        path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("nuage-{hash:016x}")
}

/// Serves the host until it closes its end.
fn serve(host: OwnedFd, mut sandboxes: Sandboxes, mut buffer: Vec<u8>) -> Result<()> {
    sandboxes.watch(&host, Source::Host)?;
    let mut events = Vec::with_capacity(EVENTS_MAX);
    let mut chores_ms = monotonic_ms();
    loop {
        let pause = |milliseconds| Timespec { tv_sec: 0, tv_nsec: milliseconds * 1_000_000 };
        let timeout = match (sandboxes.wants_refill(), sandboxes.is_idle()) {
            (true, _) => Some(pause(REFILL_AFTER_MS)),
            (false, true) => None,
            (false, false) => Some(pause(CHORES_MS)),
        };
        events.clear();
        match epoll::wait(
            sandboxes.epoll(),
            rustix::buffer::spare_capacity(&mut events),
            timeout.as_ref(),
        ) {
            Err(Errno::INTR) => continue,
            result => result?,
        };
        if events.is_empty() {
            // Nobody waits for an answer: the time for what is slow.
            sandboxes.refill();
        }
        for event in &events {
            let data = event.data;
            match Source::decode(data.u64()) {
                Source::Host => {
                    if !take_request(&host, &mut sandboxes, &mut buffer)? {
                        sandboxes.end();
                        return Ok(());
                    }
                }
                source => sandboxes.on_event(source, &mut buffer),
            }
        }
        let now_ms = monotonic_ms();
        if now_ms - chores_ms >= CHORES_MS {
            chores_ms = now_ms;
            sandboxes.chores();
        }
        if !sandboxes.flush(&host)? {
            sandboxes.end();
            return Ok(());
        }
    }
}

fn monotonic_ms() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec * 1_000 + now.tv_nsec / 1_000_000
}

/// Takes what the host has sent; false at its end. Every sandbox then dies with this process.
fn take_request(host: &OwnedFd, sandboxes: &mut Sandboxes, buffer: &mut [u8]) -> Result<bool> {
    loop {
        let length = match socket::receive(host.as_fd(), buffer, RecvFlags::DONTWAIT) {
            Err(Errno::AGAIN) => return Ok(true),
            Err(Errno::CONNRESET) | Ok((0, _)) => return Ok(false),
            Err(errno) => return Err(errno.into()),
            Ok((length, _)) => length,
        };
        match serde_json::from_slice(&buffer[..length])? {
            Request::Configure { .. } => return Err(Error::other("configured twice")),
            Request::Create { id, spec } => sandboxes.create(id, spec),
            Request::Assign { id, assignment } => sandboxes.assign(id, &assignment),
            Request::EndInit { id } => sandboxes.end_init(id),
            Request::Signal { id, signal } => sandboxes.signal(id, signal),
            Request::Socket { id } => sandboxes.socket(id),
            Request::Kill { id } => sandboxes.kill(id),
        }
    }
}
