//! Places that events are pulled from: queues and streams.

use crate::{CallCx, Error};
use base::{Arn, BoxFut, Time};
use std::time::Duration;

/// How a source keeps its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A record that was handed out is hidden for a while, and comes again unless it is acknowledged.
    Queue,
    /// Records of a shard stand in order and stay; the reader remembers how far it has come.
    Stream,
}

/// Where a reader begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The oldest record.
    TrimHorizon,
    /// The records that come from now on.
    Latest,
    /// The first record that arrived then or later.
    AtTimestamp(Time),
    /// The record behind the one with this id.
    After(String),
    /// What [`Records::next`] said.
    At(String),
}

/// A wish for records.
#[derive(Clone, Debug)]
pub struct Poll<'p> {
    /// The queue or the stream.
    pub source: &'p Arn,
    /// One of its shards; empty for queues.
    pub shard: &'p str,
    /// Where to begin; without meaning for queues.
    pub position: &'p Position,
    /// At most so many; the source may give fewer.
    pub records_max: usize,
    /// How long to wait for the first one.
    pub wait: Duration,
}

/// What came of a [`Poll`].
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// In the order in which they are to be handled.
    pub records: Vec<SourceRecord>,
    /// Where a stream is to be read next, also if there were no records; None at the end of a shard that was closed.
    pub next: Option<String>,
}

/// A record as functions see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRecord {
    /// What [`EventSource::acknowledge`] takes, or what [`Position::After`] names: a receipt handle or a sequence number.
    pub id: String,
    /// How a function names it among those that it could not handle: a message id or a sequence number.
    pub item: String,
    /// When it came into the source.
    pub arrived_at: Time,
    /// The member of `Records` that the function gets: a JSON object.
    pub event: String,
}

/// A part of a stream that is read on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its name.
    pub id: String,
    /// Shards that it follows, and that must be read to their ends before.
    pub parents: Vec<String>,
}

/// A kind of queue or stream. Offered by the service that keeps them, used by the service that maps them to functions.
/// The caller of `cx` is the execution role of the function.
pub trait EventSource: Send + Sync {
    /// As ARNs name the service: `sqs`, `kinesis`, `dynamodb`.
    fn service(&self) -> &'static str;

    /// What kind it is.
    fn kind(&self) -> SourceKind;

    /// Ok if there is such a source and the caller may read from it. Errors: those of the service's own operations.
    fn check<'a>(&'a self, cx: &'a CallCx, source: &'a Arn) -> BoxFut<'a, Result<(), Error>>;

    /// The shards of a stream; of a queue one without a name.
    fn shards<'a>(
        &'a self,
        cx: &'a CallCx,
        source: &'a Arn,
    ) -> BoxFut<'a, Result<Vec<Shard>, Error>>;

    /// Records, as soon as there are some or the time is over.
    fn poll<'a>(&'a self, cx: &'a CallCx, poll: Poll<'a>) -> BoxFut<'a, Result<Records, Error>>;

    /// The records of a queue with these ids are done with. Does nothing for streams.
    fn acknowledge<'a>(
        &'a self,
        cx: &'a CallCx,
        source: &'a Arn,
        ids: &'a [String],
    ) -> BoxFut<'a, Result<(), Error>>;
}
