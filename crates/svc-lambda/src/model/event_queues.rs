//! Whose asynchronous events run next.
//!
//! Functions that have events take turns. One may use at most as many places as are free, so that some always are: a
//! storm on one function gets half of all places and leaves the other half to those that come after it, each of which
//! gets half of what is left then.

use crate::model::name::FunctionKey;
use base::{RequestId, Time};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// An event of a function: when it is due, and its id.
pub type EventId = (Time, RequestId);

/// The events that run, and the functions that have more of them.
pub struct EventQueues {
    places: usize,
    running: HashMap<FunctionKey, HashSet<EventId>>,
    total: usize,
    /// Those of them whose executions have not begun yet, so that they do not count as such: nearly always few.
    pending: HashSet<(FunctionKey, EventId)>,
    /// Functions that may have an event that is due, each once, in the order of their turns.
    ready: VecDeque<FunctionKey>,
    is_ready: HashSet<FunctionKey>,
    /// When the first event of the other functions is due.
    due: HashMap<FunctionKey, Time>,
    by_due: BTreeSet<(Time, FunctionKey)>,
}

impl EventQueues {
    /// At most `places` events run at once.
    pub fn new(places: usize) -> Self {
        EventQueues {
            places,
            running: HashMap::new(),
            total: 0,
            pending: HashSet::new(),
            ready: VecDeque::new(),
            is_ready: HashSet::new(),
            due: HashMap::new(),
            by_due: BTreeSet::new(),
        }
    }

    /// `function` has an event that is due at `due`.
    pub fn add(&mut self, function: &FunctionKey, due: Time, now: Time) {
        if self.is_ready.contains(function) {
            return;
        }
        if due <= now {
            self.forget_due(function);
            self.is_ready.insert(function.clone());
            self.ready.push_back(function.clone());
        } else if self.due.get(function).is_none_or(|before| due < *before) {
            self.forget_due(function);
            self.due.insert(function.clone(), due);
            self.by_due.insert((due, function.clone()));
        }
    }

    fn forget_due(&mut self, function: &FunctionKey) {
        if let Some(due) = self.due.remove(function) {
            self.by_due.remove(&(due, function.clone()));
        }
    }

    /// When the next event is due of a function that has none now.
    pub fn next_due(&self) -> Option<Time> {
        self.by_due.first().map(|(due, _)| *due)
    }

    /// The function whose turn it is at `now`, and how many of its events may begin. The caller looks for them and adds
    /// the function again if there are more.
    pub fn next(&mut self, now: Time) -> Option<(FunctionKey, usize)> {
        for _ in 0..self.turns(now) {
            let function = self.ready.pop_front()?;
            let may = self.may_begin(&function);
            if may > 0 {
                self.is_ready.remove(&function);
                return Some((function, may));
            }
            self.ready.push_back(function);
            if self.total >= self.places {
                return None;
            }
        }
        None
    }

    /// How many functions wait for their turn at `now`.
    pub fn turns(&mut self, now: Time) -> usize {
        while let Some((due, function)) =
            self.by_due.first().cloned().filter(|(due, _)| *due <= now)
        {
            self.add(&function, due, now);
        }
        self.ready.len()
    }

    fn may_begin(&self, function: &FunctionKey) -> usize {
        let free = self.places - self.total;
        free.saturating_sub(self.running_of(function)).div_ceil(2)
    }

    /// How many events of `function` run.
    pub fn running_of(&self, function: &FunctionKey) -> usize {
        self.running.get(function).map_or(0, HashSet::len)
    }

    /// Whether an event runs.
    pub fn is_running(&self, function: &FunctionKey, event: &EventId) -> bool {
        self.running.get(function).is_some_and(|running| running.contains(event))
    }

    /// An event begins; false if it runs already.
    pub fn begin(&mut self, function: &FunctionKey, event: EventId) -> bool {
        let new = self.running.entry(function.clone()).or_default().insert(event);
        self.total += usize::from(new);
        if new {
            self.pending.insert((function.clone(), event));
        }
        new
    }

    /// Its execution has begun, or was refused.
    pub fn admitted(&mut self, function: &FunctionKey, event: EventId) {
        self.pending.remove(&(function.clone(), event));
    }

    /// How many events have begun whose executions have not: of `function` alone, and of its account in its region.
    pub fn pending(&self, function: &FunctionKey) -> (usize, usize) {
        let own = self.pending.iter().filter(|(other, _)| other == function).count();
        let (account, region, _) = function;
        let beside = self.pending.iter().filter(|((a, r, _), _)| a == account && r == region);
        (own, beside.count())
    }

    /// An event has ended.
    pub fn end(&mut self, function: &FunctionKey, event: &EventId) {
        self.admitted(function, *event);
        if let Some(running) = self.running.get_mut(function) {
            self.total -= usize::from(running.remove(event));
            if running.is_empty() {
                self.running.remove(function);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Entropy, Region, SeededEntropy};

    fn function(name: &str) -> FunctionKey {
        (AccountId::DEFAULT, Region::default(), name.to_string())
    }

    fn at(s: u64) -> Time {
        Time::from_unix_s(s)
    }

    /// Begins what may begin of functions that have endlessly many events; how many each then runs.
    fn fill(queues: &mut EventQueues, entropy: &dyn Entropy, names: &[&str]) -> Vec<usize> {
        while let Some((function, may)) = queues.next(at(1)) {
            for _ in 0..may {
                assert!(queues.begin(&function, (at(1), RequestId::new(entropy))));
            }
            queues.add(&function, at(1), at(1));
        }
        names.iter().map(|name| queues.running_of(&function(name))).collect()
    }

    #[test]
    fn a_storm_leaves_places_to_those_that_come_after() {
        let (mut queues, entropy) = (EventQueues::new(64), SeededEntropy::new(1));
        queues.add(&function("storm"), at(1), at(1));
        assert_eq!(fill(&mut queues, &entropy, &["storm"]), [32]);
        queues.add(&function("b"), at(1), at(1));
        assert_eq!(fill(&mut queues, &entropy, &["storm", "b"]), [32, 16]);
        queues.add(&function("c"), at(1), at(1));
        assert_eq!(fill(&mut queues, &entropy, &["storm", "b", "c"]), [32, 16, 8]);
        // A hundred more get a place each until none is left.
        for n in 0..100 {
            queues.add(&function(&format!("{n}")), at(1), at(1));
        }
        fill(&mut queues, &entropy, &[]);
        assert_eq!(queues.total, 64);
    }

    #[test]
    fn places_that_become_free_go_to_whose_turn_it_is() {
        let (mut queues, entropy) = (EventQueues::new(4), SeededEntropy::new(1));
        queues.add(&function("a"), at(1), at(1));
        assert_eq!(fill(&mut queues, &entropy, &["a"]), [2]);
        queues.add(&function("b"), at(1), at(1));
        assert_eq!(fill(&mut queues, &entropy, &["a", "b"]), [2, 1]);
        for event in queues.running[&function("a")].clone() {
            queues.end(&function("a"), &event);
        }
        assert_eq!(fill(&mut queues, &entropy, &["a", "b"]).iter().sum::<usize>(), queues.total);
        assert!(queues.running_of(&function("a")) >= 1 && queues.total >= 3);
    }

    #[test]
    fn events_wait_until_they_are_due() {
        let mut queues = EventQueues::new(4);
        queues.add(&function("a"), at(30), at(1));
        queues.add(&function("a"), at(20), at(1));
        queues.add(&function("a"), at(40), at(1));
        assert_eq!((queues.next(at(19)), queues.next_due()), (None, Some(at(20))));
        assert_eq!(queues.next(at(20)), Some((function("a"), 2)));
        assert_eq!((queues.next(at(50)), queues.next_due()), (None, None));
    }

    #[test]
    fn what_has_begun_is_pending_until_its_execution_has() {
        let (mut queues, entropy) = (EventQueues::new(8), SeededEntropy::new(1));
        let event = || (at(1), RequestId::new(&entropy));
        let (first, second) = (event(), event());
        for (name, event) in [("a", first), ("a", second), ("b", event())] {
            assert!(queues.begin(&function(name), event));
        }
        assert_eq!(queues.pending(&function("a")), (2, 3));
        queues.admitted(&function("a"), first);
        queues.end(&function("a"), &second);
        assert_eq!(queues.pending(&function("a")), (0, 1));
        assert!(queues.is_running(&function("a"), &first));
        assert!(!queues.is_running(&function("a"), &second));
    }
}
