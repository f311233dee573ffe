//! What runs without a request.

pub mod deletion;
pub mod retention_sweep;

#[cfg(test)]
mod tests;
