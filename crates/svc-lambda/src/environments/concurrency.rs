//! How many environments of a function and of an account may run at once.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use crate::failure::Failure;
use crate::limits::CONCURRENT_EXECUTIONS;
use crate::model::name::FunctionKey;
use crate::resolve::Target;
use crate::tables::CONCURRENCY;
use crate::{errors, limits};
use base::{AccountId, Region};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use store::limits::SCAN_ROWS_MAX;
use store::{Prefix, Store, View};
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
    /// Sums of the reservations, and the generation of the table at which they were read.
    reserved: (u64, HashMap<Place, u32>),
}

/// One execution; ends when it is dropped.
pub struct Permit {
    concurrency: Arc<Concurrency>,
    target: Arc<Target>,
}

impl Concurrency {
    /// Nothing runs yet.
    pub fn new(store: Store) -> Self {
        Concurrency { store, state: Mutex::default() }
    }

    /// Lets one more execution of `target` begin. Error: `TooManyRequestsException` with the reason.
    pub fn admit(self: &Arc<Self>, target: &Arc<Target>) -> Result<Permit, wire::Error> {
        let place = (target.function.0, target.function.1.clone());
        let reserved = match target.reserved_concurrency {
            Some(_) => 0,
            None => self.reserved(&place)?,
        };
        let mut state = self.state.lock();
        let running = state.functions.get(&target.function).copied().unwrap_or(0);
        if let Some(max) = target.reserved_concurrency {
            if running >= max {
                let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
                return Err(errors::throttled(reason));
            }
        } else {
            let max = CONCURRENT_EXECUTIONS.saturating_sub(reserved);
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
        Ok(Permit { concurrency: self.clone(), target: target.clone() })
    }

    fn reserved(&self, place: &Place) -> Result<u32, wire::Error> {
        let generation = self.store.generation(&CONCURRENCY);
        {
            let state = self.state.lock();
            if state.reserved.0 == generation
                && let Some(sum) = state.reserved.1.get(place)
            {
                return Ok(*sum);
            }
        }
        let sum = read_reserved(&self.store, place)?;
        let mut state = self.state.lock();
        if state.reserved.0 != generation {
            state.reserved = (generation, HashMap::new());
        }
        state.reserved.1.insert(place.clone(), sum);
        Ok(sum)
    }
}

fn read_reserved(store: &Store, place: &Place) -> Result<u32, wire::Error> {
    // Runs inline and never waits.
    let sum =
        futures_util::FutureExt::now_or_never(store.view(|view| sum_reserved(view, place, None)));
    Ok(sum.unwrap_or_else(|| Ok(0))?)
}

/// The reservations of all functions in a place, but for `except`.
pub fn sum_reserved(
    view: &View<'_>,
    (account, region): &Place,
    except: Option<&str>,
) -> Result<u32, Failure> {
    let mut sum = 0_u32;
    let mut last = None;
    loop {
        let mut range = Prefix::of((*account, region.clone()));
        if let Some(last) = &last {
            range = range.after(last);
        }
        let rows = view.scan(&CONCURRENCY, range, SCAN_ROWS_MAX)?;
        let others = rows.iter().filter(|(key, _)| except != Some(key.2.as_str()));
        sum = others.fold(sum, |sum, (_, record)| sum.saturating_add(record.reserved));
        if rows.len() < SCAN_ROWS_MAX {
            return Ok(sum);
        }
        last = rows.into_iter().next_back().map(|(key, _)| key);
    }
}

/// Ok if a function may reserve `wanted` beside the reservations `others`.
pub fn check_reservation(wanted: u32, others: u32) -> Result<(), wire::Error> {
    let max = CONCURRENT_EXECUTIONS - limits::UNRESERVED_CONCURRENCY_MIN;
    if wanted.saturating_add(others) > max { Err(errors::unreserved_too_low()) } else { Ok(()) }
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
        if self.target.reserved_concurrency.is_none() {
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
