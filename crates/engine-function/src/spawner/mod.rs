//! The host's side of the spawner, and the spawner itself in the modules below.

mod cgroup;
mod descriptors;
mod lockdown;
pub mod main;
mod mounts;
mod namespaces;
mod netns;
pub(crate) mod protocol;
mod root;
mod sandboxes;
mod seccomp;
mod shim;
mod socket;
mod tmp;

/// Exit codes of programs that could not be executed.
pub(crate) mod exit_codes {
    pub(crate) use super::shim::{CANNOT_EXECUTE, NOT_FOUND};
}

use std::collections::HashMap;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use serde::{Deserialize, Serialize};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use crate::sandbox::{ExitStatus, Parts, Progress};
use crate::{Error, Result, RootSpec, Sandbox, SandboxHandle, SandboxSpec};
use protocol::{Event, Request};

/// The hidden subcommand that leads to [`main::spawner_main`].
pub const SUBCOMMAND: &str = "__spawner";

/// Where the spawner works.
#[derive(Clone, Debug)]
pub struct SpawnerConfig {
    /// A folder of the spawner's own; it holds nothing on disk (the spawner mounts memory over it, seen by itself
    /// alone). Its path names this instance's control groups, so two spawners must not share one.
    pub state_dir: PathBuf,
    /// The port inside every sandbox where the cloud's own endpoint is reachable, usually 4566.
    pub endpoint_port: u16,
}

/// What this host offers to sandboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostCapabilities {
    /// The spawner runs as root: every sandbox has user ids of its own on the host.
    pub root: bool,
    /// `"version 2"`, `"hybrid"`, `"version 1"` or `"none"`.
    pub cgroups: String,
    /// Memory can be limited.
    pub memory: bool,
    /// CPU can be limited.
    pub cpu: bool,
    /// The number of processes can be limited by control group (a limit per user id is there always).
    pub pids: bool,
    /// Sandboxes can be frozen between invocations.
    pub freeze: bool,
    /// System calls are filtered. Always so: without it the spawner does not start.
    pub seccomp: bool,
    /// What is missing and what follows from it: whole sentences, for the operator.
    pub missing: Vec<String>,
}

/// The host's side of the spawner. Clones share it; when the last clone and the last sandbox are dropped it ends.
#[derive(Clone, Debug)]
pub struct Spawner {
    connection: Arc<Connection>,
    capabilities: Arc<HostCapabilities>,
    process_id: u32,
    ended: watch::Receiver<bool>,
}

/// Every sandbox that has not ended. `None`: the spawner has, so nothing may be added.
type Table = Option<HashMap<u64, Arc<Progress>>>;

/// The socket and who waits for what.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: Arc<AsyncFd<OwnedFd>>,
    sandboxes: Arc<Mutex<Table>>,
    next: AtomicU64,
}

impl Spawner {
    /// Executes `executable __spawner` (normally `/proc/self/exe`) and waits until it is ready.
    ///
    /// Call it within a tokio runtime. Errors with [`Error::Refused`] and a sentence when this host cannot run
    /// sandboxes at all.
    pub async fn start(executable: &Path, config: SpawnerConfig) -> Result<Self> {
        let system = |action| move |source| Error::System { action, source };
        let (ours, theirs) =
            socket::pair().map_err(|errno| system("making a socket pair")(errno.into()))?;
        rustix::net::sockopt::set_socket_send_buffer_size(&ours, protocol::SOCKET_BYTES)
            .map_err(|errno| system("setting a socket's buffer")(errno.into()))?;
        let child = start_process(executable, theirs).map_err(system("starting the spawner"))?;
        let process_id = child.id();
        // SAFETY: an `OwnedFd` always names the same open socket, which it owns until it is dropped.
        let socket = unsafe {
            AsyncFd::register_with_interest(ours, Interest::READABLE | Interest::WRITABLE)
        }
        .map_err(|error| system("registering the spawner's socket")(error.into()))?;
        let socket = Arc::new(socket);
        let sandboxes = Arc::new(Mutex::new(Some(HashMap::new())));
        let connection = Connection {
            socket: Arc::clone(&socket),
            sandboxes: Arc::clone(&sandboxes),
            next: 1.into(),
        };
        let configure =
            Request::Configure { state_dir: config.state_dir, endpoint_port: config.endpoint_port };
        connection.send(&configure).await?;
        let mut buffer = vec![0; protocol::MESSAGE_BYTES_MAX];
        let first = receive(&socket, &mut buffer).await;
        let capabilities = match first {
            Some((Event::Ready { capabilities }, _)) => capabilities,
            Some((Event::Unable { reason }, _)) => return Err(Error::Refused(reason)),
            _ => return Err(Error::SpawnerEnded),
        };
        let (ending, ended) = watch::channel(false);
        #[expect(
            clippy::disallowed_methods,
            reason = "ends by itself when the spawner does, which the drop sees to"
        )]
        tokio::spawn(async move {
            read_events(socket, sandboxes, child, buffer).await;
            ending.send_replace(true);
        });
        Ok(Self {
            connection: Arc::new(connection),
            capabilities: Arc::new(capabilities),
            process_id,
            ended,
        })
    }

    /// Ends the spawner with every sandbox, and completes when its process is gone and has removed its control groups.
    pub async fn shut_down(&self) {
        self.connection.close();
        self.ended().await;
    }

    /// Whether its process, and with it every sandbox, has ended.
    pub fn has_ended(&self) -> bool {
        self.connection.sandboxes.lock().is_none()
    }

    /// Completes when its process is gone.
    pub async fn ended(&self) {
        let mut ended = self.ended.clone();
        // An error means that the runtime is going, and the process with it.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Makes a sandbox: booted or waiting, see [`SandboxSpec::boot`].
    pub async fn create(&self, spec: SandboxSpec) -> Result<Sandbox> {
        let id = self.connection.next.fetch_add(1, Ordering::Relaxed);
        let booted = spec.boot.is_some() || spec.parent.is_some();
        let progress = Arc::new(Progress::new());
        let answer = progress.expect_answer()?;
        self.connection
            .sandboxes
            .lock()
            .as_mut()
            .ok_or(Error::SpawnerEnded)?
            .insert(id, Arc::clone(&progress));
        // When the caller gives up while the spawner works, the sandbox must not stay.
        let guard = Unclaimed { id, connection: &self.connection };
        self.connection.send(&Request::Create { id, spec }).await?;
        let parts = answer.await.map_err(|_| Error::SpawnerEnded)??;
        let parts = parts.ok_or(Error::SpawnerEnded)?;
        std::mem::forget(guard);
        Sandbox::new(id, booted, Arc::clone(&self.connection), progress, parts)
    }

    /// Makes a sandbox with this root whose program is a fork of `parent`'s, and which waits for its assignment like a
    /// booted one. It ends with its parent; the parent lives at least as long as the handle of the last fork.
    ///
    /// Errors with [`Error::Refused`] when the parent does not fork, and needs a spawner that is root.
    pub async fn fork(&self, parent: &Arc<SandboxHandle>, root: RootSpec) -> Result<Sandbox> {
        self.below(parent, SandboxSpec { root, ..SandboxSpec::default() }).await
    }

    /// Likewise, while nobody has asked for the sandbox yet: what is forked into it may prepare itself.
    pub async fn fork_for_later(
        &self,
        parent: &Arc<SandboxHandle>,
        root: RootSpec,
    ) -> Result<Sandbox> {
        self.below(parent, SandboxSpec { root, for_later: true, ..SandboxSpec::default() }).await
    }

    /// Likewise, but `parent` forks when the sandbox is assigned: until then it may stand still, and the sandbox has no
    /// program.
    pub async fn fork_at_assignment(
        &self,
        parent: &Arc<SandboxHandle>,
        root: RootSpec,
    ) -> Result<Sandbox> {
        let forked_at_assignment = true;
        self.below(parent, SandboxSpec { root, forked_at_assignment, ..SandboxSpec::default() })
            .await
    }

    async fn below(&self, parent: &Arc<SandboxHandle>, spec: SandboxSpec) -> Result<Sandbox> {
        let spec = SandboxSpec { parent: Some(parent.id()), ..spec };
        let mut sandbox = self.create(spec).await?;
        sandbox.handle.set_parent(Arc::clone(parent));
        Ok(sandbox)
    }

    /// The spawner's process id, for the operator.
    pub fn process_id(&self) -> u32 {
        self.process_id
    }

    /// What this host offers and lacks.
    pub fn capabilities(&self) -> &HostCapabilities {
        &self.capabilities
    }

    /// The same, shared.
    pub(crate) fn capabilities_shared(&self) -> Arc<HostCapabilities> {
        Arc::clone(&self.capabilities)
    }
}

/// Kills a sandbox whose creator went away.
struct Unclaimed<'a> {
    id: u64,
    connection: &'a Connection,
}

impl Drop for Unclaimed<'_> {
    fn drop(&mut self) {
        self.connection.send_now(&Request::Kill { id: self.id });
    }
}

fn start_process(executable: &Path, socket: OwnedFd) -> std::io::Result<Child> {
    #[expect(clippy::disallowed_methods, reason = "this crate is the owner of the spawner process")]
    let mut command = Command::new(executable);
    // Nothing of the host's environment: it may hold secrets, and what runs in sandboxes descends from this process.
    command
        .arg(SUBCOMMAND)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(socket))
        .stdout(Stdio::null());
    // No huge pages, which an allocator may like: every sandbox begins as a copy of this process. See `shim::run`.
    // SAFETY: numbers only; what fails leaves things as they are.
    unsafe {
        command.pre_exec(|| {
            libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
            Ok(())
        });
    }
    command.spawn()
}

impl Connection {
    /// Sends when there is room.
    pub(crate) async fn send(&self, request: &Request) -> Result<()> {
        let message = encode(request)?;
        loop {
            let mut guard = self.socket.writable().await.map_err(|_| Error::SpawnerEnded)?;
            match socket::send(self.socket.get_ref().as_fd(), &message, &[], SendFlags::DONTWAIT) {
                Err(Errno::AGAIN) => guard.clear_ready(),
                Err(_) => return Err(Error::SpawnerEnded),
                Ok(()) => return Ok(()),
            }
        }
    }

    /// Sends at once, for a drop. The spawner never waits for the host, so a full socket empties within microseconds.
    pub(crate) fn send_now(&self, request: &Request) {
        if let Ok(message) = encode(request) {
            // An error means that the spawner has ended, and the sandbox with it.
            let _ = socket::send(self.socket.get_ref().as_fd(), &message, &[], SendFlags::empty());
        }
    }
}

fn encode(request: &Request) -> Result<Vec<u8>> {
    let message =
        serde_json::to_vec(request).map_err(|error| Error::OutOfBounds(error.to_string()))?;
    if message.len() > protocol::MESSAGE_BYTES_MAX {
        return Err(Error::OutOfBounds("the request to the spawner is too long".to_owned()));
    }
    Ok(message)
}

impl Connection {
    /// The reading task keeps the socket open; this tells the spawner, and through its end that task, to stop.
    fn close(&self) {
        let _ = rustix::net::shutdown(self.socket.get_ref(), rustix::net::Shutdown::Both);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}

/// The next event with its descriptors; `None` when the spawner has ended.
async fn receive(socket: &AsyncFd<OwnedFd>, buffer: &mut [u8]) -> Option<(Event, Vec<OwnedFd>)> {
    loop {
        let mut guard = socket.readable().await.ok()?;
        match socket::receive(socket.get_ref().as_fd(), buffer, RecvFlags::DONTWAIT) {
            Err(Errno::AGAIN) => guard.clear_ready(),
            Err(_) | Ok((0, _)) => return None,
            Ok((length, files)) => {
                return serde_json::from_slice(&buffer[..length]).ok().map(|event| (event, files));
            }
        }
    }
}

/// Tells each sandbox what the spawner says about it, until the spawner ends.
async fn read_events(
    socket: Arc<AsyncFd<OwnedFd>>,
    sandboxes: Arc<Mutex<Table>>,
    mut child: Child,
    mut buffer: Vec<u8>,
) {
    while let Some((event, files)) = receive(&socket, &mut buffer).await {
        let find = |id: u64| sandboxes.lock().as_ref()?.get(&id).cloned();
        match event {
            Event::Created { id, files: roles } => {
                let parts = Parts { files: roles.into_iter().zip(files).collect() };
                if let Some(progress) = find(id) {
                    progress.deliver(Ok(Some(parts)));
                }
            }
            Event::Assigned { id, files: roles } => {
                let parts = Parts { files: roles.into_iter().zip(files).collect() };
                if let Some(progress) = find(id) {
                    progress.deliver(Ok(Some(parts)));
                }
            }
            Event::Socket { id } => {
                if let Some(progress) = find(id) {
                    progress.deliver_socket(files.into_iter().next());
                }
            }
            Event::Refused { id, reason } => {
                if let Some(progress) = find(id) {
                    progress.deliver(Err(Error::Refused(reason)));
                }
            }
            Event::ExtensionEnded { id, extension, status } => {
                if let Some(progress) = find(id) {
                    progress.extensions_ended.send_modify(|ended| ended.push((extension, status)));
                }
            }
            Event::ProgramEnded { id, status } => {
                if let Some(progress) = find(id) {
                    progress.program_ended.send_replace(Some(status));
                }
            }
            Event::Ended { id, status, failure } => {
                let progress = sandboxes.lock().as_mut().and_then(|table| table.remove(&id));
                if let Some(progress) = progress {
                    progress.end(status, failure);
                }
            }
            Event::Ready { .. } | Event::Unable { .. } => {
                tracing::error!("the spawner introduced itself twice")
            }
        }
    }
    let rest = sandboxes.lock().take();
    for (_, progress) in rest.into_iter().flatten() {
        progress.end(ExitStatus { signal: Some(libc::SIGKILL), ..ExitStatus::default() }, None);
    }
    drop(socket);
    let reaped = tokio::task::spawn_blocking(move || child.wait()).await;
    tracing::debug!(?reaped, "the spawner has ended");
}
