//! Bodies that go to their operation as they come: objects, which may be larger than memory.
//!
//! The head's signature is checked before; what it says of the body is checked as the body passes, so an operation keeps
//! nothing before it has seen the end.

use crate::body::{Bodies, BodyError};
use crate::dispatch::body_error;
use crate::identity::Denial;
use crate::limits::PIECE_TIMEOUT;
use crate::sigv4::{ChunkDecoder, Refusal};
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use sha2::{Digest, Sha256};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use subtle::ConstantTimeEq;
use tokio::sync::OwnedSemaphorePermit;
use wire::{Body, Error, Protocol, Service, Trailers};

/// What a signature says of a body that has not come yet.
pub(crate) enum Check {
    /// Nothing.
    Nothing,
    /// Its SHA-256 in hexadecimal digits.
    Hash(Sha256, String),
    /// It is in chunks.
    Chunks(Box<ChunkDecoder>),
}

impl Check {
    pub(crate) fn hash(declared: &str) -> Self {
        Check::Hash(Sha256::new(), declared.to_ascii_lowercase())
    }

    /// Takes a piece in; answers with what of it belongs to the body.
    fn take(&mut self, piece: Bytes) -> Result<Bytes, Refusal> {
        match self {
            Check::Nothing => Ok(piece),
            Check::Hash(hasher, _) => {
                hasher.update(&piece);
                Ok(piece)
            }
            Check::Chunks(decoder) => {
                let mut decoded = Vec::with_capacity(piece.len());
                decoder.push(&piece, &mut decoded)?;
                Ok(decoded.into())
            }
        }
    }

    /// At the end of the body: the headers that came behind it.
    fn end(self) -> Result<Vec<(String, String)>, Refusal> {
        match self {
            Check::Nothing => Ok(Vec::new()),
            Check::Hash(hasher, declared) => {
                let found = crate::sigv4::hex_text(&hasher.finalize().into());
                match bool::from(found.as_bytes().ct_eq(declared.as_bytes())) {
                    true => Ok(Vec::new()),
                    false => Err(Refusal::PayloadMismatch),
                }
            }
            Check::Chunks(decoder) => decoder.finish(),
        }
    }
}

/// In whose words it is said what is wrong with a body.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    pub(crate) service: &'static Service,
    pub(crate) protocol: Protocol,
    pub(crate) presigned: bool,
}

struct Upload {
    incoming: Rest,
    check: Check,
    words: Words,
    trailers: Trailers,
    _room: OwnedSemaphorePermit,
}

/// What has not been read of a body. Dropped before the end, it is read on for a while, so that a client which writes all
/// before it reads learns what became of its request.
pub(crate) struct Rest {
    incoming: Option<Incoming>,
    bodies: Bodies,
    /// Whether the client sends nothing before it is told to go on.
    waits: bool,
    close: Close,
}

/// Whether the connection ends with the answer, because what would come on it next is a body that nobody asked for.
#[derive(Clone, Default)]
pub(crate) struct Close(Arc<AtomicBool>);

impl Close {
    pub(crate) fn is_due(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        let Some(incoming) = self.incoming.take() else { return };
        // Also where there is no body: clients that wait count on the next connection then.
        if self.waits {
            self.close.0.store(true, Ordering::Relaxed);
        } else if !incoming.is_end_stream() {
            self.bodies.discard(incoming);
        }
    }
}

impl Bodies {
    /// `incoming`, to be read later or not at all. `waits`: the request has `Expect: 100-continue`.
    pub(crate) fn rest(&self, incoming: Incoming, waits: bool, close: Close) -> Rest {
        Rest { incoming: Some(incoming), bodies: self.clone(), waits, close }
    }

    /// `rest` as a stream of its pieces, checked by `check`.
    pub(crate) async fn stream(
        &self,
        rest: Rest,
        check: Check,
        words: Words,
    ) -> Result<Body, BodyError> {
        let room = self.room_for_stream().await?;
        let trailers = Trailers::default();
        let upload =
            Upload { incoming: rest, check, words, trailers: trailers.clone(), _room: room };
        let pieces = stream::try_unfold(Some(upload), |upload| async move {
            let Some(upload) = upload else { return Ok(None) };
            upload.next().await
        });
        Ok(Body::with_trailers(Box::pin(pieces), trailers))
    }
}

impl Upload {
    async fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>, Error> {
        loop {
            let Some(piece) = self.piece().await.map_err(body_error)? else { break };
            let piece = self.check.take(piece).map_err(|refusal| self.words.refuse(refusal))?;
            if !piece.is_empty() {
                return Ok(Some((piece, Some(self))));
            }
        }
        self.incoming.incoming = None;
        let headers = self.check.end().map_err(|refusal| self.words.refuse(refusal))?;
        self.trailers.set(headers);
        Ok(None)
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, BodyError> {
        let Some(incoming) = &mut self.incoming.incoming else { return Ok(None) };
        self.incoming.waits = false;
        let pause = self.incoming.bodies.clock().sleep(PIECE_TIMEOUT);
        let Either::Left((frame, _)) = select(pin!(incoming.frame()), pause).await else {
            return Err(BodyError::TimedOut);
        };
        let Some(frame) = frame else { return Ok(None) };
        let frame = frame.map_err(|_| BodyError::Truncated)?;
        // Trailers of HTTP itself mean nothing to any AWS protocol.
        Ok(Some(frame.into_data().unwrap_or_default()))
    }
}

impl Words {
    fn refuse(self, refusal: Refusal) -> Error {
        Denial::from(refusal).into_error(self.service, self.protocol, self.presigned)
    }
}
