//! What invocations cost, counted per function since the process began.

use crate::model::name::FunctionKey;
use parking_lot::Mutex;
use std::collections::HashMap;

/// US dollars per million requests, us-east-1, x86, as of 2026-11.
/// <https://aws.amazon.com/lambda/pricing/>
pub const USD_PER_MILLION_REQUESTS: f64 = 0.20;
/// US dollars per GB-second of the first tier, us-east-1, x86, as of 2026-11. Same source.
pub const USD_PER_GB_SECOND: f64 = 0.000_016_666_7;
/// Functions that are counted; further ones are not.
const FUNCTIONS_MAX: usize = 100_000;

/// One invocation, as it is billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Milliseconds, rounded up.
    pub billed_ms: u64,
    /// Configured memory.
    pub memory_mib: u32,
}

/// What one function has used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Invocations.
    pub requests: u64,
    /// Billed milliseconds.
    pub billed_ms: u64,
    /// Billed milliseconds times MiB.
    pub mib_ms: u64,
}

impl Total {
    /// At AWS's prices above, without the free tier.
    pub fn usd(&self) -> f64 {
        let gb_seconds = self.mib_ms as f64 / 1_024.0 / 1_000.0;
        self.requests as f64 / 1e6 * USD_PER_MILLION_REQUESTS + gb_seconds * USD_PER_GB_SECOND
    }
}

/// Counts.
#[derive(Default)]
pub struct Meter {
    totals: Mutex<HashMap<FunctionKey, Total>>,
}

impl Meter {
    /// Adds one invocation.
    pub fn record(&self, function: &FunctionKey, usage: Usage) {
        let mut totals = self.totals.lock();
        if !totals.contains_key(function) {
            if totals.len() >= FUNCTIONS_MAX {
                return;
            }
            totals.insert(function.clone(), Total::default());
        }
        if let Some(total) = totals.get_mut(function) {
            total.requests += 1;
            total.billed_ms += usage.billed_ms;
            total.mib_ms += usage.billed_ms * u64::from(usage.memory_mib);
        }
    }

    /// What `function` has used since the process began.
    pub fn total(&self, function: &FunctionKey) -> Total {
        self.totals.lock().get(function).copied().unwrap_or_default()
    }

    /// Every function that was invoked, with what it has used.
    pub fn totals(&self) -> Vec<(FunctionKey, Total)> {
        self.totals.lock().iter().map(|(key, total)| (key.clone(), *total)).collect()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.totals.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Region};

    /// AWS's own example: 3 million requests of 120 ms with 1,536 MB cost $0.60 and, before the free tier, $9.00.
    #[test]
    fn prices() {
        let meter = Meter::default();
        let key = (AccountId::DEFAULT, Region::default(), "f".to_string());
        meter.record(&key, Usage { billed_ms: 120, memory_mib: 1_536 });
        let one = meter.total(&key);
        let million = Total {
            requests: one.requests * 3_000_000,
            billed_ms: one.billed_ms * 3_000_000,
            mib_ms: one.mib_ms * 3_000_000,
        };
        assert!((million.usd() - 9.60).abs() < 0.01, "{}", million.usd());
    }
}
