//! What becomes of an asynchronous event that could not be handled.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use crate::limits::{
    ASYNC_AGE_S_DEFAULT, ASYNC_BACKOFF_MAX, ASYNC_BACKOFF_MIN, ASYNC_RETRIES_DEFAULT,
    ASYNC_RETRY_DELAYS,
};
use crate::tables::EventInvokeConfigRecord;
use std::time::Duration;

/// Why an event is given up, in the words of the record that destinations get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It was handled.
    Success,
    /// The function failed as often as it may.
    RetriesExhausted,
    /// It waited as long as it may.
    EventAgeExceeded,
    /// The function must not run at all.
    ZeroReservedConcurrency,
    /// It continues a loop of functions that has gone on for too long. guess: the word is not documented.
    RecursiveInvocation,
}

impl Condition {
    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Condition::Success => "Success",
            Condition::RetriesExhausted => "RetriesExhausted",
            Condition::EventAgeExceeded => "EventAgeExceeded",
            Condition::ZeroReservedConcurrency => "ZeroReservedConcurrency",
            Condition::RecursiveInvocation => "RecursiveInvocation",
        }
    }
}

/// What to do with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again after this time.
    After(Duration),
    /// Give it up.
    Discard(Condition),
}

/// The schedule of retries that a function's configuration asks for.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    retries: u32,
    age_max: Duration,
}

impl Schedule {
    /// By the configuration, or as AWS does without one.
    pub fn of(config: Option<&EventInvokeConfigRecord>) -> Self {
        let retries = config.and_then(|config| config.maximum_retry_attempts);
        let age_s = config.and_then(|config| config.maximum_event_age_s);
        Schedule {
            retries: retries.unwrap_or(ASYNC_RETRIES_DEFAULT),
            age_max: Duration::from_secs(age_s.unwrap_or(ASYNC_AGE_S_DEFAULT).into()),
        }
    }

    /// Whether an event of this age may still be tried.
    pub fn admits(&self, age: Duration) -> bool {
        age < self.age_max
    }

    /// After the function has failed for the `attempts`th time.
    pub fn after_function_error(&self, attempts: u32, age: Duration) -> Next {
        if attempts > self.retries {
            return Next::Discard(Condition::RetriesExhausted);
        }
        let index = (attempts.max(1) as usize - 1).min(ASYNC_RETRY_DELAYS.len() - 1);
        self.within_age(ASYNC_RETRY_DELAYS[index], age)
    }

    /// After the event could not be given to the function for the `throttles`th time in a row. `chance` is any number: it
    /// takes up to half of the wait away, so that events that were refused together do not come back together.
    pub fn after_throttle(&self, throttles: u32, age: Duration, chance: u64) -> Next {
        let doubled = 2_u32 << (throttles.max(1) - 1).min(16);
        let longest = (ASYNC_BACKOFF_MIN * doubled).min(ASYNC_BACKOFF_MAX);
        // Bounded by ASYNC_BACKOFF_MAX, so the milliseconds are few.
        let spread_ms = longest.as_millis() as u64 / 2;
        self.within_age(longest - Duration::from_millis(chance % (spread_ms + 1)), age)
    }

    fn within_age(&self, delay: Duration, age: Duration) -> Next {
        if age + delay < self.age_max {
            Next::After(delay)
        } else {
            Next::Discard(Condition::EventAgeExceeded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn two_retries_after_one_and_two_minutes() {
        let schedule = Schedule::of(None);
        assert_eq!(schedule.after_function_error(1, s(3)), Next::After(s(60)));
        assert_eq!(schedule.after_function_error(2, s(70)), Next::After(s(120)));
        let exhausted = Next::Discard(Condition::RetriesExhausted);
        assert_eq!(schedule.after_function_error(3, s(200)), exhausted);
    }

    #[test]
    fn throttles_back_off_to_five_minutes_until_six_hours() {
        let schedule = Schedule::of(None);
        for (throttles, delay) in [(1, 2), (2, 4), (5, 32), (8, 256), (9, 300), (1_000, 300)] {
            assert_eq!(schedule.after_throttle(throttles, s(0), 0), Next::After(s(delay)));
            let least = Next::After(s(delay) / 2);
            assert_eq!(schedule.after_throttle(throttles, s(0), delay * 500), least);
        }
        let age = Next::Discard(Condition::EventAgeExceeded);
        assert_eq!(schedule.after_throttle(50, s(6 * 3_600 - 300), 0), age);
        assert!(schedule.admits(s(6 * 3_600 - 1)));
        assert!(!schedule.admits(s(6 * 3_600)));
    }

    #[test]
    fn configured() {
        let config = EventInvokeConfigRecord {
            maximum_retry_attempts: Some(0),
            maximum_event_age_s: Some(60),
            ..Default::default()
        };
        let schedule = Schedule::of(Some(&config));
        let exhausted = Next::Discard(Condition::RetriesExhausted);
        assert_eq!(schedule.after_function_error(1, s(0)), exhausted);
        let age = Next::Discard(Condition::EventAgeExceeded);
        assert_eq!(schedule.after_throttle(7, s(0), 0), age);
    }
}
