//! Choosing the next events of an answer from chunks that overlap.

use super::event_id::EventId;
use std::collections::BTreeMap;

/// Which way a reader goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From earlier to later events.
    Forward,
    /// From later to earlier events.
    Backward,
}

/// The first events in some direction, of all that were offered, as far as they fit.
///
/// Events may be offered in any order: the page holds those that come first, and never more than fit.
pub struct Page<E> {
    direction: Direction,
    events_max: usize,
    bytes_max: usize,
    bytes: usize,
    events: BTreeMap<EventId, (usize, E)>,
    /// The first event that was offered and does not fit.
    cut: Option<EventId>,
}

impl<E> Page<E> {
    /// An empty page for at most `events_max` events that count at most `bytes_max` bytes, but always at least one.
    pub fn new(direction: Direction, events_max: usize, bytes_max: usize) -> Self {
        Page {
            direction,
            events_max: events_max.max(1),
            bytes_max,
            bytes: 0,
            events: BTreeMap::new(),
            cut: None,
        }
    }

    /// Whether an event of this id would be kept.
    pub fn wants(&self, id: EventId) -> bool {
        self.cut.is_none_or(|cut| self.is_before(id, cut))
    }

    fn is_before(&self, a: EventId, b: EventId) -> bool {
        match self.direction {
            Direction::Forward => a < b,
            Direction::Backward => a > b,
        }
    }

    /// Takes an event that counts `bytes`, if it belongs to the first ones.
    pub fn offer(&mut self, id: EventId, bytes: usize, event: E) {
        if !self.wants(id) {
            return;
        }
        self.bytes += bytes;
        self.events.insert(id, (bytes, event));
        while self.events.len() > self.events_max
            || (self.bytes > self.bytes_max && self.events.len() > 1)
        {
            let last = match self.direction {
                Direction::Forward => self.events.pop_last(),
                Direction::Backward => self.events.pop_first(),
            };
            let Some((id, (bytes, _))) = last else { break };
            self.bytes -= bytes;
            self.cut = Some(id);
        }
    }

    /// Once the page is full, the event behind which nothing is wanted any more.
    pub fn boundary(&self) -> Option<EventId> {
        if self.cut.is_some() {
            return self.cut;
        }
        let full = self.events.len() == self.events_max;
        let last = match self.direction {
            Direction::Forward => self.events.last_key_value(),
            Direction::Backward => self.events.first_key_value(),
        };
        last.filter(|_| full).map(|(id, _)| *id)
    }

    /// Drops the events from `end_ms` on, for a forward page whose reader stopped there.
    pub fn truncate(&mut self, end_ms: u64) {
        self.events.split_off(&EventId::before(end_ms));
    }

    /// The events, from earlier to later.
    pub fn into_events(self) -> Vec<(EventId, E)> {
        self.events.into_iter().map(|(id, (_, event))| (id, event)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(timestamp_ms: u64, index: u32) -> EventId {
        EventId { timestamp_ms, stream: 1, sequence: 0, index }
    }

    #[test]
    fn bytes_limit_but_one_event_always_fits() {
        let mut page = Page::new(Direction::Forward, 10, 100);
        page.offer(id(5, 0), 500, "large");
        assert!(page.boundary().is_none(), "a smaller event may come before it");
        page.offer(id(3, 0), 60, "small");
        assert_eq!(page.boundary(), Some(id(5, 0)));
        page.offer(id(6, 0), 1, "after the cut");
        page.offer(id(4, 0), 40, "fits");
        let kept: Vec<&str> = page.into_events().into_iter().map(|(_, event)| event).collect();
        assert_eq!(kept, ["small", "fits"]);
    }

    proptest! {
        /// The page holds the first events in its direction, whatever the order of offers.
        #[test]
        fn first_events(
            times in prop::collection::vec(0_u64..20, 0..40), events_max in 1_usize..10, backward in any::<bool>(),
        ) {
            let direction = if backward { Direction::Backward } else { Direction::Forward };
            let ids: Vec<EventId> = times.iter().enumerate().map(|(i, t)| id(*t, i as u32)).collect();
            let mut page = Page::new(direction, events_max, usize::MAX);
            ids.iter().for_each(|id| page.offer(*id, 1, ()));
            let mut expected = ids;
            expected.sort();
            if backward {
                let skip = expected.len().saturating_sub(events_max);
                expected.drain(..skip);
            } else {
                expected.truncate(events_max);
            }
            let found: Vec<EventId> = page.into_events().into_iter().map(|(id, _)| id).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
