//! Bodies as they lie in `blobs`: in chunks, each sealed by itself, so that a range opens without the rest.
//!
//! The plain text is cut into pieces of [`limits::CHUNK_BYTES`], the last one shorter or empty. Each is sealed with the
//! body's data key and bound to the body's id, its place and whether it is the last: chunks that were moved, left out or
//! taken from another body do not open.

use crate::limits::CHUNK_BYTES;
use crate::model::checksum::{Algorithm, Hasher};
use crate::tables::{BodyId, ChecksumRecord};
use base::Entropy;
use blobs::Digest;
use md5::{Digest as _, Md5};
use sealing::SealingKey;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// What sealing adds to a chunk: nonce and tag.
const OVERHEAD: usize = 28;

/// Seals a body that comes in pieces. Its methods block for the disk.
pub struct Sealer {
    writer: blobs::Writer,
    key: SealingKey,
    entropy: Arc<dyn Entropy>,
    id: BodyId,
    place: u64,
    /// Less than a chunk, or one whole chunk of which it is not known yet whether it is the last.
    waiting: Vec<u8>,
    size: u64,
    md5: Md5,
    checksums: Vec<Hasher>,
}

/// A body that was sealed.
#[derive(Debug)]
pub struct Sealed {
    /// What it is called in `blobs`.
    pub digest: Digest,
    /// Bytes of plain text.
    pub size: u64,
    /// Of the plain text.
    pub md5: [u8; 16],
    /// Of the plain text, in the order in which they were asked for.
    pub checksums: Vec<ChecksumRecord>,
}

impl Sealer {
    /// Nothing yet.
    pub fn new(
        writer: blobs::Writer,
        key: SealingKey,
        entropy: Arc<dyn Entropy>,
        id: BodyId,
        algorithms: &[Algorithm],
    ) -> Self {
        Sealer {
            writer,
            key,
            entropy,
            id,
            place: 0,
            waiting: Vec::with_capacity(CHUNK_BYTES),
            size: 0,
            md5: Md5::new(),
            checksums: algorithms.iter().map(|algorithm| Hasher::new(*algorithm)).collect(),
        }
    }

    /// Takes in more.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<(), blobs::Error> {
        self.size += piece.len() as u64;
        self.md5.update(piece);
        self.checksums.iter_mut().for_each(|checksum| checksum.update(piece));
        while !piece.is_empty() {
            if self.waiting.len() == CHUNK_BYTES {
                self.seal(false)?;
            }
            let room = CHUNK_BYTES - self.waiting.len();
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.waiting.extend_from_slice(now);
            piece = later;
        }
        Ok(())
    }

    /// Keeps the body, durably if on disk.
    pub fn finish(mut self) -> Result<Sealed, blobs::Error> {
        self.seal(true)?;
        let (digest, _) = self.writer.finish()?;
        Ok(Sealed {
            digest,
            size: self.size,
            md5: self.md5.finalize().into(),
            checksums: self.checksums.into_iter().map(Hasher::finish).collect(),
        })
    }

    fn seal(&mut self, last: bool) -> Result<(), blobs::Error> {
        let place = bound(self.id, self.place, last);
        self.writer.write(&self.key.seal(&*self.entropy, &place, &self.waiting))?;
        self.waiting.clear();
        self.place += 1;
        Ok(())
    }
}

fn bound(id: BodyId, place: u64, last: bool) -> [u8; 17] {
    let mut bound = [0; 17];
    bound[..8].copy_from_slice(&id.to_be_bytes());
    bound[8..16].copy_from_slice(&place.to_be_bytes());
    bound[16] = u8::from(last);
    bound
}

/// Opens a body piece by piece. Its methods block for the disk.
pub struct Opener {
    reader: blobs::Reader,
    key: SealingKey,
    id: BodyId,
    size: u64,
    /// The next byte of plain text.
    at: u64,
    /// Where the reader stands, as a chunk's number.
    place: Option<u64>,
}

impl Opener {
    /// From the byte `at` on; `size` is that of the whole plain text.
    pub fn new(reader: blobs::Reader, key: SealingKey, id: BodyId, size: u64, at: u64) -> Self {
        Opener { reader, key, id, size, at, place: None }
    }

    /// At most the rest of one chunk; empty at the end.
    pub fn piece(&mut self) -> io::Result<Vec<u8>> {
        if self.at >= self.size {
            return Ok(Vec::new());
        }
        let chunk = CHUNK_BYTES as u64;
        let (place, last) = (self.at / chunk, (self.size - 1) / chunk);
        if self.place != Some(place) {
            self.reader.seek(SeekFrom::Start(place * (chunk + OVERHEAD as u64)))?;
        }
        let length = if place == last { self.size - last * chunk } else { chunk };
        let mut sealed = vec![0; length as usize + OVERHEAD];
        self.reader.read_exact(&mut sealed)?;
        self.place = Some(place + 1);
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a chunk is damaged");
        let bound = bound(self.id, place, place == last);
        let mut open = self.key.open(&bound, &sealed).ok_or_else(damaged)?;
        let skip = (self.at - place * chunk) as usize;
        open.drain(..skip);
        self.at = place * chunk + length;
        Ok(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededEntropy;
    use blobs::Blobs;

    fn seal(blobs: &Blobs, bytes: &[u8], id: BodyId) -> Sealed {
        let entropy = Arc::new(SeededEntropy::new(1));
        let key = SealingKey::new(&[7; 32]);
        let writer = blobs.writer().unwrap();
        let mut sealer = Sealer::new(writer, key, entropy, id, &[Algorithm::DEFAULT]);
        for piece in bytes.chunks(10_000) {
            sealer.push(piece).unwrap();
        }
        sealer.finish().unwrap()
    }

    fn open(blobs: &Blobs, sealed: &Sealed, id: BodyId, at: u64) -> io::Result<Vec<u8>> {
        let reader = blobs.reader(sealed.digest).unwrap().unwrap();
        let mut opener = Opener::new(reader, SealingKey::new(&[7; 32]), id, sealed.size, at);
        let mut all = Vec::new();
        loop {
            match opener.piece()? {
                piece if piece.is_empty() => return Ok(all),
                piece => all.extend(piece),
            }
        }
    }

    #[test]
    fn bodies_of_every_length_come_back_from_every_place() {
        let blobs = Blobs::in_memory();
        for size in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let bytes: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let sealed = seal(&blobs, &bytes, 1);
            assert_eq!(sealed.size, size as u64);
            for at in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5, size] {
                let at = at.min(size);
                let found = open(&blobs, &sealed, 1, at as u64).unwrap();
                assert!(found == bytes[at..], "{size} from {at}");
            }
        }
    }

    #[test]
    fn other_bodies_and_shortened_ones_do_not_open() {
        let blobs = Blobs::in_memory();
        let sealed = seal(&blobs, &vec![3; 2 * CHUNK_BYTES], 1);
        assert!(open(&blobs, &sealed, 2, 0).is_err());
        let shortened = Sealed { size: CHUNK_BYTES as u64, ..sealed };
        assert!(open(&blobs, &shortened, 1, 0).is_err());
    }
}
