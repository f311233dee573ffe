//! Environments that are warm: found by the configuration's revision, the last used first.

use crate::environments::log::FunctionLog;
use crate::limits;
use crate::model::name::FunctionKey;
use crate::resolve::{Target, revision_of_all_tenants};
use base::Time;
use engine::Environment;
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

mod provisioned;

pub use provisioned::ProvisionedCount;

/// A running environment with what belongs to it.
pub struct Warm {
    /// The sandbox.
    pub environment: Arc<dyn Environment>,
    /// Where it writes.
    pub log: Arc<FunctionLog>,
    /// When its role session ends.
    pub credentials_end_at: Time,
    /// Tells environments apart.
    pub id: u64,
    /// Whether provisioned concurrency made it: it ends when that says so, not for want of work or memory.
    pub provisioned: bool,
}

/// All environments by the configuration's revision.
pub struct Pool {
    state: Mutex<State>,
    idle_bytes_max: u64,
    /// Told when a provisioned environment is gone, so that another takes its place.
    pub provisioned_gone: Notify,
}

#[derive(Default)]
struct State {
    groups: HashMap<String, Group>,
    idle: usize,
    idle_bytes: u64,
    next_id: u64,
}

/// The environments of one configuration revision.
struct Group {
    function: FunctionKey,
    /// The last used at the end.
    idle: Vec<Idle>,
    busy: usize,
    /// Executions that wait for a start and would take an environment that comes back instead.
    waiting: VecDeque<Waiting>,
    /// What the last environment that came back had used at most, in bytes.
    memory_bytes: Option<u64>,
    provisioned: provisioned::Provisioned,
    /// The configuration is not in force any more: environments end when they come back.
    retired: bool,
}

struct Waiting {
    usable_until: Time,
    sender: oneshot::Sender<Arc<Warm>>,
}

struct Idle {
    warm: Arc<Warm>,
    since: Time,
    memory_bytes: u64,
}

/// The place of a busy environment. Ends the environment when dropped, unless it was given back.
pub struct Lease {
    pool: Arc<Pool>,
    revision: String,
    /// The environment, once there is one.
    pub warm: Option<Arc<Warm>>,
    /// Whether the environment was there before.
    pub reused: bool,
}

impl Pool {
    /// Empty; idle environments together keep at most `idle_bytes_max` of memory in use.
    pub fn new(idle_bytes_max: u64) -> Self {
        Pool { state: Mutex::default(), idle_bytes_max, provisioned_gone: Notify::new() }
    }

    /// A place for an execution of `target` that begins at `now`, with a warm environment if there is one.
    pub fn take(self: &Arc<Self>, target: &Target, now: Time) -> Lease {
        let revision = &target.record.configuration_revision;
        let usable_until = usable_until(target, now);
        let (mut found, mut unusable) = (None, Vec::new());
        {
            let mut state = self.state.lock();
            let State { groups, idle, idle_bytes, .. } = &mut *state;
            let group = match groups.get_mut(revision) {
                Some(group) => group,
                None => groups
                    .entry(revision.clone())
                    .or_insert_with(|| Group::new(target.function.clone())),
            };
            group.busy += 1;
            while let Some(entry) = group.idle.pop() {
                *idle -= 1;
                *idle_bytes -= entry.memory_bytes;
                if entry.warm.is_usable(usable_until) {
                    found = Some(entry.warm);
                    break;
                }
                unusable.push(entry.warm);
            }
        }
        unusable.into_iter().for_each(end);
        let reused = found.is_some();
        Lease { pool: self.clone(), revision: revision.clone(), warm: found, reused }
    }

    /// The next environment of `target` that comes back, for an execution that begins at `now` and has its place already.
    pub fn wait(&self, target: &Target, now: Time) -> oneshot::Receiver<Arc<Warm>> {
        let (sender, receiver) = oneshot::channel();
        let usable_until = usable_until(target, now);
        let mut state = self.state.lock();
        // The place has made the group.
        if let Some(group) = state.groups.get_mut(&target.record.configuration_revision) {
            group.waiting.push_back(Waiting { usable_until, sender });
        }
        receiver
    }

    /// What an environment of `revision` uses at most, in bytes, as far as one has run.
    pub fn memory_of(&self, revision: &str) -> Option<u64> {
        self.state.lock().groups.get(revision)?.memory_bytes
    }

    /// Ends the environments that have been idle for the longest time until they make `wanted` bytes free; how many they
    /// do.
    pub fn evict_bytes(&self, wanted: u64) -> u64 {
        let (mut ended, mut bytes) = (Vec::new(), 0);
        {
            let mut state = self.state.lock();
            if state.idle_bytes < wanted {
                return 0;
            }
            while bytes < wanted {
                let before = state.idle_bytes;
                let Some(warm) = state.longest_idle() else { break };
                bytes += before - state.idle_bytes;
                ended.push(warm);
            }
        }
        ended.into_iter().for_each(end);
        bytes
    }

    /// A number that no other environment has.
    pub fn next_id(&self) -> u64 {
        let mut state = self.state.lock();
        state.next_id += 1;
        state.next_id
    }

    /// Ends the environments that `ended` names by function and configuration revision, busy ones when they have
    /// answered.
    pub fn retire(&self, ended: impl Fn(&FunctionKey, &str) -> bool) {
        let mut out = Vec::new();
        {
            let mut state = self.state.lock();
            let State { groups, idle, idle_bytes, .. } = &mut *state;
            for (revision, group) in groups.iter_mut() {
                if ended(&group.function, revision_of_all_tenants(revision)) {
                    group.retired = true;
                    for entry in group.idle.drain(..) {
                        *idle -= 1;
                        *idle_bytes -= entry.memory_bytes;
                        out.push(entry.warm);
                    }
                    out.append(&mut group.provisioned.end());
                }
            }
            groups.retain(|_, group| group.is_used());
        }
        out.into_iter().for_each(end);
    }

    /// Ends environments that have been idle since before `oldest`.
    pub fn evict_idle_since(&self, oldest: Time) {
        let mut ended = Vec::new();
        {
            let mut state = self.state.lock();
            let State { groups, idle, idle_bytes, .. } = &mut *state;
            for group in groups.values_mut() {
                // The longest idle stand first.
                let count = group.idle.iter().take_while(|entry| entry.since < oldest).count();
                for entry in group.idle.drain(..count) {
                    *idle -= 1;
                    *idle_bytes -= entry.memory_bytes;
                    ended.push(entry.warm);
                }
            }
            groups.retain(|_, group| group.is_used());
        }
        ended.into_iter().for_each(end);
    }

    /// Forgets an environment that has died by itself.
    pub fn forget(&self, revision: &str, id: u64) {
        let mut state = self.state.lock();
        let State { groups, idle, idle_bytes, .. } = &mut *state;
        let Some(group) = groups.get_mut(revision) else { return };
        if let Some(index) = group.idle.iter().position(|entry| entry.warm.id == id) {
            let entry = group.idle.remove(index);
            *idle -= 1;
            *idle_bytes -= entry.memory_bytes;
        }
        if group.provisioned.forget(id) {
            self.provisioned_gone.notify_one();
        }
        if !group.is_used() {
            groups.remove(revision);
        }
    }

    /// Environments that are idle and that run, for the status page.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state.lock();
        let provisioned = state.groups.values().map(|group| group.provisioned.idle());
        let idle = state.idle + provisioned.sum::<usize>();
        (idle, state.groups.values().map(|group| group.busy).sum())
    }

    fn give_back(&self, revision: &str, warm: Arc<Warm>, memory_bytes: u64, now: Time) {
        let mut ended = Vec::new();
        {
            let mut state = self.state.lock();
            let Some(group) = state.groups.get_mut(revision) else {
                return end(warm);
            };
            if warm.provisioned {
                if let Some(warm) = group.provisioned.give_back(warm) {
                    ended.push(warm);
                    self.provisioned_gone.notify_one();
                }
            } else if group.retired || !warm.environment.is_alive() {
                ended.push(warm);
            } else {
                group.memory_bytes = Some(memory_bytes);
                if let Some(warm) = group.hand_over(warm) {
                    group.idle.push(Idle { warm, since: now, memory_bytes });
                    state.idle += 1;
                    state.idle_bytes += memory_bytes;
                }
            }
            while state.idle > limits::IDLE_ENVIRONMENTS_MAX
                || (state.idle_bytes > self.idle_bytes_max && state.idle > 1)
            {
                match state.longest_idle() {
                    Some(warm) => ended.push(warm),
                    None => break,
                }
            }
        }
        ended.into_iter().for_each(end);
    }

    fn leave(&self, revision: &str) {
        let mut state = self.state.lock();
        if let Some(group) = state.groups.get_mut(revision) {
            group.busy -= 1;
            if !group.is_used() {
                state.groups.remove(revision);
            }
        }
    }
}

impl Warm {
    fn is_usable(&self, until: Time) -> bool {
        self.environment.is_alive() && self.credentials_end_at >= until
    }
}

/// Until when the credentials of an environment that takes an execution now must last.
fn usable_until(target: &Target, now: Time) -> Time {
    let timeout = Duration::from_secs(target.record.configuration.timeout_s.into());
    now + timeout + limits::CREDENTIALS_MARGIN
}

impl Group {
    fn new(function: FunctionKey) -> Self {
        let provisioned = provisioned::Provisioned::default();
        let (idle, waiting) = (Vec::new(), VecDeque::new());
        Group { function, idle, busy: 0, waiting, memory_bytes: None, provisioned, retired: false }
    }

    /// Gives an environment to the execution that has waited for the longest time, or back.
    fn hand_over(&mut self, mut warm: Arc<Warm>) -> Option<Arc<Warm>> {
        while let Some(Waiting { usable_until, sender }) = self.waiting.pop_front() {
            if sender.is_closed() || !warm.is_usable(usable_until) {
                continue;
            }
            match sender.send(warm) {
                Ok(()) => return None,
                Err(unwanted) => warm = unwanted,
            }
        }
        Some(warm)
    }

    fn is_used(&self) -> bool {
        self.busy > 0 || !self.idle.is_empty() || self.provisioned.is_used()
    }
}

impl State {
    /// Takes the environment that has been idle for the longest time out of the pool.
    fn longest_idle(&mut self) -> Option<Arc<Warm>> {
        let group = self
            .groups
            .values_mut()
            .filter(|group| !group.idle.is_empty())
            .min_by_key(|group| group.idle[0].since)?;
        let entry = group.idle.remove(0);
        self.idle -= 1;
        self.idle_bytes -= entry.memory_bytes;
        Some(entry.warm)
    }
}

impl Lease {
    /// Keeps the environment for the next execution, if it lives and its configuration is still in force.
    pub fn give_back(mut self, memory_bytes: u64, now: Time) {
        if let Some(warm) = self.warm.take() {
            self.pool.give_back(&self.revision, warm, memory_bytes, now);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(warm) = self.warm.take() {
            if warm.provisioned {
                self.pool.lose_provisioned(&self.revision);
            }
            end(warm);
        }
        self.pool.leave(&self.revision);
    }
}

/// Ends an environment in the background.
fn end(warm: Arc<Warm>) {
    warm.log.ended(warm.environment.clone());
}
