//! From a function's output, and the platform's own lines, to its log stream.
//!
//! Writing never waits: lines go into a bounded buffer per environment, and a loop hands the buffers to the log as the
//! execution role. A function that writes faster loses lines and is told how many.

use crate::limits::{
    LOG_BATCH_BYTES_MAX, LOG_BATCH_EVENTS_MAX, LOG_BYTES_MAX, LOG_LINES_MAX, LOG_TAIL_BYTES,
};
use crate::model::application_log::ApplicationLog;
use crate::model::report::PlatformLog;
use base::{Clock, Entropy, RequestId, Time};
use engine::{Environment, OutputLine, OutputSink};
use futures_util::StreamExt;
use parking_lot::Mutex;
use rt::Tasks;
use seams::{CallCx, LogEvent, LogSink};
use std::sync::Arc;
use tokio::sync::Notify;

/// Streams that are written at once.
const WRITES_MAX: usize = 16;

/// Hands what environments write to the log.
pub struct LogWriter {
    sink: Arc<dyn LogSink>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tasks: Tasks,
    /// Streams with lines that wait, each once.
    waiting: Mutex<Vec<Arc<FunctionLog>>>,
    wake: Notify,
    /// Held while lines are written.
    flushing: tokio::sync::Mutex<()>,
}

/// The log stream of one environment.
pub struct FunctionLog {
    writer: Arc<LogWriter>,
    /// Who writes: the execution role's session.
    cx: CallCx,
    group: String,
    stream: String,
    /// The platform's lines.
    pub platform: PlatformLog,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: Vec<LogEvent>,
    bytes: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
    /// Whether the writer knows of the lines.
    waiting: bool,
    /// The end of the current invocation's log, or of the initialization's.
    tail: String,
}

impl LogWriter {
    /// A writer to `sink`.
    pub fn new(
        sink: Arc<dyn LogSink>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tasks: Tasks,
    ) -> Self {
        let (waiting, wake, flushing) = Default::default();
        LogWriter { sink, clock, entropy, tasks, waiting, wake, flushing }
    }

    /// Completes when there is something to write.
    pub async fn wanted(&self) {
        if self.waiting.lock().is_empty() {
            self.wake.notified().await;
        }
    }

    /// Writes everything that waits. When it returns, all that was put before is in the log, whoever wrote it.
    pub async fn flush(&self) {
        let _flushing = self.flushing.lock().await;
        let logs = std::mem::take(&mut *self.waiting.lock());
        futures_util::stream::iter(logs)
            .for_each_concurrent(WRITES_MAX, |log| async move { log.write().await })
            .await;
    }
}

impl FunctionLog {
    /// A new stream in `group` whose writer is `cx`.
    pub fn new(
        writer: &Arc<LogWriter>,
        cx: CallCx,
        group: String,
        stream: String,
        platform: PlatformLog,
    ) -> Arc<Self> {
        Arc::new(FunctionLog {
            writer: writer.clone(),
            cx,
            group,
            stream,
            platform,
            state: Mutex::default(),
        })
    }

    /// Writes a line of the platform.
    pub fn put(self: &Arc<Self>, message: Option<String>) {
        if let Some(message) = message {
            self.push(self.writer.clock.now(), message);
        }
    }

    /// Writes the line with which an initialization begins. Seen: what follows is in the tail of the invocation that the
    /// environment is started for, this is not.
    pub fn open(self: &Arc<Self>, message: Option<String>) {
        self.put(message);
        self.state.lock().tail.clear();
    }

    /// An invocation begins: what is written from now on belongs to its tail, and where the environment is `cold`, started
    /// for this invocation, so does what was written before.
    pub fn begin(self: &Arc<Self>, request_id: RequestId, cold: bool) {
        if !cold {
            self.state.lock().tail.clear();
        }
        self.put(self.platform.start(self.writer.clock.now(), request_id));
    }

    /// The last 4 KiB of what belongs to the invocation.
    pub fn tail(&self) -> String {
        self.tail_with(&[])
    }

    /// The same with lines behind it that are not written yet.
    pub fn tail_with(&self, lines: &[String]) -> String {
        let mut tail = std::mem::take(&mut self.state.lock().tail);
        for line in lines {
            tail.push_str(line);
            if !line.ends_with('\n') {
                tail.push('\n');
            }
        }
        let mut from = tail.len().saturating_sub(LOG_TAIL_BYTES);
        while !tail.is_char_boundary(from) {
            from += 1;
        }
        tail[from..].to_string()
    }

    /// Ends `environment` in the background; here because whoever drops an environment holds its log.
    pub fn ended(&self, environment: Arc<dyn Environment>) {
        let stop = async move { environment.shut_down().await };
        self.writer.tasks.spawn("lambda.environment_end", stop);
    }

    fn push(self: &Arc<Self>, timestamp: Time, message: String) {
        let waiting = {
            let mut state = self.state.lock();
            state.tail.push_str(&message);
            if !message.ends_with('\n') {
                state.tail.push('\n');
            }
            state.cut_tail();
            let full =
                state.lines.len() >= LOG_LINES_MAX || state.bytes + message.len() > LOG_BYTES_MAX;
            if full {
                state.dropped_lines += 1;
                state.dropped_bytes += message.len() as u64;
            } else {
                state.bytes += message.len();
                state.lines.push(LogEvent { timestamp, message });
            }
            std::mem::replace(&mut state.waiting, true)
        };
        if !waiting {
            self.writer.waiting.lock().push(self.clone());
            self.writer.wake.notify_one();
        }
    }

    async fn write(&self) {
        let (mut lines, dropped) = {
            let mut state = self.state.lock();
            state.waiting = false;
            state.bytes = 0;
            let dropped = (state.dropped_lines, state.dropped_bytes);
            (state.dropped_lines, state.dropped_bytes) = (0, 0);
            (std::mem::take(&mut state.lines), dropped)
        };
        let now = self.writer.clock.now();
        if dropped.0 > 0 {
            let message = self.platform.dropped(now, dropped.0, dropped.1);
            lines.push(LogEvent { timestamp: now, message });
        }
        let mut cx = self.cx.clone();
        cx.received_at = now;
        while !lines.is_empty() {
            let rest = lines.split_off(batch_len(&lines));
            cx.request_id = RequestId::new(&*self.writer.entropy);
            let written = self.writer.sink.append(&cx, &self.group, &self.stream, lines).await;
            if let Err(error) = written {
                // As on AWS: a role that may not write has no log.
                let (group, stream) = (&self.group, &self.stream);
                if error.is_internal() {
                    tracing::warn!(group, stream, %error, "a function's log could not be written");
                } else {
                    tracing::debug!(group, stream, %error, "a function's role may not write its log");
                }
                return;
            }
            lines = rest;
        }
    }
}

impl State {
    /// Keeps the tail from growing; it is cut to size when it is read.
    fn cut_tail(&mut self) {
        if self.tail.len() > 4 * LOG_TAIL_BYTES {
            let mut from = self.tail.len() - LOG_TAIL_BYTES;
            while !self.tail.is_char_boundary(from) {
                from += 1;
            }
            self.tail.drain(..from);
        }
    }
}

/// How many of the first lines may be handed over at once; at least one.
fn batch_len(lines: &[LogEvent]) -> usize {
    let mut bytes = 0;
    let fitting = lines.iter().take(LOG_BATCH_EVENTS_MAX).take_while(|line| {
        bytes += line.message.len() + 26;
        bytes <= LOG_BATCH_BYTES_MAX
    });
    fitting.count().max(1)
}

/// Receives what the function writes, and keeps what the function's configuration wants of it.
pub struct Output(pub Arc<FunctionLog>, pub ApplicationLog);

impl OutputSink for Output {
    fn line(&self, line: OutputLine) {
        if !self.1.keeps(&line.text) {
            return;
        }
        // Recorded: lines keep their line break, framed events of several lines have none.
        let mut message = line.text;
        if !message.contains('\n') {
            message.push('\n');
        }
        self.0.push(line.timestamp, message);
    }
    fn platform(&self, time: Time, kind: &str, record: &str) {
        if let Some(message) = self.0.platform.told(time, kind, record) {
            self.0.push(time, message);
        }
    }
}
