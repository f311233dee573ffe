//! Bodies in the content encoding `aws-chunked`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>
//!
//! ```text
//! 1000;chunk-signature=…CRLF  data CRLF  …  0;chunk-signature=…CRLF  [name:value CRLF]…  CRLF
//! ```

use super::keys::mac;
use super::{Refusal, Verified, hex};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Longest line between chunks, in bytes: sizes, signatures and trailing headers are short.
const LINE_BYTES_MAX: usize = 4096;
/// Most headers in a trailer.
const TRAILERS_MAX: usize = 16;
/// SHA-256 of nothing, which stands in the string to sign of every chunk.
const OF_NOTHING: &[u8] = b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature";

/// Takes the chunks apart as they arrive and checks their signatures. A chunk's bytes are handed out before its signature
/// is known, so nothing may be kept before [`ChunkDecoder::finish`] has agreed.
pub struct ChunkDecoder {
    signer: Option<Signer>,
    trailer: bool,
    state: State,
    line: Vec<u8>,
    /// Bytes that are still to come, by `x-amz-decoded-content-length`.
    remaining: u64,
    trailers: Vec<(String, String)>,
}

enum State {
    Size,
    Data {
        remaining: u64,
    },
    DataEnd,
    Trailer,
    /// The trailer's signature was right; only the empty line is missing.
    TrailerEnd,
    Done,
}

struct Signer {
    seed: Verified,
    chunk: Sha256,
    /// What the chunk's line says its signature is.
    claimed: Vec<u8>,
}

impl ChunkDecoder {
    /// For a body of `decoded_length` bytes without its encoding; `seed` for chunks that are signed.
    pub fn new(seed: Option<Verified>, trailer: bool, decoded_length: u64) -> Self {
        let signer =
            seed.map(|seed| Signer { seed, chunk: Sha256::new(), claimed: Vec::with_capacity(64) });
        ChunkDecoder {
            signer,
            trailer,
            state: State::Size,
            line: Vec::new(),
            remaining: decoded_length,
            trailers: Vec::new(),
        }
    }

    /// Appends to `out` what `input` carries.
    pub fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        while !input.is_empty() {
            if let State::Data { remaining } = &mut self.state {
                let length = usize::try_from(*remaining).unwrap_or(usize::MAX).min(input.len());
                let (data, rest) = input.split_at(length);
                out.extend_from_slice(data);
                if let Some(signer) = &mut self.signer {
                    signer.chunk.update(data);
                }
                *remaining -= length as u64;
                if *remaining == 0 {
                    self.state = State::DataEnd;
                }
                input = rest;
                continue;
            }
            let end = input.iter().position(|b| *b == b'\n');
            let (piece, rest) = input.split_at(end.map_or(input.len(), |at| at + 1));
            if self.line.len() + piece.len() > LINE_BYTES_MAX {
                return Err(Refusal::Malformed("A line between chunks is too long."));
            }
            self.line.extend_from_slice(piece);
            input = rest;
            if end.is_some() {
                let mut line = std::mem::take(&mut self.line);
                let Some(text) = line.strip_suffix(b"\r\n") else {
                    return Err(Refusal::Malformed("A line between chunks does not end in CRLF."));
                };
                self.take_line(text)?;
                line.clear();
                self.line = line;
            }
        }
        Ok(())
    }

    /// The trailing headers, once all has arrived and every signature was right.
    pub fn finish(self) -> Result<Vec<(String, String)>, Refusal> {
        match self.state {
            State::Done if self.remaining == 0 => Ok(self.trailers),
            _ => Err(Refusal::Malformed(
                "You did not provide the number of bytes specified by the x-amz-decoded-content-length header.",
            )),
        }
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        match self.state {
            State::Size => self.take_size(line),
            State::DataEnd if line.is_empty() => {
                self.check_chunk()?;
                self.state = State::Size;
                Ok(())
            }
            State::Trailer if line.is_empty() => {
                if self.signer.is_some() && self.trailer {
                    return Err(Refusal::Malformed("The trailer is not signed."));
                }
                self.state = State::Done;
                Ok(())
            }
            State::Trailer => self.take_trailer(line),
            State::TrailerEnd if line.is_empty() => {
                self.state = State::Done;
                Ok(())
            }
            State::DataEnd | State::TrailerEnd | State::Done | State::Data { .. } => {
                Err(Refusal::Malformed("There are bytes where a chunk or the body should end."))
            }
        }
    }

    fn take_size(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let malformed = Refusal::Malformed("The size of a chunk can not be read.");
        let line = std::str::from_utf8(line).map_err(|_| malformed.clone())?;
        let (size, extension) = line.split_once(';').unwrap_or((line, ""));
        if size.is_empty() || size.len() > 16 || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(malformed);
        }
        let size = u64::from_str_radix(size, 16).map_err(|_| malformed)?;
        let Some(remaining) = self.remaining.checked_sub(size) else {
            return Err(Refusal::Malformed(
                "The chunks hold more bytes than the x-amz-decoded-content-length header says.",
            ));
        };
        self.remaining = remaining;
        if let Some(signer) = &mut self.signer {
            let Some(signature) = extension.strip_prefix("chunk-signature=") else {
                return Err(Refusal::Malformed("A chunk is not signed."));
            };
            signer.claimed.clear();
            signer.claimed.extend_from_slice(signature.as_bytes());
        }
        self.state = match size {
            0 => {
                self.check_chunk()?;
                State::Trailer
            }
            size => State::Data { remaining: size },
        };
        Ok(())
    }

    fn take_trailer(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let malformed = Refusal::Malformed("A trailing header can not be read.");
        let line = std::str::from_utf8(line).map_err(|_| malformed.clone())?;
        let (name, value) = line.split_once(':').ok_or(malformed)?;
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if !self.trailer || self.trailers.len() >= TRAILERS_MAX {
            return Err(Refusal::Malformed("Unexpected trailing headers."));
        }
        if name == TRAILER_SIGNATURE
            && let Some(signer) = &mut self.signer
        {
            self.state = State::TrailerEnd;
            return signer.check_trailer(&self.trailers, value);
        }
        self.trailers.push((name, value.to_string()));
        Ok(())
    }

    fn check_chunk(&mut self) -> Result<(), Refusal> {
        self.signer.as_mut().map_or(Ok(()), Signer::check_chunk)
    }
}

impl Signer {
    fn check_chunk(&mut self) -> Result<(), Refusal> {
        let hash = hex(&self.chunk.finalize_reset().into());
        let seed = &self.seed;
        let lines: [&[u8]; 6] = [
            b"AWS4-HMAC-SHA256-PAYLOAD",
            seed.timestamp.as_bytes(),
            seed.scope.as_bytes(),
            &seed.signature,
            OF_NOTHING,
            &hash,
        ];
        let text = lines.join(&b'\n');
        let claimed = std::mem::take(&mut self.claimed);
        self.check(&text, &claimed)
    }

    fn check_trailer(
        &mut self,
        trailers: &[(String, String)],
        claimed: &str,
    ) -> Result<(), Refusal> {
        let headers: String =
            trailers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = hex(&Sha256::digest(headers).into());
        let seed = &self.seed;
        let lines: [&[u8]; 5] = [
            b"AWS4-HMAC-SHA256-TRAILER",
            seed.timestamp.as_bytes(),
            seed.scope.as_bytes(),
            &seed.signature,
            &hash,
        ];
        let text = lines.join(&b'\n');
        self.check(&text, claimed.as_bytes())
    }

    /// Each signature covers the one before it.
    fn check(&mut self, text: &[u8], claimed: &[u8]) -> Result<(), Refusal> {
        let signature = hex(&mac(self.seed.key.clone(), text));
        if !bool::from(signature.as_slice().ct_eq(claimed)) {
            return Err(Refusal::Mismatch);
        }
        self.seed.signature = signature;
        Ok(())
    }
}
