//! A streamed answer on its way from the runtime to the caller.
//!
//! # Invariants
//! - No more of an answer is in memory than [`limits::STREAMED_PIECES_WAITING_MAX`] pieces: a slow caller holds the
//!   function back.
//! - A caller who goes away ends nothing: the function runs on, as on AWS, and the rest of its answer is thrown away.

use crate::invocation::{Event, Execution, begin};
use crate::resolve::Target;
use crate::{Lambda, Result, errors, limits};
use base::BoxFut;
use bytes::Bytes;
use engine::ResponseSink;
use futures_util::stream::{self, BoxStream, StreamExt};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// Where the engine puts what a runtime streams.
pub struct ResponseSender {
    /// Tells of the beginning.
    head: Mutex<Option<oneshot::Sender<Head>>>,
    pieces: Mutex<Option<mpsc::Sender<Bytes>>>,
    /// Of all pieces so far.
    bytes: AtomicU64,
}

/// What a runtime says of the answer that it begins to stream.
struct Head {
    content_type: Option<String>,
}

impl ResponseSender {
    /// Nothing comes any more.
    pub fn close(&self) {
        self.pieces.lock().take();
    }

    /// What the runtime has streamed.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

impl ResponseSink for ResponseSender {
    fn begin(&self, content_type: Option<&str>) {
        if let Some(head) = self.head.lock().take() {
            // The caller may be gone.
            drop(head.send(Head { content_type: content_type.map(str::to_string) }));
        }
    }

    fn write(&self, piece: Bytes) -> BoxFut<'_, ()> {
        self.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
        let pieces = self.pieces.lock().clone();
        Box::pin(async move {
            if let Some(pieces) = pieces {
                // The caller may be gone.
                drop(pieces.send(piece).await);
            }
        })
    }
}

/// How an answer begins.
pub enum Beginning {
    /// The runtime streams.
    Streamed(Streamed),
    /// Everything is over: the answer came as a whole, or the function failed before it began to stream.
    Whole(Execution),
}

/// An answer that is under way.
pub struct Streamed {
    /// What the runtime says of the whole.
    pub content_type: Option<String>,
    pieces: mpsc::Receiver<Bytes>,
    end: oneshot::Receiver<Result<Execution>>,
}

impl Streamed {
    /// The next piece; None at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.pieces.recv().await
    }

    /// What came of the execution. Call it after the last piece.
    pub async fn end(self) -> Result<Execution> {
        self.end.await.map_err(errors::internal)?
    }

    /// The pieces, and last what came of the execution.
    pub fn into_parts(self) -> BoxStream<'static, Part> {
        let next = |streamed: Option<Self>| async move {
            let mut streamed = streamed?;
            match streamed.next().await {
                Some(piece) => Some((Part::Piece(piece), Some(streamed))),
                None => Some((Part::End(streamed.end().await), None)),
            }
        };
        stream::unfold(Some(self), next).boxed()
    }
}

/// See [`Streamed::into_parts`].
pub enum Part {
    /// A piece of the answer.
    Piece(Bytes),
    /// What came of the execution.
    End(Result<Execution>),
}

/// Runs `event` on `target` to its end, whether or not the caller stays; answers as soon as the runtime does.
///
/// Errors: those of [`crate::invocation::execute`].
pub async fn execute_streaming(
    lambda: &Arc<Lambda>,
    target: Arc<Target>,
    event: Event,
) -> Result<Beginning> {
    let (head, mut begun) = oneshot::channel();
    let (sender, pieces) = mpsc::channel(limits::STREAMED_PIECES_WAITING_MAX);
    let response = Arc::new(ResponseSender {
        head: Mutex::new(Some(head)),
        pieces: Mutex::new(Some(sender)),
        bytes: AtomicU64::new(0),
    });
    let mut end = begin(lambda, target, event, Some(response.clone()))?;
    tokio::select! {
        // An execution that is over may have begun with a stream.
        biased;
        Ok(Head { content_type }) = &mut begun => {
            Ok(Beginning::Streamed(Streamed { content_type, pieces, end }))
        }
        ended = &mut end => match begun.try_recv() {
            // Both happened at once.
            Ok(Head { content_type }) => {
                let (sender, end) = oneshot::channel();
                ended.map(|ended| drop(sender.send(ended))).map_err(errors::internal)?;
                Ok(Beginning::Streamed(Streamed { content_type, pieces, end }))
            }
            Err(_) => Ok(Beginning::Whole(ended.map_err(errors::internal)??)),
        },
    }
}
