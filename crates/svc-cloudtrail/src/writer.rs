//! From calls to rows, behind the calls.

use crate::model::event::Event;
use crate::tables::{AGES, EVENTS, Owner, Place, REQUESTS};
use crate::{CloudTrail, limits};
use base::{AccountId, Region};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use store::{Error, Prefix, Tx};
use tokio::sync::Notify;

/// Events that wait to be written.
#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    came: Notify,
    /// Held while a batch is written, so that batches keep their order.
    writing: tokio::sync::Mutex<Written>,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Event>,
    lost: u64,
}

/// What is known of the rows; none until they were counted.
#[derive(Default)]
struct Written {
    rows: Option<usize>,
}

impl Queue {
    /// Takes an event in; too many are lost.
    pub fn push(&self, event: Event) {
        let mut waiting = self.waiting.lock();
        if waiting.events.len() >= limits::QUEUE_MAX {
            waiting.lost += 1;
            return;
        }
        waiting.events.push_back(event);
        drop(waiting);
        self.came.notify_one();
    }

    /// Forgets what waits.
    pub fn clear(&self) {
        *self.waiting.lock() = Waiting::default();
    }

    fn take(&self) -> Vec<Event> {
        let mut waiting = self.waiting.lock();
        if waiting.lost > 0 {
            tracing::warn!(
                events = waiting.lost,
                "events of the audit trail were lost: too many at once"
            );
            waiting.lost = 0;
        }
        let count = waiting.events.len().min(limits::BATCH_MAX);
        waiting.events.drain(..count).collect()
    }

    /// Puts back, in front, what could not be written.
    fn put_back(&self, events: &[Event]) {
        let mut waiting = self.waiting.lock();
        for event in events.iter().rev() {
            waiting.events.push_front(event.clone());
        }
    }
}

impl CloudTrail {
    /// One activation of the loop.
    pub(crate) async fn write_when_there_is_something(&self) {
        if self.queue.waiting.lock().events.is_empty() {
            self.queue.came.notified().await;
        }
        self.clock.sleep(limits::GATHER).await;
        if let Err(error) = self.write_all().await {
            tracing::error!(%error, "events of the audit trail could not be written; it is tried again");
            self.clock.sleep(limits::WRITE_PAUSE).await;
        }
    }

    /// Writes all that waits.
    pub(crate) async fn write_all(&self) -> Result<(), Error> {
        let mut written = self.queue.writing.lock().await;
        loop {
            let events = Arc::new(self.queue.take());
            if events.is_empty() {
                return Ok(());
            }
            let result = self.write(&mut written, events.clone()).await;
            if let Err(error) = result {
                self.queue.put_back(&events);
                return Err(error);
            }
        }
    }

    async fn write(&self, written: &mut Written, events: Arc<Vec<Event>>) -> Result<(), Error> {
        let rows = match written.rows {
            Some(rows) => rows,
            None => self.count().await?,
        };
        let count = events.len();
        let oldest = self.clock.now() - limits::EVENTS_KEPT;
        let excess = (rows + count).saturating_sub(limits::EVENTS_MAX);
        let removed = self
            .store
            .transact(move |tx| {
                for event in events.iter() {
                    put(tx, event)?;
                }
                remove(tx, oldest, excess)
            })
            .await?;
        written.rows = Some(rows + count - removed);
        Ok(())
    }

    async fn count(&self) -> Result<usize, Error> {
        self.store
            .view(|view| {
                let (mut rows, mut last) = (0, None);
                loop {
                    let range = Prefix::all();
                    let range = match &last {
                        Some(last) => range.after(last),
                        None => range,
                    };
                    let keys = view.scan_keys(&AGES, range, limits::SCANNED)?;
                    rows += keys.len();
                    if keys.len() < limits::SCANNED {
                        return Ok(rows);
                    }
                    last = keys.last().cloned();
                }
            })
            .await
    }
}

fn put(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    let Event { account, region, time, event_id, request_id, record } = event.clone();
    let place =
        Place { region: region.to_string(), time_ns: time.unix_ns(), event_id: event_id.clone() };
    let owner = Owner {
        account: account.to_string(),
        region: region.to_string(),
        request_id: request_id.clone(),
    };
    tx.put(&EVENTS, &(account, region, time, event_id.clone()), &record)?;
    tx.put(&REQUESTS, &(account, request_id), &place)?;
    tx.put(&AGES, &(time, event_id), &owner)
}

/// Removes what is older than `oldest`, and at least `excess` of the oldest rows, some at a time.
fn remove(tx: &mut Tx<'_>, oldest: base::Time, excess: usize) -> Result<usize, Error> {
    let rows = tx.scan(&AGES, Prefix::all(), limits::REMOVED_MAX)?;
    let mut removed = 0;
    for ((time, event_id), owner) in rows {
        if time >= oldest && removed >= excess {
            break;
        }
        if let (Some(account), Some(region)) =
            (AccountId::parse(&owner.account), Region::parse(&owner.region))
        {
            tx.delete(&EVENTS, &(account, region, time, event_id.clone()))?;
            tx.delete(&REQUESTS, &(account, owner.request_id))?;
        }
        tx.delete(&AGES, &(time, event_id))?;
        removed += 1;
    }
    Ok(removed)
}
