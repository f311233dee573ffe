//! How many environments of a function and of an account may run at once.
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use crate::errors;
use crate::failure::Failure;
use crate::limits::{
    REQUESTS_PER_CONCURRENCY, SCALING_ENVIRONMENTS, SCALING_PERIOD, UNRESERVED_CONCURRENCY_MIN,
};
use crate::model::name::FunctionKey;
use crate::resolve::Target;
use crate::tables::{CONCURRENCY, PROVISIONED};
use base::{AccountId, Region};
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::limits::SCAN_ROWS_MAX;
use store::{Key, Prefix, PrefixOf, Store, Table, View};
use wire_lambda::ThrottleReason;

/// The time in which rates are counted.
const SECOND: Duration = Duration::from_secs(1);

type Place = (AccountId, Region);

/// Counts what runs.
pub struct Concurrency {
    store: Store,
    /// Concurrent executions of an account in a region.
    limit: u32,
    /// Whether requests are held to [`REQUESTS_PER_CONCURRENCY`].
    holds_request_rates: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    functions: HashMap<FunctionKey, OfFunction>,
    accounts: HashMap<Place, OfAccount>,
    /// What functions have for themselves, and the generations of the tables at which it was read.
    committed: ([u64; 2], HashMap<Place, u32>),
}

/// What one function does.
#[derive(Default)]
struct OfFunction {
    running: u32,
    /// Requests, where its concurrency is reserved.
    requests: Bucket,
    /// Environments that it starts.
    starts: Bucket,
}

/// What the functions of an account do in a region.
#[derive(Default)]
struct OfAccount {
    /// Executions that count against what all share.
    unreserved: u32,
    requests: Bucket,
}

/// A token bucket that is full at first, told as what was taken.
#[derive(Clone, Copy, Default)]
struct Bucket {
    taken: f64,
    /// On the monotonic clock.
    at: Duration,
}

impl Bucket {
    /// Takes one of `size` tokens, which come back within `period`; false if there is none.
    fn take(&mut self, size: u32, period: Duration, now: Duration) -> bool {
        self.refill(size, period, now);
        if self.taken + 1.0 > f64::from(size) {
            return false;
        }
        self.taken += 1.0;
        true
    }

    /// How many can be taken.
    fn left(&mut self, size: u32, period: Duration, now: Duration) -> u32 {
        self.refill(size, period, now);
        // Truncates; what is negative becomes 0.
        (f64::from(size) - self.taken) as u32
    }

    fn refill(&mut self, size: u32, period: Duration, now: Duration) {
        let back = now.saturating_sub(self.at).as_secs_f64() / period.as_secs_f64();
        self.taken = (self.taken - back * f64::from(size)).max(0.0);
        self.at = now;
    }

    /// Whether it must be full again at `now`, whatever its size.
    fn is_forgotten(&self, period: Duration, now: Duration) -> bool {
        now.saturating_sub(self.at) >= period
    }
}

/// One execution; ends when it is dropped.
pub struct Permit {
    concurrency: Arc<Concurrency>,
    target: Arc<Target>,
    /// Whether it counts against what all functions of the account share.
    shared: bool,
}

impl Concurrency {
    /// Nothing runs yet. `limit` is how many executions of an account in a region may run at once.
    pub fn new(store: Store, limit: u32, holds_request_rates: bool) -> Self {
        Concurrency { store, limit, holds_request_rates, state: Mutex::default() }
    }

    /// How many executions of an account in a region may run at once.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Lets one more execution of `target` begin at `now` on the monotonic clock, in a provisioned environment or another.
    /// Error: `TooManyRequestsException` with the reason.
    pub fn admit(
        self: &Arc<Self>,
        target: &Arc<Target>,
        provisioned: bool,
        now: Duration,
    ) -> Result<Permit, wire::Error> {
        let place = (target.function.0, target.function.1.clone());
        // What is provisioned has been set aside already.
        let shared = target.reserved_concurrency.is_none() && !provisioned;
        let committed = if shared { self.committed(&place)? } else { 0 };
        let mut state = self.state.lock();
        let State { functions, accounts, .. } = &mut *state;
        let account = accounts.entry(place).or_default();
        if shared && account.unreserved >= self.limit.saturating_sub(committed) {
            return Err(errors::throttled(ThrottleReason::ConcurrentInvocationLimitExceeded));
        }
        let function = match functions.get_mut(&target.function) {
            Some(function) => function,
            None => functions.entry(target.function.clone()).or_default(),
        };
        if let Some(reserved) = target.reserved_concurrency {
            if function.running >= reserved {
                let reason = ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded;
                return Err(errors::throttled(reason));
            }
            let rate = reserved.saturating_mul(REQUESTS_PER_CONCURRENCY);
            if self.holds_request_rates && !function.requests.take(rate, SECOND, now) {
                let reason = ThrottleReason::ReservedFunctionInvocationRateLimitExceeded;
                return Err(errors::throttled(reason));
            }
        }
        let rate = self.limit.saturating_mul(REQUESTS_PER_CONCURRENCY);
        if self.holds_request_rates && !account.requests.take(rate, SECOND, now) {
            return Err(errors::caller_throttled());
        }
        function.running += 1;
        account.unreserved += u32::from(shared);
        Ok(Permit { concurrency: self.clone(), target: target.clone(), shared })
    }

    /// How many more executions [`Concurrency::admit`] would let begin at `now`: of a function that has `reserved` of the
    /// concurrency for itself; without that, of all functions of its place that have none, beside what is provisioned.
    pub fn free(
        &self,
        function: &FunctionKey,
        reserved: Option<u32>,
        now: Duration,
    ) -> Result<u32, wire::Error> {
        let place = (function.0, function.1.clone());
        let (committed, provisioned) = match reserved {
            Some(_) => (0, 0),
            None => {
                let provisioned = self.store.read(|view| sum_provisioned(view, function, None))?;
                (self.committed(&place)?, provisioned)
            }
        };
        let state = self.state.lock();
        let own = state.functions.get(function).map(|own| (own.running, own.requests));
        let (running, mut own_requests) = own.unwrap_or_default();
        let all = state.accounts.get(&place).map(|all| (all.unreserved, all.requests));
        let (unreserved, mut all_requests) = all.unwrap_or_default();
        let rate = |concurrency: u32| concurrency.saturating_mul(REQUESTS_PER_CONCURRENCY);
        let mut left = all_requests.left(rate(self.limit), SECOND, now);
        let free = match reserved {
            Some(reserved) => {
                left = left.min(own_requests.left(rate(reserved), SECOND, now));
                reserved.saturating_sub(running)
            }
            None => {
                let shared = self.limit.saturating_sub(committed).saturating_sub(unreserved);
                shared.saturating_add(provisioned.saturating_sub(running))
            }
        };
        Ok(if self.holds_request_rates { free.min(left) } else { free })
    }

    /// Lets an execution that was admitted start an environment. Error: the function starts too many in too short a time.
    pub fn scale(&self, target: &Target, now: Duration) -> Result<(), wire::Error> {
        let mut state = self.state.lock();
        let function = state.functions.get_mut(&target.function);
        let may = function
            .is_none_or(|function| function.starts.take(SCALING_ENVIRONMENTS, SCALING_PERIOD, now));
        match may {
            true => Ok(()),
            false => Err(errors::throttled(ThrottleReason::FunctionInvocationRateLimitExceeded)),
        }
    }

    /// Forgets the functions and accounts that have done nothing for so long that nothing of it counts any more.
    pub fn forget_idle(&self, now: Duration) {
        let mut state = self.state.lock();
        state.functions.retain(|_, function| {
            function.running > 0
                || !function.requests.is_forgotten(SECOND, now)
                || !function.starts.is_forgotten(SCALING_PERIOD, now)
        });
        state.accounts.retain(|_, account| {
            account.unreserved > 0 || !account.requests.is_forgotten(SECOND, now)
        });
    }

    /// Reads ahead what an invocation of a function in `place` asks for.
    pub fn prepare(&self, place: &Place) {
        // An error is shown to who asks.
        let _ = self.committed(place);
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
pub fn check_reservation(
    limit: u32,
    wanted: u32,
    provisioned: u32,
    others: u32,
) -> Result<(), wire::Error> {
    if wanted < provisioned {
        return Err(errors::reserved_below_provisioned(wanted, provisioned));
    }
    let min = unreserved_min(limit);
    match wanted.saturating_add(others) > limit - min {
        true => Err(errors::unreserved_too_low(min)),
        false => Ok(()),
    }
}

/// What must be left to functions without a reservation: all, in an account that has no more.
fn unreserved_min(limit: u32) -> u32 {
    UNRESERVED_CONCURRENCY_MIN.min(limit)
}

/// Ok if a function may have `wanted` provisioned in all: within its reservation, else beside what others have.
pub fn check_provisioned(
    limit: u32,
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
    let unreserved = limit.saturating_sub(others);
    if wanted > unreserved {
        return Err(errors::provisioned_above_unreserved(unreserved));
    }
    let min = unreserved_min(limit);
    match unreserved - wanted < min {
        true => Err(errors::provisioned_leaves_too_little(min)),
        false => Ok(()),
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.concurrency.state.lock();
        let function = &self.target.function;
        if let Some(function) = state.functions.get_mut(function) {
            function.running -= 1;
        }
        if self.shared {
            let place = (function.0, function.1.clone());
            if let Some(account) = state.accounts.get_mut(&place) {
                account.unreserved -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_gives_what_comes_back() {
        let mut bucket = Bucket::default();
        let at = Duration::from_millis;
        let taken = |bucket: &mut Bucket, ms: u64| {
            (0..2_000).filter(|_| bucket.take(1_000, SECOND, at(ms))).count()
        };
        assert_eq!(taken(&mut bucket, 0), 1_000);
        assert_eq!(taken(&mut bucket, 0), 0);
        assert_eq!(taken(&mut bucket, 10), 10);
        assert_eq!(taken(&mut bucket, 5_000), 1_000);
        assert_eq!(bucket.left(1_000, SECOND, at(5_000)), 0);
        assert_eq!(bucket.left(1_000, SECOND, at(5_500)), 500);
        assert!(!bucket.is_forgotten(SECOND, at(6_499)) && bucket.is_forgotten(SECOND, at(6_500)));
    }

    #[test]
    fn a_small_account_keeps_all_that_it_has() {
        let text = |limit| check_reservation(limit, 1, 0, 0).unwrap_err().to_string();
        assert!(text(10).contains("minimum value of [10]"));
        assert!(text(100).contains("minimum value of [100]"));
        assert!(check_reservation(101, 1, 0, 0).is_ok());
        let provisioned = check_provisioned(10, 1, None, 0).unwrap_err().to_string();
        assert!(provisioned.contains("minimum value of [10]"));
    }
}
