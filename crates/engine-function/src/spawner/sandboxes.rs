//! The spawner's table of sandboxes and what happens to each.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{Error, Result};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;

use rustix::event::epoll;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};
use rustix::pipe::PipeFlags;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, WaitOptions};

use super::cgroup::{Group, Hierarchies, MemoryWatch, Verdict};
use super::descriptors::{KEPT_FROM, kept};
use super::namespaces::{self, Child, Identity};
use super::netns::Networks;
use super::protocol::{AssignmentMessage, Event, FileRole, MESSAGE_BYTES_MAX};
use super::root::{Masks, Root};
use super::seccomp::Filters;
use super::shim::{self, Birth, Orders, Parent, Report};
use super::{mounts, socket, tmp};
use crate::sandbox::{Offspring, PIDS_MAX, SandboxSpec};
use crate::{ExitStatus, RootSpec};

/// Prepared roots: one per runtime, so far more than there are runtimes.
const ROOTS_MAX: usize = 256;

/// What all sandboxes share.
#[derive(Debug)]
pub struct Host {
    pub state_dir: PathBuf,
    pub root: bool,
    pub hierarchies: Hierarchies,
    pub filters: Filters,
    pub masks: Masks,
}

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Host,
    /// Process 1 speaks.
    Control(u64),
    /// Process 1 has ended.
    Process(u64),
    /// The memory threshold was crossed.
    Memory(u64),
}

#[derive(Debug)]
struct Sandbox {
    identity: Identity,
    pid: Pid,
    process: OwnedFd,
    control: OwnedFd,
    tmp: OwnedFd,
    /// Leads to the program's orders to fork, if it may be forked.
    fork_orders: Option<OwnedFd>,
    /// The program, once process 1 has sent its descriptor.
    program: Option<OwnedFd>,
    /// Keeps the program's assignment from ending until the limits are set.
    held: Option<OwnedFd>,
    extensions_left: usize,
    offspring: Offspring,
    group: Group,
    phase: Phase,
    /// For the host, until it is told that the sandbox stands.
    files: Vec<(FileRole, OwnedFd)>,
    cpu_memory_mib: u32,
    watch: Option<MemoryWatch>,
    ended: Option<ExitStatus>,
    failure: Option<String>,
    out_of_memory: bool,
}

/// What outlives the birth of a sandbox.
struct Born {
    child: Child,
    control: OwnedFd,
    tmp: OwnedFd,
    held: OwnedFd,
    fork_orders: Option<OwnedFd>,
    files: Vec<(FileRole, OwnedFd)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    Ready,
    Assigning,
    Running,
}

/// All of it.
#[derive(Debug)]
pub struct Sandboxes {
    host: Host,
    networks: Networks,
    networks_full: bool,
    roots: Vec<Root>,
    epoll: OwnedFd,
    alive: HashMap<u64, Sandbox>,
    /// Host user ids in use.
    uids: HashSet<u32>,
    turn: u32,
    /// Groups whose processes are on their way out.
    leaving: Vec<Group>,
    /// Events that the host has not taken yet: at most a few per sandbox.
    outbox: VecDeque<(Event, Vec<OwnedFd>)>,
    /// For process 1 of a new sandbox, which would take time to allocate one.
    buffer: Vec<u8>,
}

impl Source {
    fn encode(self) -> u64 {
        match self {
            Self::Host => 0,
            Self::Control(id) => id << 2 | 1,
            Self::Process(id) => id << 2 | 2,
            Self::Memory(id) => id << 2 | 3,
        }
    }

    pub fn decode(data: u64) -> Self {
        match data & 3 {
            0 => Self::Host,
            1 => Self::Control(data >> 2),
            2 => Self::Process(data >> 2),
            _ => Self::Memory(data >> 2),
        }
    }
}

impl Sandboxes {
    pub fn new(host: Host, networks: Networks) -> Result<Self> {
        Ok(Self {
            host,
            networks,
            networks_full: false,
            roots: Vec::new(),
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            alive: HashMap::new(),
            uids: HashSet::new(),
            turn: 0,
            leaving: Vec::new(),
            outbox: VecDeque::new(),
            buffer: vec![0; MESSAGE_BYTES_MAX],
        })
    }

    pub fn epoll(&self) -> &OwnedFd {
        &self.epoll
    }

    /// Reports `source` when `file` becomes readable.
    pub fn watch(&self, file: &impl AsFd, source: Source) -> Result<()> {
        let flags = epoll::EventFlags::IN;
        Ok(epoll::add(&self.epoll, file, epoll::EventData::new_u64(source.encode()), flags)?)
    }

    /// Nothing needs a look unless something happens.
    pub fn is_idle(&self) -> bool {
        self.leaving.is_empty()
            && self.outbox.is_empty()
            && !self.alive.values().any(|sandbox| sandbox.watch.is_some())
    }

    pub fn wants_refill(&self) -> bool {
        !self.networks_full
    }

    /// Adds one network to the pool.
    pub fn refill(&mut self) {
        // An error shows again, with its text, where a sandbox needs the network.
        self.networks_full = !self.networks.refill().unwrap_or(false);
    }

    pub fn create(&mut self, id: u64, spec: SandboxSpec) {
        match self.try_create(id, spec) {
            Ok(sandbox) => {
                self.alive.insert(id, sandbox);
            }
            Err(error) => self.tell(Event::Ended {
                id,
                status: ExitStatus::default(),
                failure: Some(format!("The sandbox cannot be created: {error}.")),
            }),
        }
    }

    fn try_create(&mut self, id: u64, spec: SandboxSpec) -> Result<Sandbox> {
        if self.alive.contains_key(&id) {
            return Err(Error::other("its number is taken"));
        }
        let root = self.root(&spec.root)?;
        let identity = match self.host.root {
            true => namespaces::next_identity(&mut self.turn, |uid| self.uids.contains(&uid)),
            false => Identity::Shared,
        };
        let offspring = spec.offspring;
        let entered = offspring == Offspring::Template || self.is_template(spec.parent);
        let mut group = Group::create(&self.host.hierarchies, &format!("s{id}"), entered)?;
        let born = self.bear(id, spec, identity, root, &group);
        if born.is_err() {
            group.remove();
        }
        let Born { child, control, tmp, held, fork_orders, mut files } = born?;
        if let Some(uid) = identity.host_uid() {
            self.uids.insert(uid);
        }
        files.extend(group.files_for_host()?);
        self.watch(&control, Source::Control(id))?;
        self.watch(&child.pidfd, Source::Process(id))?;
        Ok(Sandbox {
            identity,
            pid: child.pid,
            process: child.pidfd,
            control,
            tmp,
            fork_orders,
            program: None,
            held: Some(held),
            extensions_left: 0,
            offspring,
            group,
            phase: Phase::Starting,
            files,
            cpu_memory_mib: 0,
            watch: None,
            ended: None,
            failure: None,
            out_of_memory: false,
        })
    }

    /// The place of the root for `spec`, prepared if need be.
    fn root(&mut self, spec: &RootSpec) -> Result<usize> {
        if let Some(known) = self.roots.iter().position(|root| root.spec == *spec) {
            return Ok(known);
        }
        if self.roots.len() >= ROOTS_MAX {
            return Err(Error::other("too many different roots"));
        }
        let folder = self.host.state_dir.join(format!("root{}", self.roots.len()));
        self.roots.push(Root::prepare(spec, &folder, self.host.root)?);
        Ok(self.roots.len() - 1)
    }

    /// Forks process 1 into its namespaces.
    fn bear(
        &mut self,
        id: u64,
        spec: SandboxSpec,
        identity: Identity,
        root: usize,
        group: &Group,
    ) -> Result<Born> {
        group.limit_pids(PIDS_MAX)?;
        let birth_place = group.birth_place()?;
        let parent = spec.parent.map(|parent| self.parent(parent, &spec, group));
        let parent = parent.transpose()?;
        // A fork makes its network itself: what it enters must belong to it.
        let network = match parent {
            Some(_) => None,
            None => Some(self.networks.take()?),
        };
        self.networks_full &= network.is_none();
        let forks = (spec.offspring != Offspring::None).then(socket::pair).transpose()?;
        let (orders_sent, orders_taken) = forks.unzip();
        let owner = identity.host_uid().unwrap_or(0);
        let tmp = tmp::make(owner)?;
        let (ours, control) = socket::pair()?;
        let ours = kept(ours);
        let (output_read, output) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let (assignment_read, assignment_write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        // Nobody waits for a program that does not read.
        rustix::fs::fcntl_setfl(&assignment_write, rustix::fs::OFlags::NONBLOCK)?;
        let held = rustix::io::fcntl_dupfd_cloexec(&assignment_write, KEPT_FROM)?;
        let given = rustix::io::fcntl_dupfd_cloexec(&assignment_write, 3)?;
        if let Some(uid) = identity.host_uid() {
            // A pipe reopened through /proc/self/fd (as /dev/stdout does) is checked against its owner.
            let (user, owners) = (rustix::fs::Uid::from_raw(uid), rustix::fs::Gid::from_raw(uid));
            for pipe in [&output, &assignment_read] {
                rustix::fs::fchown(pipe, Some(user), Some(owners))?;
            }
        }
        let tmp_kept = rustix::io::fcntl_dupfd_cloexec(&tmp, KEPT_FROM)?;
        let birth = Birth {
            identity,
            root: &self.roots[root].folder,
            masks: &self.host.masks,
            hostname: &hostname(id),
            filters: &self.host.filters,
            control,
            doors: group.doors(self.is_template(spec.parent))?,
            tmp,
            output,
            assignment: (assignment_read, assignment_write),
            boot: spec.boot.map(|boot| crate::sandbox::command_line(&boot.argv, &boot.environment)),
            offspring: spec.offspring,
            fork_orders: orders_taken,
            parent,
        };
        if let Some(network) = &network {
            self.networks.enter(network.namespace.as_fd())?;
        }
        let above = spec.parent.and_then(|parent| self.alive.get(&parent));
        let birth_place = birth_place.as_ref().map(AsFd::as_fd);
        let others_from = birth.descriptors().map(|own| own.as_raw_fd() + 1).max().unwrap_or(0);
        let buffer = &mut self.buffer;
        let mut live = || shim::live(&birth, buffer);
        // SAFETY: this process has one thread, and the child never returns from `live`.
        let born = unsafe {
            match above {
                Some(above) => {
                    let parent = above.process.as_fd();
                    namespaces::clone_below(parent, birth_place, identity, others_from, &mut live)
                }
                None => match namespaces::clone_into_namespaces(birth_place) {
                    Ok(None) => libc::_exit(live()),
                    Ok(Some(child)) => Ok(child),
                    Err(error) => Err(error),
                },
            }
        };
        self.networks.leave()?;
        let mut child = born?;
        let is_parent = spec.offspring != Offspring::None;
        let mapped = match spec.parent {
            Some(_) => Ok(()),
            None => namespaces::write_maps(child.pid, identity, is_parent),
        };
        if let Err(error) =
            mapped.and_then(|()| Ok(socket::send(ours.as_fd(), b"m", &[], SendFlags::empty())?))
        {
            let _ = rustix::process::pidfd_send_signal(&child.pidfd, Signal::KILL);
            let _ =
                rustix::process::waitid(WaitId::PidFd(child.pidfd.as_fd()), WaitIdOptions::EXITED);
            return Err(error);
        }
        child.pidfd = kept(child.pidfd);
        let mut files = vec![(FileRole::Output, output_read), (FileRole::Assignment, given)];
        if let Some(network) = network {
            files.push((FileRole::RuntimeApi, network.runtime_api.into()));
            files.push((FileRole::Endpoint, network.endpoint.into()));
        }
        let fork_orders = orders_sent.map(kept);
        Ok(Born { child, control: ours, tmp: tmp_kept, held, fork_orders, files })
    }

    /// Whether it has run a function's code and is forked.
    fn is_template(&self, id: Option<u64>) -> bool {
        let sandbox = id.and_then(|id| self.alive.get(&id));
        sandbox.is_some_and(|sandbox| sandbox.offspring == Offspring::Template)
    }

    /// What a sandbox needs whose program is a fork of `id`'s.
    fn parent(&self, id: u64, spec: &SandboxSpec, group: &Group) -> Result<Parent> {
        let parent = self.alive.get(&id);
        let orders =
            parent.and_then(|parent| parent.fork_orders.as_ref().zip(parent.identity.host_uid()));
        let (orders, uid) =
            orders.ok_or_else(|| Error::other("nothing can be forked from that sandbox"))?;
        let group = match self.is_template(Some(id)) {
            // It may not choose where its forks are born, see `seccomp`.
            true => None,
            false => {
                group.admit(uid)?;
                group.birth_place()?
            }
        };
        Ok(Parent {
            orders: rustix::io::fcntl_dupfd_cloexec(orders, 3)?,
            group,
            endpoint_port: self.networks.endpoint_port(),
            forks_at_assignment: spec.forked_at_assignment,
            waits: spec.for_later,
        })
    }

    pub fn assign(&mut self, id: u64, assignment: &AssignmentMessage) {
        let refused = |reason: String| Event::Refused { id, reason };
        // Otherwise its end is on the way to the host.
        let Some(sandbox) = self.alive.get_mut(&id) else { return };
        if sandbox.phase != Phase::Ready {
            self.tell(refused("The sandbox has had its assignment.".to_owned()));
            return;
        }
        let trees = match collect_trees(assignment) {
            Ok(trees) => trees,
            Err(error) => {
                self.tell(refused(format!("The function's files cannot be mounted: {error}.")));
                return;
            }
        };
        if let Err(error) = sandbox.assign(assignment, trees) {
            sandbox.fail(format!("The sandbox cannot be assigned: {error}."));
            return;
        }
        self.listen_for_memory(id);
    }

    /// Listens for the bell of a sandbox's memory watch, where the kernel rings one.
    fn listen_for_memory(&self, id: u64) {
        let watch = self.alive.get(&id).and_then(|sandbox| sandbox.watch.as_ref());
        let Some(bell) = watch.and_then(MemoryWatch::bell) else { return };
        let data = epoll::EventData::new_u64(Source::Memory(id).encode());
        if let Err(error) = epoll::add(&self.epoll, bell, data, epoll::EventFlags::PRI) {
            eprintln!("cannot listen for the memory of sandbox {id}: {error}");
        }
    }

    pub fn end_init(&mut self, id: u64) {
        if let Some(sandbox) = self.alive.get_mut(&id)
            && let Err(error) = sandbox.group.limit_cpu(sandbox.cpu_memory_mib)
        {
            eprintln!("cannot limit the CPU of sandbox {id}: {error}");
        }
    }

    /// Signals the program.
    pub fn signal(&mut self, id: u64, signal: i32) {
        let signal = if signal == libc::SIGTERM { Signal::TERM } else { Signal::KILL };
        if let Some(program) = self.alive.get(&id).and_then(|sandbox| sandbox.program.as_ref()) {
            // An error means that it has ended.
            let _ = rustix::process::pidfd_send_signal(program, signal);
        }
    }

    /// Makes a socket that belongs to the sandbox's network, whoever connects it.
    pub fn socket(&mut self, id: u64) {
        // Otherwise its end is on the way to the host.
        let Some(sandbox) = self.alive.get(&id) else { return };
        match self.networks.socket_of(sandbox.pid) {
            Ok(socket) => self.outbox.push_back((Event::Socket { id }, vec![socket])),
            Err(error) => {
                eprintln!("cannot make a socket in sandbox {id}: {error}");
                self.tell(Event::Socket { id });
            }
        }
    }

    pub fn kill(&mut self, id: u64) {
        if let Some(sandbox) = self.alive.get_mut(&id) {
            sandbox.kill();
        }
    }

    pub fn on_event(&mut self, source: Source, buffer: &mut [u8]) {
        match source {
            Source::Host => {}
            Source::Control(id) => self.on_report(id, buffer),
            Source::Process(id) => {
                // What it said last may still be unread.
                self.on_report(id, buffer);
                self.on_end(id);
            }
            Source::Memory(id) => self.look_at_memory(id),
        }
    }

    fn on_report(&mut self, id: u64, buffer: &mut [u8]) {
        loop {
            let Some(sandbox) = self.alive.get_mut(&id) else { return };
            let received = socket::receive(sandbox.control.as_fd(), buffer, RecvFlags::DONTWAIT);
            let (length, mut files) = match received {
                Ok((0, _)) => {
                    // Process 1 is ending; only its descriptor has more to say.
                    let _ = epoll::delete(&self.epoll, &sandbox.control);
                    return;
                }
                Ok(received) => received,
                Err(_) => return,
            };
            match Report::decode(&buffer[..length]) {
                Ok(report @ (Report::Ready | Report::Standing)) => {
                    sandbox.phase = Phase::Ready;
                    if report == Report::Ready {
                        sandbox.program = files.pop().map(kept);
                    }
                    // Those of a fork, which makes its network itself.
                    let roles = [FileRole::RuntimeApi, FileRole::Endpoint];
                    sandbox.files.extend(roles.into_iter().zip(files));
                    let (roles, files) = std::mem::take(&mut sandbox.files).into_iter().unzip();
                    self.outbox.push_back((Event::Created { id, files: roles }, files));
                }
                Ok(Report::Assigned) => {
                    sandbox.phase = Phase::Running;
                    if let Some(program) = files.pop() {
                        sandbox.program = Some(kept(program));
                    }
                    let (roles, files) = std::mem::take(&mut sandbox.files).into_iter().unzip();
                    self.outbox.push_back((Event::Assigned { id, files: roles }, files));
                }
                Ok(Report::Ended(status)) => {
                    let mut status = shim::exit_status(status);
                    sandbox.ended = Some(status);
                    if sandbox.extensions_left > 0 {
                        status.out_of_memory = status.signal.is_some()
                            && (sandbox.out_of_memory || sandbox.group.out_of_memory());
                        self.tell(Event::ProgramEnded { id, status });
                    }
                }
                Ok(Report::ExtensionEnded(extension, status)) => {
                    sandbox.extensions_left = sandbox.extensions_left.saturating_sub(1);
                    let (extension, status) = (extension.into(), shim::exit_status(status));
                    self.tell(Event::ExtensionEnded { id, extension, status });
                }
                Err(reason) => sandbox.fail(reason),
            }
        }
    }

    /// Process 1 has ended, and with it everything in its namespace.
    fn on_end(&mut self, id: u64) {
        let Some(mut sandbox) = self.alive.remove(&id) else { return };
        let reaped =
            rustix::process::waitid(WaitId::PidFd(sandbox.process.as_fd()), WaitIdOptions::EXITED);
        if let Err(error) = reaped {
            eprintln!(
                "cannot reap process {} of sandbox {id}: {error}",
                sandbox.pid.as_raw_nonzero()
            );
        }
        let killed = ExitStatus { signal: Some(libc::SIGKILL), ..ExitStatus::default() };
        let mut status = sandbox.ended.unwrap_or(killed);
        status.out_of_memory =
            sandbox.out_of_memory || (status.signal.is_some() && sandbox.group.out_of_memory());
        if let Some(uid) = sandbox.identity.host_uid() {
            self.uids.remove(&uid);
        }
        if sandbox.phase == Phase::Starting && sandbox.failure.is_none() {
            sandbox.failure = Some("The sandbox ended before it stood.".to_owned());
        }
        self.tell(Event::Ended { id, status, failure: sandbox.failure.take() });
        self.leaving.push(sandbox.group);
    }

    fn look_at_memory(&mut self, id: u64) {
        let Some(sandbox) = self.alive.get_mut(&id) else { return };
        let Some(watch) = sandbox.watch.as_mut() else { return };
        match watch.look() {
            Ok(Verdict::Within) => {}
            Ok(Verdict::Exceeded) => {
                sandbox.out_of_memory = true;
                sandbox.watch = None;
                sandbox.kill();
            }
            Err(error) => {
                eprintln!("cannot look at the memory of sandbox {id}: {error}");
                sandbox.watch = None;
            }
        }
    }

    /// Kills everything and removes its control groups; the rest goes with this process.
    pub fn end(&mut self) {
        for sandbox in self.alive.values_mut() {
            sandbox.kill();
        }
        // In the order in which they end: a parent waits for those below it.
        while rustix::io::retry_on_intr(|| rustix::process::wait(WaitOptions::empty())).is_ok() {}
        self.leaving.extend(self.alive.drain().map(|(_, sandbox)| sandbox.group));
        self.leaving.retain_mut(|group| !group.remove());
        self.host.hierarchies.remove();
    }

    /// What has no event of its own: groups that empty, memory that grows.
    pub fn chores(&mut self) {
        self.leaving.retain_mut(|group| !group.remove());
        let watched = self.alive.iter().filter(|(_, sandbox)| sandbox.watch.is_some());
        for id in watched.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.look_at_memory(id);
        }
    }

    fn tell(&mut self, event: Event) {
        self.outbox.push_back((event, Vec::new()));
    }

    /// Sends what the host has room for; false when the host has gone. Never waits for it: a host that waits for the
    /// spawner must not be waited for.
    pub fn flush(&mut self, host: &OwnedFd) -> Result<bool> {
        while let Some((event, files)) = self.outbox.front() {
            let message = serde_json::to_vec(event)?;
            let files: Vec<_> = files.iter().map(AsFd::as_fd).collect();
            match socket::send(host.as_fd(), &message, &files, SendFlags::DONTWAIT) {
                Ok(()) => drop(self.outbox.pop_front()),
                // The loop comes back soon, for a full outbox is a chore.
                Err(Errno::AGAIN) => return Ok(true),
                Err(Errno::PIPE | Errno::CONNRESET) => return Ok(false),
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(true)
    }
}

impl Sandbox {
    /// Gives process 1 its orders and sets the limits: meanwhile, for the program goes only when its assignment ends, and
    /// an end of that is held here. Extensions do not wait for it, so with them the limits come first.
    fn assign(&mut self, assignment: &AssignmentMessage, mut trees: Vec<OwnedFd>) -> Result<()> {
        let has_extensions = !assignment.extensions.is_empty();
        if has_extensions {
            self.limit(assignment)?;
            let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
            if let Some(uid) = self.identity.host_uid() {
                let owner = (rustix::fs::Uid::from_raw(uid), rustix::fs::Gid::from_raw(uid));
                rustix::fs::fchown(&write, Some(owner.0), Some(owner.1))?;
            }
            trees.push(write);
            self.files.push((FileRole::ExtensionOutput, read));
        }
        self.extensions_left = assignment.extensions.len();
        let orders = Orders {
            has_code: assignment.code.is_some(),
            has_extension_output: has_extensions,
            environment: &assignment.environment,
            extensions: &assignment.extensions,
        };
        let files: Vec<_> = trees.iter().map(AsFd::as_fd).collect();
        // Dropped behind the orders: the ends of pipes must not stay here.
        socket::send(self.control.as_fd(), &orders.encode(), &files, SendFlags::empty())?;
        self.phase = Phase::Assigning;
        if !has_extensions {
            self.limit(assignment)?;
        }
        self.held = None;
        Ok(())
    }

    fn limit(&mut self, assignment: &AssignmentMessage) -> Result<()> {
        let bytes = |mib: u32| u64::from(mib) << 20;
        let function_bytes = bytes(assignment.memory_mib);
        self.cpu_memory_mib = assignment.cpu_memory_mib;
        self.group.limit_memory(function_bytes, function_bytes + bytes(assignment.tmp_mib))?;
        if assignment.pids_max != PIDS_MAX {
            self.group.limit_pids(assignment.pids_max)?;
        }
        tmp::resize(&self.tmp, assignment.tmp_mib)?;
        let tmp = rustix::io::fcntl_dupfd_cloexec(&self.tmp, KEPT_FROM)?;
        self.watch = self.group.watch_memory(function_bytes, tmp)?;
        Ok(())
    }

    fn fail(&mut self, reason: String) {
        self.failure.get_or_insert(reason);
        self.kill();
    }

    fn kill(&mut self) {
        // An error means that it has ended; the event is on its way.
        let _ = rustix::process::pidfd_send_signal(&self.process, Signal::KILL);
        self.group.thaw();
    }
}

/// A name like those on AWS.
fn hostname(id: u64) -> String {
    format!("169-254-{}-{}", 1 + id / 254 % 254, 1 + id % 254)
}

/// The detached mounts of an assignment: the code, then the layers as one.
fn collect_trees(assignment: &AssignmentMessage) -> Result<Vec<OwnedFd>> {
    let open = |path: &PathBuf| {
        let tree = mounts::read_only_tree(path);
        tree.map_err(|errno| {
            let error = Error::from(errno);
            Error::new(error.kind(), format!("{}: {error}", path.display()))
        })
    };
    let mut trees: Vec<_> = assignment.code.iter().map(open).collect::<Result<_>>()?;
    let mut layers: Vec<_> = assignment.layers.iter().map(open).collect::<Result<_>>()?;
    match layers.len() {
        0 => {}
        1 => trees.append(&mut layers),
        _ => trees.push(mounts::read_only_union(&layers)?),
    }
    Ok(trees)
}
