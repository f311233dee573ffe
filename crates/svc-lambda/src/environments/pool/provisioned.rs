//! The part of the pool that provisioned concurrency keeps: environments that were initialized ahead, for one
//! configuration revision each. They are neither taken by others nor ended for want of work or memory.

use super::{Group, Lease, Pool, Warm, end, usable_until};
use crate::model::name::FunctionKey;
use crate::resolve::Target;
use base::Time;
use std::sync::Arc;

/// The provisioned environments of one configuration revision.
#[derive(Default)]
pub(super) struct Provisioned {
    /// The version or alias whose configuration wants them.
    qualifier: String,
    /// How many there shall be.
    wanted: usize,
    idle: Vec<Arc<Warm>>,
    busy: usize,
}

/// How many provisioned environments there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProvisionedCount {
    /// Initialized, with those that run.
    pub allocated: usize,
    /// Those that do not run.
    pub available: usize,
}

impl Provisioned {
    fn total(&self) -> usize {
        self.idle.len() + self.busy
    }

    pub(super) fn is_used(&self) -> bool {
        self.wanted > 0 || self.total() > 0
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.len()
    }

    /// Wants none any more; those that are idle, for the caller to end.
    pub(super) fn end(&mut self) -> Vec<Arc<Warm>> {
        self.wanted = 0;
        std::mem::take(&mut self.idle)
    }

    /// One that has run: back among the idle ones, or to be ended.
    pub(super) fn give_back(&mut self, warm: Arc<Warm>) -> Option<Arc<Warm>> {
        let kept = self.total() <= self.wanted && warm.environment.is_alive();
        self.busy -= 1;
        match kept {
            true => self.idle.push(warm),
            false => return Some(warm),
        }
        None
    }

    /// Whether `id` was among the idle ones.
    pub(super) fn forget(&mut self, id: u64) -> bool {
        let before = self.idle.len();
        self.idle.retain(|warm| warm.id != id);
        self.idle.len() < before
    }
}

impl Pool {
    /// A place in a provisioned environment for an execution of `target` that begins at `now`, if one is free.
    pub fn take_provisioned(self: &Arc<Self>, target: &Target, now: Time) -> Option<Lease> {
        let revision = &target.record.configuration_revision;
        let usable_until = usable_until(target, now);
        let (mut found, mut unusable) = (None, Vec::new());
        {
            let mut state = self.state.lock();
            let group = state.groups.get_mut(revision)?;
            while let Some(warm) = group.provisioned.idle.pop() {
                if warm.is_usable(usable_until) {
                    group.provisioned.busy += 1;
                    group.busy += 1;
                    found = Some(warm);
                    break;
                }
                unusable.push(warm);
            }
        }
        if !unusable.is_empty() {
            self.provisioned_gone.notify_one();
            unusable.into_iter().for_each(end);
        }
        let warm = Some(found?);
        Some(Lease { pool: self.clone(), revision: revision.clone(), warm, reused: true })
    }

    /// From now on `wanted` environments are provisioned for `revision`; surplus ones end, busy ones once they have
    /// answered.
    pub fn want_provisioned(
        &self,
        function: &FunctionKey,
        revision: &str,
        qualifier: &str,
        wanted: usize,
    ) {
        let mut surplus = Vec::new();
        {
            let mut state = self.state.lock();
            if wanted == 0 && !state.groups.contains_key(revision) {
                return;
            }
            let new = || Group::new(function.clone());
            let group = state.groups.entry(revision.to_string()).or_insert_with(new);
            let provisioned = &mut group.provisioned;
            provisioned.qualifier = qualifier.to_string();
            provisioned.wanted = wanted;
            while provisioned.total() > wanted
                && let Some(warm) = provisioned.idle.pop()
            {
                surplus.push(warm);
            }
            if !group.is_used() {
                state.groups.remove(revision);
            }
        }
        surplus.into_iter().for_each(end);
    }

    /// How many environments `revision` still lacks.
    pub fn lacks_provisioned(&self, revision: &str) -> usize {
        let state = self.state.lock();
        let group = state.groups.get(revision);
        group.map_or(0, |group| group.provisioned.wanted.saturating_sub(group.provisioned.total()))
    }

    /// Adds an environment that was initialized ahead, or ends it if it is not wanted any more.
    pub fn add_provisioned(&self, revision: &str, warm: Arc<Warm>) {
        {
            let mut state = self.state.lock();
            if let Some(group) = state.groups.get_mut(revision)
                && group.provisioned.total() < group.provisioned.wanted
            {
                group.provisioned.idle.push(warm);
                return;
            }
        }
        end(warm);
    }

    /// How many provisioned environments `revision` has.
    pub fn provisioned_of(&self, revision: &str) -> usize {
        self.state.lock().groups.get(revision).map_or(0, |group| group.provisioned.total())
    }

    /// What is provisioned for the configuration of `qualifier`, over all versions that it names or has just named.
    pub fn provisioned_count(&self, function: &FunctionKey, qualifier: &str) -> ProvisionedCount {
        let state = self.state.lock();
        let own = state.groups.values().filter(|group| {
            group.provisioned.is_used()
                && group.provisioned.qualifier == qualifier
                && group.function == *function
        });
        own.fold(ProvisionedCount::default(), |sum, group| ProvisionedCount {
            allocated: sum.allocated + group.provisioned.total(),
            available: sum.available + group.provisioned.idle.len(),
        })
    }

    /// Every revision that has or wants provisioned environments, with its function and the qualifier that wants them.
    pub fn provisioned_revisions(&self) -> Vec<(String, FunctionKey, String)> {
        let state = self.state.lock();
        let used = state.groups.iter().filter(|(_, group)| group.provisioned.is_used());
        used.map(|(revision, group)| {
            (revision.clone(), group.function.clone(), group.provisioned.qualifier.clone())
        })
        .collect()
    }

    /// Ends idle provisioned environments whose role sessions end before `at`, so that fresh ones take their place.
    pub fn end_provisioned_before(&self, at: Time) {
        let mut old = Vec::new();
        for group in self.state.lock().groups.values_mut() {
            old.extend(group.provisioned.idle.extract_if(.., |warm| warm.credentials_end_at < at));
        }
        old.into_iter().for_each(end);
    }

    /// A busy provisioned environment has died.
    pub(super) fn lose_provisioned(&self, revision: &str) {
        if let Some(group) = self.state.lock().groups.get_mut(revision) {
            group.provisioned.busy -= 1;
        }
        self.provisioned_gone.notify_one();
    }
}

impl Lease {
    /// Whether the environment is a provisioned one.
    pub fn is_provisioned(&self) -> bool {
        self.warm.as_ref().is_some_and(|warm| warm.provisioned)
    }
}
