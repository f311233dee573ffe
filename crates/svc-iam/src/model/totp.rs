//! Time-based one-time passwords as virtual MFA devices show them: RFC 6238 with HMAC-SHA-1, 30 seconds, six digits.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// Bytes of a seed: 64 digits of Base32, as AWS gives them.
pub const SEED_BYTES: usize = 40;
/// Seconds for which a code is shown.
const STEP_S: u64 = 30;
/// How many steps a device's clock may be off when it is enabled or synchronized: 10 minutes. AWS does not say.
const DRIFT_STEPS_MAX: i64 = 20;
/// How many steps a code may be off what the last synchronization found.
const WINDOW_STEPS: i64 = 1;

/// What is known of a device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Synchronized {
    /// How many steps the device is ahead.
    pub drift: i64,
    /// The step of the newest code that was accepted; neither it nor an older one is accepted again.
    pub last_step: u64,
}

/// The code of a step.
fn code(seed: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(seed).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

fn is_code(seed: &[u8], step: u64, given: &str) -> bool {
    code(seed, step).as_bytes().ct_eq(given.as_bytes()).into()
}

/// Two codes that follow each other prove the seed, and tell the device's clock.
pub fn synchronize(seed: &[u8], now_s: u64, first: &str, second: &str) -> Option<Synchronized> {
    let now = now_s / STEP_S;
    // The smallest drift first.
    let drifts = (0..=DRIFT_STEPS_MAX).flat_map(|drift| [-drift, drift]);
    for drift in drifts {
        let step = now.saturating_add_signed(drift);
        if is_code(seed, step, first) && is_code(seed, step + 1, second) {
            return Some(Synchronized { drift, last_step: step + 1 });
        }
    }
    None
}

/// What is known of the clock once this one code was accepted; none if it is wrong or was used.
pub fn verify(seed: &[u8], known: Synchronized, now_s: u64, given: &str) -> Option<Synchronized> {
    let expected = (now_s / STEP_S).saturating_add_signed(known.drift);
    let steps = (-WINDOW_STEPS..=WINDOW_STEPS).map(|by| expected.saturating_add_signed(by));
    let step = steps.filter(|step| *step > known.last_step).find(|s| is_code(seed, *s, given))?;
    Some(Synchronized { drift: known.drift, last_step: step })
}

/// RFC 4648's Base32 without padding; seeds need none.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        for digit in 0..(chunk.len() * 8).div_ceil(5) {
            let value = (bits >> (35 - 5 * digit)) & 31;
            text.push(char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &[u8] = b"12345678901234567890";

    /// The cases of RFC 6238, appendix B, of which the last six digits are shown.
    #[test]
    fn published_codes() {
        let cases = [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")];
        for (at_s, expected) in cases {
            assert_eq!(code(SEED, at_s / STEP_S), expected);
        }
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(SEED), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn codes_are_consecutive_and_used_once() {
        let (a, b) = (code(SEED, 100), code(SEED, 101));
        let known = synchronize(SEED, 102 * STEP_S, &a, &b).unwrap();
        assert_eq!(known, Synchronized { drift: -2, last_step: 101 });
        assert_eq!(synchronize(SEED, 102 * STEP_S, &b, &a), None);
        assert_eq!(synchronize(SEED, 200 * STEP_S, &a, &b), None);
        assert_eq!(verify(SEED, known, 103 * STEP_S, &b), None);
        let next = verify(SEED, known, 104 * STEP_S, &code(SEED, 102)).unwrap();
        assert_eq!(next.last_step, 102);
        assert_eq!(verify(SEED, next, 104 * STEP_S, &code(SEED, 102)), None);
        assert_eq!(verify(SEED, next, 104 * STEP_S, &code(SEED, 110)), None);
    }
}
