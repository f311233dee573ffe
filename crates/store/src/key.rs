//! Keys: typed tuples whose encoded bytes sort as the tuples do.
//!
//! Numbers are big-endian. Text ends with a zero byte, inside it 0 and 1 are escaped as `1 1` and `1 2`; so no encoded
//! part is the beginning of another, `("a", 2)` sorts before `("ab", 1)`, and the encoding of a shorter tuple is a
//! prefix of exactly the keys that begin with its parts.

use base::{AccountId, Region, RequestId, Time};

/// A key or a part of one. Services implement it for their newtypes by delegation.
pub trait Key: Sized + Send + 'static {
    /// Appends bytes that sort as `Self` does and that tell where they end.
    fn encode(&self, out: &mut Vec<u8>);

    /// Takes one value off the front of `input`; `None` if the bytes are not of this form.
    fn decode(input: &mut &[u8]) -> Option<Self>;
}

/// `Self` is the first parts of `K`, or all of them.
pub trait PrefixOf<K>: Key {
    /// The part that follows, `()` after all parts.
    type Next: Key;
}

pub(crate) fn encode_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            0 | 1 => out.extend([1, byte + 1]),
            _ => out.push(byte),
        }
    }
}

fn decode_text(input: &mut &[u8]) -> Option<String> {
    let end = input.iter().position(|byte| *byte == 0)?;
    let mut text = Vec::with_capacity(end);
    let mut bytes = input[..end].iter();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            1 => bytes.next()?.checked_sub(1).filter(|original| *original < 2)?,
            _ => *byte,
        });
    }
    *input = &input[end + 1..];
    String::from_utf8(text).ok()
}

fn decode_fixed<'a>(input: &mut &'a [u8], bytes: usize) -> Option<&'a [u8]> {
    let (front, rest) = input.split_at_checked(bytes)?;
    *input = rest;
    Some(front)
}

fn decode_fixed_text<'a>(input: &mut &'a [u8], bytes: usize) -> Option<&'a str> {
    std::str::from_utf8(decode_fixed(input, bytes)?).ok()
}

/// One way to encode a part, and the part as the only one of a key.
macro_rules! part {
    ($part:ty, |$value:ident, $out:ident| $encode:expr, |$input:ident| $decode:expr) => {
        impl Key for $part {
            fn encode(&self, $out: &mut Vec<u8>) {
                let $value = self;
                $encode
            }

            fn decode($input: &mut &[u8]) -> Option<Self> {
                $decode
            }
        }

        impl PrefixOf<$part> for () {
            type Next = $part;
        }

        impl PrefixOf<$part> for $part {
            type Next = ();
        }
    };
}

part!(
    String,
    |value, out| {
        encode_text(value, out);
        out.push(0);
    },
    |input| decode_text(input)
);
part!(
    Region,
    |value, out| {
        encode_text(value.as_str(), out);
        out.push(0);
    },
    |input| Region::parse(&decode_text(input)?)
);
part!(u64, |value, out| out.extend(value.to_be_bytes()), |input| Some(u64::from_be_bytes(
    decode_fixed(input, 8)?.try_into().ok()?
)));
part!(Time, |value, out| value.unix_ns().encode(out), |input| Some(Time::from_unix_ns(
    u64::decode(input)?
)));
// As text, which sorts as the bytes do and can be read in a dump.
part!(AccountId, |value, out| out.extend(value.to_string().bytes()), |input| AccountId::parse(
    decode_fixed_text(input, 12)?
));
part!(RequestId, |value, out| out.extend(value.to_string().bytes()), |input| RequestId::parse(
    decode_fixed_text(input, 36)?
));

macro_rules! tuple {
    ($($part:ident)*) => {
        impl<$($part: Key),*> Key for ($($part,)*) {
            // The empty tuple uses no variable.
            #[allow(non_snake_case, unused_variables)]
            fn encode(&self, out: &mut Vec<u8>) {
                let ($($part,)*) = self;
                $($part.encode(out);)*
            }

            #[allow(unused_variables)]
            fn decode(input: &mut &[u8]) -> Option<Self> {
                Some(($($part::decode(input)?,)*))
            }
        }
    };
}

tuple!();
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D F);
tuple!(A B C D F G);

/// `prefixes!(A B | C D)`: `(A, B)` comes before `C` in `(A, B, C, D)`; then the same with the bar moved right.
macro_rules! prefixes {
    ($($before:ident)* | $next:ident $($after:ident)*) => {
        impl<$($before: Key,)* $next: Key, $($after: Key),*>
            PrefixOf<($($before,)* $next, $($after,)*)> for ($($before,)*)
        {
            type Next = $next;
        }
        prefixes!($($before)* $next | $($after)*);
    };
    ($($before:ident)* |) => {
        impl<$($before: Key),*> PrefixOf<($($before,)*)> for ($($before,)*) {
            type Next = ();
        }
    };
}

prefixes!(| A);
prefixes!(| A B);
prefixes!(| A B C);
prefixes!(| A B C D);
prefixes!(| A B C D F);
prefixes!(| A B C D F G);

#[cfg(test)]
mod tests;
