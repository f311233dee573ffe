//! Delivers to the destinations of subscription filters what came in for them.
//!
//! [`SUBSCRIBED_CHUNKS`] says what is left to do; rows are written with their events and removed once the destination has
//! taken these, so that after a crash they are delivered again. The destination's policy is asked every time. One that may
//! take events later is tried again for [`limits::SUBSCRIPTION_RETRY_MAX`]; one that refuses switches the filter off for a
//! while, in which events are skipped.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html>

use crate::event_reader::read_chunk;
use crate::model::filter_pattern::FilterPattern;
use crate::model::log_group::Scope;
use crate::model::subscription::{Origin, SelectedEvent, data_messages};
use crate::tables::{
    GROUPS, GroupRecord, STREAM_NAMES, SUBSCRIBED_CHUNKS, SUBSCRIPTION_FILTER_PLACES,
    SUBSCRIPTION_FILTERS, StreamId, SubscribedChunkRecord, SubscriptionId,
};
use crate::{Logs, limits};
use base::{AccountId, Arn, Region, RequestId, Time};
use parking_lot::Mutex;
use rt::Tasks;
use seams::{CallCx, Caller, FunctionCall};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use store::Prefix;

/// Filters whose destination did not take what it was given last; forgotten by a restart, which tries anew. No more than
/// there are filters with something to deliver.
#[derive(Default)]
pub struct Held(Mutex<HashMap<SubscriptionId, Hold>>);

#[derive(Clone, Copy)]
struct Hold {
    until: Time,
    kind: HoldKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HoldKind {
    /// Tried again at the end, which is this much after the beginning.
    Retried(Duration),
    /// What comes in until the end is skipped.
    Disabled,
}

impl Held {
    /// Tries the filter anew.
    pub fn forget(&self, id: SubscriptionId) {
        self.0.lock().remove(&id);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}

/// Runs whenever there is something to deliver.
pub(crate) fn start(logs: &Arc<Logs>, tasks: &Tasks) {
    let logs = logs.clone();
    tasks.spawn_loop("logs.subscription_delivery", Duration::from_secs(1), move || {
        let logs = logs.clone();
        async move { activate(&logs).await }
    });
}

async fn activate(logs: &Logs) {
    let seen = logs.store.generation(&SUBSCRIBED_CHUNKS);
    match deliver_all(logs).await {
        Ok(next) => {
            let longest = logs.clock.now() + Duration::from_secs(3_600);
            tokio::select! {
                _ = logs.store.changed(&SUBSCRIBED_CHUNKS, seen) => {
                    logs.clock.sleep(limits::SUBSCRIPTION_GATHER).await;
                }
                () = logs.clock.sleep_until(next.unwrap_or(longest)) => {}
            }
        }
        Err(error) => {
            tracing::error!(%error, "log events could not be delivered to subscriptions");
            logs.clock.sleep(limits::SUBSCRIPTION_PAUSE_MIN).await;
        }
    }
}

/// What became of a filter's turn.
enum Turn {
    /// Nothing is left.
    Done,
    /// There may be more.
    More,
    /// Its destination is tried again then.
    Held(Time),
}

/// Gives every filter with something to deliver one turn; when there is something to do next, as far as is known.
pub async fn deliver_all(logs: &Logs) -> Result<Option<Time>, store::Error> {
    let (mut next, mut from) = (None, 0);
    loop {
        let range = Prefix::all().from((from,));
        let first = logs.store.read(|view| view.scan_keys(&SUBSCRIBED_CHUNKS, range, 1))?;
        let Some((id, ..)) = first.first().copied() else { return Ok(next) };
        let at = match deliver(logs, id).await? {
            Turn::Done => None,
            Turn::More => Some(logs.clock.now()),
            Turn::Held(until) => Some(until),
        };
        next = [next, at].into_iter().flatten().min();
        let Some(following) = id.checked_add(1) else { return Ok(next) };
        from = following;
        tokio::task::yield_now().await;
    }
}

type Row = ((SubscriptionId, u64, StreamId, u64), SubscribedChunkRecord);

/// A filter with all around it.
struct Subscription {
    scope: Scope,
    group_name: String,
    group: GroupRecord,
    name: String,
    pattern: FilterPattern,
    function: Arn,
}

/// The filter's turn: one delivery, of events of one stream.
async fn deliver(logs: &Logs, id: SubscriptionId) -> Result<Turn, store::Error> {
    let range = Prefix::of((id,));
    let rows: Vec<Row> = logs
        .store
        .read(|view| view.scan(&SUBSCRIBED_CHUNKS, range, limits::SUBSCRIBED_CHUNKS_READ))?;
    let turn = match rows.len() == limits::SUBSCRIBED_CHUNKS_READ {
        true => Turn::More,
        false => Turn::Done,
    };
    let Some(subscription) = load(logs, id)? else {
        logs.held.forget(id);
        remove(logs, &rows).await?;
        return Ok(turn);
    };
    let now = logs.clock.now();
    let hold = logs.held.0.lock().get(&id).copied();
    match hold.filter(|hold| hold.until > now) {
        Some(Hold { kind: HoldKind::Disabled, .. }) => {
            remove(logs, &rows).await?;
            return Ok(turn);
        }
        Some(Hold { until, .. }) => return Ok(Turn::Held(until)),
        None => {}
    }
    let oldest_ms = (now - limits::SUBSCRIPTION_RETRY_MAX).unix_ms();
    let (old, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.0.1 < oldest_ms);
    if !old.is_empty() {
        tracing::warn!(filter = subscription.name, "log events were not delivered within a day");
        remove(logs, &old).await?;
    }
    let Some(((_, _, stream, _), _)) = rows.first() else { return Ok(turn) };
    let stream = *stream;
    let of_stream: Vec<Row> = rows.iter().filter(|row| row.0.2 == stream).copied().collect();
    match attempt(logs, &subscription, stream, &of_stream).await {
        Ok(taken) => {
            logs.held.forget(id);
            remove(logs, &of_stream[..taken]).await?;
            Ok(if taken < rows.len() { Turn::More } else { turn })
        }
        Err(Untaken::Store(error)) => Err(error),
        Err(Untaken::ForNow(why)) => {
            let pause = match hold.map(|hold| hold.kind) {
                Some(HoldKind::Retried(last)) => (last * 2).min(limits::SUBSCRIPTION_PAUSE_MAX),
                _ => limits::SUBSCRIPTION_PAUSE_MIN,
            };
            tracing::debug!(
                why,
                filter = subscription.name,
                "a destination takes no log events yet"
            );
            let until = now + pause;
            logs.held.0.lock().insert(id, Hold { until, kind: HoldKind::Retried(pause) });
            Ok(Turn::Held(until))
        }
        Err(Untaken::ForGood(why)) => {
            tracing::warn!(why, filter = subscription.name, "a destination refused log events");
            let until = now + limits::SUBSCRIPTION_DISABLED;
            logs.held.0.lock().insert(id, Hold { until, kind: HoldKind::Disabled });
            remove(logs, &rows).await?;
            Ok(turn)
        }
    }
}

/// The filter with this id; none if it or its group is gone.
fn load(logs: &Logs, id: SubscriptionId) -> Result<Option<Subscription>, store::Error> {
    logs.store.read(|view| {
        let Some(place) = view.get(&SUBSCRIPTION_FILTER_PLACES, &id)? else { return Ok(None) };
        let (Some(account), Some(region)) =
            (AccountId::parse(&place.account), Region::parse(&place.region))
        else {
            return Ok(None);
        };
        let group_key = (account, region.clone(), place.group.clone());
        let key = (account, region.clone(), place.group.clone(), place.name.clone());
        let filter = view.get(&SUBSCRIPTION_FILTERS, &key)?.filter(|filter| filter.id == id);
        let (Some(filter), Some(group)) = (filter, view.get(&GROUPS, &group_key)?) else {
            return Ok(None);
        };
        // Both were read before they were stored.
        let (Ok(pattern), Some(function)) =
            (FilterPattern::parse(&filter.pattern), Arn::parse(&filter.destination_arn))
        else {
            return Ok(None);
        };
        let scope = Scope { account, region };
        let (group_name, name) = (place.group, place.name);
        Ok(Some(Subscription { scope, group_name, group, name, pattern, function }))
    })
}

/// Why a destination did not take events.
enum Untaken {
    /// It may take them later.
    ForNow(String),
    /// It never will as things are.
    ForGood(String),
    /// They could not be read.
    Store(store::Error),
}

impl From<store::Error> for Untaken {
    fn from(error: store::Error) -> Self {
        Untaken::Store(error)
    }
}

/// Delivers what is selected of the first of `rows`, which are of one stream; how many of them that were.
async fn attempt(
    logs: &Logs,
    subscription: &Subscription,
    stream: StreamId,
    rows: &[Row],
) -> Result<usize, Untaken> {
    let Subscription { scope, group_name, group, pattern, function, .. } = subscription;
    let cipher = logs.cipher(scope, group_name, group).await;
    let cipher = cipher.map_err(|error| Untaken::ForNow(format!("{error:?}")))?;
    let (mut events, mut bytes, mut taken) = (Vec::new(), 0, 0);
    for ((.., sequence), record) in rows {
        if bytes >= limits::DELIVERY_BYTES_MAX {
            break;
        }
        taken += 1;
        if record.group != group.id {
            continue;
        }
        let chunk = (stream, record.first_ms, *sequence);
        for (id, event) in read_chunk(&logs.store, group.id, &cipher, chunk)? {
            if pattern.matches(&event.message) {
                bytes += event.message.len() + limits::EVENT_OVERHEAD_BYTES;
                let extracted = pattern.extracted_fields(&event.message);
                let (timestamp_ms, message) = (event.timestamp_ms, event.message);
                events.push(SelectedEvent { id, timestamp_ms, message, extracted });
            }
        }
    }
    let name = logs.store.get(&STREAM_NAMES, &(group.id, stream))?;
    let Some(name) = name.filter(|_| !events.is_empty()) else { return Ok(taken) };
    // The function may have been told to write here since the filter was put.
    let no_loop = logs.check_no_loop(scope, group_name, function).await;
    no_loop.map_err(|error| Untaken::ForGood(error.message().to_string()))?;
    let owner = scope.account.to_string();
    let origin =
        Origin { owner: &owner, group: group_name, stream: &name.name, filter: &subscription.name };
    let (messages, left_out) = data_messages(origin, &events, limits::DELIVERY_PAYLOAD_BYTES_MAX);
    if left_out > 0 {
        tracing::warn!(left_out, filter = subscription.name, "log events are too large to deliver");
    }
    for message in messages {
        let id = RequestId::new(&*logs.entropy);
        let cx = logs.as_subscription(scope, group_name, id);
        let sent = logs.functions.send(&cx, FunctionCall::new(function, message)).await;
        sent.map_err(|error| match error.status {
            429 | 500.. => Untaken::ForNow(error.to_string()),
            _ => Untaken::ForGood(error.to_string()),
        })?;
    }
    Ok(taken)
}

async fn remove(logs: &Logs, rows: &[Row]) -> Result<(), store::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = rows.iter().map(|(key, _)| *key).collect();
    let removed = logs.store.transact(move |tx| {
        for key in &keys {
            tx.delete(&SUBSCRIBED_CHUNKS, key)?;
        }
        Ok::<_, store::Error>(())
    });
    removed.await
}

impl Logs {
    /// Logs itself, on behalf of a group that is subscribed to: policies name it as consoles show it, with `:*` behind.
    pub(crate) fn as_subscription(&self, scope: &Scope, group_name: &str, id: RequestId) -> CallCx {
        let name = format!("logs.{}.amazonaws.com", scope.region);
        let caller = Arc::new(Caller::service(scope.account, &name));
        let now = self.clock.now();
        let source = Arn::parse(&format!("{}:*", scope.group_arn(group_name)));
        CallCx::internal(caller, scope.region.clone(), id, now, source)
    }
}
