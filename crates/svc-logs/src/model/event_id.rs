//! Where an event stands among all events of its log group.

use std::fmt;

/// Orders events by time, then by stream, then in the order in which the stream took them in.
///
/// As text it has 56 decimal digits, which sort as the ids do. As on AWS the number is the timestamp times 2^144 plus
/// what tells apart the events of one millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventId {
    /// When the event happened, in milliseconds since 1970; below [`EventId::TIMESTAMP_END`].
    pub timestamp_ms: u64,
    /// The stream's [`crate::tables::StreamRecord::id`].
    pub stream: u64,
    /// Which of the stream's chunks it is in; below [`EventId::SEQUENCE_END`].
    pub sequence: u64,
    /// Its place in the chunk.
    pub index: u32,
}

const SEQUENCE_BITS: u32 = 48;
const DIGITS: usize = 56;

impl EventId {
    /// The first timestamp whose ids would have 57 digits: 10^56 / 2^144, in the year 2112.
    pub const TIMESTAMP_END: u64 = 4_484_155_085_839;
    /// The first sequence that does not fit: a stream takes 2.8e14 chunks.
    pub const SEQUENCE_END: u64 = 1 << SEQUENCE_BITS;

    /// A place before all events of `timestamp_ms` and after all earlier ones.
    pub fn before(timestamp_ms: u64) -> Self {
        EventId { timestamp_ms: timestamp_ms.min(Self::TIMESTAMP_END - 1), ..EventId::default() }
    }

    /// The place right behind this event. A chunk never has 2^32 events, so that nothing is skipped.
    pub fn next(self) -> Self {
        EventId { index: self.index.saturating_add(1), ..self }
    }

    /// Reads exactly 56 decimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // Little-endian limbs, multiplied by ten and added to for each digit. 56 digits are less than 2^187.
        let mut limbs = [0_u64; 3];
        for digit in text.bytes() {
            let mut carry = u128::from(digit - b'0');
            for limb in &mut limbs {
                let product = u128::from(*limb) * 10 + carry;
                (*limb, carry) = (product as u64, product >> 64);
            }
        }
        let timestamp_ms = limbs[2] >> 16;
        (timestamp_ms < Self::TIMESTAMP_END).then(|| EventId {
            timestamp_ms,
            stream: limbs[2] << 48 | limbs[1] >> 16,
            sequence: (limbs[1] << 32 | limbs[0] >> 32) & (Self::SEQUENCE_END - 1),
            index: limbs[0] as u32,
        })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug_assert!(
            self.timestamp_ms < Self::TIMESTAMP_END && self.sequence < Self::SEQUENCE_END
        );
        let mut limbs = [
            self.sequence << 32 | u64::from(self.index),
            self.stream << 16 | self.sequence >> 32,
            self.timestamp_ms << 16 | self.stream >> 48,
        ];
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            let mut remainder = 0;
            for limb in limbs.iter_mut().rev() {
                let dividend = u128::from(remainder) << 64 | u128::from(*limb);
                // The quotient fits, because the remainder is below ten.
                (*limb, remainder) = ((dividend / 10) as u64, (dividend % 10) as u64);
            }
            *digit += remainder as u8;
        }
        f.write_str(std::str::from_utf8(&digits).expect("decimal digits are ASCII"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_id() -> impl Strategy<Value = EventId> {
        (0..EventId::TIMESTAMP_END, any::<u64>(), 0..EventId::SEQUENCE_END, any::<u32>()).prop_map(
            |(timestamp_ms, stream, sequence, index)| EventId {
                timestamp_ms,
                stream,
                sequence,
                index,
            },
        )
    }

    proptest! {
        #[test]
        fn text_keeps_value_and_order(a in any_id(), b in any_id()) {
            prop_assert_eq!(EventId::parse(&a.to_string()), Some(a));
            prop_assert_eq!(a.to_string().len(), 56);
            prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        }

        #[test]
        fn any_text_is_an_id_or_none(text in "[0-9]{56}|\\PC{0,60}") {
            if let Some(id) = EventId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    /// AWS's own ids begin with the event's time in the same way.
    #[test]
    fn like_those_of_aws() {
        let id =
            EventId::parse("34622316099697884706540976068822859012661220141643892546").unwrap();
        assert_eq!(id.timestamp_ms, 1_552_518_348_220);
        assert_eq!(EventId::parse(&"9".repeat(56)), None);
    }
}
