//! What runs without a request.

pub mod deletion;
pub mod retention_sweep;
pub mod subscription_delivery;

#[cfg(test)]
mod tests;
