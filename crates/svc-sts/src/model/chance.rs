//! The libraries' random numbers come from where the cloud's do.

use base::Entropy;
use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;

/// A source of chance as the libraries take one.
pub struct Chance<'a>(pub &'a dyn Entropy);

impl TryRng for Chance<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.0.next_u64() as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Chance<'_> {}
