//! The host's handle on one sandbox.

use std::collections::VecDeque;
use std::fs::File;
use std::net::TcpListener;
use std::ops::Deref;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::pipe::Sender;
use tokio::sync::{oneshot, watch};

use super::{Assignment, arguments, variables};
use crate::spawner::Connection;
use crate::spawner::protocol::{AssignmentMessage, FileRole, Request};
use crate::{Error, Result};

/// What concerns the runtime's process alone, so that extensions do not see it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html#runtimes-extensions-api-reg>
const RUNTIME_VARIABLES: [&str; 10] = [
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_XRAY_CONTEXT_MISSING",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_AWS_XRAY_DAEMON_ADDRESS",
    "_AWS_XRAY_DAEMON_PORT",
    "_HANDLER",
];

/// How a sandbox's program ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitStatus {
    /// The exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it. A sandbox that was killed reports 9.
    pub signal: Option<i32>,
    /// Memory ran out: its processes needed more than `memory_mib`.
    pub out_of_memory: bool,
}

/// What a sandbox has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Most memory in use at once since the start or [`SandboxHandle::reset_memory_peak`], in bytes. Files in `/tmp` and
    /// the page cache count, so it may exceed `memory_mib`. 0 on a host without a memory controller.
    pub memory_peak_bytes: u64,
    /// Processor time of everything inside, in microseconds. 0 on a host without a CPU controller.
    pub cpu_us: u64,
}

/// A running sandbox: its listeners, its output and its handle. Dropping the handle kills it.
#[derive(Debug)]
pub struct Sandbox {
    /// Listens on 127.0.0.1:9001 inside; non-blocking.
    pub runtime_api: TcpListener,
    /// Listens on 127.0.0.1:`endpoint_port` inside; non-blocking.
    pub endpoint: TcpListener,
    /// The pipe that is standard output and standard error of everything inside; ends when all of it is gone.
    pub output: OwnedFd,
    /// Assigns, freezes, kills.
    pub handle: SandboxHandle,
}

impl Deref for Sandbox {
    type Target = SandboxHandle;

    fn deref(&self) -> &SandboxHandle {
        &self.handle
    }
}

/// The host's end of one sandbox's life. Dropping it kills the sandbox.
#[derive(Debug)]
pub struct SandboxHandle {
    id: u64,
    booted: bool,
    connection: Arc<Connection>,
    progress: Arc<Progress>,
    freeze: Option<(File, FileRole)>,
    peak: Option<(File, FileRole)>,
    cpu: Option<(File, FileRole)>,
    /// Where the program's assignment is written; None once it has been released.
    assignment: Mutex<Option<OwnedFd>>,
    /// The sandbox whose program this one's is a fork of. Last, so that it is dropped after this one was killed.
    parent: Option<Arc<SandboxHandle>>,
}

/// A sandbox that is being bound to a function: mounts, limits and extensions.
#[derive(Debug)]
pub(crate) struct Binding(oneshot::Receiver<Result<Option<Parts>>>);

impl Binding {
    /// Waits until it is; where there are extensions, for the pipe that they print to. Errors as
    /// [`SandboxHandle::assign`] does.
    pub(crate) async fn whole(self) -> Result<Option<OwnedFd>> {
        let parts = self.0.await.map_err(|_| Error::SandboxEnded)??;
        let mut files = parts.into_iter().flat_map(|parts| parts.files);
        Ok(files.find(|(role, _)| *role == FileRole::ExtensionOutput).map(|(_, file)| file))
    }
}

/// What the spawner has said about one sandbox.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Taken by the answer to the request under way: creation, then assignment.
    pub answer: Mutex<Option<oneshot::Sender<Result<Option<Parts>>>>>,
    /// Those who wait for a socket, the first first.
    sockets: Mutex<VecDeque<oneshot::Sender<OwnedFd>>>,
    /// Set once.
    pub ended: watch::Sender<Option<ExitStatus>>,
    /// The program ended before its extensions.
    pub program_ended: watch::Sender<Option<ExitStatus>>,
    /// The extensions that ended, in their order, and how.
    pub extensions_ended: watch::Sender<Vec<(usize, ExitStatus)>>,
}

/// The descriptors of a created sandbox.
#[derive(Debug)]
pub(crate) struct Parts {
    pub files: Vec<(FileRole, OwnedFd)>,
}

impl Sandbox {
    pub(crate) fn new(
        id: u64,
        booted: bool,
        connection: Arc<Connection>,
        progress: Arc<Progress>,
        parts: Parts,
    ) -> Result<Self> {
        let (mut runtime_api, mut endpoint, mut output) = (None, None, None);
        let mut handle = SandboxHandle {
            id,
            booted,
            connection,
            progress,
            freeze: None,
            peak: None,
            cpu: None,
            assignment: Mutex::default(),
            parent: None,
        };
        for (role, file) in parts.files {
            match role {
                FileRole::RuntimeApi => runtime_api = Some(TcpListener::from(file)),
                FileRole::Endpoint => endpoint = Some(TcpListener::from(file)),
                FileRole::Output => output = Some(file),
                FileRole::Assignment => handle.assignment = Mutex::new(Some(file)),
                // Comes with the assignment.
                FileRole::ExtensionOutput => {}
                FileRole::FreezeUnified | FileRole::FreezeV1 => {
                    handle.freeze = Some((file.into(), role))
                }
                FileRole::PeakUnified | FileRole::PeakV1 => handle.peak = Some((file.into(), role)),
                FileRole::CpuUnified | FileRole::CpuV1 => handle.cpu = Some((file.into(), role)),
            }
        }
        let missing =
            || Error::Refused("the spawner handed over no listener or no output".to_owned());
        let runtime_api = runtime_api.ok_or_else(missing)?;
        let endpoint = endpoint.ok_or_else(missing)?;
        for listener in [&runtime_api, &endpoint] {
            listener
                .set_nonblocking(true)
                .map_err(|source| Error::System { action: "setting a listener up", source })?;
        }
        Ok(Self { runtime_api, endpoint, output: output.ok_or_else(missing)?, handle })
    }
}

impl SandboxHandle {
    pub(crate) fn set_parent(&mut self, parent: Arc<SandboxHandle>) {
        self.parent = Some(parent);
    }

    /// Names this sandbox among all that this spawner has made.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Binds the sandbox to one function and lets its program go: mounts, limits, environment. CPU is not limited until
    /// [`Self::end_init`]. With extensions it lets those go, and the program with [`Self::release`]; the answer is then
    /// the pipe that they print to.
    ///
    /// Errors with [`Error::OutOfBounds`] or [`Error::Refused`] before anything was touched, and with
    /// [`Error::SandboxEnded`] when the sandbox broke. A sandbox takes one assignment in its life.
    pub async fn assign(&self, assignment: Assignment) -> Result<Option<OwnedFd>> {
        assignment.check(self.booted)?;
        // Before anything is touched.
        let payload = assignment.payload(self.booted)?;
        let bound = self.bind(&assignment).await?.whole().await?;
        self.write(payload.as_bytes()).await?;
        if assignment.extensions.is_empty() {
            self.release();
        }
        Ok(bound)
    }

    /// The first half of [`Self::assign`]: mounts, limits and extensions. Of `assignment` the program's own part, its
    /// command line and its variables, may still be missing, unless there are extensions, which share the variables.
    pub(crate) async fn bind(&self, assignment: &Assignment) -> Result<Binding> {
        match assignment.extensions.is_empty() {
            true => assignment.check_ground()?,
            false => assignment.check(self.booted)?,
        }
        let extensions: Vec<_> = assignment.extensions.iter().map(|argv| arguments(argv)).collect();
        if extensions.iter().map(String::len).sum::<usize>() > super::ASSIGNMENT_BYTES_MAX {
            return Err(Error::OutOfBounds(
                "the extensions' command lines exceed 32 KiB".to_owned(),
            ));
        }
        let environment = if extensions.is_empty() {
            String::new()
        } else {
            let mut shared = assignment.environment.clone();
            shared.retain(|name, _| !RUNTIME_VARIABLES.contains(&name.as_str()));
            variables(&shared)
        };
        let message = AssignmentMessage {
            code: assignment.code.clone(),
            layers: assignment.layers.clone(),
            memory_mib: assignment.memory_mib,
            cpu_memory_mib: match assignment.cpu_memory_mib {
                0 => assignment.memory_mib,
                cpu_memory_mib => cpu_memory_mib,
            },
            tmp_mib: assignment.tmp_mib,
            pids_max: if assignment.pids_max == 0 { super::PIDS_MAX } else { assignment.pids_max },
            environment,
            extensions,
        };
        let answer = self.progress.expect_answer()?;
        self.connection.send(&Request::Assign { id: self.id, assignment: message }).await?;
        Ok(Binding(answer))
    }

    /// The second half: writes what the program reads, which goes with [`Self::release`], and not before the first half is
    /// done.
    pub(crate) async fn hand_over(&self, assignment: &Assignment) -> Result<()> {
        assignment.check(self.booted)?;
        self.write(assignment.payload(self.booted)?.as_bytes()).await
    }

    async fn write(&self, payload: &[u8]) -> Result<()> {
        let pipe = self.assignment.lock().take();
        let mut pipe =
            pipe.ok_or_else(|| Error::Refused("it has had its assignment".to_owned()))?;
        let written = match rustix::io::retry_on_intr(|| rustix::io::write(&pipe, payload)) {
            Ok(written) => written,
            Err(Errno::AGAIN) => 0,
            Err(_) => return Err(Error::SandboxEnded),
        };
        if written < payload.len() {
            // A pipe takes as much as an assignment may be, but for users who have very many.
            let ended = |_| Error::SandboxEnded;
            let mut slow = Sender::from_owned_fd_unchecked(pipe).map_err(ended)?;
            slow.write_all(&payload[written..]).await.map_err(ended)?;
            pipe = slow.into_nonblocking_fd().map_err(ended)?;
        }
        *self.assignment.lock() = Some(pipe);
        Ok(())
    }

    /// Lets the program go that [`Self::assign`] held back for its extensions.
    pub fn release(&self) {
        drop(self.assignment.lock().take());
    }

    /// Asks the program (nothing else inside) to end: `SIGTERM`.
    pub async fn terminate_program(&self) -> Result<()> {
        self.connection.send(&Request::Signal { id: self.id, signal: libc::SIGTERM }).await
    }

    /// Ends the program (nothing else inside): `SIGKILL`.
    pub async fn kill_program(&self) -> Result<()> {
        self.connection.send(&Request::Signal { id: self.id, signal: libc::SIGKILL }).await
    }

    /// A TCP socket of the sandbox's own network: non-blocking, not connected.
    pub async fn socket(&self) -> Result<OwnedFd> {
        let (sender, socket) = oneshot::channel();
        if self.has_ended() {
            return Err(Error::SandboxEnded);
        }
        {
            // Asked and noted as one, so that answers find who asked. A full socket to the spawner empties soon.
            let mut sockets = self.progress.sockets.lock();
            sockets.push_back(sender);
            self.connection.send_now(&Request::Socket { id: self.id });
        }
        tokio::select! {
            socket = socket => socket.map_err(|_| Error::SandboxEnded),
            _ = self.exited() => Err(Error::SandboxEnded),
        }
    }

    /// Ends the time without a limit on CPU: from now on the function has its share, `cpu_memory_mib` / 1,769 of a vCPU.
    pub async fn end_init(&self) -> Result<()> {
        self.connection.send(&Request::EndInit { id: self.id }).await
    }

    /// Stops everything inside where it stands. Takes microseconds; the processes follow within a scheduler's tick.
    /// Without a freezer on this host it does nothing.
    pub fn freeze(&self) -> Result<()> {
        self.set_frozen(true)
    }

    /// Lets everything inside go on.
    pub fn thaw(&self) -> Result<()> {
        self.set_frozen(false)
    }

    fn set_frozen(&self, frozen: bool) -> Result<()> {
        let Some((file, role)) = &self.freeze else { return Ok(()) };
        let word: &[u8] = match (role, frozen) {
            (FileRole::FreezeV1, true) => b"FROZEN",
            (FileRole::FreezeV1, false) => b"THAWED",
            (_, true) => b"1",
            (_, false) => b"0",
        };
        match file.write_at(word, 0) {
            Ok(_) => Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::ENODEV) => Err(Error::SandboxEnded),
            Err(source) => Err(Error::System { action: "freezing or thawing a sandbox", source }),
        }
    }

    /// Kills everything inside and waits until it is gone. May be called again.
    pub async fn kill(&self) {
        if self.progress.ended.borrow().is_none() {
            // When the spawner has ended, so has the sandbox.
            let _ = self.connection.send(&Request::Kill { id: self.id }).await;
        }
        self.exited().await;
    }

    /// Waits for the end of the sandbox: that of its program.
    pub async fn exited(&self) -> ExitStatus {
        let mut ended = self.progress.ended.subscribe();
        let status = ended.wait_for(Option::is_some).await;
        // The sender lives in `progress`, so the wait cannot fail; the status is there when it returns.
        status.ok().and_then(|status| *status).unwrap_or_default()
    }

    /// Whether the sandbox has ended.
    pub fn has_ended(&self) -> bool {
        self.progress.ended.borrow().is_some()
    }

    /// Whether the program has ended, extensions or not.
    pub fn program_has_ended(&self) -> bool {
        self.has_ended() || self.progress.program_ended.borrow().is_some()
    }

    /// Waits until an extension ends: its place in [`Assignment::extensions`] and how it ended. Never returns when none
    /// does before the sandbox ends.
    pub async fn extension_exited(&self) -> (usize, ExitStatus) {
        match self.extensions_exited(1).await.first() {
            Some(first) => *first,
            None => std::future::pending().await,
        }
    }

    /// Waits until `count` extensions have ended: which and how.
    pub async fn extensions_exited(&self, count: usize) -> Vec<(usize, ExitStatus)> {
        let mut ended = self.progress.extensions_ended.subscribe();
        // The sender lives in `progress`, so the wait cannot fail.
        let ended = ended.wait_for(|ended| ended.len() >= count).await;
        ended.map(|ended| ended.clone()).unwrap_or_default()
    }

    /// Waits for the end of the program, where extensions outlive it; otherwise [`Self::exited`] tells of it.
    pub async fn program_exited(&self) -> ExitStatus {
        let mut ended = self.progress.program_ended.subscribe();
        let status = ended.wait_for(Option::is_some).await;
        match status.ok().and_then(|status| *status) {
            Some(status) => status,
            None => std::future::pending().await,
        }
    }

    /// What the sandbox has used so far; zeroes after its end.
    pub fn usage(&self) -> Usage {
        let number = |file: &File, key: &str| {
            let mut buffer = [0; 512];
            let length = file.read_at(&mut buffer, 0).unwrap_or(0);
            let text = std::str::from_utf8(&buffer[..length]).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
            line.trim().parse::<u64>().unwrap_or(0)
        };
        Usage {
            memory_peak_bytes: self.peak.as_ref().map_or(0, |(file, _)| number(file, "")),
            cpu_us: self.cpu.as_ref().map_or(0, |(file, role)| match role {
                FileRole::CpuUnified => number(file, "usage_usec "),
                _ => number(file, "") / 1_000,
            }),
        }
    }

    /// Starts the measure of [`Usage::memory_peak_bytes`] anew, from what is in use now. On control groups version 2 it
    /// needs Linux 6.12; before that the peak stays.
    pub fn reset_memory_peak(&self) {
        if let Some((file, _)) = &self.peak {
            // Version 1 wants a number, version 2 takes any text.
            let _ = file.write_at(b"0", 0);
        }
    }
}

impl Drop for SandboxHandle {
    fn drop(&mut self) {
        if self.progress.ended.borrow().is_none() {
            self.connection.send_now(&Request::Kill { id: self.id });
        }
    }
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            answer: Mutex::new(None),
            sockets: Mutex::default(),
            ended: watch::Sender::new(None),
            program_ended: watch::Sender::new(None),
            extensions_ended: watch::Sender::new(Vec::new()),
        }
    }

    /// Hands a socket to who asked first.
    pub(crate) fn deliver_socket(&self, socket: Option<OwnedFd>) {
        if let (Some(waiting), Some(socket)) = (self.sockets.lock().pop_front(), socket) {
            let _ = waiting.send(socket);
        }
    }

    /// Registers for the answer to the request that is about to be sent.
    pub(crate) fn expect_answer(&self) -> Result<oneshot::Receiver<Result<Option<Parts>>>> {
        let (sender, receiver) = oneshot::channel();
        let mut answer = self.answer.lock();
        if self.ended.borrow().is_some() {
            return Err(Error::SandboxEnded);
        }
        if answer.is_some() {
            return Err(Error::Refused("another request for this sandbox is under way".to_owned()));
        }
        *answer = Some(sender);
        Ok(receiver)
    }

    /// Delivers an answer; one that nobody waits for is dropped, and the descriptors in it closed.
    pub(crate) fn deliver(&self, result: Result<Option<Parts>>) {
        if let Some(sender) = self.answer.lock().take() {
            let _ = sender.send(result);
        }
    }

    /// Records the end: whoever waits for an answer learns `failure` or that the sandbox has ended.
    pub(crate) fn end(&self, status: ExitStatus, failure: Option<String>) {
        self.ended.send_replace(Some(status));
        self.deliver(Err(failure.map_or(Error::SandboxEnded, Error::Refused)));
    }
}
