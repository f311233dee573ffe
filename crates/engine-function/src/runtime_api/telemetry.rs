//! The Telemetry API and the older Logs API: extensions receive what the platform, the function and they themselves
//! write. <https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html>
//!
//! # Invariants
//! - Whoever subscribes during the initialization receives it from its beginning; afterwards nobody subscribes.
//! - Publishing never waits: a subscriber that is too slow loses events and is told how many.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base::{BoxFut, Clock, Time};
use engine::{OutputLine, OutputSink};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Notify;

use crate::task::Task;

/// Events of an initialization that are kept for those who subscribe later.
const EARLY_EVENTS_MAX: usize = 1_000;

/// Bytes that wait for one subscriber; what is beyond is dropped and counted.
const QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a subscriber's answer that are read.
const ANSWER_BYTES_MAX: usize = 4 * 1024;

/// Makes sockets of the sandbox's own network.
pub(crate) trait Dial: Send + Sync {
    /// One that is not connected.
    fn dial(&self) -> BoxFut<'_, Option<OwnedFd>>;
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    Platform,
    Function,
    Extension,
}

/// Which of the two APIs a subscriber uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Telemetry,
    Logs,
}

impl Api {
    /// Whether its subscribers are told of such events of the platform: the Logs API knows what there was when it was made.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html#runtimes-logs-api-ref>
    fn knows(self, kind: &str) -> bool {
        match kind {
            "platform.end" | "platform.fault" | "platform.logsSubscription" => self == Self::Logs,
            "platform.start"
            | "platform.runtimeDone"
            | "platform.report"
            | "platform.extension"
            | "platform.logsDropped" => true,
            _ => self == Self::Telemetry,
        }
    }
}

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Http { port: u16, path: String },
    Tcp { port: u16 },
}

/// When a batch is complete: at the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Buffering {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
    pub(crate) timeout: Duration,
}

/// What somebody subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) api: Api,
    pub(crate) categories: Vec<Category>,
    pub(crate) destination: Destination,
    pub(crate) buffering: Buffering,
}

#[derive(Clone, Debug)]
struct Event {
    time: Time,
    category: Category,
    kind: String,
    record: Value,
}

/// All subscribers of one environment.
pub(crate) struct Telemetry {
    clock: Arc<dyn Clock>,
    dial: Arc<dyn Dial>,
    /// The environment's own log.
    log: Arc<dyn OutputSink>,
    /// Somebody has subscribed or still may.
    wanted: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    closed: bool,
    early: Vec<Event>,
    subscribers: Vec<(Arc<Subscriber>, Task)>,
}

struct Subscriber {
    name: String,
    subscription: Subscription,
    queue: Mutex<Queue>,
    filled: Notify,
}

#[derive(Default)]
struct Queue {
    events: VecDeque<String>,
    bytes: usize,
    /// When the oldest event came.
    since: Option<Time>,
    dropped: (u64, u64),
    flush: bool,
}

impl Telemetry {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        dial: Arc<dyn Dial>,
        log: Arc<dyn OutputSink>,
    ) -> Arc<Self> {
        let wanted = AtomicBool::new(true);
        Arc::new(Self { clock, dial, log, wanted, state: Mutex::default() })
    }

    /// Whether anybody may receive what is published.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.load(Ordering::Relaxed)
    }

    /// An event of the platform, which the log is told too.
    pub(crate) fn happened(&self, kind: &str, record: Value) {
        self.log.platform(self.clock.now(), kind, &record.to_string());
        self.platform(kind, record);
    }

    /// An event of the platform.
    pub(crate) fn platform(&self, kind: &str, record: Value) {
        self.publish(Category::Platform, self.clock.now(), kind, record);
    }

    fn publish(&self, category: Category, time: Time, kind: &str, record: Value) {
        if !self.is_wanted() {
            return;
        }
        let event = Event { time, category, kind: kind.to_owned(), record };
        let mut state = self.state.lock();
        for (subscriber, _) in &state.subscribers {
            subscriber.take(&event);
        }
        if !state.closed && state.early.len() < EARLY_EVENTS_MAX {
            state.early.push(event);
        }
    }

    /// Adds a subscriber, or replaces what it subscribed to before. False: it is too late.
    pub(crate) fn subscribe(self: &Arc<Self>, name: &str, subscription: Subscription) -> bool {
        let mut state = self.state.lock();
        if state.closed {
            return false;
        }
        let api = subscription.api;
        state.subscribers.retain(|(other, _)| other.name != name || other.subscription.api != api);
        let (filled, queue) = Default::default();
        let subscriber =
            Arc::new(Subscriber { name: name.to_owned(), subscription, queue, filled });
        for event in &state.early {
            subscriber.take(event);
        }
        let delivery = deliver(self.clock.clone(), self.dial.clone(), subscriber.clone());
        state.subscribers.push((subscriber, Task::spawn(delivery)));
        true
    }

    /// The initialization is over: nobody subscribes any more.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        state.early = Vec::new();
        self.wanted.store(!state.subscribers.is_empty(), Ordering::Relaxed);
    }

    /// The end is near: what waits goes out now.
    pub(crate) fn flush(&self) {
        for (subscriber, _) in &self.state.lock().subscribers {
            subscriber.queue.lock().flush = true;
            subscriber.filled.notify_one();
        }
    }
}

impl Subscriber {
    fn take(&self, event: &Event) {
        let Subscription { api, categories, .. } = &self.subscription;
        let is_known = event.category != Category::Platform || api.knows(&event.kind);
        if !categories.contains(&event.category) || !is_known {
            return;
        }
        let body = json!({
            "time": event.time.to_string(),
            "type": event.kind,
            "record": event.record,
        });
        let text = body.to_string();
        let mut queue = self.queue.lock();
        if queue.bytes + text.len() > QUEUE_BYTES_MAX {
            queue.dropped.0 += 1;
            queue.dropped.1 += text.len() as u64;
            return;
        }
        queue.since.get_or_insert(event.time);
        queue.bytes += text.len();
        queue.events.push_back(text);
        drop(queue);
        self.filled.notify_one();
    }

    /// A batch that is complete at `now`; or when to look again.
    fn batch(&self, now: Time) -> Result<Vec<String>, Option<Time>> {
        let Buffering { items, bytes, timeout } = self.subscription.buffering;
        let mut queue = self.queue.lock();
        if queue.dropped.0 > 0 {
            let (records, lost) = std::mem::take(&mut queue.dropped);
            let record = json!({
                "reason": "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.",
                "droppedRecords": records,
                "droppedBytes": lost,
            });
            let event = json!({ "time": now.to_string(), "type": "platform.logsDropped", "record": record });
            queue.events.push_back(event.to_string());
        }
        let Some(since) = queue.since else { return Err(None) };
        let complete = queue.flush || queue.events.len() >= items || queue.bytes >= bytes;
        if !complete && now < since + timeout {
            return Err(Some(since + timeout));
        }
        let (mut batch, mut size) = (Vec::new(), 0);
        while batch.len() < items
            && queue
                .events
                .front()
                .is_some_and(|next| batch.is_empty() || size + next.len() <= bytes)
        {
            let Some(next) = queue.events.pop_front() else { break };
            size += next.len();
            batch.push(next);
        }
        queue.bytes = queue.bytes.saturating_sub(size);
        queue.since = (!queue.events.is_empty()).then_some(now);
        Ok(batch)
    }

    fn lost(&self, batch: &[String]) {
        let mut queue = self.queue.lock();
        queue.dropped.0 += batch.len() as u64;
        queue.dropped.1 += batch.iter().map(|event| event.len() as u64).sum::<u64>();
        // The next event brings the word of it along.
    }
}

/// Hands batches to the subscriber until the environment ends.
async fn deliver(clock: Arc<dyn Clock>, dial: Arc<dyn Dial>, subscriber: Arc<Subscriber>) {
    loop {
        match subscriber.batch(clock.now()) {
            Ok(batch) => {
                // Once more: a server that has just begun to listen, or a connection that broke.
                let mut sent = send(&*dial, &subscriber.subscription.destination, &batch).await;
                if sent.is_err() {
                    clock.sleep(Duration::from_millis(20)).await;
                    sent = send(&*dial, &subscriber.subscription.destination, &batch).await;
                }
                if let Err(error) = sent {
                    tracing::debug!(%error, name = subscriber.name, "telemetry was not delivered");
                    subscriber.lost(&batch);
                }
            }
            Err(Some(at)) => tokio::select! {
                () = clock.sleep_until(at) => {}
                () = subscriber.filled.notified() => {}
            },
            Err(None) => subscriber.filled.notified().await,
        }
    }
}

/// A new connection each: extensions may close theirs whenever they like, and it takes microseconds.
async fn send(dial: &dyn Dial, destination: &Destination, batch: &[String]) -> std::io::Result<()> {
    let port = match destination {
        Destination::Http { port, .. } | Destination::Tcp { port } => *port,
    };
    let socket = dial.dial().await.ok_or(std::io::ErrorKind::NotConnected)?;
    let socket = tokio::net::TcpSocket::from_std_stream(std::net::TcpStream::from(socket));
    let mut stream = socket.connect((std::net::Ipv4Addr::LOCALHOST, port).into()).await?;
    match destination {
        Destination::Tcp { .. } => {
            let lines: String = batch.iter().flat_map(|event| [event.as_str(), "\n"]).collect();
            stream.write_all(lines.as_bytes()).await?;
            stream.shutdown().await
        }
        Destination::Http { path, .. } => {
            let body = format!("[{}]", batch.join(","));
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: sandbox.localdomain:{port}\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all((head + &body).as_bytes()).await?;
            let mut answer = Vec::new();
            while answer.len() < ANSWER_BYTES_MAX && !answer.contains(&b'\n') {
                if stream.read_buf(&mut answer).await? == 0 {
                    break;
                }
            }
            let status = answer.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
            if status.first() == Some(&b'2') {
                Ok(())
            } else {
                Err(std::io::Error::other("the subscriber did not answer 200"))
            }
        }
    }
}

/// Publishes the lines that it passes on.
pub(crate) struct Published {
    pub(crate) to: Arc<dyn OutputSink>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) category: Category,
}

impl OutputSink for Published {
    fn line(&self, line: OutputLine) {
        if self.telemetry.is_wanted() {
            let text = line.text.trim_end_matches('\n');
            // What is logged as JSON is a record of its own.
            let record = serde_json::from_str(text).ok().filter(Value::is_object);
            let record = record.unwrap_or_else(|| json!(text));
            let kind = if self.category == Category::Extension { "extension" } else { "function" };
            self.telemetry.publish(self.category, line.timestamp, kind, record);
        }
        self.to.line(line);
    }
}
