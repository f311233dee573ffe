//! From CBOR (RFC 8949) to values, by the schema.

use crate::json::Slot;
use crate::validate::{Decoding, Seen, Step};
use crate::{Error, Kind, Mut, Schema, Shape, Timestamp};
use crate::{limits, text};

/// Reads a whole body, which is a map, into `shape`, and notes in `seen` what is there.
pub(crate) fn read_members(
    body: &[u8],
    shape: &mut dyn Shape,
    seen: &mut Seen,
    decoding: &mut Decoding,
) -> Result<(), Error> {
    let mut reader = Reader { rest: body, depth: 0, decoding };
    let head = reader.head()?;
    if head.major != MAP {
        return Err(malformed());
    }
    reader.members(head.argument, shape, seen)?;
    if reader.rest.is_empty() { Ok(()) } else { Err(malformed()) }
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

/// What begins every item.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    /// The low five bits.
    info: u8,
    /// None where the length is open.
    argument: Option<u64>,
}

impl Head {
    fn required(self) -> Result<u64, Error> {
        self.argument.ok_or_else(malformed)
    }

    fn is_null(self) -> bool {
        self.major == SIMPLE && matches!(self.info, 22 | 23)
    }
}

fn malformed() -> Error {
    Error::serialization("The request body is not well-formed CBOR.")
}

struct Reader<'b, 'd> {
    rest: &'b [u8],
    depth: usize,
    decoding: &'d mut Decoding,
}

impl<'b> Reader<'b, '_> {
    fn take(&mut self, length: u64) -> Result<&'b [u8], Error> {
        let length = usize::try_from(length).map_err(|_| malformed())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn head(&mut self) -> Result<Head, Error> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 31);
        let argument = match info {
            0..=23 => Some(u64::from(info)),
            24..=27 => {
                let bytes = self.take(1 << (info - 24))?;
                Some(bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
            }
            31 if matches!(major, BYTES | TEXT | ARRAY | MAP) => None,
            _ => return Err(malformed()),
        };
        Ok(Head { major, info, argument })
    }

    /// Whether another element follows, of `length` after `read`.
    fn more(&mut self, length: Option<u64>, read: u64) -> bool {
        match (length, self.rest) {
            (Some(length), _) => read < length,
            (None, [0xff, rest @ ..]) => {
                self.rest = rest;
                false
            }
            (None, _) => true,
        }
    }

    /// The bytes of a string, possibly in pieces.
    fn string(&mut self, head: Head) -> Result<std::borrow::Cow<'b, [u8]>, Error> {
        if let Some(length) = head.argument {
            return self.take(length).map(Into::into);
        }
        let mut whole = Vec::new();
        while self.more(None, 0) {
            let piece = self.head()?;
            if piece.major != head.major {
                return Err(malformed());
            }
            whole.extend(self.take(piece.required()?)?);
        }
        Ok(whole.into())
    }

    fn text(&mut self, head: Head) -> Result<String, Error> {
        if head.major != TEXT {
            return Err(malformed());
        }
        String::from_utf8(self.string(head)?.into_owned()).map_err(|_| malformed())
    }

    fn deeper(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > limits::DEPTH_MAX {
            return Err(Error::serialization("The request is nested too deeply."));
        }
        Ok(())
    }

    fn members(
        &mut self,
        length: Option<u64>,
        shape: &mut dyn Shape,
        seen: &mut Seen,
    ) -> Result<(), Error> {
        let schema = shape.schema();
        let (mut read, mut chosen) = (0, 0);
        while self.more(length, read) {
            read += 1;
            let head = self.head()?;
            let key = self.text(head)?;
            let Some(index) = schema.members.iter().position(|member| member.wire == key) else {
                self.skip()?;
                continue;
            };
            let member = &schema.members[index];
            self.decoding.enter(Step::Member(member.name));
            if self.value(Slot::Member(shape, index), member.target)? {
                seen.set(index);
                chosen += 1;
            }
            self.decoding.leave();
        }
        if schema.kind == Kind::Union && chosen != 1 {
            return Err(Error::serialization("Exactly one member of a union must be set."));
        }
        Ok(())
    }

    /// Reads one value; true if it was not null.
    fn value(&mut self, slot: Slot<'_>, schema: &'static Schema) -> Result<bool, Error> {
        let wrong = || Error::serialization(format!("Expected {}.", text::a_kind(schema.kind)));
        let mut head = self.head()?;
        // Timestamps are tagged; a tag says nothing that the schema does not.
        if head.major == TAG {
            head = self.head()?;
        }
        if head.is_null() {
            slot.null();
            return Ok(false);
        }
        self.deeper()?;
        let value = slot.open();
        match (head.major, value.get_mut()) {
            (UNSIGNED | NEGATIVE, target) => {
                let number = integer(head).ok_or_else(wrong)?;
                set_integer(target, number).ok_or_else(wrong)?;
            }
            (BYTES, Mut::Blob(target)) => *target = self.string(head)?.into_owned().into(),
            (BYTES, Mut::Body(target)) => *target = self.string(head)?.into_owned().into(),
            (TEXT, Mut::String(target)) => *target = self.text(head)?,
            (TEXT, Mut::Enum(target)) => {
                let text = self.text(head)?;
                if !target.set(&text) {
                    self.decoding.unknown_value(schema, &text);
                }
                self.depth -= 1;
                return Ok(true);
            }
            (ARRAY, Mut::List(list)) => {
                list.clear();
                let mut read = 0;
                while self.more(head.argument, read) {
                    read += 1;
                    self.decoding.element()?;
                    self.decoding.enter(Step::Element(read as usize));
                    self.value(Slot::Push(list), schema.members[0].target)?;
                    self.decoding.leave();
                }
            }
            (MAP, Mut::Map(map)) => {
                map.clear();
                let mut read = 0;
                while self.more(head.argument, read) {
                    read += 1;
                    let key_head = self.head()?;
                    let key = self.text(key_head)?;
                    self.decoding.element()?;
                    self.decoding.enter(Step::Entry(key.clone()));
                    self.value(Slot::Insert(map, key), schema.members[1].target)?;
                    self.decoding.leave();
                }
            }
            (MAP, Mut::Structure(shape)) => {
                let mut seen = Seen::default();
                self.members(head.argument, shape, &mut seen)?;
                self.decoding.required(schema, &seen);
                self.depth -= 1;
                return Ok(true);
            }
            (SIMPLE, Mut::Boolean(target)) if matches!(head.info, 20 | 21) => {
                *target = head.info == 21;
            }
            (SIMPLE, target) => {
                let number = float(head).ok_or_else(wrong)?;
                set_float(target, number).ok_or_else(wrong)?;
            }
            _ => return Err(wrong()),
        }
        self.decoding.value(schema, &value.get());
        self.depth -= 1;
        Ok(true)
    }

    fn skip(&mut self) -> Result<(), Error> {
        self.deeper()?;
        let head = self.head()?;
        match head.major {
            BYTES | TEXT => drop(self.string(head)?),
            ARRAY | MAP => {
                let mut read = 0;
                while self.more(head.argument, read) {
                    read += 1;
                    self.decoding.element()?;
                    self.skip()?;
                    if head.major == MAP {
                        self.skip()?;
                    }
                }
            }
            TAG => self.skip()?,
            _ => {}
        }
        self.depth -= 1;
        Ok(())
    }
}

fn integer(head: Head) -> Option<i64> {
    let argument = i64::try_from(head.argument?).ok()?;
    Some(if head.major == UNSIGNED { argument } else { !argument })
}

fn set_integer(target: Mut<'_>, number: i64) -> Option<()> {
    match target {
        Mut::Integer(target) => *target = i32::try_from(number).ok()?,
        Mut::Long(target) => *target = number,
        Mut::Float(target) => *target = number as f32,
        Mut::Double(target) => *target = number as f64,
        Mut::Timestamp(target) => *target = Timestamp::new(number, 0)?,
        _ => return None,
    }
    Some(())
}

fn float(head: Head) -> Option<f64> {
    let bits = head.argument?;
    match head.info {
        25 => Some(half(bits as u16)),
        26 => Some(f64::from(f32::from_bits(bits as u32))),
        27 => Some(f64::from_bits(bits)),
        _ => None,
    }
}

fn set_float(target: Mut<'_>, number: f64) -> Option<()> {
    match target {
        Mut::Float(target) => *target = number as f32,
        Mut::Double(target) => *target = number,
        Mut::Timestamp(target) => *target = Timestamp::from_epoch_seconds(number)?,
        _ => return None,
    }
    Some(())
}

/// A 16-bit floating point number (IEEE 754 binary16).
fn half(bits: u16) -> f64 {
    let exponent = i32::from(bits >> 10 & 31);
    let mantissa = f64::from(bits & 1023);
    let magnitude = match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (bits, number) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x7bff, 65504.0), (0x0001, 2f64.powi(-24))]
        {
            assert_eq!(half(bits), number);
        }
        assert_eq!(half(0xfc00), f64::NEG_INFINITY);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn skips_what_it_does_not_know() {
        let mut decoding = Decoding::default();
        let mut seen = Seen::default();
        let unit = &mut crate::Unit;
        // {_ "a": [_ 1, {"b": h'00'}], "c": 1(1.5)}
        let body = b"\xbf\x61a\x9f\x01\xa1\x61b\x41\x00\xff\x61c\xc1\xf9\x3e\x00\xff";
        assert!(read_members(body, unit, &mut seen, &mut decoding).is_ok());
        let deep = [b"\xa1\x61a".as_slice(), &[0x81; 100_000]].concat();
        assert!(read_members(&deep, unit, &mut seen, &mut decoding).is_err());
        assert!(
            read_members(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", unit, &mut seen, &mut decoding)
                .is_err()
        );
    }
}
