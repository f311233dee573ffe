//! Reading queues and streams for event source mappings.
//!
//! A mapping that is enabled has one reader ([`queue`] or [`stream`]); it ends when it is told to stop, after what it
//! has begun. The loop [`crate::loops::event_source_mappings`] starts and stops readers.

pub mod queue;
pub mod stream;

use crate::invocation::{Event, Execution, execute};
use crate::model::batch::{Gathering, payload};
use crate::model::event_source::Source;
use crate::model::name::FunctionName;
use crate::ops::invoke::ready_target;
use crate::ops::mapping_rows::MappingKey;
use crate::tables::{EVENT_SOURCE_MAPPINGS, EventSourceMappingRecord};
use crate::{Failure, Lambda, Result, durable, errors, limits, targets};
use base::{Arn, RequestId, Time};
use event_pattern::Pattern;
use seams::{CallCx, EventSource, Poll, Position, SourceRecord};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// A mapping as it is read.
pub struct Mapping {
    /// The service.
    pub lambda: Arc<Lambda>,
    /// Its row.
    pub key: MappingKey,
    /// What the row said when reading began.
    pub record: EventSourceMappingRecord,
    /// What kind of source it is.
    pub kind: Source,
    /// The queue or the stream.
    pub arn: Arn,
    /// Reads it.
    pub source: Arc<dyn EventSource>,
    /// Of which a record must match one, if there are any.
    pub filters: Vec<Pattern>,
    /// Becomes true when reading is to end.
    pub stop: watch::Receiver<bool>,
}

/// What was read in one go.
pub struct Gathered {
    /// The records.
    pub records: Vec<SourceRecord>,
    /// Where a stream is read next; None at a shard's end.
    pub next: Option<String>,
}

impl Mapping {
    /// Whether reading is to end.
    pub fn is_stopping(&self) -> bool {
        *self.stop.borrow() || self.lambda.deps.tasks.is_stopping()
    }

    /// Waits for `by`, or until reading is to end.
    pub async fn pause(&self, by: Duration) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = self.lambda.deps.clock.sleep(by) => {}
            _ = stop.wait_for(|stop| *stop) => {}
            () = self.lambda.deps.tasks.stopping() => {}
        }
    }

    /// The function that is called.
    pub fn function(&self) -> FunctionName {
        FunctionName {
            account: self.key.0,
            region: self.key.1.clone(),
            name: self.record.function.clone(),
            qualifier: self.record.qualifier.clone(),
        }
    }

    /// The execution role of the version that is called.
    pub async fn role(&self) -> Result<String> {
        let resolved = self.lambda.resolver.resolve(&self.function()).await?;
        let target = resolved.choose(&*self.lambda.deps.entropy)?;
        Ok(target.record.configuration.role.clone())
    }

    /// The context in which the source is read: the execution role's.
    pub async fn context(&self) -> Result<CallCx> {
        targets::role_context(&self.lambda, &self.function().key(), &self.role().await?).await
    }

    /// Reads until a batch is full, its time is over, or reading is to end.
    pub async fn gather(&self, shard: &str, position: &Position) -> Result<Gathered> {
        let (clock, cx) = (&self.lambda.deps.clock, self.context().await?);
        let window = Duration::from_secs(self.record.batching_window_s.into());
        let mut gathering = Gathering::new(self.record.batch_size as usize, window);
        let (mut position, mut next) = (position.clone(), None);
        let mut stop = self.stop.clone();
        while let Some(wait) = gathering.wait(clock.now()) {
            let poll = Poll {
                source: &self.arn,
                shard,
                position: &position,
                records_max: gathering.room(),
                wait,
            };
            let read = tokio::select! {
                read = self.source.poll(&cx, poll) => read.map_err(crate::from_seam)?,
                _ = stop.wait_for(|stop| *stop) => break,
                () = self.lambda.deps.tasks.stopping() => break,
            };
            let (empty, first) = (read.records.is_empty(), gathering.is_empty());
            gathering.add(read.records, clock.now());
            next = read.next;
            match &next {
                Some(at) => position = Position::At(at.clone()),
                None if self.kind.is_stream() => break,
                None => {}
            }
            if empty && first {
                // Nothing came within the longest wait.
                break;
            }
        }
        Ok(Gathered { records: gathering.into_records(), next })
    }

    /// Whether a filter wants the record.
    pub fn wants(&self, record: &SourceRecord) -> bool {
        self.kind.is_wanted(&self.filters, &record.event)
    }

    /// Calls the function with the records and waits for its answer.
    pub async fn invoke(
        &self,
        request_id: RequestId,
        records: &[SourceRecord],
    ) -> Result<Execution> {
        let name = self.function();
        let target = ready_target(&self.lambda, &name).await?;
        let event = Event {
            trace: None,
            request_id,
            invoked_function_arn: name.arn(),
            payload: payload(records).into(),
            client_context: None,
        };
        let execution = match target.record.configuration.durable.is_some() {
            true => durable::invoke::run(&self.lambda, &name, event.payload).await,
            false => execute(&self.lambda, target, event).await,
        };
        // Before the records are done with: after a crash either the log tells of the run, or it runs again.
        self.lambda.log_writer.flush().await;
        execution
    }

    /// Stores how the last batch went, if that has changed.
    pub async fn report(&self, result: &str) {
        let (key, revision, result) =
            (self.key.clone(), self.record.revision.clone(), result.to_string());
        let report = move |tx: &mut store::Tx<'_>| {
            if let Some(mut record) = tx.get(&EVENT_SOURCE_MAPPINGS, &key)?
                && record.revision == revision
                && record.last_result != result
            {
                record.last_result.clone_from(&result);
                tx.put(&EVENT_SOURCE_MAPPINGS, &key, &record)?;
            }
            Ok::<_, Failure>(())
        };
        if let Err(error) =
            self.lambda.deps.store.transact(report).await.map_err(crate::Error::from)
        {
            tracing::error!(%error, "the state of an event source mapping could not be stored");
        }
    }

    /// Logs why the source could not be read, and waits before it is read again.
    pub async fn unreadable(&self, error: &crate::Error) {
        tracing::warn!(%error, source = self.record.source, "an event source could not be read");
        self.report(&format!("PROBLEM: {error}")).await;
        self.pause(limits::SOURCE_RETRY).await;
    }

    /// An id for a new invocation.
    pub fn new_id(&self) -> RequestId {
        RequestId::new(&*self.lambda.deps.entropy)
    }

    /// The time.
    pub fn now(&self) -> Time {
        self.lambda.deps.clock.now()
    }
}

/// The patterns of a row.
pub fn filters(record: &EventSourceMappingRecord) -> Result<Vec<Pattern>> {
    let parsed = record.filters.iter().map(|text| Pattern::parse(text));
    parsed.collect::<std::result::Result<_, _>>().map_err(errors::internal)
}
