//! The framing of event streams: length-prefixed messages with headers and two checksums.
//! <https://smithy.io/2.0/aws/amazon-eventstream.html>

use crate::limits::FRAME_BYTES_MAX;
use crate::{Bytes, Timestamp};
use std::fmt;

/// One message of a stream.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Frame {
    /// In the order in which they are sent. Names have 1 to 255 bytes.
    pub headers: Vec<(String, HeaderValue)>,
    /// At most 16 MiB.
    pub payload: Bytes,
}

/// The value of a header.
#[derive(Clone, PartialEq, Debug)]
pub enum HeaderValue {
    /// A boolean.
    Boolean(bool),
    /// An 8-bit number.
    Byte(i8),
    /// A 16-bit number.
    Short(i16),
    /// A 32-bit number.
    Integer(i32),
    /// A 64-bit number.
    Long(i64),
    /// At most 32,767 bytes.
    Blob(Bytes),
    /// At most 32,767 bytes.
    String(String),
    /// To the millisecond.
    Timestamp(Timestamp),
    /// A UUID.
    Uuid([u8; 16]),
}

/// Why bytes are no frame, or a frame can not be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameError {
    /// Longer than a frame may be.
    TooLong,
    /// A checksum does not fit.
    Checksum,
    /// Lengths or types make no sense.
    Malformed,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FrameError::TooLong => "event stream frame is too long",
            FrameError::Checksum => "event stream frame has a wrong checksum",
            FrameError::Malformed => "event stream frame is malformed",
        })
    }
}

impl std::error::Error for FrameError {}

/// Two lengths and their checksum.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;
/// Longest text or blob in a header.
const HEADER_VALUE_BYTES_MAX: usize = 32_767;

impl Frame {
    /// Adds a header of text.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_string(), HeaderValue::String(value.into())));
        self
    }

    /// The text of the header `name`.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).and_then(|(_, value)| match value {
            HeaderValue::String(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// The frame as it is sent.
    pub fn encode(&self) -> Result<Bytes, FrameError> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let length = u8::try_from(name.len()).map_err(|_| FrameError::TooLong)?;
            headers.push(length);
            headers.extend(name.as_bytes());
            encode_value(&mut headers, value)?;
        }
        let total = PRELUDE_BYTES + headers.len() + self.payload.len() + CHECKSUM_BYTES;
        if total > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        let mut out = Vec::with_capacity(total);
        out.extend((total as u32).to_be_bytes());
        out.extend((headers.len() as u32).to_be_bytes());
        out.extend(crc32fast::hash(&out).to_be_bytes());
        out.extend(headers);
        out.extend(&self.payload);
        out.extend(crc32fast::hash(&out).to_be_bytes());
        Ok(out.into())
    }

    /// The frame at the start of `bytes` and its length; none if more bytes are needed.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Frame, usize)>, FrameError> {
        let Some((prelude, _)) = bytes.split_first_chunk::<PRELUDE_BYTES>() else {
            return Ok(None);
        };
        let number = |at: usize| {
            let bytes = [prelude[at], prelude[at + 1], prelude[at + 2], prelude[at + 3]];
            u32::from_be_bytes(bytes) as usize
        };
        let (total, headers_length, checksum) = (number(0), number(4), number(8));
        if crc32fast::hash(&prelude[..8]) as usize != checksum {
            return Err(FrameError::Checksum);
        }
        if total > FRAME_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        let payload_length = total
            .checked_sub(PRELUDE_BYTES + CHECKSUM_BYTES)
            .and_then(|rest| rest.checked_sub(headers_length))
            .ok_or(FrameError::Malformed)?;
        let Some(message) = bytes.get(..total) else { return Ok(None) };
        let (message, checksum) = message.split_at(total - CHECKSUM_BYTES);
        if crc32fast::hash(message).to_be_bytes() != checksum {
            return Err(FrameError::Checksum);
        }
        let (headers, payload) = message[PRELUDE_BYTES..].split_at(headers_length);
        debug_assert_eq!(payload.len(), payload_length, "the lengths were checked above");
        let frame = Frame {
            headers: decode_headers(headers).ok_or(FrameError::Malformed)?,
            payload: Bytes::copy_from_slice(payload),
        };
        Ok(Some((frame, total)))
    }
}

fn encode_value(out: &mut Vec<u8>, value: &HeaderValue) -> Result<(), FrameError> {
    let sized = |out: &mut Vec<u8>, kind: u8, bytes: &[u8]| {
        if bytes.len() > HEADER_VALUE_BYTES_MAX {
            return Err(FrameError::TooLong);
        }
        out.push(kind);
        out.extend((bytes.len() as u16).to_be_bytes());
        out.extend(bytes);
        Ok(())
    };
    match value {
        HeaderValue::Boolean(value) => out.push(u8::from(!value)),
        HeaderValue::Byte(value) => out.extend([2, *value as u8]),
        HeaderValue::Short(value) => {
            out.push(3);
            out.extend(value.to_be_bytes());
        }
        HeaderValue::Integer(value) => {
            out.push(4);
            out.extend(value.to_be_bytes());
        }
        HeaderValue::Long(value) => {
            out.push(5);
            out.extend(value.to_be_bytes());
        }
        HeaderValue::Blob(value) => sized(out, 6, value)?,
        HeaderValue::String(value) => sized(out, 7, value.as_bytes())?,
        HeaderValue::Timestamp(value) => {
            let milliseconds = i64::from(value.subsec_nanoseconds() / 1_000_000);
            out.push(8);
            out.extend((value.seconds() * 1_000 + milliseconds).to_be_bytes());
        }
        HeaderValue::Uuid(value) => {
            out.push(9);
            out.extend(value);
        }
    }
    Ok(())
}

fn decode_headers(mut rest: &[u8]) -> Option<Vec<(String, HeaderValue)>> {
    let mut headers = Vec::new();
    while !rest.is_empty() {
        let length = take(&mut rest, 1)?[0];
        let name = String::from_utf8(take(&mut rest, usize::from(length))?.to_vec()).ok()?;
        headers.push((name, decode_value(&mut rest)?));
    }
    Some(headers)
}

fn decode_value(rest: &mut &[u8]) -> Option<HeaderValue> {
    Some(match take(rest, 1)?[0] {
        0 => HeaderValue::Boolean(true),
        1 => HeaderValue::Boolean(false),
        2 => HeaderValue::Byte(i8::from_be_bytes(array(rest)?)),
        3 => HeaderValue::Short(i16::from_be_bytes(array(rest)?)),
        4 => HeaderValue::Integer(i32::from_be_bytes(array(rest)?)),
        5 => HeaderValue::Long(i64::from_be_bytes(array(rest)?)),
        6 => HeaderValue::Blob(Bytes::copy_from_slice(sized(rest)?)),
        7 => HeaderValue::String(String::from_utf8(sized(rest)?.to_vec()).ok()?),
        8 => {
            let milliseconds = i64::from_be_bytes(array(rest)?);
            let nanoseconds = milliseconds.rem_euclid(1_000) as u32 * 1_000_000;
            HeaderValue::Timestamp(Timestamp::new(milliseconds.div_euclid(1_000), nanoseconds)?)
        }
        9 => HeaderValue::Uuid(array(rest)?),
        _ => return None,
    })
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn array<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    take(rest, N)?.try_into().ok()
}

fn sized<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u16::from_be_bytes(array(rest)?);
    take(rest, usize::from(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Frame {
        let values = [
            HeaderValue::Boolean(true),
            HeaderValue::Boolean(false),
            HeaderValue::Byte(-1),
            HeaderValue::Short(-2),
            HeaderValue::Integer(-3),
            HeaderValue::Long(-4),
            HeaderValue::Blob(Bytes::from_static(b"b")),
            HeaderValue::String("ä".into()),
            HeaderValue::Timestamp(Timestamp::new(-1, 500_000_000).unwrap()),
            HeaderValue::Uuid([7; 16]),
        ];
        let headers = values.into_iter().enumerate().map(|(i, v)| (format!("h{i}"), v)).collect();
        Frame { headers, payload: Bytes::from_static(b"payload") }
    }

    #[test]
    fn round_trip() {
        for frame in [Frame::default(), every_kind()] {
            let mut bytes = frame.encode().unwrap().to_vec();
            let length = bytes.len();
            bytes.extend(b"next");
            assert_eq!(Frame::decode(&bytes), Ok(Some((frame, length))));
            for shorter in 0..length {
                assert_eq!(Frame::decode(&bytes[..shorter]), Ok(None));
            }
        }
    }

    /// The empty message of the specification of the format.
    #[test]
    fn known_bytes() {
        let bytes = [0, 0, 0, 16, 0, 0, 0, 0, 5, 194, 72, 235, 125, 152, 200, 255];
        assert_eq!(Frame::default().encode().unwrap(), bytes[..]);
    }

    #[test]
    fn damage_is_noticed() {
        let bytes = every_kind().encode().unwrap();
        for at in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1;
            assert!(Frame::decode(&damaged).is_err(), "byte {at}");
        }
    }

    #[test]
    fn lengths_are_bounded() {
        let mut prelude = [u8::MAX; 8].to_vec();
        prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
        assert_eq!(Frame::decode(&prelude), Err(FrameError::TooLong));
        let mut prelude = [0, 0, 0, 16, 0, 0, 0, 1].to_vec();
        prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
        assert_eq!(Frame::decode(&prelude), Err(FrameError::Malformed));
        let long = Frame::default().with("h", "x".repeat(HEADER_VALUE_BYTES_MAX + 1));
        assert_eq!(long.encode(), Err(FrameError::TooLong));
    }
}
