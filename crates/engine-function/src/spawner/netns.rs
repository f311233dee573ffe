//! Network namespaces made ahead of time: each has only a loopback with the host's two listeners on it.
//!
//! A listener belongs to the namespace it was bound in, whoever accepts on it: so the host serves the Runtime API inside
//! a sandbox without any packet leaving that sandbox.

use std::collections::VecDeque;
use std::io::{Error, Result};
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};

/// Where the Runtime API listens inside, as on AWS.
pub const RUNTIME_API_PORT: u16 = 9001;

/// Namespaces kept ready.
const READY: usize = 8;

/// One network namespace and the listeners in it.
#[derive(Debug)]
pub struct Network {
    pub namespace: OwnedFd,
    pub runtime_api: TcpListener,
    pub endpoint: TcpListener,
}

/// The pool.
#[derive(Debug)]
pub struct Networks {
    /// The spawner's own, where it returns to.
    home: OwnedFd,
    endpoint_port: u16,
    ready: VecDeque<Network>,
}

impl Networks {
    pub fn new(endpoint_port: u16) -> Result<Self> {
        Ok(Self { home: current()?, endpoint_port, ready: VecDeque::new() })
    }

    /// One from the pool, or a new one.
    pub fn take(&mut self) -> Result<Network> {
        match self.ready.pop_front() {
            Some(network) => Ok(network),
            None => self.make(),
        }
    }

    /// Adds one to the pool; false when it is full. About half a millisecond, so it is done while nobody waits.
    pub fn refill(&mut self) -> Result<bool> {
        if self.ready.len() >= READY {
            return Ok(false);
        }
        let network = self.make()?;
        self.ready.push_back(network);
        Ok(true)
    }

    /// Enters `namespace` until [`Self::leave`], so that a child is born in it.
    pub fn enter(&self, namespace: BorrowedFd<'_>) -> Result<()> {
        Ok(move_into_link_name_space(namespace, Some(LinkNameSpaceType::Network))?)
    }

    pub fn leave(&self) -> Result<()> {
        self.enter(self.home.as_fd())
    }

    /// A TCP socket in the network of a process that has not been reaped.
    pub fn socket_of(&self, process: rustix::process::Pid) -> Result<OwnedFd> {
        let path = format!("/proc/{}/ns/net", process.as_raw_nonzero());
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let namespace = rustix::fs::open(path, flags, Mode::empty())?;
        self.enter(namespace.as_fd())?;
        let socket = rustix::net::socket_with(
            rustix::net::AddressFamily::INET,
            rustix::net::SocketType::STREAM,
            rustix::net::SocketFlags::CLOEXEC | rustix::net::SocketFlags::NONBLOCK,
            None,
        );
        self.leave()?;
        Ok(socket?)
    }

    fn make(&self) -> Result<Network> {
        // SAFETY: only CLONE_FILES may break soundness; a network namespace does not touch descriptors.
        unsafe { unshare_unsafe(UnshareFlags::NEWNET)? };
        let network = furnish(self.endpoint_port).and_then(|listeners| {
            let Listeners { runtime_api, endpoint } = listeners;
            Ok(Network { namespace: current()?, runtime_api, endpoint })
        });
        self.leave()?;
        network
    }

    pub fn endpoint_port(&self) -> u16 {
        self.endpoint_port
    }
}

/// The host's two listeners in a sandbox's network.
#[derive(Debug)]
pub struct Listeners {
    pub runtime_api: TcpListener,
    pub endpoint: TcpListener,
}

/// Makes a new network namespace, which the caller is in, what every sandbox's is.
pub fn furnish(endpoint_port: u16) -> Result<Listeners> {
    raise_loopback()?;
    let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    Ok(Listeners { runtime_api: listen(RUNTIME_API_PORT)?, endpoint: listen(endpoint_port)? })
}

fn current() -> Result<OwnedFd> {
    Ok(rustix::fs::open(
        "/proc/thread-self/ns/net",
        OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )?)
}

fn raise_loopback() -> Result<()> {
    let socket = rustix::net::socket_with(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        rustix::net::SocketFlags::CLOEXEC,
        None,
    )?;
    let flags = i16::try_from(libc::IFF_UP | libc::IFF_RUNNING).map_err(Error::other)?;
    // SAFETY: all zeroes is a valid ifreq: an empty name and no flags.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(*b"lo") {
        *to = from.cast_signed() as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = flags;
    // SAFETY: SIOCSIFFLAGS reads one ifreq, which outlives the call.
    let result =
        unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as _, &raw const request) };
    if result == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}
