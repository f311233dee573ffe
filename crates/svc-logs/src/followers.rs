//! Live tails that run: who is told of new events.
//!
//! Nothing here is durable, and nothing grows: there are at most [`limits::LIVE_TAILS_MAX`] per account and region, and
//! each keeps at most one update's worth of events.

use crate::limits;
use crate::model::Event;
use crate::model::filter_pattern::FilterPattern;
use crate::model::log_group::Scope;
use crate::tables::GroupId;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// All live tails.
#[derive(Default)]
pub struct Followers {
    sessions: Mutex<Vec<Arc<Session>>>,
    /// How many there are: so that a writer without any costs nothing.
    count: AtomicUsize,
}

/// What a live tail follows.
pub struct Selection {
    /// Groups by id, each with the identifier that events show.
    pub groups: Vec<(GroupId, String)>,
    /// Names of streams; all of them if there is neither a name nor a prefix.
    pub stream_names: Vec<String>,
    /// Beginnings of streams' names.
    pub stream_prefixes: Vec<String>,
    /// Which messages.
    pub pattern: FilterPattern,
}

/// A live tail.
struct Session {
    scope: Scope,
    selection: Selection,
    pending: Mutex<Update>,
    ended: Notify,
}

/// What a live tail is to tell next.
#[derive(Debug, Default)]
pub struct Update {
    /// In the order in which they came in.
    pub events: Vec<FollowedEvent>,
    /// Whether there were more.
    pub sampled: bool,
    bytes: usize,
}

/// An event of a live tail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowedEvent {
    /// The identifier of its group.
    pub group: String,
    /// The name of its stream.
    pub stream: String,
    /// The event.
    pub event: Event,
    /// When it came in, in milliseconds since 1970.
    pub ingested_ms: u64,
}

/// Events for live tails that are delivered once they are durable.
#[derive(Default)]
pub struct Delivery(Vec<(Arc<Session>, Update)>);

/// Holds a live tail among the followers; dropping it ends that.
pub struct Following {
    followers: Arc<Followers>,
    session: Arc<Session>,
}

impl Followers {
    /// Begins a live tail; `None` if `scope` has as many as it may.
    pub fn begin(self: &Arc<Self>, scope: Scope, selection: Selection) -> Option<Following> {
        let mut sessions = self.sessions.lock();
        if sessions.iter().filter(|session| session.scope == scope).count()
            >= limits::LIVE_TAILS_MAX
        {
            return None;
        }
        let session =
            Arc::new(Session { scope, selection, pending: Mutex::default(), ended: Notify::new() });
        sessions.push(session.clone());
        self.count.store(sessions.len(), Ordering::Relaxed);
        Some(Following { followers: self.clone(), session })
    }

    /// What live tails are to be told of `events` that are about to be written to a stream.
    pub fn prepare(
        &self,
        group: GroupId,
        stream: &str,
        ingested_ms: u64,
        events: &[Event],
    ) -> Delivery {
        if self.count.load(Ordering::Relaxed) == 0 {
            return Delivery::default();
        }
        let sessions = self.sessions.lock().clone();
        let updates = sessions.into_iter().filter_map(|session| {
            let identifier = session.selection.identifier(group, stream)?;
            let mut update = Update::default();
            for event in
                events.iter().filter(|event| session.selection.pattern.matches(&event.message))
            {
                if !update.has_room(event) {
                    break;
                }
                update.push(FollowedEvent {
                    group: identifier.to_string(),
                    stream: stream.to_string(),
                    event: event.clone(),
                    ingested_ms,
                });
            }
            Some((session, update))
        });
        Delivery(updates.collect())
    }

    /// Ends all live tails: the service stops, or its store was emptied.
    pub fn end_all(&self) {
        self.sessions.lock().iter().for_each(|session| session.ended.notify_one());
    }
}

impl Delivery {
    /// Hands the events over; the live tails show them with their next update.
    pub fn deliver(self) {
        for (session, update) in self.0 {
            let mut pending = session.pending.lock();
            pending.sampled |= update.sampled;
            for event in update.events {
                if pending.has_room(&event.event) {
                    pending.push(event);
                }
            }
        }
    }
}

impl Selection {
    /// The identifier of `group` if events of its stream are followed.
    fn identifier(&self, group: GroupId, stream: &str) -> Option<&str> {
        let (_, identifier) = self.groups.iter().find(|(id, _)| *id == group)?;
        let all = self.stream_names.is_empty() && self.stream_prefixes.is_empty();
        let selected = all
            || self.stream_names.iter().any(|name| name == stream)
            || self.stream_prefixes.iter().any(|prefix| stream.starts_with(prefix.as_str()));
        selected.then_some(identifier)
    }
}

impl Update {
    /// Whether `event` fits; if not, what follows is a sample.
    fn has_room(&mut self, event: &Event) -> bool {
        let room = self.events.len() < limits::LIVE_TAIL_EVENTS_MAX
            && self.bytes + event.message.len() <= limits::LIVE_TAIL_BYTES_MAX;
        self.sampled |= !room;
        room
    }

    fn push(&mut self, event: FollowedEvent) {
        self.bytes += event.event.message.len();
        self.events.push(event);
    }
}

impl Following {
    /// Takes what has come in since the last time.
    pub fn take(&self) -> Update {
        std::mem::take(&mut self.session.pending.lock())
    }

    /// Completes when the service ends the live tail.
    pub async fn ended(&self) {
        self.session.ended.notified().await;
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut sessions = self.followers.sessions.lock();
        sessions.retain(|session| !Arc::ptr_eq(session, &self.session));
        self.followers.count.store(sessions.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::{AccountId, Region};

    fn scope() -> Scope {
        Scope { account: AccountId::DEFAULT, region: Region::default() }
    }

    fn selection(prefix: &str, pattern: &str) -> Selection {
        Selection {
            groups: vec![(7, "g".into())],
            stream_names: Vec::new(),
            stream_prefixes: if prefix.is_empty() { Vec::new() } else { vec![prefix.into()] },
            pattern: FilterPattern::parse(pattern).unwrap(),
        }
    }

    fn events(count: usize) -> Vec<Event> {
        (0..count).map(|i| Event { timestamp_ms: i as u64, message: format!("line {i}") }).collect()
    }

    #[test]
    fn selected_events_arrive_once() {
        let followers = Arc::new(Followers::default());
        let all = followers.begin(scope(), selection("", "")).unwrap();
        let some = followers.begin(scope(), selection("web", "\"line 1\"")).unwrap();
        followers.prepare(7, "web-1", 5, &events(3)).deliver();
        followers.prepare(7, "db-1", 5, &events(3)).deliver();
        followers.prepare(8, "web-1", 5, &events(3)).deliver();
        assert_eq!(all.take().events.len(), 6);
        let update = some.take();
        assert_eq!(update.events.len(), 1);
        assert_eq!((update.events[0].stream.as_str(), update.sampled), ("web-1", false));
        assert!(some.take().events.is_empty());
    }

    #[test]
    fn more_than_an_update_holds_is_sampled() {
        let followers = Arc::new(Followers::default());
        let following = followers.begin(scope(), selection("", "")).unwrap();
        followers.prepare(7, "s", 5, &events(400)).deliver();
        followers.prepare(7, "s", 5, &events(400)).deliver();
        let update = following.take();
        assert_eq!((update.events.len(), update.sampled), (limits::LIVE_TAIL_EVENTS_MAX, true));
        assert!(!following.take().sampled);
    }

    #[test]
    fn their_number_is_bounded_per_account() {
        let followers = Arc::new(Followers::default());
        let mut running: Vec<Following> = Vec::new();
        for _ in 0..limits::LIVE_TAILS_MAX {
            running.extend(followers.begin(scope(), selection("", "")));
        }
        assert_eq!(running.len(), limits::LIVE_TAILS_MAX);
        assert!(followers.begin(scope(), selection("", "")).is_none());
        let other = Scope { account: AccountId::parse("000000000001").unwrap(), ..scope() };
        assert!(followers.begin(other, selection("", "")).is_some());
        running.pop();
        assert!(followers.begin(scope(), selection("", "")).is_some());
    }
}
