//! Bodies that come in pieces.

use crate::{Bodies, Digest, Error};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// A body that is being written. What is dropped before [`Writer::finish`] was never there.
///
/// Its methods block for the disk: they belong on a thread that may wait.
pub struct Writer {
    bodies: Arc<Bodies>,
    place: Place,
    hasher: Sha256,
    bytes: u64,
}

enum Place {
    File(PathBuf, File),
    Memory(Vec<u8>),
    Done,
}

impl Writer {
    pub(crate) fn new(bodies: Arc<Bodies>) -> Result<Self, Error> {
        let place = match &*bodies {
            Bodies::Files(files) => {
                let (path, file) = files.begin()?;
                Place::File(path, file)
            }
            Bodies::Memory(_) => Place::Memory(Vec::new()),
        };
        Ok(Writer { bodies, place, hasher: Sha256::new(), bytes: 0 })
    }

    /// Appends a piece. After a failure the body is of no use.
    pub fn write(&mut self, piece: &[u8]) -> Result<(), Error> {
        match &mut self.place {
            Place::File(path, file) => file
                .write_all(piece)
                .map_err(|source| Error::File { path: path.clone(), source })?,
            Place::Memory(body) => body.extend_from_slice(piece),
            Place::Done => {}
        }
        self.hasher.update(piece);
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// How many bytes were written so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Keeps the body, durably if on disk.
    pub fn finish(mut self) -> Result<(Digest, u64), Error> {
        let digest = Digest(std::mem::take(&mut self.hasher).finalize().into());
        match (&*self.bodies, std::mem::replace(&mut self.place, Place::Done)) {
            (Bodies::Files(files), Place::File(path, file)) => {
                let ended = files.end(&path, &file, digest);
                if ended.is_err() {
                    drop(fs::remove_file(&path));
                }
                ended?;
            }
            (Bodies::Memory(bodies), Place::Memory(body)) => {
                bodies.write().insert(digest, body.into());
            }
            _ => {}
        }
        Ok((digest, self.bytes))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Place::File(path, _) = &self.place {
            // What stays behind is removed at the next start.
            drop(fs::remove_file(path));
        }
    }
}
