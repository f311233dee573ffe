//! What a function prints: from the pipe to the sink, in order, attributed, bounded.

use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use base::{Clock, RequestId};
use engine::{OutputLine, OutputSink};
use parking_lot::Mutex;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::lines::LineParser;
use crate::task::Task;

/// Bytes that one invocation (or an initialization) may print; what is beyond is counted and dropped.
const PHASE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Bytes that are read before others get their turn, and at most when an invocation has been answered: more than a
/// pipe holds.
const TURN_BYTES_MAX: usize = 256 * 1024;

const READ_BYTES: usize = 16 * 1024;

/// The output of one environment.
pub(crate) struct Output {
    pipe: AsyncFd<OwnedFd>,
    sink: Arc<dyn OutputSink>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    lines: LineParser,
    request_id: Option<RequestId>,
    budget: usize,
    dropped_lines: u64,
    dropped_bytes: u64,
    ended: bool,
}

impl Output {
    /// Reads `pipe` until the task is dropped or everything that could write to it is gone.
    pub(crate) fn follow(
        pipe: OwnedFd,
        sink: Arc<dyn OutputSink>,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<(Arc<Self>, Task)> {
        let flags = rustix::fs::fcntl_getfl(&pipe)?;
        rustix::fs::fcntl_setfl(&pipe, flags | rustix::fs::OFlags::NONBLOCK)?;
        // SAFETY: the descriptor is owned, so it stays open and the same for as long as it is registered.
        let pipe = unsafe { AsyncFd::register_with_interest(pipe, Interest::READABLE) }?;
        let state = State {
            lines: LineParser::default(),
            request_id: None,
            budget: PHASE_BYTES_MAX,
            dropped_lines: 0,
            dropped_bytes: 0,
            ended: false,
        };
        let output = Arc::new(Self { pipe, sink, clock, state: Mutex::new(state) });
        let reader = Arc::clone(&output);
        let task = Task::spawn(async move {
            while let Ok(mut ready) = reader.pipe.readable().await {
                match reader.read() {
                    Reading::More => tokio::task::yield_now().await,
                    Reading::Nothing => ready.clear_ready(),
                    Reading::End => return,
                }
            }
        });
        Ok((output, task))
    }

    /// What is printed from now on belongs to this invocation; what was printed before does not.
    pub(crate) fn begin(&self, request_id: RequestId) {
        self.read();
        let mut state = self.state.lock();
        self.finish_phase(&mut state);
        state.request_id = Some(request_id);
        state.budget = PHASE_BYTES_MAX;
    }

    /// As [`Output::begin`] where several invocations may be under way: what is printed belongs to none of them.
    pub(crate) fn renew(&self) {
        self.state.lock().budget = PHASE_BYTES_MAX;
    }

    /// Passes on the whole lines that were printed before this call.
    pub(crate) fn pass_on(&self) {
        self.read();
    }

    /// Passes on all that was printed before this call, the beginning of an unfinished line too.
    pub(crate) fn flush(&self) {
        self.read();
        let mut state = self.state.lock();
        self.finish_phase(&mut state);
    }

    /// Why the program could not be executed, if that is so.
    pub(crate) fn not_executed(&self) -> Option<String> {
        self.state.lock().lines.not_executed.clone()
    }

    fn finish_phase(&self, state: &mut State) {
        let mut rest = None;
        state.lines.finish(&mut |text| rest = Some(text));
        if let Some(text) = rest {
            self.emit(state, text);
        }
        let (lines, bytes) =
            (std::mem::take(&mut state.dropped_lines), std::mem::take(&mut state.dropped_bytes));
        if lines > 0 {
            let text = format!(
                "{lines} more lines ({bytes} bytes) of output were dropped: it exceeded 32 MiB"
            );
            self.sink.line(OutputLine {
                timestamp: self.clock.now(),
                request_id: state.request_id,
                text,
            });
        }
    }

    fn emit(&self, state: &mut State, text: String) {
        if text.len() > state.budget {
            state.budget = 0;
            state.dropped_lines += 1;
            state.dropped_bytes += text.len() as u64;
            return;
        }
        // An empty line costs something too.
        state.budget -= text.len().max(1).min(state.budget);
        self.sink.line(OutputLine {
            timestamp: self.clock.now(),
            request_id: state.request_id,
            text,
        });
    }

    fn read(&self) -> Reading {
        let mut state = self.state.lock();
        if state.ended {
            return Reading::End;
        }
        // It is read twice for every invocation, and mostly finds nothing: clearing it first would be the larger part of that.
        let mut buffer = [MaybeUninit::uninit(); READ_BYTES];
        let mut lines = Vec::new();
        let mut taken = 0;
        let reading = loop {
            match rustix::io::read(self.pipe.get_ref(), &mut buffer) {
                Ok(([], _)) => {
                    state.ended = true;
                    break Reading::End;
                }
                Ok((read, _)) => {
                    let length = read.len();
                    state.lines.push(read, &mut |text| lines.push(text));
                    for text in lines.drain(..) {
                        self.emit(&mut state, text);
                    }
                    taken += length;
                    if taken >= TURN_BYTES_MAX {
                        break Reading::More;
                    }
                    // A short read has emptied the pipe; asking once more would cost a system call each time.
                    if length < READ_BYTES {
                        break Reading::Nothing;
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break Reading::Nothing,
                Err(error) => {
                    tracing::debug!(%error, "reading a function's output failed");
                    state.ended = true;
                    break Reading::End;
                }
            }
        };
        if reading == Reading::End {
            self.finish_phase(&mut state);
        }
        reading
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    More,
    Nothing,
    End,
}
