//! Where chance comes from.

use std::sync::Mutex;

/// A source of random bytes. Services hold one and never ask the operating system.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes that nobody can predict (in production) or that a seed repeats (in tests).
    fn fill(&self, bytes: &mut [u8]);

    /// A uniformly distributed number.
    fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// `len` characters of `alphabet`, which has 1 to 256 characters, each equally likely.
    fn text(&self, len: usize, alphabet: &[u8]) -> String {
        // Rejection keeps the distribution uniform for alphabets whose size does not divide 256.
        let limit = 256 - 256 % alphabet.len();
        let mut out = String::with_capacity(len);
        let mut bytes = [0; 32];
        while out.len() < len {
            self.fill(&mut bytes);
            let wanted = len - out.len();
            let accepted = bytes.iter().map(|b| usize::from(*b)).filter(|b| *b < limit);
            out.extend(accepted.take(wanted).map(|b| char::from(alphabet[b % alphabet.len()])));
        }
        out
    }
}

/// The kernel's random number generator.
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of entropy")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the kernel's random number generator answers after boot");
    }
}

/// A repeatable sequence for tests. Not for secrets.
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The same seed gives the same bytes.
    pub fn new(seed: u64) -> Self {
        SeededEntropy(Mutex::new(seed))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().expect("no user panics while it holds the lock");
        for chunk in bytes.chunks_mut(8) {
            // SplitMix64: <https://doi.org/10.1145/2714064.2660195>
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = *state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ z >> 31).to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_repeat_and_differ() {
        let text = |seed| SeededEntropy::new(seed).text(40, b"abc");
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
        assert!(text(3).bytes().all(|b| b"abc".contains(&b)));
    }
}
