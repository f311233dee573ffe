//! How many environments of a function and of an account may run at once.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use crate::failure::Failure;
use crate::limits::CONCURRENT_EXECUTIONS;
use crate::model::name::FunctionKey;
use crate::resolve::Target;
use crate::tables::{CONCURRENCY, PROVISIONED};
use crate::{errors, limits};
use base::{AccountId, Region};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Key, Prefix, PrefixOf, Store, Table, View};
use wire_lambda::ThrottleReason;

type Place = (AccountId, Region);

/// Counts what runs.
pub struct Concurrency {
    store: Store,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Executions by function.
    functions: HashMap<FunctionKey, u32>,
    /// Executions of functions without reserved concurrency.
    unreserved: HashMap<Place, u32>,
    /// What functions have for themselves, and the generations of the tables at which it was read.
    committed: ([u64; 2], HashMap<Place, u32>),
}

/// One execution; ends when it is dropped.
pub struct Permit {
    concurrency: Arc<Concurrency>,
    target: Arc<Target>,
    /// Whether it counts against what all functions of the account share.
    shared: bool,
}

impl Concurrency {
    /// Nothing runs yet.
    pub fn new(store: Store) -> Self {
        Concurrency { store, state: Mutex::default() }
    }

    /// Lets one more execution of `target` begin, in a provisioned environment or another. Error:
    /// `TooManyRequestsException` with the reason.
    pub fn admit(
        self: &Arc<Self>,
        target: &Arc<Target>,
        provisioned: bool,
    ) -> Result<Permit, wire::Error> {
        let place = (target.function.0, target.function.1.clone());
        // What is provisioned has been set aside already.
        let shared = target.reserved_concurrency.is_none() && !provisioned;
        let committed = if shared { self.committed(&place)? } else { 0 };
        let mut state = self.state.lock();
        let running = state.functions.get(&target.function).copied().unwrap_or(0);
        if target.reserved_concurrency.is_some_and(|max| running >= max) {
            let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
            return Err(errors::throttled(reason));
        }
        if shared {
            let max = CONCURRENT_EXECUTIONS.saturating_sub(committed);
            let unreserved = state.unreserved.entry(place).or_default();
            if *unreserved >= max {
                return Err(errors::throttled(ThrottleReason::ConcurrentInvocationLimitExceeded));
            }
            *unreserved += 1;
        }
        match state.functions.get_mut(&target.function) {
            Some(running) => *running += 1,
            None => drop(state.functions.insert(target.function.clone(), 1)),
        }
        Ok(Permit { concurrency: self.clone(), target: target.clone(), shared })
    }

    fn committed(&self, place: &Place) -> Result<u32, wire::Error> {
        let stamp = [self.store.generation(&CONCURRENCY), self.store.generation(&PROVISIONED)];
        {
            let state = self.state.lock();
            if state.committed.0 == stamp
                && let Some(sum) = state.committed.1.get(place)
            {
                return Ok(*sum);
            }
        }
        let sum = self.store.read(|view| sum_committed(view, place, None))?;
        let mut state = self.state.lock();
        if state.committed.0 != stamp {
            state.committed = (stamp, HashMap::new());
        }
        state.committed.1.insert(place.clone(), sum);
        Ok(sum)
    }
}

/// What functions of a place have for themselves, but for `except`: their reservation or, without one, their
/// provisioned concurrency.
pub fn sum_committed(
    view: &View<'_>,
    (account, region): &Place,
    except: Option<&str>,
) -> Result<u32, Failure> {
    let place = (*account, region.clone());
    let mut sums: HashMap<String, u32> = HashMap::new();
    for_each(view, &PROVISIONED, &place, |key, record| {
        let sum = sums.entry(key.2).or_default();
        *sum = sum.saturating_add(record.requested);
    })?;
    for_each(view, &CONCURRENCY, &place, |key, record| {
        sums.insert(key.2, record.reserved);
    })?;
    let others = sums.iter().filter(|(function, _)| except != Some(function.as_str()));
    Ok(others.fold(0, |sum, (_, committed)| sum.saturating_add(*committed)))
}

/// What is provisioned for a function, but for the configuration of `except`.
pub fn sum_provisioned(
    view: &View<'_>,
    key: &FunctionKey,
    except: Option<&str>,
) -> Result<u32, Failure> {
    let rows = view.scan(&PROVISIONED, Prefix::of(key.clone()), SCAN_ROWS_MAX)?;
    let others = rows.iter().filter(|(row, _)| except != Some(row.3.as_str()));
    Ok(others.fold(0, |sum, (_, record)| sum.saturating_add(record.requested)))
}

/// Visits all rows of a place.
fn for_each<K, R>(
    view: &View<'_>,
    table: &Table<K, R>,
    place: &Place,
    mut visit: impl FnMut(K, R),
) -> Result<(), Failure>
where
    K: Key + Clone,
    R: Serialize + DeserializeOwned,
    Place: PrefixOf<K>,
{
    let mut last: Option<K> = None;
    loop {
        let mut range = Prefix::of(place.clone());
        if let Some(last) = &last {
            range = range.after(last);
        }
        let rows = view.scan(table, range, SCAN_ROWS_MAX)?;
        let more = rows.len() == SCAN_ROWS_MAX;
        last = rows.last().map(|(key, _)| key.clone());
        rows.into_iter().for_each(|(key, record)| visit(key, record));
        if !more {
            return Ok(());
        }
    }
}

/// Ok if a function may reserve `wanted`, of which it has `provisioned` already, beside what others have.
pub fn check_reservation(wanted: u32, provisioned: u32, others: u32) -> Result<(), wire::Error> {
    if wanted < provisioned {
        return Err(errors::reserved_below_provisioned(wanted, provisioned));
    }
    let max = CONCURRENT_EXECUTIONS - limits::UNRESERVED_CONCURRENCY_MIN;
    if wanted.saturating_add(others) > max { Err(errors::unreserved_too_low()) } else { Ok(()) }
}

/// Ok if a function may have `wanted` provisioned in all: within its reservation, else beside what others have.
pub fn check_provisioned(
    wanted: u32,
    reserved: Option<u32>,
    others: u32,
) -> Result<(), wire::Error> {
    if let Some(reserved) = reserved {
        return match wanted > reserved {
            true => Err(errors::provisioned_above_reserved()),
            false => Ok(()),
        };
    }
    let unreserved = CONCURRENT_EXECUTIONS.saturating_sub(others);
    if wanted > unreserved {
        return Err(errors::provisioned_above_unreserved(unreserved));
    }
    match unreserved - wanted < limits::UNRESERVED_CONCURRENCY_MIN {
        true => Err(errors::provisioned_leaves_too_little()),
        false => Ok(()),
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.concurrency.state.lock();
        let function = &self.target.function;
        if let Some(running) = state.functions.get_mut(function) {
            *running -= 1;
            if *running == 0 {
                state.functions.remove(function);
            }
        }
        if self.shared {
            let place = (function.0, function.1.clone());
            if let Some(unreserved) = state.unreserved.get_mut(&place) {
                *unreserved -= 1;
                if *unreserved == 0 {
                    state.unreserved.remove(&place);
                }
            }
        }
    }
}
