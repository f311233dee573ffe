//! Bodies by digest: function packages, objects, image layers; whatever is too large for a row.
//!
//! A row of `store` names the digest. First the body is put, then the row is written, so that no row names a body that
//! is not there; a body without a row is what a crash between the two leaves, and is removed by whoever owns the rows.
//!
//! On disk a body is a file that is named by its digest, in one flat directory (mode 0700, files 0600) that one
//! process uses at a time.
//!
//! # Invariants
//! - A body appears under its digest whole or not at all: it is written to `incoming/`, synced, renamed, and the
//!   directory synced before [`Blobs::put`] answers.
//! - A body never changes. Putting it again is harmless.
//! - Deliberately absent: counting references, and deciding what may be removed.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod digest;
mod files;
mod writer;

use bytes::Bytes;
use files::Files;
use parking_lot::RwLock;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use digest::Digest;
pub use writer::Writer;

/// What can go wrong with a body.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More was read than the caller allows.
    #[error("the body is larger than {bytes_max} bytes")]
    TooLarge {
        /// What the caller allows.
        bytes_max: u64,
    },
    /// The source of the body failed.
    #[error("the body could not be read")]
    Source(#[source] io::Error),
    /// The stored bytes are not those that were put.
    #[error("the body {digest} is damaged")]
    Damaged {
        /// What it is called.
        digest: Digest,
    },
    /// The disk or its file system failed.
    #[error("{} failed", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// All bodies. Clones are the same ones.
#[derive(Clone)]
pub struct Blobs(Arc<Bodies>);

enum Bodies {
    Files(Files),
    Memory(RwLock<HashMap<Digest, Bytes>>),
}

impl Blobs {
    /// The bodies in `dir`, which is made if it is missing. Removes what an earlier process left half-written.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        Ok(Blobs(Arc::new(Bodies::Files(Files::open(dir)?))))
    }

    /// No bodies yet, and none left when the process ends.
    pub fn in_memory() -> Self {
        Blobs(Arc::new(Bodies::Memory(RwLock::default())))
    }

    /// Keeps `body`, durably if on disk. If the returned future is dropped, it may still be kept.
    pub async fn put(&self, body: Bytes) -> Result<Digest, Error> {
        let bytes_max = body.len() as u64;
        Ok(self.put_from(Cursor::new(body), bytes_max).await?.0)
    }

    /// Keeps what `source` holds to its end, at most `bytes_max`; with its size in bytes. As [`Blobs::put`].
    pub async fn put_from(
        &self,
        source: impl Read + Send + 'static,
        bytes_max: u64,
    ) -> Result<(Digest, u64), Error> {
        self.blocking(move |bodies| {
            let mut source = Hashing { source, hasher: Sha256::new(), bytes: 0, bytes_max };
            match bodies {
                Bodies::Files(files) => files.put(source),
                Bodies::Memory(bodies) => {
                    let mut body = Vec::new();
                    while let Some(chunk) = source.next(&mut [0; CHUNK_BYTES])? {
                        body.extend_from_slice(chunk);
                    }
                    let (digest, bytes) = source.finish();
                    bodies.write().insert(digest, body.into());
                    Ok((digest, bytes))
                }
            }
        })
        .await
    }

    /// Takes a body in pieces, for those whose source is not a [`Read`]. Blocks for the disk, as its methods do.
    pub fn writer(&self) -> Result<Writer, Error> {
        Writer::new(Arc::clone(&self.0))
    }

    /// The whole body, in memory: for those whose size was bounded when they were put.
    pub async fn get(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        self.blocking(move |bodies| match bodies {
            Bodies::Files(files) => files.read(digest),
            Bodies::Memory(bodies) => Ok(bodies.read().get(&digest).cloned()),
        })
        .await
    }

    /// A reader of the body, which stays readable if the body is removed. Opening and reading block for the disk.
    pub fn reader(&self, digest: Digest) -> Result<Option<Reader>, Error> {
        Ok(match &*self.0 {
            Bodies::Files(files) => files.file(digest)?.map(Reader::File),
            Bodies::Memory(bodies) => {
                bodies.read().get(&digest).map(|body| Reader::Memory(Cursor::new(body.clone())))
            }
        })
    }

    /// Whether there is such a body.
    pub async fn contains(&self, digest: Digest) -> Result<bool, Error> {
        self.blocking(move |bodies| match bodies {
            Bodies::Files(files) => Ok(files.file(digest)?.is_some()),
            Bodies::Memory(bodies) => Ok(bodies.read().contains_key(&digest)),
        })
        .await
    }

    /// Forgets the body; whether there was one. The caller knows that nobody puts the same body meanwhile.
    pub async fn remove(&self, digest: Digest) -> Result<bool, Error> {
        self.blocking(move |bodies| match bodies {
            Bodies::Files(files) => files.remove(digest),
            Bodies::Memory(bodies) => Ok(bodies.write().remove(&digest).is_some()),
        })
        .await
    }

    /// Reads the body again: `Ok(false)` if it is missing, [`Error::Damaged`] if it is not what was put.
    pub async fn verify(&self, digest: Digest) -> Result<bool, Error> {
        let Some(source) = self.reader(digest)? else { return Ok(false) };
        self.blocking(move |_| {
            let bytes_max = u64::MAX;
            let mut source = Hashing { source, hasher: Sha256::new(), bytes: 0, bytes_max };
            while source.next(&mut [0; CHUNK_BYTES])?.is_some() {}
            let (found, _) = source.finish();
            if found == digest { Ok(true) } else { Err(Error::Damaged { digest }) }
        })
        .await
    }

    /// Forgets every body.
    pub async fn clear(&self) -> Result<(), Error> {
        self.blocking(|bodies| match bodies {
            Bodies::Files(files) => files.clear(),
            Bodies::Memory(bodies) => {
                bodies.write().clear();
                Ok(())
            }
        })
        .await
    }

    /// Disks and hashes take longer than a thread of the async runtime should be kept.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Bodies) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let bodies = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || work(&bodies)).await {
            Ok(result) => result,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(cancelled) => Err(Error::Source(io::Error::other(cancelled))),
            },
        }
    }
}

/// How much of a body is read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A source of which everything read is counted and hashed.
struct Hashing<S> {
    source: S,
    hasher: Sha256,
    bytes: u64,
    bytes_max: u64,
}

impl<S: Read> Hashing<S> {
    /// The next part of the body, `None` at its end.
    fn next<'b>(&mut self, buffer: &'b mut [u8]) -> Result<Option<&'b [u8]>, Error> {
        let read = loop {
            match self.source.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(Error::Source)?,
            }
        };
        let chunk = &buffer[..read];
        self.bytes += read as u64;
        if self.bytes > self.bytes_max {
            return Err(Error::TooLarge { bytes_max: self.bytes_max });
        }
        self.hasher.update(chunk);
        Ok((read > 0).then_some(chunk))
    }

    fn finish(self) -> (Digest, u64) {
        (Digest(self.hasher.finalize().into()), self.bytes)
    }
}

/// Reads one body.
pub enum Reader {
    /// From the disk.
    File(File),
    /// From memory.
    Memory(Cursor<Bytes>),
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Reader::File(file) => file.read(buffer),
            Reader::Memory(body) => body.read(buffer),
        }
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Reader::File(file) => file.seek(to),
            Reader::Memory(body) => body.seek(to),
        }
    }
}

#[cfg(test)]
mod tests;
