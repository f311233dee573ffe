//! Bodies of requests, read within bounds, and bodies of answers.

use crate::limits::{
    BODIES_MIB_MAX, BODY_TIMEOUT, DISCARD_PAUSE_MAX, DISCARDED_BYTES_MAX, SMALL_BODY_BYTES_MAX,
};
use base::{Clock, MIB};
use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use futures_util::stream::BoxStream;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use rt::Tasks;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Reads bodies; large ones share a bounded memory. Clones share it too.
#[derive(Clone)]
pub(crate) struct Bodies {
    room: Arc<Semaphore>,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
}

/// Room for a large body, until it is dropped.
pub(crate) type Room<'a> = Option<SemaphorePermit<'a>>;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than the service takes: its limit in bytes.
    TooLarge(u64),
    /// The client stopped before its end.
    Truncated,
    /// It did not come in time, or other large bodies took all memory for that long.
    TimedOut,
}

impl Bodies {
    pub(crate) fn new(clock: Arc<dyn Clock>, tasks: Tasks) -> Self {
        Bodies { room: Arc::new(Semaphore::new(BODIES_MIB_MAX)), clock, tasks }
    }

    /// Room for the few pieces of a streamed body that are in memory at a time.
    pub(crate) async fn room_for_stream(&self) -> Result<OwnedSemaphorePermit, BodyError> {
        let room = pin!(self.room.clone().acquire_owned());
        match select(room, self.clock.sleep(BODY_TIMEOUT)).await {
            Either::Left((Ok(room), _)) => Ok(room),
            _ => Err(BodyError::TimedOut),
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// All of `body`, which may have `limit` bytes.
    pub(crate) async fn read(
        &self,
        body: Incoming,
        limit: u64,
    ) -> Result<(Bytes, Room<'_>), BodyError> {
        if body.is_end_stream() {
            return Ok((Bytes::new(), None));
        }
        match select(pin!(self.collect(body, limit)), self.clock.sleep(BODY_TIMEOUT)).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(BodyError::TimedOut),
        }
    }

    async fn collect(
        &self,
        mut body: Incoming,
        limit: u64,
    ) -> Result<(Bytes, Room<'_>), BodyError> {
        let size = body.size_hint();
        if size.lower() > limit {
            self.discard(body);
            return Err(BodyError::TooLarge(limit));
        }
        // Without a declared length the body may grow to the limit.
        let largest = size.upper().unwrap_or(limit).min(limit);
        let room = match u32::try_from(largest.div_ceil(MIB)) {
            Ok(mib) if largest > SMALL_BODY_BYTES_MAX => {
                Some(self.room.acquire_many(mib).await.map_err(|_| BodyError::TimedOut)?)
            }
            _ => None,
        };
        // Most bodies arrive in one piece, which then is not copied.
        let mut first = Bytes::new();
        let mut all = BytesMut::new();
        while let Some(frame) = body.frame().await {
            // Trailers of HTTP itself mean nothing to any AWS protocol.
            let Ok(piece) = frame.map_err(|_| BodyError::Truncated)?.into_data() else { continue };
            if (first.len() + all.len() + piece.len()) as u64 > limit {
                self.discard(body);
                return Err(BodyError::TooLarge(limit));
            }
            if first.is_empty() && all.is_empty() {
                first = piece;
                continue;
            }
            if all.is_empty() {
                let to_come = usize::try_from(body.size_hint().lower().min(limit)).unwrap_or(0);
                all.reserve(first.len() + piece.len() + to_come);
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            all.extend_from_slice(&piece);
        }
        Ok((if all.is_empty() { first } else { all.freeze() }, room))
    }

    /// Reads on behind the answer, so that a client which does not read before it has written all learns that its body was
    /// too large. One that sends still more finds its connection closed.
    pub(crate) fn discard(&self, mut body: Incoming) {
        let clock = self.clock.clone();
        self.tasks.spawn("front.discard", async move {
            let mut discarded = 0;
            while discarded < DISCARDED_BYTES_MAX {
                let pause = clock.sleep(DISCARD_PAUSE_MAX);
                let Either::Left((Some(Ok(frame)), _)) = select(pin!(body.frame()), pause).await
                else {
                    return;
                };
                discarded += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
        });
    }
}

/// The body of an answer. `G` is dropped with it, once all is sent or the client is gone.
pub struct AnswerBody<G> {
    content: Content,
    _guard: Option<G>,
}

enum Content {
    Full(Bytes),
    Stream(BoxStream<'static, Result<Bytes, wire::Error>>),
}

impl<G> AnswerBody<G> {
    pub(crate) fn new(body: wire::Body) -> Self {
        let content = match body {
            wire::Body::Full(bytes) => Content::Full(bytes),
            stream => Content::Stream(stream.into_stream()),
        };
        AnswerBody { content, _guard: None }
    }

    pub(crate) fn guarded(mut self, guard: G) -> Self {
        self._guard = Some(guard);
        self
    }
}

impl<G: Unpin> Body for AnswerBody<G> {
    type Data = Bytes;
    type Error = wire::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, wire::Error>>> {
        match &mut self.get_mut().content {
            Content::Full(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Full(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Content::Stream(stream) => {
                stream.as_mut().poll_next(cx).map(|piece| Some(piece?.map(Frame::data)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Full(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}
