//! Bodies on their way in and out, a few pieces at a time.

use crate::limits::BATCH_BYTES;
use crate::model::checksum::Algorithm;
use crate::model::range::Range;
use crate::sealed::{Opener, Sealed, Sealer};
use crate::tables::BodyId;
use crate::{S3, errors};
use blobs::{Blobs, Digest};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use sealing::SealingKey;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;
use wire::{Error, Internal, Pieces};

/// Bodies that are being read.
pub struct Reading {
    counts: Mutex<HashMap<BodyId, usize>>,
    ended: Arc<Notify>,
}

/// A body that is not removed as long as this lives.
pub struct Held {
    reading: Arc<Reading>,
    id: BodyId,
}

impl Reading {
    pub(crate) fn new(ended: Arc<Notify>) -> Self {
        Reading { counts: Mutex::default(), ended }
    }

    /// Keeps the body from being removed, if it was not removed already: whoever asks looks at its row again.
    pub fn hold(self: &Arc<Self>, id: BodyId) -> Held {
        *self.counts.lock().entry(id).or_default() += 1;
        Held { reading: self.clone(), id }
    }

    /// Whether anybody reads it.
    pub fn is_held(&self, id: BodyId) -> bool {
        self.counts.lock().contains_key(&id)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut counts = self.reading.counts.lock();
        if let Some(count) = counts.get_mut(&self.id) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.id);
                self.reading.ended.notify_one();
            }
        }
    }
}

/// A piece of a body as it lies in `blobs`.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// What it is called.
    pub digest: Digest,
    /// What its chunks are bound to.
    pub id: BodyId,
    /// Its bytes.
    pub size: u64,
}

/// How a body is to be taken in.
pub struct Intake {
    /// Encrypts it.
    pub key: SealingKey,
    /// Its id.
    pub id: BodyId,
    /// Which checksums are made of it.
    pub algorithms: Vec<Algorithm>,
    /// Most bytes that it may have.
    pub bytes_max: u64,
}

impl S3 {
    /// Seals `pieces` and keeps them, durably if on disk. If it fails nothing is kept; if the returned future is dropped,
    /// all of it may be, though nobody knows.
    pub async fn take_in(&self, mut pieces: Pieces, intake: Intake) -> Result<Sealed, Error> {
        let Intake { key, id, algorithms, bytes_max } = intake;
        let (blobs, entropy) = (self.blobs.clone(), self.entropy.clone());
        let mut sealer =
            blocking(move || Ok(Sealer::new(blobs.writer()?, key, entropy, id, &algorithms)))
                .await?;
        let (mut batch, mut batch_bytes, mut bytes) = (Vec::new(), 0, 0);
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            batch_bytes += piece.len();
            bytes += piece.len() as u64;
            if bytes > bytes_max {
                return Err(errors::entity_too_large(bytes, bytes_max));
            }
            batch.push(piece);
            if batch_bytes >= BATCH_BYTES {
                sealer = push(sealer, std::mem::take(&mut batch)).await?;
                batch_bytes = 0;
            }
        }
        blocking(move || {
            for piece in batch {
                sealer.push(&piece)?;
            }
            sealer.finish()
        })
        .await
    }

    /// The bytes of `range` of `segments`, which lie behind each other.
    pub fn give_out(
        &self,
        segments: Vec<Segment>,
        key: SealingKey,
        range: Range,
        held: Held,
    ) -> Pieces {
        let mut before = 0;
        let mut wanted = VecDeque::new();
        for segment in segments {
            // The first byte of this segment that is wanted.
            let from = range.start.saturating_sub(before);
            if from < segment.size && before < range.start + range.bytes {
                wanted.push_back((segment, from));
            }
            before += segment.size;
        }
        let source =
            Source { blobs: self.blobs.clone(), wanted, key, left: range.bytes, open: None, held };
        Box::pin(stream::try_unfold(source, |source| async move {
            if source.left == 0 {
                return Ok(None);
            }
            let read = tokio::task::spawn_blocking(move || source.read());
            let (bytes, source) = read.await.internal("reading an object")??;
            Ok(Some((bytes, source)))
        }))
    }

    /// Removes a body that no row came to name. What fails is left on disk.
    pub(crate) async fn forget(&self, digest: Digest) {
        if let Err(error) = self.blobs.remove(digest).await {
            tracing::warn!(%error, "a body that is of no use could not be removed");
        }
    }
}

async fn push(mut sealer: Sealer, batch: Vec<Bytes>) -> Result<Sealer, Error> {
    blocking(move || {
        for piece in batch {
            sealer.push(&piece)?;
        }
        Ok(sealer)
    })
    .await
}

/// Ciphers, hashes and disks take longer than a thread of the async runtime should be kept.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, blobs::Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await.internal("writing an object")?;
    done.internal("writing an object")
}

struct Source {
    blobs: Blobs,
    wanted: VecDeque<(Segment, u64)>,
    key: SealingKey,
    left: u64,
    open: Option<Opener>,
    held: Held,
}

impl Source {
    /// The next bytes; there are some, because `left` is not zero.
    fn read(mut self) -> Result<(Bytes, Self), Error> {
        let mut out = Vec::with_capacity(BATCH_BYTES);
        while out.len() < BATCH_BYTES && self.left > 0 {
            let Some(opener) = &mut self.open else {
                let (segment, from) = self
                    .wanted
                    .pop_front()
                    .ok_or_else(|| Error::internal("the parts of an object are shorter than it"))?;
                let reader = self.blobs.reader(segment.digest).internal("opening an object")?;
                let reader =
                    reader.ok_or_else(|| Error::internal("the body of an object is missing"))?;
                let key = self.key.clone();
                self.open = Some(Opener::new(reader, key, segment.id, segment.size, from));
                continue;
            };
            let mut piece = opener.piece().internal("reading an object")?;
            if piece.is_empty() {
                self.open = None;
                continue;
            }
            piece.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left -= piece.len() as u64;
            out.extend_from_slice(&piece);
        }
        debug_assert!(self.held.reading.is_held(self.held.id), "what is read is held");
        Ok((out.into(), self))
    }
}
